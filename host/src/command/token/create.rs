//! `exportgate token create LABEL`: the only command that ever shows a token's secret.

use clap::Args;
use serde::{Deserialize, Serialize};

use super::Token;
use crate::cli::Failure;
use crate::cli::client::Client;
use crate::cli::expiry::{self, Expiry};
use crate::cli::output::{Output, printable};

/// The draft of a token.
#[derive(Debug, Args, Serialize)]
pub struct CreateArgs {
    /// Text by which you recognise the token later
    #[arg(value_name = "LABEL")]
    label: String,
    /// When it ends: a date (2027-03-31, the end of that UTC day), an instant
    /// (2027-03-31T12:00:00Z), or days from today (90d)
    #[arg(long, value_name = "DATE|INSTANT|DAYS", value_parser = expiry::parse)]
    #[serde(flatten)]
    expires: Option<Expiry>,
}

#[derive(Deserialize)]
struct Created {
    token: Token,
    secret: String,
}

/// Asks for the token. For people the secret alone goes to standard output, the words around
/// it to standard error: what is piped on is the secret.
pub(super) fn run(
    args: &CreateArgs,
    client: &Client,
    out: &Output,
    user_name: &str,
) -> Result<(), Failure> {
    let answer = client.post(&["v1", "tokens"], &[], Some(args))?;
    if out.is_json() {
        return out.raw(&answer.document()?);
    }
    let Created { token, secret } = answer.parse()?;
    let end = token
        .expires_at
        .map_or_else(|| "never expires".to_owned(), |at| format!("expires at {at}"));
    out.note(&printable(&format!(
        "created `{}`, which {end} (id {})",
        token.label, token.token_id
    )));
    out.note("This is its secret. Copy it now, it is never shown again:\n");
    out.line(&printable(&secret))?;
    out.note(&format!(
        "\nIn Power BI choose `Basic`: user name `{}`, password: the secret.",
        printable(user_name)
    ));
    Ok(())
}
