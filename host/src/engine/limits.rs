//! How much memory an instance of the engine may take.

use wasmtime::ResourceLimiter;

use super::config::MEMORY_LIMIT;

/// How many entries the tables of an instance may have together. The engine's has some hundred.
const TABLE_LIMIT: usize = 10_000;

/// Counts what an instance has and refuses more than the limits. A refused growth shows inside
/// as an allocation that fails, which ends in a trap.
#[derive(Debug, Default)]
pub struct Limits {
    /// Bytes of all memories.
    pub memory: usize,
    /// Entries of all tables.
    pub table_entries: usize,
}

impl ResourceLimiter for Limits {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let limit = usize::try_from(MEMORY_LIMIT)?;
        Ok(grow(&mut self.memory, current, desired, limit))
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
