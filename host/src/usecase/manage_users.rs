//! The operator adds people, changes their role, deactivates and reactivates their accounts.

use std::sync::Arc;

use exportgate_core::{
    code::Code,
    history::{Actor, EventDraft, EventKind},
    id::{OrgId, UserId},
    name::Name,
    time::Timestamp,
    user::{NamedUser, Role},
};

use super::Failure;
use crate::{
    app::App,
    directory::User,
    entropy::random_bytes,
    session::Sessions,
    store::{NewUser, StoreError, StoredUser, Tx, WriteError},
};

/// Adds a person.
///
/// # Errors
/// `user.name_taken`, or a failure of the store.
pub async fn add_user(
    app: &App,
    org_id: OrgId,
    user_name: Name,
    display_name: Option<String>,
    email: Option<String>,
    role: Role,
) -> Result<Arc<User>, Failure> {
    let user_id = UserId::from_random(random_bytes()?);
    let (directory, clock) = (Arc::clone(&app.directory), app.clock.clone());
    let added = app.store.write(move |tx| {
        if StoredUser::find(tx, &org_id, &user_name)?.is_some() {
            let detail = format!("a user `{user_name}` exists already");
            return Err(Failure::Refused(Code::UserNameTaken, detail).into());
        }
        let display_name = display_name.unwrap_or_else(|| user_name.to_string());
        let new = NewUser { org_id, user_id, user_name, display_name, email, role };
        let stored = tx.insert_user(new, clock.now())?;
        let user_seq = stored.user_seq;
        let following = Arc::clone(&directory);
        tx.after_commit(move || drop(following.insert_user(stored)));
        Ok::<_, WriteError<Failure>>(user_seq)
    });
    let user_seq = added.await?;
    app.directory.user(user_seq).ok_or_else(|| no_user("the new user"))
}

/// Deactivates or reactivates an account. From a deactivation's answer on, no token of the person
/// is accepted, and sessions and sign-in codes are gone.
///
/// # Errors
/// `user.not_found`, or a failure of the store.
pub async fn set_active(
    app: &App,
    org_id: &OrgId,
    user_name: &Name,
    active: bool,
) -> Result<Arc<User>, Failure> {
    let user = find(app, org_id, user_name)?;
    let (ours, now, sessions) = (Arc::clone(&user), app.clock.clone(), Arc::clone(&app.sessions));
    let change = move |tx: &mut Tx<'_>| {
        set_active_in(tx, &ours, active, Actor::Operator, now.now(), &sessions)?;
        Ok::<_, WriteError<Failure>>(())
    };
    if active {
        app.store.write(change).await?;
    } else {
        app.store.end_access(change).await?;
    }
    Ok(user)
}

/// Deactivates or reactivates an account within a change; says whether it was not so already.
///
/// # Errors
/// A failure of the store.
pub(super) fn set_active_in(
    tx: &mut Tx<'_>,
    user: &Arc<User>,
    active: bool,
    actor: Actor,
    now: Timestamp,
    sessions: &Arc<Sessions>,
) -> Result<bool, StoreError> {
    // Read here, not in memory: a change of the same batch may not have arrived there.
    let stored = StoredUser::of_row(tx, user.user_seq)?;
    let Some(stored) = stored.filter(|stored| stored.active != active) else { return Ok(false) };
    tx.set_user_active(user.user_seq, active)?;
    if !active {
        tx.delete_sessions_of(user.user_seq)?;
    }
    let named = NamedUser { user_id: stored.user_id, user_name: stored.user_name };
    let kind =
        if active { EventKind::UserReactivated(named) } else { EventKind::UserDeactivated(named) };
    let event = EventDraft::about_organization(stored.org_id, actor, kind, now);
    tx.append((&event).into())?;
    let (user, sessions) = (Arc::clone(user), Arc::clone(sessions));
    tx.after_commit(move || {
        user.set_active(active);
        if !active {
            sessions.remove_user(user.user_seq);
        }
    });
    Ok(true)
}

/// Gives a person another role.
///
/// # Errors
/// `user.not_found`, or a failure of the store.
pub async fn set_role(
    app: &App,
    org_id: &OrgId,
    user_name: &Name,
    new_role: Role,
) -> Result<Arc<User>, Failure> {
    let user = find(app, org_id, user_name)?;
    let (ours, clock) = (Arc::clone(&user), app.clock.clone());
    app.store
        .write(move |tx| {
            let stored = StoredUser::of_row(tx, ours.user_seq)?;
            let Some(old_role) = stored.map(|stored| stored.role).filter(|old| *old != new_role)
            else {
                return Ok(());
            };
            tx.set_user_role(ours.user_seq, new_role)?;
            let kind = EventKind::UserRoleChanged { user: ours.named(), old_role, new_role };
            let org_id = ours.owner().org_id.clone();
            let event = EventDraft::about_organization(org_id, Actor::Operator, kind, clock.now());
            tx.append((&event).into())?;
            tx.after_commit(move || ours.set_role(new_role));
            Ok::<_, WriteError<Failure>>(())
        })
        .await?;
    Ok(user)
}

/// The user with a name.
///
/// # Errors
/// `user.not_found`.
pub(super) fn find(app: &App, org_id: &OrgId, user_name: &Name) -> Result<Arc<User>, Failure> {
    app.directory.user_by_name(org_id, user_name).ok_or_else(|| no_user(user_name.as_str()))
}

fn no_user(user_name: &str) -> Failure {
    Failure::Refused(Code::UserNotFound, format!("there is no user `{user_name}`"))
}
