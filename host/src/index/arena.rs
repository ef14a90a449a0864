//! Memory for records: it grows by pieces that never move.

/// How long a piece is. What is behind the last record of one is lost, so a piece is much longer
/// than a record; a piece that is not full takes the memory only that its records reach to.
const CHUNK: usize = 1 << CHUNK_BITS;
const CHUNK_BITS: u32 = 16;

/// Records one after the other, each whole in one piece. An address is the piece's number above
/// the place in it.
#[derive(Default)]
pub(super) struct Arena {
    chunks: Vec<Vec<u8>>,
}

impl Arena {
    /// Adds a record, and tells its address; `None` when four gigabytes are full.
    pub(super) fn append(&mut self, record: &[u8]) -> Option<u32> {
        if self.chunks.last().is_none_or(|last| last.len() + record.len() > CHUNK) {
            self.chunks.push(Vec::with_capacity(CHUNK));
        }
        let number = self.chunks.len().checked_sub(1)?;
        let chunk = self.chunks.get_mut(number)?;
        let address = u32::try_from((number << CHUNK_BITS) + chunk.len()).ok()?;
        chunk.extend_from_slice(record);
        Some(address)
    }

    /// The bytes from an address on.
    pub(super) fn at(&self, address: u32) -> &[u8] {
        let (number, within) = split(address);
        self.chunks.get(number).and_then(|chunk| chunk.get(within..)).unwrap_or_default()
    }

    /// Writes over a record of the same length.
    pub(super) fn replace(&mut self, address: u32, record: &[u8]) {
        let (number, within) = split(address);
        let chunk = self.chunks.get_mut(number);
        if let Some(place) = chunk.and_then(|chunk| chunk.get_mut(within..within + record.len())) {
            place.copy_from_slice(record);
        }
    }

    /// How many bytes there are.
    pub(super) fn len(&self) -> usize {
        self.chunks.iter().map(Vec::len).sum()
    }
}

fn split(address: u32) -> (usize, usize) {
    let address = usize::try_from(address).unwrap_or(usize::MAX);
    (address >> CHUNK_BITS, address & (CHUNK - 1))
}
