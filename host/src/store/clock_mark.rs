//! The latest instants that a store knows of.

use exportgate_core::time::Timestamp;
use rusqlite::Connection;

use super::{StoreError, read_instant};

/// What a store knows of the time.
#[derive(Clone, Copy, Debug, Default)]
pub struct KnownInstants {
    /// When it was last changed by a host that kept the time.
    pub mark: Option<Timestamp>,
    /// When its last event happened. Since then it may have been served for long.
    pub last_event: Option<Timestamp>,
}

impl KnownInstants {
    /// What the database behind `connection` knows.
    ///
    /// # Errors
    /// A failure of the store.
    pub fn read(connection: &Connection) -> Result<Self, StoreError> {
        let (mark, last_event): (i64, Option<i64>) = connection.query_row(
            "SELECT (SELECT clock_mark FROM store),
                 (SELECT at FROM events WHERE event_seq = (SELECT max(event_seq) FROM events))",
            [],
            |row| row.try_into(),
        )?;
        let mark = (mark > 0).then(|| read_instant(mark)).transpose()?;
        Ok(Self { mark, last_event: last_event.map(read_instant).transpose()? })
    }

    /// The later of both.
    #[must_use]
    pub fn latest(&self) -> Option<Timestamp> {
        self.mark.max(self.last_event)
    }
}
