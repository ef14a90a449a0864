//! The policy is read, and changed by whoever saw the current one.

use exportgate_core::{
    id::OrgId,
    policy::VersionedPolicy,
    time::Timestamp,
    wire::{ActorRecord, ChangePolicyAnswer, ChangePolicyInput, PolicyRecord, Verb},
};

use super::{Failure, ask};
use crate::{
    app::App,
    engine::EngineError,
    store::{Organization, WriteError},
};

/// A policy as people see it.
pub struct PolicyView {
    /// The settings with their version.
    pub policy: VersionedPolicy,
    /// When it was last changed; `None`: never.
    pub updated_at: Option<Timestamp>,
    /// Who changed it.
    pub updated_by: Option<ActorRecord>,
}

impl From<Organization> for PolicyView {
    fn from(organization: Organization) -> Self {
        let Organization { policy, policy_updated_at, policy_updated_by, .. } = organization;
        Self { policy, updated_at: policy_updated_at, updated_by: policy_updated_by }
    }
}

/// The policy of an organization: the default one where nobody of it is known yet.
///
/// # Errors
/// A failure of the store.
pub async fn read_policy(app: &App, org_id: OrgId) -> Result<PolicyView, Failure> {
    let found = app.store.read(move |connection| Organization::find(connection, &org_id)).await?;
    Ok(found.map_or_else(
        || PolicyView { policy: VersionedPolicy::default(), updated_at: None, updated_by: None },
        Into::into,
    ))
}

/// Changes the policy. It binds new tokens only. A wish that holds already changes nothing.
///
/// # Errors
/// `policy.version_conflict`, the policy's mistakes, or a failure of store or engine.
pub async fn change_policy(
    app: &App,
    org_id: OrgId,
    expected_version: Option<u64>,
    wish: PolicyRecord,
    actor: ActorRecord,
) -> Result<PolicyView, Failure> {
    let (engine, clock) = (app.engine.clone(), app.clock.clone());
    let changed = app.store.write(move |tx| {
        let now = clock.now();
        let organization = tx.organization(&org_id)?;
        let current = organization.policy.into();
        let by = actor.clone();
        let input = ChangePolicyInput { org_id, current, expected_version, wish, actor, now };
        let changed = match ask(&engine, Verb::ChangePolicy, &input)? {
            ChangePolicyAnswer::Changed(changed) => *changed,
            ChangePolicyAnswer::Unchanged => return Ok(organization.into()),
            ChangePolicyAnswer::Refused(refused) => {
                return Err(WriteError::Refused(Failure::Mistakes(refused.errors)));
            }
        };
        let policy = VersionedPolicy::try_from(changed.policy)
            .map_err(|error| EngineError::Unreadable(error.to_string()))?;
        tx.update_policy(organization.org_seq, policy, now, &by)?;
        tx.append(changed.event)?;
        Ok(PolicyView { policy, updated_at: Some(now), updated_by: Some(by) })
    });
    Ok(changed.await?)
}
