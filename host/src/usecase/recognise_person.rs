//! A person whom a signed assertion names: known, or from now on known; and the assertion counts
//! once.
//!
//! The assertion is noted in the same commit as what it changes about the person, before anything
//! is answered. That is a durable commit for each request with an assertion, on purpose: a memory
//! of assertions that is written later would accept one a second time after a power cut. Requests
//! that wait together share a commit, a replay costs none, and validation, the one route that has
//! to be quick, knows service keys only.

use std::sync::Arc;

use exportgate_core::{
    history::{Actor, EventDraft, EventKind},
    name::Name,
    time::Timestamp,
    user::{NamedUser, Role},
};
use tracing::info;

use super::Failure;
use crate::{
    app::App,
    assertion::{Asserted, Refusal},
    directory::{Directory, User},
    store::{NewUser, StoreError, StoredUser, Tx, WriteError},
};

/// Why a person was not recognised.
#[derive(Debug)]
pub enum NotRecognised {
    /// A rule refused it.
    Refused(Refusal),
    /// The store cannot answer.
    Failed(Failure),
}

impl From<Refusal> for WriteError<NotRecognised> {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(NotRecognised::Refused(refusal))
    }
}

/// Notes that the assertion is used up, and adds or updates the person it names.
///
/// # Errors
/// [`Refusal::Replayed`], [`Refusal::UserInactive`], [`Refusal::UserNameTaken`], or a failure of
/// the store. Then nothing was changed, and the assertion is not used up.
pub async fn recognise_person(app: &App, asserted: Asserted) -> Result<Arc<User>, NotRecognised> {
    let (directory, clock) = (Arc::clone(&app.directory), app.clock.clone());
    let recognised = app.store.write(move |tx| {
        let now = clock.now();
        if !tx.accept_assertion(asserted.digest, asserted.expires_at, now)? {
            return Err(Refusal::Replayed.into());
        }
        // Read here, not in memory: a change of the same batch may not have arrived there.
        match StoredUser::with_id(tx, &asserted.org_id, &asserted.user_id)? {
            Some(stored) if !stored.active => Err(Refusal::UserInactive.into()),
            Some(stored) => update(tx, &directory, stored, &asserted, now),
            None => add(tx, &directory, asserted, now),
        }
    });
    let user_seq = recognised.await.map_err(|error| match error {
        WriteError::Refused(refused) => refused,
        WriteError::Store(error) => NotRecognised::Failed(error.into()),
    })?;
    app.directory.user(user_seq).ok_or_else(|| {
        let detail = format!("user {user_seq} is stored but not known");
        NotRecognised::Failed(StoreError::Unreadable(detail).into())
    })
}

/// Just in time: the person's id is `sub`, the user name `preferred_username` unless somebody has
/// it already, and then `sub`.
fn add(
    tx: &mut Tx<'_>,
    directory: &Arc<Directory>,
    asserted: Asserted,
    now: Timestamp,
) -> Result<i64, WriteError<NotRecognised>> {
    let Asserted { org_id, user_id, user_name, display_name, role, .. } = asserted;
    let own_id = Name::parse(user_id.as_str()).map_err(|_| Refusal::SubjectMalformed)?;
    let mut free = None;
    for name in user_name.into_iter().chain([own_id]) {
        if StoredUser::find(tx, &org_id, &name)?.is_none() {
            free = Some(name);
            break;
        }
    }
    let user_name = free.ok_or(Refusal::UserNameTaken)?;
    let display_name = display_name.unwrap_or_else(|| user_name.to_string());
    let role = role.unwrap_or(Role::User);
    let new = NewUser { org_id, user_id, user_name, display_name, email: None, role };
    let stored = tx.insert_user(new, now)?;
    if role != Role::User {
        tell_of_role(tx, &stored, Role::User, role, now)?;
    }
    let (user_seq, following) = (stored.user_seq, Arc::clone(directory));
    tx.after_commit(move || {
        info!(user_id = %stored.user_id, org_id = %stored.org_id, "an issuer names a new user");
        following.insert_user(stored);
    });
    Ok(user_seq)
}

/// Names and role follow the assertion. A user name that somebody else has is not taken over, and
/// what the assertion does not say stays as it is.
fn update(
    tx: &mut Tx<'_>,
    directory: &Arc<Directory>,
    stored: StoredUser,
    asserted: &Asserted,
    now: Timestamp,
) -> Result<i64, WriteError<NotRecognised>> {
    let user_seq = stored.user_seq;
    let mut user_name = stored.user_name.clone();
    if let Some(wanted) = &asserted.user_name {
        let holder = StoredUser::find(tx, &stored.org_id, wanted)?;
        if holder.is_none_or(|holder| holder.user_seq == user_seq) {
            user_name = wanted.clone();
        }
    }
    let display_name = asserted.display_name.as_deref().unwrap_or(&stored.display_name).to_owned();
    // Compared as written: names are equal without case, but are shown as they are given.
    let is_renamed = user_name.as_str() != stored.user_name.as_str();
    if is_renamed || display_name != stored.display_name {
        tx.set_user_names(user_seq, &user_name, &display_name)?;
        let (following, user_name) = (Arc::clone(directory), user_name.clone());
        tx.after_commit(move || {
            if let Some(user) = following.user(user_seq) {
                following.rename_user(&user, &user_name, &display_name);
            }
        });
    }
    if let Some(role) = asserted.role.filter(|role| *role != stored.role) {
        tx.set_user_role(user_seq, role)?;
        let old_role = stored.role;
        tell_of_role(tx, &StoredUser { user_name, ..stored }, old_role, role, now)?;
        let following = Arc::clone(directory);
        tx.after_commit(move || {
            if let Some(user) = following.user(user_seq) {
                user.set_role(role);
            }
        });
    }
    Ok(user_seq)
}

/// The host does what the issuer says; the person had no hand in it.
fn tell_of_role(
    tx: &mut Tx<'_>,
    user: &StoredUser,
    old_role: Role,
    new_role: Role,
    now: Timestamp,
) -> Result<(), StoreError> {
    let named = NamedUser { user_id: user.user_id.clone(), user_name: user.user_name.clone() };
    let kind = EventKind::UserRoleChanged { user: named, old_role, new_role };
    let event = EventDraft::about_organization(user.org_id.clone(), Actor::Host, kind, now);
    tx.append((&event).into())?;
    Ok(())
}
