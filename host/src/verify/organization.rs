//! One organization's history, read from its first event to its last.

use std::{borrow::Cow, collections::BTreeMap};

use exportgate_core::{
    checkpoint::VerifierKey,
    merkle::{Frontier, HASH_LENGTH, Hash, Place, verify::Tree},
    time::Timestamp,
};
use rusqlite::{Connection, Row};
use serde::Deserialize;

use super::{Verified, tiles::StoredTiles};
use crate::store::{
    StoreError,
    tree::{TILE_HEIGHT, TILE_WIDTH},
    uses::{day_of, start_of_day},
};

/// So many problems are told one by one.
const MAXIMUM_PROBLEMS: usize = 20;
/// The progress is told after so many events.
const EVENTS_PER_STEP: u64 = 4096;

/// What the recomputed tree is compared with.
pub struct Checkpoints<'k> {
    /// Checks signatures; without it they are not looked at.
    pub key: Option<VerifierKey>,
    /// A signed note that somebody kept.
    pub kept: Option<&'k str>,
}

/// What every event says of its own place.
#[derive(Deserialize)]
struct Placed<'e> {
    #[serde(borrow)]
    org_id: Cow<'e, str>,
    sequence: u64,
}

/// What `history.sealed` says.
#[derive(Deserialize)]
struct Sealed {
    details: SealedDetails,
}

#[derive(Deserialize)]
struct SealedDetails {
    date: String,
    n_events: u64,
}

struct Reader<'c> {
    org_id: &'c str,
    frontier: Frontier,
    tiles: StoredTiles<'c>,
    /// Since the last full tile of leaves: their hashes.
    leaves: Vec<Hash>,
    /// By UTC day: events whose content is gone, less those that the history says were removed.
    removed: BTreeMap<i64, i128>,
    n_removed: u64,
    /// The first event that is known to differ.
    first_difference: Option<u64>,
    /// The first event of the first range in which one differs: told where none is known.
    first_range: Option<u64>,
    problems: Vec<String>,
    /// Sizes at which a checkpoint needs the root, with that root.
    roots: BTreeMap<u64, Option<Hash>>,
}

/// Verifies the history of an organization.
pub fn verify(
    connection: &Connection,
    org_seq: i64,
    org_id: &str,
    checkpoints: &Checkpoints<'_>,
    progress: &mut dyn FnMut(u64),
) -> Result<Verified, StoreError> {
    let (n_stored, edge, own): (u64, Vec<u8>, Option<String>) = connection.query_row(
        "SELECT n_events, frontier, checkpoint FROM organizations WHERE org_seq = ?1",
        [org_seq],
        |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
    )?;
    let mut reader = Reader {
        org_id,
        frontier: Frontier::default(),
        tiles: StoredTiles::new(connection, org_seq),
        leaves: Vec::new(),
        removed: BTreeMap::new(),
        n_removed: 0,
        first_difference: None,
        first_range: None,
        problems: Vec::new(),
        roots: BTreeMap::new(),
    };
    let mut known = Vec::new();
    let mut checkpoint_refused = None;
    if let Some(key) = &checkpoints.key {
        match own.as_deref().map(|note| key.open(note)) {
            Some(Ok(checkpoint)) => known.push(("stored", checkpoint.tree)),
            Some(Err(refused)) => reader.problem(None, format!("the stored checkpoint: {refused}")),
            None => {}
        }
        match checkpoints.kept.map(|note| key.open(note)) {
            Some(Ok(checkpoint)) => known.push(("given", checkpoint.tree)),
            Some(Err(refused)) => checkpoint_refused = Some(refused.to_string()),
            None => {}
        }
    }
    reader.roots = known.iter().map(|(_, tree)| (tree.size, None)).collect();
    reader.note_root();

    let mut statement = connection.prepare(
        "SELECT sequence, at, kind, digest, canonical FROM events
         WHERE org_seq = ?1 ORDER BY sequence",
    )?;
    let mut rows = statement.query([org_seq])?;
    while let Some(row) = rows.next()? {
        reader.event(row)?;
        if reader.frontier.size().is_multiple_of(EVENTS_PER_STEP) {
            progress(reader.frontier.size());
        }
    }
    progress(reader.frontier.size());
    reader.sealed();
    reader.edge(n_stored, &edge);
    for (which, tree) in known {
        reader.checkpoint(which, tree);
    }
    Ok(Verified {
        org_id: org_id.to_owned(),
        n_events: reader.frontier.size(),
        root: reader.frontier.root().to_string(),
        n_removed: reader.n_removed,
        first_difference: reader.first_difference.or(reader.first_range),
        problems: reader.problems,
        checkpoint_refused,
    })
}

impl Reader<'_> {
    fn problem(&mut self, sequence: Option<u64>, sentence: String) {
        if let Some(sequence) = sequence {
            let first = self.first_difference.unwrap_or(sequence);
            self.first_difference = Some(first.min(sequence));
        }
        if self.problems.len() < MAXIMUM_PROBLEMS {
            self.problems.push(sentence);
        }
    }

    fn range_problem(&mut self, first: u64, sentence: String) {
        self.first_range = self.first_range.or(Some(first));
        self.problem(None, sentence);
    }

    fn event(&mut self, row: &Row<'_>) -> Result<(), StoreError> {
        let expected = self.frontier.size();
        let (stored, at): (u64, i64) = (row.get(0)?, row.get(1)?);
        if stored != expected {
            let sentence =
                format!("event {expected} is missing: event {stored} stands in its place");
            // Once: what follows is out of its place, too.
            if self.first_difference.is_none() {
                self.problem(Some(expected), sentence);
            }
        }
        let digest = Hash::from_bytes(row.get::<_, [u8; HASH_LENGTH]>(3)?);
        let kind = row.get_ref(2)?.as_str().map_err(rusqlite::Error::from)?;
        let leaf = match row.get_ref(4)?.as_blob_or_null().map_err(rusqlite::Error::from)? {
            Some(canonical) => {
                self.content(expected, kind, canonical);
                Hash::of_leaf(canonical)
            }
            None => {
                self.n_removed += 1;
                if !matches!(kind, "export.allowed" | "export.denied") {
                    let sentence = format!("event {expected} is `{kind}` and its content is gone");
                    self.problem(Some(expected), sentence);
                }
                let day = Timestamp::from_unix_seconds(at).map_or(i64::MAX, day_of);
                *self.removed.entry(day).or_default() += 1;
                digest
            }
        };
        if leaf != digest {
            let sentence = format!("event {expected} is not what its digest says");
            self.problem(Some(expected), sentence);
        }
        self.append(expected, leaf)
    }

    fn content(&mut self, expected: u64, kind: &str, canonical: &[u8]) {
        match serde_json::from_slice::<Placed<'_>>(canonical) {
            Ok(placed) if placed.sequence == expected && placed.org_id == self.org_id => {}
            Ok(placed) => {
                let sentence = format!(
                    "event {expected} says that it is event {} of `{}`",
                    placed.sequence, placed.org_id
                );
                self.problem(Some(expected), sentence);
            }
            Err(_) => self.problem(Some(expected), format!("event {expected} cannot be read")),
        }
        if kind == "history.sealed" {
            let sealed = serde_json::from_slice::<Sealed>(canonical).ok();
            let day = sealed.as_ref().and_then(|sealed| {
                let start = format!("{}T00:00:00Z", sealed.details.date);
                Timestamp::parse(&start).ok().map(day_of)
            });
            if let (Some(sealed), Some(day)) = (sealed, day) {
                *self.removed.entry(day).or_default() -= i128::from(sealed.details.n_events);
            }
        }
    }

    /// Appends to the recomputed tree and compares with the stored one.
    fn append(&mut self, sequence: u64, leaf: Hash) -> Result<(), StoreError> {
        self.leaves.push(leaf);
        let mut completed = Vec::new();
        self.frontier.push(leaf, |place, hash| {
            if place.level.is_multiple_of(TILE_HEIGHT) {
                completed.push((place, hash));
            }
        });
        for (place, hash) in completed {
            if place.level == TILE_HEIGHT {
                let first = place.index * TILE_WIDTH;
                for (index, leaf) in (first..).zip(std::mem::take(&mut self.leaves)) {
                    if !self.tiles.hold(Place { level: 0, index }, &leaf)? {
                        let sentence = format!("event {index} is not what the stored tree says");
                        self.problem(Some(index), sentence);
                    }
                }
            }
            if !self.tiles.hold(place, &hash)? {
                let (first, last) = (place.index << place.level, sequence);
                let sentence =
                    format!("the stored tree above the events {first} to {last} differs");
                self.range_problem(first, sentence);
            }
        }
        self.note_root();
        Ok(())
    }

    fn note_root(&mut self) {
        if let Some(root) = self.roots.get_mut(&self.frontier.size()) {
            *root = Some(self.frontier.root());
        }
    }

    /// As many events were removed as the history says.
    fn sealed(&mut self) {
        for (day, balance) in std::mem::take(&mut self.removed) {
            if balance != 0 {
                let date = start_of_day(day).date_text();
                let sentence = format!(
                    "of {date} the content of {} events is gone {} the history says",
                    balance.unsigned_abs(),
                    if balance > 0 { "more than" } else { "less than" }
                );
                self.problem(None, sentence);
            }
        }
    }

    /// The stored edge: what guards the events behind the last full tile.
    fn edge(&mut self, n_stored: u64, bytes: &[u8]) {
        let n_read = self.frontier.size();
        if n_stored != n_read {
            let sentence = format!("there should be {n_stored} events, and there are {n_read}");
            self.problem(Some(n_stored.min(n_read)), sentence);
            return;
        }
        if self.frontier.to_bytes() == bytes {
            return;
        }
        // The edge's hashes stand for subtrees, the largest first: the first that differs says
        // among which events.
        let (stored, _) = bytes.as_chunks::<HASH_LENGTH>();
        let computed = self.frontier.to_bytes();
        let (computed, _) = computed.as_chunks::<HASH_LENGTH>();
        let mut first = 0;
        for (level, place) in (0..u64::BITS).rev().filter(|bit| n_read & (1 << bit) != 0).zip(0..) {
            let size = 1 << level;
            if stored.get(place) != computed.get(place) {
                let last = first + size - 1;
                let sentence = format!(
                    "the events {first} to {last} are not those of the stored tree; the first \
                     difference is among them"
                );
                self.range_problem(first, sentence);
                return;
            }
            first += size;
        }
        self.problem(None, "the stored edge of the tree has another length".to_owned());
    }

    fn checkpoint(&mut self, which: &str, tree: Tree) {
        let n_read = self.frontier.size();
        let Tree { size, root } = tree;
        if size > n_read {
            let sentence = format!(
                "the {which} checkpoint covers {size} events, but there are only {n_read}: the \
                 events from {n_read} on were removed"
            );
            self.problem(Some(n_read), sentence);
        } else if self.roots.get(&size).copied().flatten() != Some(root) {
            let sentence = format!(
                "the first {size} events are not those of the {which} checkpoint: one of them was \
                 changed, removed, inserted or moved"
            );
            self.problem(None, sentence);
        }
    }
}
