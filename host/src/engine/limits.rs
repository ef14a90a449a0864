//! How much memory an instance of the engine may take.

use wasmtime::ResourceLimiter;

/// How many entries the tables of an instance may have together. The engine's has some hundred.
const TABLE_LIMIT: usize = 10_000;

/// Counts what an instance has and refuses more than the limits. A refused growth shows inside
/// as an allocation that fails, which ends in a trap.
#[derive(Debug)]
pub struct Limits {
    /// The most bytes that all memories may have together.
    memory_limit: usize,
    /// Bytes of all memories.
    pub memory: usize,
    /// Entries of all tables.
    pub table_entries: usize,
}

impl Limits {
    /// For a fresh instance, which has nothing yet.
    pub const fn new(memory_limit: usize) -> Self {
        Self { memory_limit, memory: 0, table_entries: 0 }
    }
}

impl ResourceLimiter for Limits {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        Ok(grow(&mut self.memory, current, desired, self.memory_limit))
    }

    fn table_growing(
        &mut self,
        current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        Ok(grow(&mut self.table_entries, current, desired, TABLE_LIMIT))
    }
}

/// Adds the growth to `total` unless that would pass `limit`. Says whether it did.
fn grow(total: &mut usize, current: usize, desired: usize, limit: usize) -> bool {
    let grown = total.saturating_add(desired.saturating_sub(current));
    let allowed = grown <= limit;
    if allowed {
        *total = grown;
    }
    allowed
}
