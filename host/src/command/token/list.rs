//! `exportgate token list`: own tokens, newest first, however many pages they fill.

use clap::{Args, ValueEnum};

use super::Token;
use crate::cli::Failure;
use crate::cli::client::Client;
use crate::cli::output::{Output, table};

/// Which tokens to list.
#[derive(Debug, Args)]
pub struct ListArgs {
    /// Only tokens with this status
    #[arg(long)]
    status: Option<Status>,
    /// Only tokens whose label contains this text
    #[arg(long, value_name = "TEXT")]
    label: Option<String>,
    /// At most this many; without it, all
    #[arg(long, value_name = "N", value_parser = at_least_one)]
    limit: Option<usize>,
}

/// What a token's state means now (DOMAIN.md, section 2).
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Status {
    Active,
    Expired,
    Revoked,
}

impl Status {
    fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Expired => "expired",
            Self::Revoked => "revoked",
        }
    }
}

fn at_least_one(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0) | Err(_) => Err("write a whole number from 1".to_owned()),
        Ok(number) => Ok(number),
    }
}

/// Follows the pages; documents are written while they arrive.
pub(super) fn run(args: &ListArgs, client: &Client, out: &Output) -> Result<(), Failure> {
    let query = [("status", args.status.map(Status::as_str)), ("label", args.label.as_deref())];
    let mut rows = Vec::new();
    let mut n_active = None;
    client.pages(&["v1", "tokens"], &query, args.limit, |page| {
        n_active = page.n_active.or(n_active);
        for item in page.items {
            if out.is_json() {
                out.raw(&item)?;
                continue;
            }
            let token: Token = serde_json::from_str(item.get()).map_err(Failure::failed)?;
            rows.push(row(token));
        }
        Ok(())
    })?;
    if out.is_json() {
        return Ok(());
    }
    let n_listed = rows.len();
    out.line(&table(["LABEL", "HINT", "STATUS", "CREATED", "EXPIRES", "LAST USED", "ID"], rows))?;
    let active = n_active.map(|n| format!("; {n} of your tokens are active")).unwrap_or_default();
    out.note(&format!("{n_listed} listed{active}"));
    Ok(())
}

fn row(token: Token) -> [String; 7] {
    let never = || "never".to_owned();
    [
        token.label,
        token.hint,
        token.status,
        token.created_at,
        token.expires_at.unwrap_or_else(never),
        token.last_used_at.unwrap_or_else(never),
        token.token_id,
    ]
}
