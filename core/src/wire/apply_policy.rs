//! Documents of `apply_policy`.

use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::{
    ActorRecord, EventDraftRecord, OwnedTokenRecord, PolicyRecord, RefusedRecord, TokenRecord,
    Unreadable, preview_policy::read,
};
use crate::{
    apply_policy::{apply_policy, check_applicable},
    time::Timestamp,
};

/// What an application takes.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApplyPolicyInput {
    /// The policy to apply.
    pub policy: PolicyRecord,
    /// The notice period, 0 to 365; `null`: 7.
    pub notice_days: Option<i64>,
    /// Existing tokens with their owners.
    pub tokens: Vec<OwnedTokenRecord>,
    /// Who applies it.
    pub actor: ActorRecord,
    /// The present instant.
    pub now: Timestamp,
}

/// What has to be stored, or why nothing.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ApplyPolicyAnswer {
    /// The tokens that end earlier, in the order of the input.
    Changed(Vec<ChangedToken>),
    /// Nothing was changed.
    Refused(RefusedRecord),
}

/// A token that ends earlier.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ChangedToken {
    /// The record.
    pub token: TokenRecord,
    /// `token.expiry_changed`.
    pub event: EventDraftRecord,
}

pub(super) fn run(input: ApplyPolicyInput) -> Result<ApplyPolicyAnswer, Unreadable> {
    let actor = input.actor.try_into()?;
    let read = read(input.policy, input.notice_days);
    let read = read.and_then(|read| check_applicable(&read.0).map(|()| read));
    let (policy, notice) = match read {
        Ok(good) => good,
        Err(mistakes) => return Ok(ApplyPolicyAnswer::Refused(mistakes.into())),
    };
    let mut changed = Vec::new();
    for record in input.tokens {
        let (token, owner) = record.read()?;
        let applied = apply_policy(&policy, notice, &token, &owner, &actor, input.now);
        changed.extend(applied.map(|(token, event)| {
            let (token, event) = ((&token).into(), (&event).into());
            ChangedToken { token, event }
        }));
    }
    Ok(ApplyPolicyAnswer::Changed(changed))
}
