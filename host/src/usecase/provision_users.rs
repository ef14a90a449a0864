//! A directory provisions an organization's people over SCIM: adds, changes, deactivates and
//! removes them.

use std::sync::Arc;

use exportgate_core::{
    history::{Actor, EventDraft, EventKind},
    id::{OrgId, UserId},
    name::Name,
    time::Timestamp,
    user::{NamedUser, Role},
};

use super::{Failure, manage_users::set_active_in};
use crate::{
    app::App,
    clock::Clock,
    directory::{Directory, Service, User},
    entropy::random_bytes,
    scim::{ScimError, profile::Profile},
    session::Sessions,
    store::{NewUser, ScimFilter, ScimUser, StoreError, StoredUser, Tx, WriteError},
};

/// Why nothing was changed.
#[derive(Debug)]
pub enum Refused {
    /// A rule of SCIM or of names.
    Scim(ScimError),
    /// Whatever else.
    Failure(Failure),
}

impl<E: Into<Failure>> From<E> for Refused {
    fn from(failure: E) -> Self {
        Self::Failure(failure.into())
    }
}

impl From<ScimError> for Refused {
    fn from(error: ScimError) -> Self {
        Self::Scim(error)
    }
}

impl From<ScimError> for WriteError<Refused> {
    fn from(error: ScimError) -> Self {
        Self::Refused(error.into())
    }
}

impl From<WriteError<Self>> for Refused {
    fn from(error: WriteError<Self>) -> Self {
        match error {
            WriteError::Refused(refused) => refused,
            WriteError::Store(error) => error.into(),
        }
    }
}

/// What follows a commit, and what a change needs to know.
#[derive(Clone)]
struct Scene {
    directory: Arc<Directory>,
    sessions: Arc<Sessions>,
    clock: Clock,
    key: Arc<Service>,
}

impl Scene {
    fn new(app: &App, key: &Arc<Service>) -> Self {
        Self {
            directory: Arc::clone(&app.directory),
            sessions: Arc::clone(&app.sessions),
            clock: app.clock.clone(),
            key: Arc::clone(key),
        }
    }

    fn actor(&self) -> Actor {
        Actor::Directory(self.key.named.clone())
    }

    fn set_active(
        &self,
        tx: &mut Tx<'_>,
        user: &Arc<User>,
        active: bool,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        set_active_in(tx, user, active, self.actor(), now, &self.sessions)
    }

    /// The user in memory.
    fn user(&self, user_seq: i64) -> Result<Arc<User>, StoreError> {
        let user = self.directory.user(user_seq);
        user.ok_or_else(|| StoreError::Unreadable(format!("user {user_seq} is not in memory")))
    }
}

/// The person as the directory sees one.
#[must_use]
pub fn profile_of(found: &ScimUser) -> Profile {
    Profile {
        user_name: found.user.user_name.to_string(),
        external_id: found.external_id.clone(),
        active: found.user.active,
        attributes: found.attributes.clone(),
    }
}

/// Adds a person.
///
/// # Errors
/// `uniqueness`, `invalidValue`, or a failure of the store.
pub async fn add(app: &App, key: &Arc<Service>, profile: Profile) -> Result<ScimUser, Refused> {
    let user_id = UserId::from_random(random_bytes().map_err(Failure::from)?);
    let scene = Scene::new(app, key);
    let added = app.store.write(move |tx| {
        let now = scene.clock.now();
        let org_id = scene.key.org_id.clone();
        let user_name = free_name(tx, &org_id, &profile.user_name)?;
        let (display_name, email) = (profile.shown_name(), profile.main_email());
        let new = NewUser { org_id, user_id, user_name, display_name, email, role: Role::User };
        let mut user = tx.insert_user(new, now)?;
        user.active = profile.active;
        if !user.active {
            tx.set_user_active(user.user_seq, false)?;
            let named =
                NamedUser { user_id: user.user_id.clone(), user_name: user.user_name.clone() };
            let kind = EventKind::UserDeactivated(named);
            let org_id = user.org_id.clone();
            let event = EventDraft::about_organization(org_id, scene.actor(), kind, now);
            tx.append((&event).into())?;
        }
        let (directory, following) = (Arc::clone(&scene.directory), user.clone());
        tx.after_commit(move || drop(directory.insert_user(following)));
        let added = ScimUser {
            user,
            created_at: now,
            modified_at: now,
            external_id: profile.external_id,
            attributes: profile.attributes,
        };
        tx.save_scim_user(&added)?;
        Ok::<_, WriteError<Refused>>(added)
    });
    Ok(added.await?)
}

/// The user of the key's organization with this id, unless a directory removed it.
///
/// # Errors
/// Nobody has the id, or a failure of the store.
pub async fn read(app: &App, org_id: OrgId, user_id: UserId) -> Result<ScimUser, Refused> {
    let found = app.store.read(move |connection| ScimUser::find(connection, &org_id, &user_id));
    found.await?.ok_or_else(|| ScimError::not_found().into())
}

/// How many users meet all conditions, and those of one page.
///
/// # Errors
/// A failure of the store.
pub async fn list(
    app: &App,
    org_id: OrgId,
    filters: Vec<ScimFilter>,
    n_skipped: i64,
    limit: i64,
) -> Result<(i64, Vec<ScimUser>), Refused> {
    let page = app
        .store
        .read(move |connection| ScimUser::list(connection, &org_id, &filters, n_skipped, limit));
    Ok(page.await?)
}

/// Changes a person. Where it deactivates the account, no token of the person is accepted from the
/// answer on, and sessions and sign-in codes are gone.
///
/// # Errors
/// What `change` refuses, `uniqueness`, nobody has the id, or a failure of the store.
pub async fn change(
    app: &App,
    key: &Arc<Service>,
    user_id: UserId,
    mut change: impl FnMut(&mut Profile) -> Result<(), ScimError> + Send + 'static,
) -> Result<ScimUser, Refused> {
    let scene = Scene::new(app, key);
    // Most of what directories change is about leavers, and only the change itself tells.
    let changed = app.store.end_access(move |tx| {
        let org_id = scene.key.org_id.clone();
        let mut found = ScimUser::find(tx, &org_id, &user_id)?.ok_or_else(ScimError::not_found)?;
        let before = profile_of(&found);
        let mut profile = before.clone();
        change(&mut profile)?;
        if profile == before {
            return Ok(found);
        }
        let now = scene.clock.now();
        let name_changes = profile.user_name != before.user_name;
        if name_changes {
            let name = Name::parse(&profile.user_name).map_err(|error| not_a_name(&error))?;
            // Other case, same person.
            found.user.user_name = if name == found.user.user_name {
                name
            } else {
                free_name(tx, &org_id, &profile.user_name)?
            };
        }
        found.user.display_name = profile.shown_name();
        found.user.email = profile.main_email();
        found.modified_at = now;
        found.external_id = profile.external_id;
        found.attributes = profile.attributes;
        tx.save_scim_user(&found)?;
        let (directory, names) = (Arc::clone(&scene.directory), found.user.clone());
        tx.after_commit(move || directory.update_user(&names));
        let user = scene.user(found.user.user_seq)?;
        scene.set_active(tx, &user, profile.active, now)?;
        found.user.active = profile.active;
        Ok::<_, WriteError<Refused>>(found)
    });
    Ok(changed.await?)
}

/// Removes a person: deactivated for ever, unknown to the directory, the name free for others.
/// Tokens stay and are refused, and the history stays.
///
/// # Errors
/// Nobody has the id, or a failure of the store.
pub async fn remove(app: &App, key: &Arc<Service>, user_id: UserId) -> Result<(), Refused> {
    let scene = Scene::new(app, key);
    let removed = app.store.end_access(move |tx| {
        let found =
            ScimUser::find(tx, &scene.key.org_id, &user_id)?.ok_or_else(ScimError::not_found)?;
        let (now, user_seq) = (scene.clock.now(), found.user.user_seq);
        let user = scene.user(user_seq)?;
        scene.set_active(tx, &user, false, now)?;
        // So that there is a row to mark.
        tx.save_scim_user(&found)?;
        tx.remove_scim_user(user_seq, now)?;
        let directory = Arc::clone(&scene.directory);
        tx.after_commit(move || directory.remove_user(user_seq));
        Ok::<_, WriteError<Refused>>(())
    });
    Ok(removed.await?)
}

/// The name, if it is one and nobody else has it.
fn free_name(tx: &Tx<'_>, org_id: &OrgId, text: &str) -> Result<Name, WriteError<Refused>> {
    let name = Name::parse(text).map_err(|error| not_a_name(&error))?;
    match StoredUser::find(tx, org_id, &name)? {
        Some(_) => Err(ScimError::uniqueness().into()),
        None => Ok(name),
    }
}

fn not_a_name(error: &exportgate_core::name::MalformedName) -> ScimError {
    ScimError::value(format!("`userName`: {error}"))
}
