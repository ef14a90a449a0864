//! `exportgate sign-in-code NAME`: the operator lets somebody in for the next ten minutes.

use clap::Args;
use serde::{Deserialize, Serialize};

use super::DEFAULT_ORGANIZATION;
use crate::cli::client::Client;
use crate::cli::output::{Output, printable};
use crate::cli::{Failure, Global};

/// Whose code it is.
#[derive(Debug, Args, Serialize)]
pub struct SignInCodeArgs {
    /// The user name
    #[arg(value_name = "NAME")]
    user_name: String,
    /// The organization that the person belongs to
    #[arg(long = "org", value_name = "ORG", default_value = DEFAULT_ORGANIZATION)]
    org_id: String,
}

#[derive(Deserialize)]
struct SignInCode {
    code: String,
    link: String,
    expires_at: String,
}

/// Runs `exportgate sign-in-code`.
///
/// # Errors
/// What the host refuses, or that it cannot be reached.
pub fn run(args: &SignInCodeArgs, global: &Global) -> Result<(), Failure> {
    let client = Client::operator(global)?;
    let answer = client.post(&["v1", "operator", "sign-in-codes"], &[], Some(args))?;
    let out = Output::new(global.json);
    if out.is_json() {
        return out.raw(&answer.document()?);
    }
    let code: SignInCode = answer.parse()?;
    out.line(&format!("code   {}", printable(&code.code)))?;
    out.line(&format!("link   {}", printable(&code.link)))?;
    out.line(&format!("valid  once, until {}", printable(&code.expires_at)))
}
