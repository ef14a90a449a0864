//! Documents of `rename_token`.

use alloc::{boxed::Box, string::String};

use serde::{Deserialize, Serialize};

use super::{EventDraftRecord, OwnerRecord, RefusedRecord, TokenRecord, Unreadable};
use crate::{rename_token::rename_token, time::Timestamp, token::Token};

/// What a renaming takes.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RenameTokenInput {
    /// The stored record.
    pub token: TokenRecord,
    /// Whose it is.
    pub owner: OwnerRecord,
    /// The wished label, not yet trimmed.
    pub label: String,
    /// The present instant.
    pub now: Timestamp,
}

/// A renamed token, or why it keeps its label.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RenameTokenAnswer {
    /// The token as it is now.
    Renamed(Box<RenamedToken>),
    /// Nothing was changed.
    Refused(RefusedRecord),
}

/// A token with its label.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RenamedToken {
    /// The record.
    pub token: TokenRecord,
    /// `token.renamed`; absent when the label was the same already, and nothing has to be stored.
    pub event: Option<EventDraftRecord>,
}

pub(super) fn run(input: RenameTokenInput) -> Result<RenameTokenAnswer, Unreadable> {
    let token: Token = input.token.try_into()?;
    match rename_token(&token, &input.owner.into(), &input.label, input.now) {
        Ok((token, event)) => {
            let (token, event) = ((&token).into(), event.as_ref().map(Into::into));
            Ok(RenameTokenAnswer::Renamed(Box::new(RenamedToken { token, event })))
        }
        Err(mistakes) => Ok(RenameTokenAnswer::Refused(mistakes.into())),
    }
}
