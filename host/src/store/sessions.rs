//! Sign-in codes and browser sessions: only their digests.

use exportgate_core::time::Timestamp;
use rusqlite::{Connection, OptionalExtension as _};

use super::{StoreError, Tx, read_instant};

/// A stored session.
#[derive(Clone, Copy, Debug)]
#[expect(missing_docs, reason = "the names say it")]
pub struct StoredSession {
    pub digest: [u8; 32],
    pub user_seq: i64,
    pub created_at: Timestamp,
    pub last_seen_at: Timestamp,
}

impl StoredSession {
    /// All sessions, for start-up.
    ///
    /// # Errors
    /// A failure of the store.
    pub fn all(connection: &Connection) -> Result<Vec<Self>, StoreError> {
        let mut statement = connection
            .prepare("SELECT digest, user_seq, created_at, last_seen_at FROM sessions")?;
        let rows = statement.query_map([], |row| <([u8; 32], i64, i64, i64)>::try_from(row))?;
        rows.map(|row| {
            let (digest, user_seq, created_at, last_seen_at) = row?;
            Ok(Self {
                digest,
                user_seq,
                created_at: read_instant(created_at)?,
                last_seen_at: read_instant(last_seen_at)?,
            })
        })
        .collect()
    }
}

impl Tx<'_> {
    /// Stores a sign-in code's digest, and forgets codes whose time is over.
    ///
    /// # Errors
    /// A failure of the store.
    pub fn insert_sign_in_code(
        &mut self,
        digest: [u8; 32],
        user_seq: i64,
        expires_at: Timestamp,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.prepare_cached("DELETE FROM sign_in_codes WHERE expires_at <= ?1")?
            .execute([now.unix_seconds()])?;
        self.prepare_cached(
            "INSERT INTO sign_in_codes (digest, user_seq, expires_at) VALUES (?1, ?2, ?3)",
        )?
        .execute((digest, user_seq, expires_at.unix_seconds()))?;
        Ok(())
    }

    /// Takes a sign-in code away: whose it was, and when it ends. A second try finds nothing.
    ///
    /// # Errors
    /// A failure of the store.
    pub fn take_sign_in_code(
        &mut self,
        digest: [u8; 32],
    ) -> Result<Option<(i64, Timestamp)>, StoreError> {
        let row = self
            .prepare_cached(
                "DELETE FROM sign_in_codes WHERE digest = ?1 RETURNING user_seq, expires_at",
            )?
            .query_row([digest], |row| <(i64, i64)>::try_from(row))
            .optional()?;
        row.map(|(user_seq, expires_at)| Ok((user_seq, read_instant(expires_at)?))).transpose()
    }

    /// Stores a session.
    ///
    /// # Errors
    /// A failure of the store.
    pub fn insert_session(&mut self, session: &StoredSession) -> Result<(), StoreError> {
        self.prepare_cached(
            "INSERT INTO sessions (digest, user_seq, created_at, last_seen_at)
             VALUES (?1, ?2, ?3, ?4)",
        )?
        .execute((
            session.digest,
            session.user_seq,
            session.created_at.unix_seconds(),
            session.last_seen_at.unix_seconds(),
        ))?;
        Ok(())
    }

    /// Stores when sessions were last seen.
    ///
    /// # Errors
    /// A failure of the store.
    pub fn touch_sessions(&mut self, seen: &[([u8; 32], Timestamp)]) -> Result<(), StoreError> {
        let mut statement =
            self.prepare_cached("UPDATE sessions SET last_seen_at = ?2 WHERE digest = ?1")?;
        for (digest, at) in seen {
            statement.execute((digest, at.unix_seconds()))?;
        }
        Ok(())
    }

    /// Forgets a session.
    ///
    /// # Errors
    /// A failure of the store.
    pub fn delete_session(&mut self, digest: [u8; 32]) -> Result<(), StoreError> {
        self.prepare_cached("DELETE FROM sessions WHERE digest = ?1")?.execute([digest])?;
        Ok(())
    }

    /// Forgets all sessions and codes of a user.
    ///
    /// # Errors
    /// A failure of the store.
    pub fn delete_sessions_of(&mut self, user_seq: i64) -> Result<(), StoreError> {
        self.prepare_cached("DELETE FROM sessions WHERE user_seq = ?1")?.execute([user_seq])?;
        self.prepare_cached("DELETE FROM sign_in_codes WHERE user_seq = ?1")?
            .execute([user_seq])?;
        Ok(())
    }
}
