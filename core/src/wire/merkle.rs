//! Documents about the Merkle tree: what a reader of the history asks to verify it.

use alloc::{string::String, vec::Vec};

use serde::{Deserialize, Serialize};

use super::{Event, Unreadable};
use crate::{
    checkpoint::{Refused, VerifierKey},
    history::canonical_bytes,
    merkle::{
        Frontier, Hash,
        verify::{Tree, consistency, inclusion},
    },
};

/// The bytes that stand for an event, and their hash as a leaf.
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CanonicalEvent {
    /// RFC 8785 JSON.
    pub canonical: String,
    /// The leaf's hash, RFC 9162.
    pub leaf: Hash,
}

pub(super) fn canonical_event(event: Event) -> Result<CanonicalEvent, Unreadable> {
    let canonical = canonical_bytes(&event)?;
    let leaf = Hash::of_leaf(&canonical);
    let canonical = String::from_utf8(canonical).map_err(|_| Unreadable::new("not UTF-8"))?;
    Ok(CanonicalEvent { canonical, leaf })
}

/// A tree: the first `size` events as one hash.
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TreeRecord {
    /// How many events.
    pub size: u64,
    /// Base64.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub root: Hash,
}

impl From<Tree> for TreeRecord {
    fn from(Tree { size, root }: Tree) -> Self {
        Self { size, root }
    }
}

impl From<TreeRecord> for Tree {
    fn from(TreeRecord { size, root }: TreeRecord) -> Self {
        Self { size, root }
    }
}

pub(super) fn tree_of_events(events: Vec<Event>) -> Result<TreeRecord, Unreadable> {
    let mut frontier = Frontier::default();
    for event in events {
        if event.sequence != frontier.size() {
            return Err(Unreadable::new("the events are not those from the first one on"));
        }
        frontier.push(Hash::of_leaf(&canonical_bytes(&event)?), |_, _| {});
    }
    Ok(TreeRecord { size: frontier.size(), root: frontier.root() })
}

/// A signed checkpoint, and who should have signed it.
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OpenCheckpointInput {
    /// The signed note (C2SP signed-note).
    pub checkpoint: String,
    /// The verifier key, `name+id+key`.
    pub verifier_key: String,
}

/// What a checkpoint says, or why it is not believed.
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum OpenCheckpointAnswer {
    /// It is signed by that key.
    Opened(OpenedCheckpoint),
    /// It says nothing.
    Refused(CheckpointRefusal),
}

/// What a checkpoint says.
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OpenedCheckpoint {
    /// Whose history: names host and organization.
    pub origin: String,
    /// How many events it covers.
    pub size: u64,
    /// Their root.
    pub root: Hash,
}

/// Why a checkpoint is not believed.
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CheckpointRefusal {
    /// `malformed`, `other_origin` or `not_signed`.
    pub reason: &'static str,
    /// For people.
    pub detail: String,
}

pub(super) fn open_checkpoint(
    input: OpenCheckpointInput,
) -> Result<OpenCheckpointAnswer, Unreadable> {
    let key = VerifierKey::parse(&input.verifier_key)
        .map_err(|error| Unreadable::new(alloc::format!("{error}")))?;
    Ok(match key.open(&input.checkpoint) {
        Ok(checkpoint) => OpenCheckpointAnswer::Opened(OpenedCheckpoint {
            origin: checkpoint.origin,
            size: checkpoint.tree.size,
            root: checkpoint.tree.root,
        }),
        Err(refused) => {
            let reason = match refused {
                Refused::Malformed => "malformed",
                Refused::OtherOrigin => "other_origin",
                Refused::NotSigned => "not_signed",
            };
            let detail = alloc::format!("{refused}");
            OpenCheckpointAnswer::Refused(CheckpointRefusal { reason, detail })
        }
    })
}

/// An event, a tree, and what should prove that the one is in the other.
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VerifyInclusionInput {
    /// The event; its sequence is its place.
    pub event: Event,
    /// The tree.
    pub tree: TreeRecord,
    /// From the leaf's sibling up.
    pub proof: Vec<Hash>,
}

/// Two trees, and what should prove that the one begins the other.
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VerifyConsistencyInput {
    /// The earlier one.
    pub from: TreeRecord,
    /// The later one.
    pub to: TreeRecord,
    /// As RFC 9162 section 2.1.4.1 orders it.
    pub proof: Vec<Hash>,
}

/// Whether a proof proves what it should.
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Proven {
    /// It does.
    pub proven: bool,
}

pub(super) fn verify_inclusion(input: VerifyInclusionInput) -> Result<Proven, Unreadable> {
    let leaf = Hash::of_leaf(&canonical_bytes(&input.event)?);
    let (index, tree) = (input.event.sequence, input.tree.into());
    Ok(Proven { proven: inclusion(leaf, index, tree, &input.proof) })
}

pub(super) fn verify_consistency(input: VerifyConsistencyInput) -> Result<Proven, Unreadable> {
    let (old, new) = (input.from.into(), input.to.into());
    Ok(Proven { proven: consistency(old, new, &input.proof) })
}
