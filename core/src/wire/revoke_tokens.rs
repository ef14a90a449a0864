//! Documents of `revoke_tokens`.

use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::{EventDraftRecord, OwnerRecord, TokenRecord, Unreadable};
use crate::{
    revoke_token::{Cause, revoke_token},
    time::Timestamp,
    token::Token,
};

/// What a revocation takes: one token, or all that the owner has.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RevokeTokensInput {
    /// The stored records.
    pub tokens: Vec<TokenRecord>,
    /// Whose they are.
    pub owner: OwnerRecord,
    /// Why.
    pub cause: CauseRecord,
    /// The present instant.
    pub now: Timestamp,
}

/// [`Cause`] as programs read it.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the variants are those of `revoke_token::Cause`")]
pub enum CauseRecord {
    Owner,
    RevokeAll,
    SecretReported,
    Rollback,
}

impl From<CauseRecord> for Cause {
    fn from(record: CauseRecord) -> Self {
        match record {
            CauseRecord::Owner => Self::Owner,
            CauseRecord::RevokeAll => Self::RevokeAll,
            CauseRecord::SecretReported => Self::SecretReported,
            CauseRecord::Rollback => Self::Rollback,
        }
    }
}

impl From<Cause> for CauseRecord {
    fn from(cause: Cause) -> Self {
        match cause {
            Cause::Owner => Self::Owner,
            Cause::RevokeAll => Self::RevokeAll,
            Cause::SecretReported => Self::SecretReported,
            Cause::Rollback => Self::Rollback,
        }
    }
}

/// What has to be stored; a token that was not touched is not in it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RevokeTokensAnswer {
    /// In the order of the input.
    pub revoked: Vec<RevokedToken>,
}

/// A token that is revoked now.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RevokedToken {
    /// The record.
    pub token: TokenRecord,
    /// `token.revoked`.
    pub event: EventDraftRecord,
}

pub(super) fn run(input: RevokeTokensInput) -> Result<RevokeTokensAnswer, Unreadable> {
    let owner = input.owner.into();
    let mut revoked = Vec::new();
    for record in input.tokens {
        let token: Token = record.try_into()?;
        if let Some((token, event)) = revoke_token(&token, &owner, input.cause.into(), input.now) {
            revoked.push(RevokedToken { token: (&token).into(), event: (&event).into() });
        }
    }
    Ok(RevokeTokensAnswer { revoked })
}
