//! Where a store stands: which store it is, how many changes it has seen, and the last event of
//! its history. Two standings tell whether one database continues another.

use exportgate_core::merkle::{HASH_LENGTH, Hash, proof};
use rusqlite::{Connection, OptionalExtension as _};
use sha2::{Digest as _, Sha256};

use super::{StoreError, Tx, organizations, tree::StoredTree};

/// How many bytes name a store.
const ID_LENGTH: usize = 16;
/// How many bytes a standing has in files.
pub const STANDING_LENGTH: usize = ID_LENGTH + 8 + 8 + HASH_LENGTH;

/// Where a store stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Names the store: its copies have the same name.
    pub store_id: StoreId,
    /// How many commits it has seen.
    pub generation: u64,
    /// The row of its last event, 0 where there is none. Events of all organizations are counted
    /// together, and none is ever removed.
    pub last_event: u64,
    /// The root of that event's tree, which ends with it: the history's checkpoint.
    pub root: Hash,
}

/// Names a store.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct StoreId([u8; ID_LENGTH]);

impl StoreId {
    /// Every database has had its cursor key since it was made, also those of earlier versions.
    /// The digest does not tell the key.
    fn of_cursor_key(key: &[u8; 32]) -> Self {
        let digest = Sha256::new().chain_update(b"exportgate store id").chain_update(key);
        let digest: [u8; 32] = digest.finalize().into();
        let mut id = [0; ID_LENGTH];
        id.iter_mut().zip(digest).for_each(|(byte, of_digest)| *byte = of_digest);
        Self(id)
    }
}

impl std::fmt::Display for StoreId {
    /// The beginning: enough to tell two from each other.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let [a, b, c, d, ..] = self.0;
        f.write_str(&hex::encode([a, b, c, d]))
    }
}

impl std::fmt::Debug for StoreId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(self, f)
    }
}

/// What a database is to a standing that was seen before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    /// It continues it, or is it.
    Continues,
    /// It is older, but has every event: only sessions and the like are older.
    OlderWithWholeHistory,
    /// It is older: events are missing.
    Older,
    /// It was changed elsewhere since an earlier moment: events are missing, whatever the count.
    Parted,
    /// It is another store.
    OtherStore,
}

impl Standing {
    /// Where the database behind `connection` stands.
    ///
    /// # Errors
    /// A failure of the store.
    pub fn read(connection: &Connection) -> Result<Self, StoreError> {
        let (key, generation): ([u8; 32], u64) = connection
            .prepare_cached("SELECT cursor_key, change_sequence FROM store")?
            .query_row([], |row| row.try_into())?;
        let last: Option<(u64, u64, Vec<u8>)> = connection
            .prepare_cached(
                "SELECT event_seq, n_events, frontier FROM events JOIN organizations USING (org_seq)
                 WHERE event_seq = (SELECT max(event_seq) FROM events)",
            )?
            .query_row([], |row| row.try_into())
            .optional()?;
        let (last_event, root) = match last {
            Some((event_seq, size, frontier)) => {
                (event_seq, super::tree::read_frontier(size, &frontier)?.root())
            }
            None => (0, Hash::of_empty_tree()),
        };
        Ok(Self { store_id: StoreId::of_cursor_key(&key), generation, last_event, root })
    }

    /// What the database behind `connection`, which stands here, is to what was `seen`.
    ///
    /// # Errors
    /// A failure of the store.
    pub fn relation(&self, connection: &Connection, seen: &Self) -> Result<Relation, StoreError> {
        let has_event = self.last_event >= seen.last_event
            && root_at(connection, seen.last_event)? == Some(seen.root);
        Ok(self.relation_if(seen, has_event))
    }

    /// The same, with the answer to the question whether the database has the event that was the
    /// last one, and the same history before it.
    #[must_use]
    pub fn relation_if(&self, seen: &Self, has_event: bool) -> Relation {
        if self.store_id != seen.store_id {
            return Relation::OtherStore;
        }
        match (has_event, self.generation >= seen.generation) {
            (true, true) => Relation::Continues,
            (true, false) => Relation::OlderWithWholeHistory,
            (false, false) => Relation::Older,
            (false, true) => Relation::Parted,
        }
    }

    /// The standing in a file.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; STANDING_LENGTH] {
        let mut bytes = [0; STANDING_LENGTH];
        let parts = self
            .store_id
            .0
            .into_iter()
            .chain(self.generation.to_be_bytes())
            .chain(self.last_event.to_be_bytes())
            .chain(*self.root.as_bytes());
        bytes.iter_mut().zip(parts).for_each(|(byte, part)| *byte = part);
        bytes
    }

    /// A standing that [`Standing::to_bytes`] wrote.
    #[must_use]
    pub fn from_bytes(bytes: &[u8; STANDING_LENGTH]) -> Option<Self> {
        let (id, rest) = bytes.split_first_chunk()?;
        let (generation, rest) = rest.split_first_chunk()?;
        let (last_event, rest) = rest.split_first_chunk()?;
        Some(Self {
            store_id: StoreId(*id),
            generation: u64::from_be_bytes(*generation),
            last_event: u64::from_be_bytes(*last_event),
            root: Hash::from_bytes(rest.try_into().ok()?),
        })
    }

    /// Whether the operator has accepted, for the database behind `connection`, that it is older
    /// than this.
    ///
    /// # Errors
    /// A failure of the store.
    pub fn is_accepted(&self, connection: &Connection) -> Result<bool, StoreError> {
        let accepted: Option<Vec<u8>> =
            connection.query_row("SELECT accepted_standing FROM store", [], |row| row.get(0))?;
        Ok(accepted.is_some_and(|accepted| accepted == self.to_bytes()))
    }
}

/// The root of the tree that ends with the event of this row; `None` where there is no such row.
fn root_at(connection: &Connection, event_seq: u64) -> Result<Option<Hash>, StoreError> {
    if event_seq == 0 {
        return Ok(Some(Hash::of_empty_tree()));
    }
    let found: Option<(i64, u64)> = connection
        .prepare_cached("SELECT org_seq, sequence FROM events WHERE event_seq = ?1")?
        .query_row([event_seq], |row| row.try_into())
        .optional()?;
    let Some((org_seq, sequence)) = found else { return Ok(None) };
    let org_id = organizations(connection)?.into_iter().find(|(row, _)| *row == org_seq);
    let Some((_, org_id)) = org_id else { return Ok(None) };
    let mut tree = StoredTree::open(connection, &org_id)?;
    Ok(Some(proof::root(&mut tree, sequence.saturating_add(1))?))
}

impl Tx<'_> {
    /// Goes on counting above what was seen, and remembers for which standings that was accepted.
    ///
    /// # Errors
    /// A failure of the store.
    pub fn accept_standing(
        &mut self,
        witnessed: Option<&Standing>,
        highest_generation: u64,
    ) -> Result<(), StoreError> {
        self.prepare_cached(
            "UPDATE store SET change_sequence = max(change_sequence, ?1), accepted_standing = ?2",
        )?
        .execute((highest_generation, witnessed.map(Standing::to_bytes)))?;
        Ok(())
    }
}

#[cfg(test)]
mod tests;
