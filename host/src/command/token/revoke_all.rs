//! `exportgate token revoke-all`: ends all own active tokens, after a question on a terminal.

use std::io::{self, BufRead, IsTerminal, Write};

use clap::Args;
use serde::Deserialize;

use crate::cli::Failure;
use crate::cli::client::Client;
use crate::cli::output::Output;

/// Whether to ask first.
#[derive(Debug, Args)]
pub struct RevokeAllArgs {
    /// Do not ask first; a script is never asked
    #[arg(short, long)]
    yes: bool,
}

#[derive(Deserialize)]
struct Revoked {
    n_revoked: u64,
}

/// Asks a person, never a script: whoever has no terminal has meant what it wrote.
pub(super) fn run(args: &RevokeAllArgs, client: &Client, out: &Output) -> Result<(), Failure> {
    let is_person = io::stdin().is_terminal() && io::stderr().is_terminal();
    if is_person && !args.yes && !is_confirmed()? {
        return Err(Failure::failed("nothing was revoked"));
    }
    let answer = client.post(&["v1", "tokens", "revoke-all"], &[], None::<&()>)?;
    if out.is_json() {
        return out.raw(&answer.document()?);
    }
    match answer.parse::<Revoked>()?.n_revoked {
        0 => out.line("no token was active; nothing changed"),
        1 => out.line("revoked 1 token"),
        n => out.line(&format!("revoked {n} tokens")),
    }
}

fn is_confirmed() -> Result<bool, Failure> {
    let mut err = io::stderr().lock();
    let _ = write!(err, "Revoke all your active tokens? Exports with them fail at once. [y/N] ");
    let _ = err.flush();
    let mut answer = String::new();
    io::stdin()
        .lock()
        .read_line(&mut answer)
        .map_err(|error| Failure::failed(format_args!("cannot read the answer: {error}")))?;
    Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
}
