//! Documents of `token_status`.

use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::Unreadable;
use crate::{time::Timestamp, token::Status};

/// What the question for statuses takes.
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TokenStatusInput {
    /// The tokens' instants.
    pub tokens: Vec<InstantsRecord>,
    /// The present instant.
    pub now: Timestamp,
}

/// What happened to a token, and when it ends.
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the fields are those of `token::Token`")]
pub struct InstantsRecord {
    pub created_at: Timestamp,
    pub expires_at: Option<Timestamp>,
    pub revoked_at: Option<Timestamp>,
}

/// What the tokens are at the given instant.
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TokenStatusAnswer {
    /// In the order of the input.
    pub statuses: Vec<StatusRecord>,
    /// The first instant at which one of these statuses is another by itself; `null`: never.
    pub changes_at: Option<Timestamp>,
}

/// [`Status`] as programs read it.
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the variants are those of `token::Status`")]
pub enum StatusRecord {
    Active,
    Expired,
    Revoked,
}

impl From<Status> for StatusRecord {
    fn from(status: Status) -> Self {
        match status {
            Status::Active => Self::Active,
            Status::Expired => Self::Expired,
            Status::Revoked => Self::Revoked,
        }
    }
}

pub(super) fn run(input: TokenStatusInput) -> Result<TokenStatusAnswer, Unreadable> {
    let status = |token: &InstantsRecord| Status::at(input.now, token.revoked_at, token.expires_at);
    let active = input.tokens.iter().filter(|token| status(token) == Status::Active);
    Ok(TokenStatusAnswer {
        statuses: input.tokens.iter().map(|token| status(token).into()).collect(),
        // An active token changes at its end; the others never do.
        changes_at: active.filter_map(|token| token.expires_at).min(),
    })
}
