//! Tokens by digest, in memory: what validation looks up.
//!
//! Every token is in it, revoked and expired ones too, since their presenter is told the reason.
//! The map is cut into shards with a lock each, so that growing copies a small part, and a change
//! stops the readers of one shard for the time of one insertion. No lock is held across a commit.
//!
//! Of ten million tokens each may take 120 bytes at most, so a token is one packed [`record`] of
//! 76 bytes and its label in an [`arena`] that never moves, four bytes in the shard's table lead
//! to it, and its owner is a number. Readers get a [`LiveToken`]: a copy that is made under the
//! shard's lock, so that it never mixes two states, and without an allocation.

mod arena;
mod live_token;
mod load;
mod owners;
mod record;
mod shard;

use std::sync::Arc;

use exportgate_core::secret::SecretDigest;
use parking_lot::RwLock;

pub use self::live_token::{LiveId, LiveLabel, LiveToken};
use self::{
    owners::Owners,
    record::Record,
    shard::{Shard, hash_of},
};

/// A power of two; each shard of a million tokens then holds about four thousand.
const N_SHARDS: usize = 256;

/// All tokens of this host.
pub struct Index {
    shards: Box<[RwLock<Shard>]>,
    owners: Owners,
}

impl Default for Index {
    fn default() -> Self {
        Self {
            shards: (0..N_SHARDS).map(|_| RwLock::default()).collect(),
            owners: Owners::default(),
        }
    }
}

impl Index {
    /// Makes room for so many more tokens.
    pub fn reserve(&self, n: usize) {
        for shard in &self.shards {
            shard.write().reserve(n / N_SHARDS);
        }
    }

    /// Follows a committed creation or change.
    pub fn put(&self, digest: &SecretDigest, token: &LiveToken) {
        // A token that finds no room is not found, and so is denied.
        let Some(owner) = self.owners.number(&token.user) else { return };
        let Some((shard, hash)) = self.place(digest) else { return };
        shard.write().put(hash, digest, token, owner);
    }

    /// The token whose secret has this digest.
    #[must_use]
    pub fn find(&self, digest: &SecretDigest) -> Option<LiveToken> {
        let (shard, hash) = self.place(digest)?;
        let record = shard.read().find(hash, digest)?;
        let Record { token_seq, words, created_at, expires_at, revoked_at, owner } = record;
        let (token_id, label) = words?;
        let user = Arc::clone(self.owners.get(owner)?);
        Some(LiveToken { token_seq, token_id, label, created_at, expires_at, revoked_at, user })
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

    /// How many bytes records take.
    #[cfg(test)]
    fn n_bytes(&self) -> usize {
        self.shards.iter().map(|shard| shard.read().n_bytes()).sum()
    }

    fn place(&self, digest: &SecretDigest) -> Option<(&RwLock<Shard>, u64)> {
        let hash = hash_of(digest);
        // The table uses the highest and lowest bits; the shard is chosen by others.
        let shard = usize::try_from((hash >> 24) & 0xff).ok()?;
        Some((self.shards.get(shard)?, hash))
    }
}

#[cfg(test)]
mod tests;
