//! The stored tiles of one tree, compared with the nodes that are computed anew.

use std::collections::HashMap;

use exportgate_core::merkle::{HASH_LENGTH, Hash, Place};
use rusqlite::{Connection, OptionalExtension as _};

use crate::store::{
    StoreError,
    tree::{TILE_HEIGHT, TILE_WIDTH},
};

/// Reads each tile once: nodes of a level come in their order.
pub struct StoredTiles<'c> {
    connection: &'c Connection,
    org_seq: i64,
    /// The tile that was read last, by level.
    last: HashMap<u32, (u64, Vec<u8>)>,
}

impl<'c> StoredTiles<'c> {
    pub fn new(connection: &'c Connection, org_seq: i64) -> Self {
        Self { connection, org_seq, last: HashMap::new() }
    }

    /// Whether the tile that should hold this node does.
    pub fn hold(&mut self, place: Place, hash: &Hash) -> Result<bool, StoreError> {
        let level = place.level / TILE_HEIGHT;
        let (tile, within) = (place.index / TILE_WIDTH, place.index % TILE_WIDTH);
        if self.last.get(&level).is_none_or(|(read, _)| *read != tile) {
            let hashes: Option<Vec<u8>> = self
                .connection
                .prepare_cached(
                    "SELECT hashes FROM tree_tiles WHERE org_seq = ?1 AND level = ?2 AND tile = ?3",
                )?
                .query_row((self.org_seq, level, tile), |row| row.get(0))
                .optional()?;
            self.last.insert(level, (tile, hashes.unwrap_or_default()));
        }
        let hashes = self.last.get(&level).map(|(_, hashes)| hashes.as_slice()).unwrap_or_default();
        let (hashes, _) = hashes.as_chunks::<HASH_LENGTH>();
        let stored = usize::try_from(within).ok().and_then(|within| hashes.get(within));
        Ok(stored == Some(hash.as_bytes()))
    }
}
