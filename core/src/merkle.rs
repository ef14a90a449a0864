//! The Merkle tree over an organization's history: hashes, and the part of a tree that grows.
//!
//! RFC 9162 section 2.1: a leaf is SHA-256 over `0x00` and the event's canonical bytes, a node
//! SHA-256 over `0x01` and its two children. [`proof`] makes proofs from stored nodes, [`verify`]
//! checks them without any.

use alloc::{string::String, vec::Vec};
use core::fmt;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest as _, Sha256};

pub mod proof;
pub mod verify;

/// How many bytes a hash has.
pub const HASH_LENGTH: usize = 32;

/// A leaf, a node or a root of the tree. As text: base64, as in checkpoints (C2SP
/// tlog-checkpoint).
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[cfg_attr(feature = "typescript", ts(type = "string"))]
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Hash([u8; HASH_LENGTH]);

/// The text is not a hash in base64.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a hash of 32 bytes in base64")]
pub struct MalformedHash;

impl Hash {
    /// A stored hash.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; HASH_LENGTH]) -> Self {
        Self(bytes)
    }

    /// The 32 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; HASH_LENGTH] {
        &self.0
    }

    /// Reads base64 (RFC 4648 section 4).
    ///
    /// # Errors
    /// [`MalformedHash`] for anything but 32 bytes.
    pub fn parse(text: &str) -> Result<Self, MalformedHash> {
        let bytes = STANDARD.decode(text).map_err(|_| MalformedHash)?;
        Ok(Self(bytes.try_into().map_err(|_| MalformedHash)?))
    }

    /// The hash of a leaf: of one event's canonical bytes.
    #[must_use]
    pub fn of_leaf(canonical: &[u8]) -> Self {
        Self(Sha256::new().chain_update([0x00]).chain_update(canonical).finalize().into())
    }

    /// The hash of a node above two others.
    #[must_use]
    pub fn of_node(left: &Self, right: &Self) -> Self {
        let hash = Sha256::new().chain_update([0x01]).chain_update(left.0).chain_update(right.0);
        Self(hash.finalize().into())
    }

    /// The root of the tree without leaves.
    #[must_use]
    pub fn of_empty_tree() -> Self {
        Self(Sha256::digest([]).into())
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&STANDARD.encode(self.0))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Hash {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Hash {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

/// A node by its place: `level` 0 are the leaves, and node `index` of a level stands above the
/// leaves `index << level` to `((index + 1) << level) - 1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// How far above the leaves, 0 to 63.
    pub level: u32,
    /// The how-manieth of its level, from 0.
    pub index: u64,
}

/// The growing edge of a tree: the roots of the complete subtrees that its leaves form, largest
/// first, one for each bit that is set in its size. At most 64 hashes stand for any history, and
/// an append costs the same whatever the size.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frontier {
    size: u64,
    hashes: Vec<Hash>,
}

impl Default for Frontier {
    /// That of the tree without leaves.
    fn default() -> Self {
        Self { size: 0, hashes: Vec::new() }
    }
}

impl Frontier {
    /// A stored frontier; `None` unless there is one hash for each bit that is set in `size`.
    #[must_use]
    pub fn from_parts(size: u64, hashes: Vec<Hash>) -> Option<Self> {
        let wanted = usize::try_from(size.count_ones()).ok()?;
        (hashes.len() == wanted).then_some(Self { size, hashes })
    }

    /// A frontier from the concatenation that [`Frontier::to_bytes`] gives.
    #[must_use]
    pub fn from_bytes(size: u64, bytes: &[u8]) -> Option<Self> {
        let (hashes, rest) = bytes.as_chunks::<HASH_LENGTH>();
        let hashes = hashes.iter().copied().map(Hash).collect();
        if rest.is_empty() { Self::from_parts(size, hashes) } else { None }
    }

    /// The hashes, one after the other.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        self.hashes.iter().flat_map(|hash| hash.0).collect()
    }

    /// How many leaves the tree has.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Appends a leaf. `completed` is told each node above it that is complete from now on, the
    /// lowest first; complete nodes never change again.
    pub fn push(&mut self, leaf: Hash, mut completed: impl FnMut(Place, Hash)) {
        let (mut hash, mut place) = (leaf, Place { level: 0, index: self.size });
        // An odd place has its left neighbour at the end of the frontier.
        while place.index % 2 == 1 {
            let Some(left) = self.hashes.pop() else { break };
            hash = Hash::of_node(&left, &hash);
            place = Place { level: place.level + 1, index: place.index / 2 };
            completed(place, hash);
        }
        self.hashes.push(hash);
        self.size += 1;
    }

    /// The root of the tree.
    #[must_use]
    pub fn root(&self) -> Hash {
        let smaller_first = self.hashes.iter().rev().copied();
        smaller_first
            .reduce(|right, left| Hash::of_node(&left, &right))
            .unwrap_or_else(Hash::of_empty_tree)
    }
}
