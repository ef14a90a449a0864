//! Which signed assertions were accepted already.

use exportgate_core::time::Timestamp;

use super::{StoreError, Tx};

/// An assertion is remembered for so many seconds after its end: were the machine's clock set
/// back, it would count again.
const REMEMBERED_SECS: i64 = 10 * 60;
/// So many are forgotten for each one that is noted, at the most: more than come, and few enough
/// that nobody waits for them.
const FORGOTTEN_AT_ONCE: i64 = 16;

impl Tx<'_> {
    /// Notes that an assertion was accepted, and forgets some whose time is over. Says whether it
    /// is the first time.
    ///
    /// # Errors
    /// A failure of the store.
    pub fn accept_assertion(
        &mut self,
        digest: [u8; 32],
        expires_at: Timestamp,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let n_inserted = self
            .prepare_cached(
                "INSERT INTO assertions (digest, expires_at) VALUES (?1, ?2)
                 ON CONFLICT DO NOTHING",
            )?
            .execute((digest, expires_at.unix_seconds()))?;
        if n_inserted == 0 {
            return Ok(false);
        }
        self.prepare_cached(
            "DELETE FROM assertions WHERE digest IN
                 (SELECT digest FROM assertions WHERE expires_at <= ?1
                  ORDER BY expires_at LIMIT ?2)",
        )?
        .execute((now.unix_seconds().saturating_sub(REMEMBERED_SECS), FORGOTTEN_AT_ONCE))?;
        Ok(true)
    }
}
