//! What another, newer database of the same store says of what is in this one.

use std::path::Path;

use exportgate_core::{
    id::{OrgId, UserId},
    secret::SecretDigest,
    time::Timestamp,
    user::Role,
};
use rusqlite::{Connection, OpenFlags, OptionalExtension as _};

use super::{StoreError, read_instant, read_word};

/// The newer database, only read.
pub struct NewerStore(Connection);

/// A token in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewerToken {
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
    /// The first instant at which it is no longer valid.
    pub expires_at: Option<Timestamp>,
}

/// An account in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewerUser {
    /// What the user may do.
    pub role: Role,
    /// Whether the account is active.
    pub active: bool,
}

impl NewerStore {
    /// Opens it.
    ///
    /// # Errors
    /// A failure of SQLite.
    pub fn open(file: &Path) -> Result<Self, StoreError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        Ok(Self(Connection::open_with_flags(file, flags)?))
    }

    /// The connection behind it.
    #[must_use]
    pub const fn connection(&self) -> &Connection {
        &self.0
    }

    /// The token with this secret.
    ///
    /// # Errors
    /// A failure of the store.
    pub fn token(&self, digest: &SecretDigest) -> Result<Option<NewerToken>, StoreError> {
        let mut statement =
            self.0.prepare_cached("SELECT revoked_at, expires_at FROM tokens WHERE digest = ?1")?;
        let row: Option<(Option<i64>, Option<i64>)> =
            statement.query_row([digest.as_bytes()], |row| row.try_into()).optional()?;
        row.map(|(revoked_at, expires_at)| {
            Ok(NewerToken {
                revoked_at: revoked_at.map(read_instant).transpose()?,
                expires_at: expires_at.map(read_instant).transpose()?,
            })
        })
        .transpose()
    }

    /// Whether the key of an export service or of a directory is live; `None`: it is not there.
    ///
    /// # Errors
    /// A failure of the store.
    pub fn key_is_live(&self, digest: &SecretDigest) -> Result<Option<bool>, StoreError> {
        let mut statement =
            self.0.prepare_cached("SELECT revoked_at IS NULL FROM services WHERE digest = ?1")?;
        Ok(statement.query_row([digest.as_bytes()], |row| row.get(0)).optional()?)
    }

    /// The account of this person.
    ///
    /// # Errors
    /// A failure of the store.
    pub fn user(&self, org_id: &OrgId, user_id: &UserId) -> Result<Option<NewerUser>, StoreError> {
        let mut statement = self.0.prepare_cached(
            "SELECT role, active FROM users JOIN organizations USING (org_seq)
             WHERE org_id = ?1 AND user_id = ?2",
        )?;
        let row: Option<(String, bool)> = statement
            .query_row((org_id.as_str(), user_id.as_str()), |row| row.try_into())
            .optional()?;
        row.map(|(role, active)| {
            let role = read_word(&role, |text| Role::parse(text).ok_or("not a role"))?;
            Ok(NewerUser { role, active })
        })
        .transpose()
    }
}
