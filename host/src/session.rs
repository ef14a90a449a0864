//! Sessions of people in browsers and on the command line: references to state on the server.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicI64, Ordering},
    },
};

use exportgate_core::time::Timestamp;
use parking_lot::RwLock;
use sha2::{Digest as _, Sha256};

use crate::{
    directory::User,
    entropy::{NoEntropy, random_bytes},
    store::{ProviderSession, StoredSession},
};

/// A session ends so many seconds after sign-in.
pub const SESSION_SECS: i64 = 12 * 60 * 60;
/// A session ends when nothing was asked with it for so many seconds.
pub const SESSION_IDLE_SECS: i64 = 60 * 60;
/// A sign-in code can be used for so many seconds.
pub const SIGN_IN_CODE_SECS: i64 = 10 * 60;

/// A random text that a person or browser holds: a sign-in code or a session's cookie. 192 bits,
/// shown in hexadecimal; only its digest is kept.
pub struct Ticket(String);

impl Ticket {
    /// How long the text is.
    pub const CHARACTERS: usize = 48;

    /// A new one.
    ///
    /// # Errors
    /// When the operating system gives no random bytes.
    pub fn generate() -> Result<Self, NoEntropy> {
        Ok(Self(hex::encode(random_bytes::<24>()?)))
    }

    /// The text, for the one answer that carries it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// What is stored of it.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        digest_of(&self.0)
    }
}

/// The digest under which a presented ticket would be stored.
#[must_use]
pub fn digest_of(presented: &str) -> [u8; 32] {
    Sha256::digest(presented.as_bytes()).into()
}

struct Session {
    user: Arc<User>,
    created_at: Timestamp,
    last_seen_at: AtomicI64,
    /// Seen since it was last stored.
    seen: AtomicBool,
    at_provider: Option<SignedInAt>,
}

/// Where a person signed in, for signing out there, too. It has no `Debug`: an ID token is nobody
/// else's.
#[derive(Clone)]
pub struct SignedInAt {
    /// The session at the OpenID provider.
    pub session: ProviderSession,
    /// The ID token. It is nowhere but in memory: after a restart the provider asks the person
    /// whether to sign out.
    pub id_token: Option<Arc<str>>,
}

impl Session {
    fn is_live(&self, now: Timestamp) -> bool {
        let last_seen = Timestamp::from_unix_seconds(self.last_seen_at.load(Ordering::SeqCst));
        let idle_end = last_seen.map(|at| at.saturating_add_secs(SESSION_IDLE_SECS));
        now < self.created_at.saturating_add_secs(SESSION_SECS)
            && idle_end.is_some_and(|end| now < end)
            && self.user.is_active()
    }
}

/// All live sessions, by the digest of their cookie.
#[derive(Default)]
pub struct Sessions(RwLock<HashMap<[u8; 32], Session>>);

impl Sessions {
    /// Follows a committed sign-in.
    pub fn insert(&self, stored: StoredSession, user: Arc<User>, id_token: Option<Arc<str>>) {
        let session = Session {
            user,
            created_at: stored.created_at,
            last_seen_at: AtomicI64::new(stored.last_seen_at.unix_seconds()),
            seen: AtomicBool::new(false),
            at_provider: stored.at_provider.map(|session| SignedInAt { session, id_token }),
        };
        self.0.write().insert(stored.digest, session);
    }

    /// Whose session this is, if it is live; notes that it was seen.
    #[must_use]
    pub fn user(&self, digest: &[u8; 32], now: Timestamp) -> Option<Arc<User>> {
        let sessions = self.0.read();
        let session = sessions.get(digest).filter(|session| session.is_live(now))?;
        session.last_seen_at.fetch_max(now.unix_seconds(), Ordering::SeqCst);
        session.seen.store(true, Ordering::SeqCst);
        Some(Arc::clone(&session.user))
    }

    /// Where the person of this session signed in, unless with a code.
    #[must_use]
    pub fn signed_in_at(&self, digest: &[u8; 32]) -> Option<SignedInAt> {
        self.0.read().get(digest)?.at_provider.clone()
    }

    /// Follows a committed sign-out.
    pub fn remove(&self, digest: &[u8; 32]) {
        self.0.write().remove(digest);
    }

    /// Follows a committed deactivation.
    pub fn remove_user(&self, user_seq: i64) {
        self.0.write().retain(|_, session| session.user.user_seq != user_seq);
    }

    /// What has to be stored: sessions seen since the last call, and sessions that are over, which
    /// are forgotten here.
    #[must_use]
    pub fn changes(&self, now: Timestamp) -> SessionChanges {
        let mut changes = SessionChanges::default();
        self.0.write().retain(|digest, session| {
            if !session.is_live(now) {
                changes.over.push(*digest);
                return false;
            }
            let at = Timestamp::from_unix_seconds(session.last_seen_at.load(Ordering::SeqCst));
            if session.seen.swap(false, Ordering::SeqCst) {
                changes.seen.extend(at.map(|at| (*digest, at)));
            }
            true
        });
        changes
    }
}

/// What became of sessions since it was last asked.
#[derive(Default)]
pub struct SessionChanges {
    /// Seen, and when.
    pub seen: Vec<([u8; 32], Timestamp)>,
    /// Over.
    pub over: Vec<[u8; 32]>,
}
