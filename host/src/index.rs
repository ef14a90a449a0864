//! Tokens by digest, in memory: what validation looks up.
//!
//! Every token is in it, revoked and expired ones too, since their presenter is told the reason.
//! The map is cut into shards with a lock each, so that growing copies a small part, and a change
//! stops the readers of one shard for the time of one insertion. No lock is held across a commit.

use std::sync::Arc;

use exportgate_core::{id::TokenId, label::Label, secret::SecretDigest, time::Timestamp};
use hashbrown::HashTable;
use parking_lot::RwLock;

use crate::{directory::User, store::StoredToken};

/// A power of two; each shard of a million tokens then holds about four thousand.
const N_SHARDS: usize = 256;

/// What validation needs to know of a token. A change replaces it whole.
#[derive(Clone, Debug)]
pub struct LiveToken {
    /// The row in the store.
    pub token_seq: i64,
    /// Names the token.
    pub token_id: TokenId,
    /// For answers and events.
    pub label: Label,
    /// When it was created.
    pub created_at: Timestamp,
    /// The first instant at which it is no longer valid.
    pub expires_at: Option<Timestamp>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
    /// Whose it is, and whether the account is active.
    pub user: Arc<User>,
}

impl LiveToken {
    /// A stored token of `user`.
    #[must_use]
    pub fn new(stored: &StoredToken, user: Arc<User>) -> Self {
        let token = &stored.token;
        Self {
            token_seq: stored.token_seq,
            token_id: token.token_id.clone(),
            label: token.label.clone(),
            created_at: token.created_at,
            expires_at: token.expires_at,
            revoked_at: token.revoked_at,
            user,
        }
    }
}

struct Entry {
    digest: SecretDigest,
    token: Arc<LiveToken>,
}

/// All tokens of this host.
pub struct Index {
    shards: Box<[RwLock<HashTable<Entry>>]>,
}

impl Default for Index {
    fn default() -> Self {
        Self { shards: (0..N_SHARDS).map(|_| RwLock::default()).collect() }
    }
}

impl Index {
    /// Follows a committed creation or change.
    pub fn put(&self, digest: SecretDigest, token: Arc<LiveToken>) {
        let Some((shard, hash)) = self.place(&digest) else { return };
        let mut shard = shard.write();
        match shard.find_mut(hash, |entry| entry.digest == digest) {
            Some(entry) => entry.token = token,
            None => {
                shard.insert_unique(hash, Entry { digest, token }, |entry| hash_of(&entry.digest));
            }
        }
    }

    /// The token whose secret has this digest.
    #[must_use]
    pub fn find(&self, digest: &SecretDigest) -> Option<Arc<LiveToken>> {
        let (shard, hash) = self.place(digest)?;
        let shard = shard.read();
        shard.find(hash, |entry| entry.digest == *digest).map(|entry| Arc::clone(&entry.token))
    }

    /// How many tokens there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.shards.iter().map(|shard| shard.read().len()).sum()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn place(&self, digest: &SecretDigest) -> Option<(&RwLock<HashTable<Entry>>, u64)> {
        let hash = hash_of(digest);
        // The table uses the highest and lowest bits; the shard is chosen by others.
        let shard = usize::try_from((hash >> 24) & 0xff).ok()?;
        Some((self.shards.get(shard)?, hash))
    }
}

/// A digest is a hash already. Nobody can choose its bits without finding SHA-256 preimages.
fn hash_of(digest: &SecretDigest) -> u64 {
    digest.as_bytes().first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes))
}

#[cfg(test)]
mod tests {
    use exportgate_core::{id::OrgId, id::UserId, name::Name, user::Role};

    use super::*;
    use crate::{directory::Directory, store::StoredUser};

    #[test]
    fn a_change_replaces_what_was_there_and_nothing_else() {
        let user = Directory::default().insert_user(StoredUser {
            user_seq: 1,
            org_id: OrgId::parse("default").unwrap(),
            user_id: UserId::parse("anna").unwrap(),
            user_name: Name::parse("anna").unwrap(),
            display_name: String::new(),
            email: None,
            role: Role::User,
            active: true,
        });
        let token = |seq: u32| LiveToken {
            token_seq: i64::from(seq),
            token_id: TokenId::parse(&format!("tok_{seq}")).unwrap(),
            label: Label::parse("x", "").unwrap(),
            created_at: Timestamp::MIN,
            expires_at: None,
            revoked_at: None,
            user: Arc::clone(&user),
        };
        // Digests that share their first bytes meet in one shard and one slot.
        let digest = |seq: u32| {
            let mut bytes = [7; 32];
            bytes[28..].copy_from_slice(&seq.to_le_bytes());
            SecretDigest::from_bytes(bytes)
        };
        let index = Index::default();
        for seq in 0..1000 {
            index.put(digest(seq), Arc::new(token(seq)));
        }
        index.put(
            digest(500),
            Arc::new(LiveToken { revoked_at: Some(Timestamp::MAX), ..token(500) }),
        );
        assert_eq!(index.len(), 1000);
        for seq in 0..1000 {
            let found = index.find(&digest(seq)).unwrap();
            assert_eq!(found.token_seq, i64::from(seq));
            assert_eq!(found.revoked_at.is_some(), seq == 500);
        }
        assert!(index.find(&digest(1000)).is_none());
    }
}
