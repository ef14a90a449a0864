//! A part of the index: records by digest.

use std::{collections::HashMap, mem, sync::Arc};

use exportgate_core::secret::SecretDigest;
use hashbrown::HashTable;

use super::{
    arena::Arena,
    live_token::{LiveId, LiveLabel, LiveToken},
    owners::Owners,
    record::{self, Written},
};

/// Less than this is not worth a tidying. There are many parts, and each may lose so much.
const LEAST_LOST: usize = 4 << 10;

/// Records by digest. Growing moves four bytes of each.
#[derive(Default)]
pub(super) struct Shard {
    /// Addresses of records.
    table: HashTable<u32>,
    arena: Arena,
    /// Ids of another form, long labels, and what goes with them, by the record's address.
    beside: HashMap<u32, (LiveId, LiveLabel)>,
    /// Bytes of records that were replaced by longer or shorter ones.
    n_lost: usize,
}

impl Shard {
    /// Makes room for so many records.
    pub(super) fn reserve(&mut self, n: usize) {
        let arena = &self.arena;
        self.table.reserve(n, |address| hash_at(arena, *address));
    }

    pub(super) fn len(&self) -> usize {
        self.table.len()
    }

    #[cfg(test)]
    pub(super) fn n_bytes(&self) -> usize {
        self.arena.len()
    }

    /// Finds a token.
    #[inline]
    pub(super) fn find(
        &self,
        hash: u64,
        digest: &SecretDigest,
        owners: &Owners,
    ) -> Option<LiveToken> {
        let address = self.table.find(hash, |address| is_at(&self.arena, *address, digest))?;
        let record = record::read(self.arena.at(*address))?;
        let (token_id, label) = match &record.words {
            Some((random, label)) => (LiveId::Random(**random), label.copy()?),
            None => self.beside.get(address).cloned()?,
        };
        Some(LiveToken {
            token_seq: record.token_seq,
            token_id,
            label,
            created_at: record.created_at,
            expires_at: record.expires_at,
            revoked_at: record.revoked_at,
            user: Arc::clone(owners.get(record.owner)?),
        })
    }

    /// Adds a token, or replaces what is known of it.
    pub(super) fn put(&mut self, hash: u64, digest: &SecretDigest, token: &LiveToken, owner: u32) {
        let Self { table, arena, beside, n_lost } = self;
        let written = Written::new(digest, token, owner);
        let bytes = written.as_bytes();
        let address = match table.find_entry(hash, |address| is_at(arena, *address, digest)) {
            Ok(mut entry) => {
                let address = *entry.get();
                beside.remove(&address);
                let length = record::length(arena.at(address));
                if length == bytes.len() {
                    // Revocation and expiry change no length, so they need no memory.
                    arena.replace(address, bytes);
                    address
                } else if let Some(new) = arena.append(bytes) {
                    *n_lost += length;
                    *entry.get_mut() = new;
                    new
                } else {
                    // What is known of it holds no longer: better nothing is.
                    entry.remove();
                    return;
                }
            }
            Err(_) => {
                let Some(address) = arena.append(bytes) else { return };
                table.insert_unique(hash, address, |address| hash_at(arena, *address));
                address
            }
        };
        if written.beside {
            beside.insert(address, (token.token_id.clone(), token.label.clone()));
        }
        if self.n_lost > LEAST_LOST && self.n_lost > self.arena.len() / 3 {
            self.tidy();
        }
    }

    /// Copies all records that are in use into memory of their own.
    fn tidy(&mut self) {
        let old = mem::take(&mut self.arena);
        let mut beside = mem::take(&mut self.beside);
        for address in &mut self.table {
            let bytes = old.at(*address);
            let bytes = bytes.get(..record::length(bytes)).unwrap_or_default();
            // There is room: the records are fewer than they were. At the last address is none.
            let new = self.arena.append(bytes).unwrap_or(u32::MAX);
            if let Some(words) = beside.remove(address) {
                self.beside.insert(new, words);
            }
            *address = new;
        }
        self.n_lost = 0;
    }
}

/// Not in constant time: whoever presents a secret cannot choose the bytes of its digest, so that
/// how far two of them agree tells nothing (`THREATS.md`).
fn is_at(arena: &Arena, address: u32, digest: &SecretDigest) -> bool {
    arena.at(address).first_chunk() == Some(digest.as_bytes())
}

fn hash_at(arena: &Arena, address: u32) -> u64 {
    record::digest(arena.at(address)).map_or(0, |digest| hash_of(&digest))
}

/// A digest is a hash already. Nobody can choose its bits without finding SHA-256 preimages.
pub(super) fn hash_of(digest: &SecretDigest) -> u64 {
    digest.as_bytes().first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes))
}
