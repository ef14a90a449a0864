//! Fills the index when the host starts: one thread reads rows, another packs them.

use std::{mem, sync::mpsc, thread};

use rusqlite::Connection;

use super::{Index, LiveToken};
use crate::{
    directory::Directory,
    store::{LiveRow, StoreError},
};

/// So many rows go from thread to thread at once: waking it costs as much as packing some tokens.
const BATCH: usize = 512;
/// So many batches may wait.
const WAITING: usize = 8;

impl Index {
    /// Loads all stored tokens. Their owners are in the directory already.
    ///
    /// # Errors
    /// A failure of the store, a row that is no token's, or a token without an owner.
    pub fn load(&self, connection: &Connection, directory: &Directory) -> Result<(), StoreError> {
        self.reserve(LiveRow::n_at_most(connection)?);
        let (batches, waiting) = mpsc::sync_channel(WAITING);
        thread::scope(|scope| {
            let packer = thread::Builder::new()
                .name("index".into())
                .spawn_scoped(scope, || self.pack(waiting, directory))
                .map_err(StoreError::Thread)?;
            let mut batch = Vec::with_capacity(BATCH);
            let read = LiveRow::for_each(connection, |row| {
                batch.push(row);
                // Nobody takes it where the packer has stopped: it tells why.
                batch.len() < BATCH
                    || batches.send(mem::replace(&mut batch, Vec::with_capacity(BATCH))).is_ok()
            });
            let _ = batches.send(batch);
            drop(batches);
            let packed = packer.join().unwrap_or(Err(StoreError::Busy));
            read.and(packed)
        })
    }

    fn pack(
        &self,
        waiting: mpsc::Receiver<Vec<LiveRow>>,
        directory: &Directory,
    ) -> Result<(), StoreError> {
        // Tokens that were created together often have one owner.
        let mut last = None;
        for row in waiting.into_iter().flatten() {
            let user = match last.take() {
                Some((user_seq, user)) if user_seq == row.user_seq => user,
                _ => directory.user(row.user_seq).ok_or_else(|| {
                    StoreError::Unreadable(format!("token {} has no owner", row.token_seq))
                })?,
            };
            let token = LiveToken {
                token_seq: row.token_seq,
                token_id: row.token_id,
                label: row.label,
                created_at: row.created_at,
                expires_at: row.expires_at,
                revoked_at: row.revoked_at,
                user,
            };
            self.put(&row.digest, &token);
            last = Some((row.user_seq, token.user));
        }
        Ok(())
    }
}
