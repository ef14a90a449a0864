//! Changing an organization's policy: current + wish + expected version + now -> policy, event.

use alloc::{format, vec::Vec};

use crate::{
    code::{Code, Mistake},
    history::{Actor, EventDraft, EventKind},
    id::OrgId,
    policy::{Policy, VersionedPolicy},
    time::Timestamp,
};

/// A changed policy that the host may store, with the event that it stores beside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changed {
    /// The policy from now on.
    pub policy: VersionedPolicy,
    /// `policy.changed`.
    pub event: EventDraft,
}

/// Changes the policy of `org_id`. It binds new tokens only. `None`: the wish is what holds
/// already, and nothing has to be stored.
///
/// # Errors
/// [`Code::PolicyVersionConflict`] when `expected_version` is not the current one: somebody else
/// changed the policy since the actor looked at it.
pub fn change_policy(
    org_id: &OrgId,
    current: VersionedPolicy,
    expected_version: Option<u64>,
    wish: Policy,
    actor: Actor,
    now: Timestamp,
) -> Result<Option<Changed>, Vec<Mistake>> {
    check_version(current, expected_version)?;
    if wish == current.policy {
        return Ok(None);
    }
    let policy = VersionedPolicy { policy: wish, version: current.version + 1 };
    let kind = EventKind::PolicyChanged { old: current, new: policy };
    let event = EventDraft::about_organization(org_id.clone(), actor, kind, now);
    Ok(Some(Changed { policy, event }))
}

/// Whether the actor saw the current policy. `None`: the actor wants it whatever holds now.
///
/// # Errors
/// [`Code::PolicyVersionConflict`].
pub fn check_version(
    current: VersionedPolicy,
    expected_version: Option<u64>,
) -> Result<(), Vec<Mistake>> {
    match expected_version {
        Some(expected) if expected != current.version => {
            let detail = format!(
                "the policy has version {} by now, not {expected}: somebody changed it meanwhile; \
                 look at it again",
                current.version
            );
            Err(Vec::from([Mistake::new("", Code::PolicyVersionConflict, detail)]))
        }
        _ => Ok(()),
    }
}
