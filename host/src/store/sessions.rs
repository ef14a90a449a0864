//! Sign-in codes and browser sessions: only their digests.

use exportgate_core::time::Timestamp;
use rusqlite::{Connection, OptionalExtension as _};

use super::{StoreError, Tx, read_instant};

/// A stored session.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "the names say it")]
pub struct StoredSession {
    pub digest: [u8; 32],
    pub user_seq: i64,
    pub created_at: Timestamp,
    pub last_seen_at: Timestamp,
    /// Where the person signed in, unless with a sign-in code.
    pub at_provider: Option<ProviderSession>,
}

/// A session at an OpenID provider, as it says `iss`, `sub` and `sid`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub struct ProviderSession {
    pub issuer: String,
    pub subject: String,
    pub session_id: Option<String>,
}

/// Which sessions an OpenID provider ends: those that have all that is named here.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub struct EndedSessions {
    pub issuer: String,
    pub subject: Option<String>,
    pub session_id: Option<String>,
}

type Row = ([u8; 32], i64, i64, i64, Option<String>, Option<String>, Option<String>);

impl StoredSession {
    /// All sessions, for start-up.
    ///
    /// # Errors
    /// A failure of the store.
    pub fn all(connection: &Connection) -> Result<Vec<Self>, StoreError> {
        let mut statement = connection.prepare(
            "SELECT digest, user_seq, created_at, last_seen_at, issuer, subject,
                     provider_session_id
                 FROM sessions",
        )?;
        let rows = statement.query_map([], |row| Row::try_from(row))?;
        rows.map(|row| {
            let (digest, user_seq, created_at, last_seen_at, issuer, subject, session_id) = row?;
            let at_provider = issuer.zip(subject);
            Ok(Self {
                digest,
                user_seq,
                created_at: read_instant(created_at)?,
                last_seen_at: read_instant(last_seen_at)?,
                at_provider: at_provider.map(|(issuer, subject)| ProviderSession {
                    issuer,
                    subject,
                    session_id,
                }),
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
            "INSERT INTO sessions (digest, user_seq, created_at, last_seen_at, issuer, subject,
                 provider_session_id)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?
        .execute((
            session.digest,
            session.user_seq,
            session.created_at.unix_seconds(),
            session.last_seen_at.unix_seconds(),
            session.at_provider.as_ref().map(|session| &session.issuer),
            session.at_provider.as_ref().map(|session| &session.subject),
            session.at_provider.as_ref().and_then(|session| session.session_id.as_ref()),
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

    /// Forgets the sessions that an OpenID provider ends, and says which ones these were.
    ///
    /// # Errors
    /// A failure of the store.
    pub fn end_sessions(&mut self, ended: &EndedSessions) -> Result<Vec<[u8; 32]>, StoreError> {
        let mut statement = self.prepare_cached(
            "DELETE FROM sessions WHERE issuer = ?1 AND subject = ifnull(?2, subject)
                 AND (?3 IS NULL OR provider_session_id = ?3)
             RETURNING digest",
        )?;
        let EndedSessions { issuer, subject, session_id } = ended;
        let rows = statement.query_map((issuer, subject, session_id), |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
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

    /// Forgets all sessions and codes.
    ///
    /// # Errors
    /// A failure of the store.
    pub fn delete_all_sessions(&mut self) -> Result<(), StoreError> {
        self.execute_batch("DELETE FROM sessions; DELETE FROM sign_in_codes;")?;
        Ok(())
    }
}
