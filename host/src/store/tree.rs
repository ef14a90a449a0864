//! The Merkle trees' rows: how they grow, and the nodes from which proofs are made.
//!
//! Stored are the leaves (`events.digest`), the growing edge (`organizations.frontier`) and every
//! eighth level of complete nodes in tiles of 256. So an append writes one small row, 256 of them
//! one tile more, and a proof reads two tiles a level: three levels hold 16 million events.

use std::collections::HashMap;

use exportgate_core::merkle::{Frontier, HASH_LENGTH, Hash, Place, proof::Nodes, verify::Tree};
use rusqlite::{Connection, OptionalExtension as _};

use super::StoreError;

/// How many levels of the tree a tile spans.
pub const TILE_HEIGHT: u32 = 8;
/// How many hashes a full tile has.
pub const TILE_WIDTH: u64 = 1 << TILE_HEIGHT;

/// Reads a stored frontier.
///
/// # Errors
/// [`StoreError::Unreadable`] where size and hashes do not fit together.
pub fn read_frontier(size: u64, hashes: &[u8]) -> Result<Frontier, StoreError> {
    Frontier::from_bytes(size, hashes)
        .ok_or_else(|| StoreError::Unreadable(format!("the tree's edge at size {size}")))
}

/// Appends a leaf whose event is stored already, and stores the tiles that grow with it.
pub(super) fn grow(
    connection: &Connection,
    org_seq: i64,
    frontier: &mut Frontier,
    leaf: Hash,
) -> Result<(), StoreError> {
    let mut completed = Vec::new();
    frontier.push(leaf, |place, hash| {
        if place.level.is_multiple_of(TILE_HEIGHT) {
            completed.push((place, hash));
        }
    });
    for (place, hash) in completed {
        let level = place.level / TILE_HEIGHT;
        if level == 1 {
            let leaves = leaves(connection, org_seq, place.index)?;
            append_to_tile(connection, org_seq, 0, place.index, &leaves)?;
        }
        append_to_tile(connection, org_seq, level, place.index / TILE_WIDTH, hash.as_bytes())?;
    }
    Ok(())
}

fn append_to_tile(
    connection: &Connection,
    org_seq: i64,
    level: u32,
    tile: u64,
    hashes: &[u8],
) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "INSERT INTO tree_tiles (org_seq, level, tile, hashes) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT DO UPDATE SET hashes = CAST(hashes || excluded.hashes AS BLOB)",
        )?
        .execute((org_seq, level, tile, hashes))?;
    Ok(())
}

/// The leaves of a tile, as far as there are any, one after the other.
fn leaves(connection: &Connection, org_seq: i64, tile: u64) -> Result<Vec<u8>, StoreError> {
    let start = tile * TILE_WIDTH;
    let mut statement = connection.prepare_cached(
        "SELECT digest FROM events WHERE org_seq = ?1 AND sequence >= ?2 AND sequence < ?3
         ORDER BY sequence",
    )?;
    let mut rows = statement.query((org_seq, start, start + TILE_WIDTH))?;
    let mut leaves = Vec::with_capacity(HASH_LENGTH * 256);
    while let Some(row) = rows.next()? {
        leaves.extend(row.get::<_, [u8; HASH_LENGTH]>(0)?);
    }
    Ok(leaves)
}

/// A tree that is stored: one organization's history.
pub struct StoredTree<'c> {
    connection: &'c Connection,
    org_seq: i64,
    frontier: Frontier,
    /// The tiles that this proof has read, by level and place.
    tiles: HashMap<(u32, u64), Vec<u8>>,
}

impl<'c> StoredTree<'c> {
    /// The tree of an organization; without events where nobody of it is known.
    ///
    /// # Errors
    /// A failure of the store.
    pub fn open(
        connection: &'c Connection,
        org_id: &exportgate_core::id::OrgId,
    ) -> Result<Self, StoreError> {
        let found = connection
            .prepare_cached(
                "SELECT org_seq, n_events, frontier FROM organizations WHERE org_id = ?1",
            )?
            .query_row([org_id.as_str()], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get::<_, Vec<u8>>(2)?))
            })
            .optional()?;
        let (org_seq, size, hashes) = found.unwrap_or_default();
        let frontier = read_frontier(size, &hashes)?;
        Ok(Self { connection, org_seq, frontier, tiles: HashMap::new() })
    }

    /// The tree as it is now.
    #[must_use]
    pub fn tree(&self) -> Tree {
        Tree { size: self.frontier.size(), root: self.frontier.root() }
    }

    /// The leaf of a stored event.
    ///
    /// # Errors
    /// A failure of the store.
    pub fn leaf(&mut self, sequence: u64) -> Result<Hash, StoreError> {
        self.node(Place { level: 0, index: sequence })
    }

    fn tile(&mut self, level: u32, tile: u64) -> Result<&[u8], StoreError> {
        let found = self.tiles.entry((level, tile));
        Ok(match found {
            std::collections::hash_map::Entry::Occupied(read) => read.into_mut(),
            std::collections::hash_map::Entry::Vacant(place) => {
                let stored: Option<Vec<u8>> = self
                    .connection
                    .prepare_cached(
                        "SELECT hashes FROM tree_tiles
                         WHERE org_seq = ?1 AND level = ?2 AND tile = ?3",
                    )?
                    .query_row((self.org_seq, level, tile), |row| row.get(0))
                    .optional()?;
                place.insert(match stored {
                    Some(hashes) => hashes,
                    None if level == 0 => leaves(self.connection, self.org_seq, tile)?,
                    None => Vec::new(),
                })
            }
        })
    }
}

impl Nodes for StoredTree<'_> {
    type Error = StoreError;

    fn node(&mut self, place: Place) -> Result<Hash, StoreError> {
        let missing = || StoreError::Unreadable(format!("node {place:?} of a Merkle tree"));
        let (level, height) = (place.level / TILE_HEIGHT, place.level % TILE_HEIGHT);
        let first = place.index << height;
        let bytes = self.tile(level, first / TILE_WIDTH)?;
        let (hashes, _) = bytes.as_chunks::<HASH_LENGTH>();
        let start = usize::try_from(first % TILE_WIDTH).map_err(|_| missing())?;
        let below = hashes.get(start..start + (1 << height)).ok_or_else(missing)?;
        let mut below: Vec<Hash> = below.iter().copied().map(Hash::from_bytes).collect();
        while below.len() > 1 {
            let (pairs, _) = below.as_chunks::<2>();
            below = pairs.iter().map(|[left, right]| Hash::of_node(left, right)).collect();
        }
        below.first().copied().ok_or_else(missing)
    }
}
