//! Documents of `change_policy`.

use alloc::boxed::Box;

use serde::{Deserialize, Serialize};

use super::{
    ActorRecord, EventDraftRecord, PolicyRecord, RefusedRecord, Unreadable, VersionedPolicyRecord,
};
use crate::{change_policy as operation, id::OrgId, time::Timestamp};

/// What a change takes.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChangePolicyInput {
    /// Whose policy.
    pub org_id: OrgId,
    /// What holds now.
    pub current: VersionedPolicyRecord,
    /// Which version the actor saw; `null`: the wish stands whatever holds now.
    pub expected_version: Option<u64>,
    /// What shall hold.
    pub wish: PolicyRecord,
    /// Who changes it.
    pub actor: ActorRecord,
    /// The present instant.
    pub now: Timestamp,
}

/// A changed policy, or why it stays.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangePolicyAnswer {
    /// Store both.
    Changed(Box<ChangedPolicy>),
    /// It holds already; nothing has to be stored.
    Unchanged,
    /// Nothing was changed.
    Refused(RefusedRecord),
}

/// A policy with the event of its change.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ChangedPolicy {
    /// The policy from now on.
    pub policy: VersionedPolicyRecord,
    /// `policy.changed`.
    pub event: EventDraftRecord,
}

pub(super) fn run(input: ChangePolicyInput) -> Result<ChangePolicyAnswer, Unreadable> {
    let ChangePolicyInput { org_id, current, expected_version, wish, actor, now } = input;
    let (current, actor) = (current.try_into()?, actor.try_into()?);
    let changed = wish.try_into().and_then(|wish| {
        operation::change_policy(&org_id, current, expected_version, wish, actor, now)
    });
    Ok(match changed {
        Ok(Some(changed)) => ChangePolicyAnswer::Changed(Box::new(ChangedPolicy {
            policy: changed.policy.into(),
            event: (&changed.event).into(),
        })),
        Ok(None) => ChangePolicyAnswer::Unchanged,
        Err(mistakes) => ChangePolicyAnswer::Refused(mistakes.into()),
    })
}
