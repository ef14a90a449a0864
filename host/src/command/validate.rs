//! `exportgate validate`: asks the host as an export service would, with a secret from
//! standard input.

use clap::Args;
use serde::{Deserialize, Serialize};

use crate::cli::client::Client;
use crate::cli::output::{Output, printable};
use crate::cli::{Failure, Global, secret_input, session};

/// Holds the service key, so that no process list shows it.
const KEY_VARIABLE: &str = "EXPORTGATE_SERVICE_KEY";

/// What `--help` adds.
pub const HELP: &str = "The service key is read from EXPORTGATE_SERVICE_KEY.\n\
                        Exit code 0: allow; 3: deny; anything else: treat it as deny.";

/// What else an export request tells.
#[derive(Debug, Args)]
pub struct ValidateArgs {
    /// User name that came with the secret
    #[arg(long, value_name = "NAME")]
    user_name: Option<String>,
    /// What is to be exported
    #[arg(long, value_name = "TEXT")]
    data_source: Option<String>,
}

#[derive(Serialize)]
struct Request<'a> {
    secret: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    data_source: Option<&'a str>,
}

#[derive(Deserialize)]
struct Decision {
    decision: String,
    reason: String,
    #[serde(default)]
    message: String,
}

/// Runs `exportgate validate`.
///
/// # Errors
/// [`Failure::Denied`] for a deny, so that a script fails closed; else what the host refuses
/// or that it cannot be reached.
pub fn run(args: &ValidateArgs, global: &Global) -> Result<(), Failure> {
    let key = std::env::var(KEY_VARIABLE).ok().filter(|key| !key.is_empty()).ok_or_else(|| {
        Failure::usage(format_args!(
            "{KEY_VARIABLE} is not set; put the key into it that `exportgate service add NAME` \
             printed"
        ))
    })?;
    let out = Output::new(global.json);
    let address = session::address(global.url.as_deref())?;
    address.warn(&out);
    let client = Client::service(address, key.trim())?;
    let secret = secret_input::read()?;
    let request = Request {
        secret: &secret,
        user_name: args.user_name.as_deref(),
        data_source: args.data_source.as_deref(),
    };
    let answer = client.post(&["v1", "exports", "validate"], &[], Some(&request))?;
    let decision: Decision = answer.parse()?;
    if out.is_json() {
        out.raw(&answer.document()?)?;
    } else {
        out.line(&printable(&format!(
            "{} ({}): {}",
            decision.decision, decision.reason, decision.message
        )))?;
    }
    if decision.decision == "allow" { Ok(()) } else { Err(Failure::Denied) }
}
