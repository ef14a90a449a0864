//! Applying a policy to an existing token: it ends earlier, by the rule that a preview shows.

use alloc::vec::Vec;

use crate::{
    code::{Code, Mistake},
    history::{Actor, EventDraft, EventKind},
    policy::Policy,
    preview_policy::{Instants, NoticeDays, new_expiry},
    time::Timestamp,
    token::{Owner, Token},
};

/// Whether there is anything to apply.
///
/// # Errors
/// [`Code::PolicyMaximumRequired`] for a policy without a maximum expiry period.
pub fn check_applicable(policy: &Policy) -> Result<(), Vec<Mistake>> {
    if policy.maximum_expiry_days().is_some() {
        return Ok(());
    }
    let detail = "the policy has no maximum expiry period, so there is nothing to apply";
    Err(Vec::from([Mistake::new("", Code::PolicyMaximumRequired, detail)]))
}

/// Gives `token` the expiry of [`new_expiry`], with `token.expiry_changed`. `None`: it keeps its
/// own.
#[must_use]
pub fn apply_policy(
    policy: &Policy,
    notice: NoticeDays,
    token: &Token,
    owner: &Owner,
    actor: &Actor,
    now: Timestamp,
) -> Option<(Token, EventDraft)> {
    let Token { created_at, expires_at, revoked_at, .. } = *token;
    let instants = Instants { created_at, expires_at, revoked_at };
    let new_expires_at = Some(new_expiry(policy, notice, instants, now)?);
    let changed = Token { expires_at: new_expires_at, ..token.clone() };
    let kind = EventKind::TokenExpiryChanged { old_expires_at: expires_at, new_expires_at };
    let event = EventDraft::about_token(&changed, owner, actor.clone(), kind, now);
    Some((changed, event))
}
