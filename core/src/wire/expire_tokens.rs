//! Documents of `expire_tokens`.

use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::{EventDraftRecord, OwnedTokenRecord, Unreadable};
use crate::{expire_token::expire_token, time::Timestamp};

/// Tokens whose time may be over.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExpireTokensInput {
    /// With their owners.
    pub tokens: Vec<OwnedTokenRecord>,
    /// The present instant.
    pub now: Timestamp,
}

/// What has to be told.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ExpireTokensAnswer {
    /// `token.expired` for each token whose time is over, in the order of the input.
    pub expired: Vec<EventDraftRecord>,
}

pub(super) fn run(input: ExpireTokensInput) -> Result<ExpireTokensAnswer, Unreadable> {
    let mut expired = Vec::new();
    for record in input.tokens {
        let (token, owner) = record.read()?;
        expired.extend(expire_token(&token, &owner, input.now).as_ref().map(Into::into));
    }
    Ok(ExpireTokensAnswer { expired })
}
