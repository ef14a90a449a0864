//! `exportgate sign-out`: ends the session on the host, then forgets it here.

use serde::Serialize;

use crate::cli::client::Client;
use crate::cli::output::Output;
use crate::cli::session::{self, SessionFile};
use crate::cli::{Failure, Global};

#[derive(Serialize)]
struct SignedOut {
    signed_out: bool,
    url: String,
}

/// Runs `exportgate sign-out`.
///
/// # Errors
/// The host's `credential.missing` when there is no session; that the host cannot be reached,
/// and then the session is kept, because it still lives there.
pub fn run(global: &Global) -> Result<(), Failure> {
    let (address, session) = session::current(global.url.as_deref())?;
    let client = Client::signed_in(address.clone(), session.as_ref())?;
    match client.post(&["v1", "sign-out"], &[], None::<&()>) {
        Ok(_) => {}
        // Over already: nothing is left to end there.
        Err(Failure::Refused(problem)) if session.is_some() && problem.status() == 401 => {}
        Err(failure) => return Err(failure),
    }
    let url = address.origin();
    SessionFile::of_user()?.forget(&url)?;
    let out = Output::new(global.json);
    if out.is_json() {
        return out.document(&SignedOut { signed_out: true, url });
    }
    out.line(&format!("signed out at {url}"))
}
