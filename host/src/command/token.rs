//! `exportgate token …`: a signed-in user creates, lists, renames and revokes own tokens.

mod create;
mod list;
mod revoke_all;

use clap::{Args, Subcommand};
use reqwest::Method;
use serde::Deserialize;

use crate::cli::client::{Answer, Client};
use crate::cli::output::{Output, printable};
use crate::cli::{Failure, Global, session};

/// What to do with own tokens.
#[derive(Debug, Subcommand)]
pub enum TokenCommand {
    /// Create a token and print its secret, this once
    Create(create::CreateArgs),
    /// List own tokens, newest first
    List(list::ListArgs),
    /// Give a token another label
    Rename {
        /// Which token.
        #[command(flatten)]
        token: Named,
        /// The new label
        label: String,
    },
    /// Revoke a token: exports with it fail at once
    Revoke(Named),
    /// Revoke all own active tokens
    RevokeAll(revoke_all::RevokeAllArgs),
}

/// Which token is meant.
#[derive(Debug, Args)]
pub struct Named {
    /// The token's id, as `exportgate token list` shows it
    #[arg(value_name = "ID")]
    token_id: String,
}

/// What words and tables show of a token.
#[derive(Deserialize)]
struct Token {
    token_id: String,
    label: String,
    hint: String,
    status: String,
    created_at: String,
    expires_at: Option<String>,
    revoked_at: Option<String>,
    last_used_at: Option<String>,
}

/// Runs `exportgate token …`.
///
/// # Errors
/// What the host refuses, that it cannot be reached, or that nobody is signed in.
pub fn run(command: TokenCommand, global: &Global) -> Result<(), Failure> {
    let (address, session) = session::current(global.url.as_deref())?;
    let client = Client::signed_in(address, session.as_ref())?;
    let out = Output::new(global.json);
    match command {
        TokenCommand::Create(args) => {
            let user_name = session.as_ref().map_or("", |session| &session.user_name);
            create::run(&args, &client, &out, user_name)
        }
        TokenCommand::List(args) => list::run(&args, &client, &out),
        TokenCommand::Rename { token, label } => {
            let body = serde_json::json!({ "label": label });
            let path = ["v1", "tokens", &token.token_id];
            tell(&out, &client.send(Method::PATCH, &path, &[], Some(&body))?, "renamed to")
        }
        TokenCommand::Revoke(token) => {
            // The answer to a repetition is the same; people want to know which it was.
            let before = match out.is_json() {
                true => None,
                false => Some(client.get(&["v1", "tokens", &token.token_id], &[])?),
            };
            let before = before.map(|answer| answer.parse::<Token>()).transpose()?;
            let path = ["v1", "tokens", &token.token_id, "revoke"];
            let answer = client.post(&path, &[], None::<&()>)?;
            match before.and_then(|token| token.revoked_at) {
                Some(at) => tell(&out, &answer, &format!("was revoked before, at {at}:")),
                None => tell(&out, &answer, "revoked"),
            }
        }
        TokenCommand::RevokeAll(args) => revoke_all::run(&args, &client, &out),
    }
}

fn tell(out: &Output, answer: &Answer, done: &str) -> Result<(), Failure> {
    if out.is_json() {
        return out.raw(&answer.document()?);
    }
    let token: Token = answer.parse()?;
    out.line(&printable(&format!(
        "{done} `{}` (hint {}, id {})",
        token.label, token.hint, token.token_id
    )))
}
