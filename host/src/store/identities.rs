//! Who of another system is who here.

use exportgate_core::id::OrgId;
use rusqlite::OptionalExtension as _;

use super::{StoreError, Tx};
use crate::person::Identity;

impl Tx<'_> {
    /// The user whom somebody of another system is.
    ///
    /// # Errors
    /// A failure of the store.
    pub fn user_of_identity(
        &self,
        org_id: &OrgId,
        identity: &Identity,
    ) -> Result<Option<i64>, StoreError> {
        let Identity { protocol, issuer, subject } = identity;
        let mut statement = self.prepare_cached(
            "SELECT user_seq FROM identities JOIN organizations USING (org_seq)
             WHERE org_id = ?1 AND protocol = ?2 AND issuer = ?3 AND subject = ?4",
        )?;
        let key = (org_id.as_str(), protocol.as_str(), issuer, subject);
        Ok(statement.query_row(key, |row| row.get(0)).optional()?)
    }

    /// Whether a user is somebody of this issuer already.
    ///
    /// # Errors
    /// A failure of the store.
    pub fn user_is_of_issuer(
        &self,
        user_seq: i64,
        identity: &Identity,
    ) -> Result<bool, StoreError> {
        let mut statement = self.prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM identities
             WHERE user_seq = ?1 AND protocol = ?2 AND issuer = ?3)",
        )?;
        let key = (user_seq, identity.protocol.as_str(), &identity.issuer);
        Ok(statement.query_row(key, |row| row.get(0))?)
    }

    /// Whether a directory added or changed a user.
    ///
    /// # Errors
    /// A failure of the store.
    pub fn user_is_of_directory(&self, user_seq: i64) -> Result<bool, StoreError> {
        let mut statement =
            self.prepare_cached("SELECT EXISTS (SELECT 1 FROM scim_users WHERE user_seq = ?1)")?;
        Ok(statement.query_row([user_seq], |row| row.get(0))?)
    }

    /// Stores who somebody of another system is.
    ///
    /// # Errors
    /// A failure of the store.
    pub fn insert_identity(
        &mut self,
        org_id: &OrgId,
        identity: &Identity,
        user_seq: i64,
    ) -> Result<(), StoreError> {
        let org_seq = self.organization(org_id)?.org_seq;
        let Identity { protocol, issuer, subject } = identity;
        self.prepare_cached(
            "INSERT INTO identities (org_seq, protocol, issuer, subject, user_seq)
             VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute((org_seq, protocol.as_str(), issuer, subject, user_seq))?;
        Ok(())
    }
}
