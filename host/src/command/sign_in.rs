//! `exportgate sign-in CODE`: turns a one-time code into a session that later commands use.

use clap::Args;
use serde::Deserialize;

use crate::cli::address::Address;
use crate::cli::client::Client;
use crate::cli::output::{Output, printable};
use crate::cli::session::{self, Session, SessionFile};
use crate::cli::{Failure, Global};

/// The way in.
#[derive(Debug, Args)]
pub struct SignInArgs {
    /// A sign-in code, or the whole sign-in link
    #[arg(value_name = "CODE")]
    code: String,
}

/// What `/v1/me` tells, as far as words need it.
#[derive(Deserialize)]
struct Me {
    user_name: String,
    org_id: String,
    role: String,
}

/// Runs `exportgate sign-in`.
///
/// # Errors
/// What the host refuses, that it cannot be reached, or that the session cannot be kept.
pub fn run(args: &SignInArgs, global: &Global) -> Result<(), Failure> {
    let (address, code) = match Address::from_sign_in_link(&args.code)? {
        // An explicit --url wins: the link may name the host as others see it.
        Some((_, code)) if global.url.is_some() => (session::address(global.url.as_deref())?, code),
        Some((address, code)) => (address, code),
        None => (session::address(global.url.as_deref())?, args.code.clone()),
    };
    let out = Output::new(global.json);
    address.warn(&out);
    // A file that turns out damaged or read-only later would cost the user the code.
    let file = SessionFile::of_user()?;
    file.prepare()?;

    let client = Client::anonymous(address.clone())?;
    let body = serde_json::json!({ "code": code });
    let answer = client.post(&["v1", "sign-in"], &[], Some(&body))?;
    let me: Me = answer.parse()?;
    let Some(cookie) = answer.session_cookie() else {
        return Err(Failure::failed("the host answered without a session"));
    };
    file.keep(&address.origin(), Session { cookie, user_name: me.user_name.clone() })?;
    if out.is_json() {
        return out.raw(&answer.document()?);
    }
    out.line(&printable(&format!(
        "signed in at {} as `{}` ({}, organization `{}`)",
        address.origin(),
        me.user_name,
        me.role,
        me.org_id
    )))
}
