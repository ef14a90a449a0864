//! A person whom another system names: known, or from now on known; and an assertion counts once.
//!
//! The assertion is noted in the same commit as what it changes about the person, before anything
//! is answered. That is a durable commit for each request with an assertion, on purpose: a memory
//! of assertions that is written later would accept one a second time after a power cut. Requests
//! that wait together share a commit, a replay costs none, and validation, the one route that has
//! to be quick, knows service keys only.

use std::sync::Arc;

use exportgate_core::{
    history::{Actor, EventDraft, EventKind},
    time::Timestamp,
    user::{NamedUser, Role},
};
use tracing::info;

use super::Failure;
use crate::{
    app::App,
    assertion::{Asserted, Refusal},
    directory::{Directory, User},
    person::Person,
    store::{NewUser, StoreError, StoredUser, Tx, WriteError},
};

/// What the request does for which a person is recognised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Whatever it is.
    Any,
    /// It ends somebody's access, and must not fail as the disk is full.
    EndsAccess,
}

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
pub async fn recognise_person(
    app: &App,
    asserted: Asserted,
    effect: Effect,
) -> Result<Arc<User>, NotRecognised> {
    let (directory, clock) = (Arc::clone(&app.directory), app.clock.clone());
    let change = move |tx: &mut Tx<'_>| {
        let now = clock.now();
        if !tx.accept_assertion(asserted.digest, asserted.expires_at, now)? {
            return Err(Refusal::Replayed.into());
        }
        Ok(recognise_in(tx, &directory, &asserted.person, now)?.user_seq)
    };
    let recognised = match effect {
        Effect::Any => app.store.write(change).await,
        Effect::EndsAccess => app.store.end_access(change).await,
    };
    user(app, recognised.map_err(NotRecognised::from)?)
}

impl From<WriteError<Self>> for NotRecognised {
    fn from(error: WriteError<Self>) -> Self {
        match error {
            WriteError::Refused(refused) => refused,
            WriteError::Store(error) => Self::Failed(error.into()),
        }
    }
}

/// The user in memory.
pub(super) fn user(app: &App, user_seq: i64) -> Result<Arc<User>, NotRecognised> {
    app.directory.user(user_seq).ok_or_else(|| {
        let detail = format!("user {user_seq} is stored but not known");
        NotRecognised::Failed(StoreError::Unreadable(detail).into())
    })
}

/// Adds or updates a person within a change.
///
/// # Errors
/// [`Refusal::UserInactive`], [`Refusal::UserNameTaken`], or a failure of the store.
pub(super) fn recognise_in(
    tx: &mut Tx<'_>,
    directory: &Arc<Directory>,
    person: &Person,
    now: Timestamp,
) -> Result<StoredUser, WriteError<NotRecognised>> {
    // Read here, not in memory: a change of the same batch may not have arrived there.
    let stored = match tx.user_of_identity(&person.org_id, &person.identity)? {
        Some(user_seq) => StoredUser::of_row(tx, user_seq)?,
        None => {
            let found = find(tx, person)?;
            if let Some(found) = found.as_ref().filter(|found| found.active) {
                tx.insert_identity(&person.org_id, &person.identity, found.user_seq)?;
            }
            found
        }
    };
    match stored {
        Some(stored) if !stored.active => Err(Refusal::UserInactive.into()),
        Some(stored) => update(tx, directory, stored, person, now),
        None => add(tx, directory, person, now),
    }
}

/// Who somebody is that the issuer names for the first time: by id; and, where the issuer's word
/// on user names is taken, by user name, unless that account is somebody else of this issuer.
fn find(tx: &Tx<'_>, person: &Person) -> Result<Option<StoredUser>, WriteError<NotRecognised>> {
    if let Some(found) = StoredUser::with_id(tx, &person.org_id, &person.user_id)? {
        return Ok(Some(found));
    }
    let Some(name) = &person.user_name else { return Ok(None) };
    let Some(holder) = StoredUser::find(tx, &person.org_id, name)? else { return Ok(None) };
    if tx.user_is_of_issuer(holder.user_seq, &person.identity)? {
        return Ok(None);
    }
    if person.links_by_user_name {
        return Ok(Some(holder));
    }
    // Two accounts of one person, of which the directory would end only one.
    if tx.user_is_of_directory(holder.user_seq)? {
        return Err(Refusal::UserNameTaken.into());
    }
    Ok(None)
}

/// Just in time, under the first of the names that is free.
fn add(
    tx: &mut Tx<'_>,
    directory: &Arc<Directory>,
    person: &Person,
    now: Timestamp,
) -> Result<StoredUser, WriteError<NotRecognised>> {
    let Person { org_id, user_id, .. } = person.clone();
    let mut free = None;
    for name in person.user_name.iter().chain(&person.other_user_name) {
        if StoredUser::find(tx, &org_id, name)?.is_none() {
            free = Some(name.clone());
            break;
        }
    }
    let user_name = free.ok_or(Refusal::UserNameTaken)?;
    let display_name = person.display_name.clone().unwrap_or_else(|| user_name.to_string());
    let role = person.role.unwrap_or(Role::User);
    let new = NewUser { org_id, user_id, user_name, display_name, email: None, role };
    let stored = tx.insert_user(new, now)?;
    tx.insert_identity(&person.org_id, &person.identity, stored.user_seq)?;
    if role != Role::User {
        tell_of_role(tx, &stored, Role::User, role, now)?;
    }
    let (new, following) = (stored.clone(), Arc::clone(directory));
    tx.after_commit(move || {
        info!(org_id = %new.org_id, "an issuer names a new user");
        following.insert_user(new);
    });
    Ok(stored)
}

/// Names and role follow what is said. A user name that somebody else has is not taken over, and
/// what is not said stays as it is.
fn update(
    tx: &mut Tx<'_>,
    directory: &Arc<Directory>,
    mut stored: StoredUser,
    person: &Person,
    now: Timestamp,
) -> Result<StoredUser, WriteError<NotRecognised>> {
    let user_seq = stored.user_seq;
    let mut user_name = stored.user_name.clone();
    if let Some(wanted) = &person.user_name {
        let holder = StoredUser::find(tx, &stored.org_id, wanted)?;
        if holder.is_none_or(|holder| holder.user_seq == user_seq) {
            user_name = wanted.clone();
        }
    }
    let display_name = person.display_name.as_deref().unwrap_or(&stored.display_name).to_owned();
    // Compared as written: names are equal without case, but are shown as they are given.
    let is_renamed = user_name.as_str() != stored.user_name.as_str();
    if is_renamed || display_name != stored.display_name {
        tx.set_user_names(user_seq, &user_name, &display_name)?;
        (stored.user_name, stored.display_name) = (user_name, display_name);
        let (following, named) = (Arc::clone(directory), stored.clone());
        tx.after_commit(move || {
            if let Some(user) = following.user(user_seq) {
                following.rename_user(&user, &named.user_name, &named.display_name);
            }
        });
    }
    if let Some(role) = person.role.filter(|role| *role != stored.role) {
        tx.set_user_role(user_seq, role)?;
        let old_role = std::mem::replace(&mut stored.role, role);
        tell_of_role(tx, &stored, old_role, role, now)?;
        let following = Arc::clone(directory);
        tx.after_commit(move || {
            if let Some(user) = following.user(user_seq) {
                user.set_role(role);
            }
        });
    }
    Ok(stored)
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
