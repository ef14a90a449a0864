//! People and export services in memory: whoever can call, found without a look at the disk.

use std::{
    collections::{HashMap, HashSet},
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, Ordering},
    },
};

use exportgate_core::{
    history::NamedService,
    id::{OrgId, UserId},
    name::Name,
    secret::SecretDigest,
    token::Owner,
    user::{NamedUser, Role},
};
use http::HeaderMap;
use parking_lot::RwLock;

use crate::store::{ServiceKind, StoredService, StoredUser};

/// A user. The parts that can change do so in place, so that tokens and sessions can hold on to it
/// and never see an earlier state.
#[derive(Debug)]
pub struct User {
    /// The row in the store.
    pub user_seq: i64,
    names: RwLock<Names>,
    administrator: AtomicBool,
    active: AtomicBool,
}

#[derive(Debug)]
struct Names {
    owner: Arc<Owner>,
    /// How answers name the owner: made once, since each export has one.
    headers: OnceLock<HeaderMap>,
    display_name: Arc<str>,
    email: Option<Arc<str>>,
}

impl User {
    fn new(stored: StoredUser) -> Self {
        let StoredUser { user_seq, org_id, user_id, user_name, display_name, email, role, active } =
            stored;
        Self {
            user_seq,
            names: RwLock::new(Names {
                owner: Arc::new(Owner { org_id, user_id, user_name }),
                headers: OnceLock::new(),
                display_name: display_name.into(),
                email: email.map(Into::into),
            }),
            administrator: AtomicBool::new(role == Role::Administrator),
            active: AtomicBool::new(active),
        }
    }

    /// Organization, id and name: how the user appears as the owner of tokens. Organization and id
    /// never change.
    #[must_use]
    pub fn owner(&self) -> Arc<Owner> {
        Arc::clone(&self.names.read().owner)
    }

    /// The headers that name the owner, as `make` makes them.
    #[must_use]
    pub fn headers(&self, make: impl FnOnce(&Owner) -> HeaderMap) -> HeaderMap {
        let names = self.names.read();
        names.headers.get_or_init(|| make(&names.owner)).clone()
    }

    /// The name that is shown to people.
    #[must_use]
    pub fn display_name(&self) -> Arc<str> {
        Arc::clone(&self.names.read().display_name)
    }

    /// Where the user can be reached.
    #[must_use]
    pub fn email(&self) -> Option<Arc<str>> {
        self.names.read().email.clone()
    }

    /// Whether the account is active.
    #[must_use]
    pub fn is_active(&self) -> bool {
        self.active.load(Ordering::SeqCst)
    }

    /// What the user may do.
    #[must_use]
    pub fn role(&self) -> Role {
        if self.administrator.load(Ordering::SeqCst) { Role::Administrator } else { Role::User }
    }

    /// Follows a committed change.
    pub fn set_active(&self, active: bool) {
        self.active.store(active, Ordering::SeqCst);
    }

    /// Follows a committed change.
    pub fn set_role(&self, role: Role) {
        self.administrator.store(role == Role::Administrator, Ordering::SeqCst);
    }

    /// The user as events name one.
    #[must_use]
    pub fn named(&self) -> NamedUser {
        NamedUser::from(&*self.owner())
    }
}

/// An export service, or a directory, with a live key.
#[derive(Debug)]
pub struct Service {
    /// The row in the store.
    pub service_seq: i64,
    /// Its organization: it learns of no token of another.
    pub org_id: OrgId,
    /// Id and name.
    pub named: NamedService,
}

#[derive(Default)]
struct Maps {
    users: HashMap<i64, Arc<User>>,
    user_seqs_by_name: HashMap<(OrgId, String), i64>,
    user_seqs_by_id: HashMap<(OrgId, UserId), i64>,
    services: hashbrown::HashMap<[u8; 32], Arc<Service>>,
    scim_keys: hashbrown::HashMap<[u8; 32], Arc<Service>>,
    removed: HashSet<i64>,
}

impl Maps {
    /// Somebody else may have the name already.
    fn forget_name(&mut self, user: &User) {
        let owner = user.owner();
        let name = (owner.org_id.clone(), owner.user_name.folded());
        if self.user_seqs_by_name.get(&name) == Some(&user.user_seq) {
            self.user_seqs_by_name.remove(&name);
        }
    }

    fn keys(&mut self, kind: ServiceKind) -> &mut hashbrown::HashMap<[u8; 32], Arc<Service>> {
        match kind {
            ServiceKind::Export => &mut self.services,
            ServiceKind::Scim => &mut self.scim_keys,
        }
    }
}

/// Everybody who can call.
#[derive(Default)]
pub struct Directory(RwLock<Maps>);

impl Directory {
    /// Follows a committed new user.
    pub fn insert_user(&self, stored: StoredUser) -> Arc<User> {
        let user = Arc::new(User::new(stored));
        let owner = user.owner();
        let mut maps = self.0.write();
        let name = (owner.org_id.clone(), owner.user_name.folded());
        maps.user_seqs_by_name.insert(name, user.user_seq);
        let id = (owner.org_id.clone(), owner.user_id.clone());
        maps.user_seqs_by_id.insert(id, user.user_seq);
        maps.users.insert(user.user_seq, Arc::clone(&user));
        user
    }

    /// Follows a committed change of what a directory says of a user.
    pub fn update_user(&self, stored: &StoredUser) {
        let Some(user) = self.user(stored.user_seq) else { return };
        self.rename_user(&user, &stored.user_name, &stored.display_name);
        user.names.write().email = stored.email.as_deref().map(Into::into);
    }

    /// Follows committed new names of a user.
    pub fn rename_user(&self, user: &User, user_name: &Name, display_name: &str) {
        let old = user.owner();
        let owner = Owner { user_name: user_name.clone(), ..(*old).clone() };
        let mut maps = self.0.write();
        maps.forget_name(user);
        maps.user_seqs_by_name.insert((old.org_id.clone(), user_name.folded()), user.user_seq);
        let mut names = user.names.write();
        names.owner = Arc::new(owner);
        names.headers = OnceLock::new();
        names.display_name = display_name.into();
    }

    /// Follows a committed removal by a directory: nobody is found by that name any more.
    pub fn remove_user(&self, user_seq: i64) {
        let mut maps = self.0.write();
        if let Some(user) = maps.users.get(&user_seq).cloned() {
            maps.forget_name(&user);
        }
        maps.removed.insert(user_seq);
    }

    /// The user with an id.
    #[must_use]
    pub fn user_by_id(&self, org_id: &OrgId, user_id: &UserId) -> Option<Arc<User>> {
        let maps = self.0.read();
        let user_seq = maps.user_seqs_by_id.get(&(org_id.clone(), user_id.clone()))?;
        maps.users.get(user_seq).cloned()
    }

    /// The user of a row.
    #[must_use]
    pub fn user(&self, user_seq: i64) -> Option<Arc<User>> {
        self.0.read().users.get(&user_seq).cloned()
    }

    /// The user with a name, compared without case.
    #[must_use]
    pub fn user_by_name(&self, org_id: &OrgId, user_name: &Name) -> Option<Arc<User>> {
        let maps = self.0.read();
        let user_seq = maps.user_seqs_by_name.get(&(org_id.clone(), user_name.folded()))?;
        maps.users.get(user_seq).cloned()
    }

    /// All users of an organization, or of all of them, in the order in which they came.
    #[must_use]
    pub fn users(&self, org_id: Option<&OrgId>) -> Vec<Arc<User>> {
        let maps = self.0.read();
        let mut users: Vec<_> = maps
            .users
            .values()
            .filter(|user| org_id.is_none_or(|org_id| user.owner().org_id == *org_id))
            .filter(|user| !maps.removed.contains(&user.user_seq))
            .cloned()
            .collect();
        users.sort_by_key(|user| user.user_seq);
        users
    }

    /// Follows a committed new export service or SCIM key.
    pub fn insert_service(&self, stored: &StoredService) {
        if stored.revoked_at.is_some() {
            return;
        }
        let service = Service {
            service_seq: stored.service_seq,
            org_id: stored.org_id.clone(),
            named: NamedService {
                service_id: stored.service_id.clone(),
                name: stored.name.clone(),
            },
        };
        let mut maps = self.0.write();
        maps.keys(stored.kind).insert(*stored.digest.as_bytes(), Arc::new(service));
    }

    /// Follows the committed end of a key.
    pub fn remove_service(&self, kind: ServiceKind, digest: &SecretDigest) {
        self.0.write().keys(kind).remove(digest.as_bytes());
    }

    /// The directory whose SCIM key has this digest.
    #[must_use]
    pub fn scim_key(&self, digest: &SecretDigest) -> Option<Arc<Service>> {
        self.0.read().scim_keys.get(digest.as_bytes()).cloned()
    }

    /// The export service whose key has this digest.
    #[must_use]
    pub fn service(&self, digest: &SecretDigest) -> Option<Arc<Service>> {
        self.0.read().services.get(digest.as_bytes()).cloned()
    }
}
