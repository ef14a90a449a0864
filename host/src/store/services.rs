//! Rows of export services and of SCIM keys: both are names with a key.

use exportgate_core::{
    id::{OrgId, ServiceId},
    name::Name,
    secret::SecretDigest,
    time::Timestamp,
};
use rusqlite::{Connection, OptionalExtension as _};

use super::{StoreError, Tx, read_instant, read_word};

/// What a key opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServiceKind {
    /// Validation of exports.
    Export,
    /// `/scim/v2` of its organization.
    Scim,
}

impl ServiceKind {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Export => "export",
            Self::Scim => "scim",
        }
    }

    fn parse(text: &str) -> Result<Self, &'static str> {
        let known = [Self::Export, Self::Scim].into_iter().find(|kind| kind.as_str() == text);
        known.ok_or("not a kind of service")
    }
}

/// A stored export service or SCIM key.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "DOMAIN section 2 says what the fields mean")]
pub struct StoredService {
    pub service_seq: i64,
    pub kind: ServiceKind,
    pub org_id: OrgId,
    pub service_id: ServiceId,
    pub name: Name,
    pub digest: SecretDigest,
    pub created_at: Timestamp,
    pub revoked_at: Option<Timestamp>,
}

const SELECT: &str = "SELECT service_seq, kind, org_id, service_id, name, digest, created_at, revoked_at \
                      FROM services JOIN organizations USING (org_seq)";

type Row = (i64, String, String, String, String, [u8; 32], i64, Option<i64>);

impl StoredService {
    fn from_row(row: Row) -> Result<Self, StoreError> {
        let (service_seq, kind, org_id, service_id, name, digest, created_at, revoked_at) = row;
        Ok(Self {
            service_seq,
            kind: read_word(&kind, ServiceKind::parse)?,
            org_id: read_word(&org_id, OrgId::parse)?,
            service_id: read_word(&service_id, ServiceId::parse)?,
            name: read_word(&name, Name::parse)?,
            digest: SecretDigest::from_bytes(digest),
            created_at: read_instant(created_at)?,
            revoked_at: revoked_at.map(read_instant).transpose()?,
        })
    }

    /// All export services and SCIM keys, revoked ones too.
    ///
    /// # Errors
    /// A failure of the store.
    pub fn all(connection: &Connection) -> Result<Vec<Self>, StoreError> {
        let mut statement = connection.prepare(&format!("{SELECT} ORDER BY service_seq"))?;
        let rows = statement.query_map([], |row| Row::try_from(row))?;
        rows.map(|row| Self::from_row(row?)).collect()
    }

    /// The live service of this kind of an organization with this name, compared without case.
    ///
    /// # Errors
    /// A failure of the store.
    pub fn find_live(
        connection: &Connection,
        kind: ServiceKind,
        org_id: &OrgId,
        name: &Name,
    ) -> Result<Option<Self>, StoreError> {
        let sql = format!(
            "{SELECT} WHERE org_id = ?1 AND kind = ?2 AND name_folded = ?3 AND revoked_at IS NULL"
        );
        let mut statement = connection.prepare_cached(&sql)?;
        let row = statement
            .query_row((org_id.as_str(), kind.as_str(), name.folded()), |row| Row::try_from(row))
            .optional()?;
        row.map(Self::from_row).transpose()
    }
}

impl Tx<'_> {
    /// Stores a new service; the caller has made sure that the name is free.
    ///
    /// # Errors
    /// A failure of the store.
    pub fn insert_service(
        &mut self,
        kind: ServiceKind,
        org_id: OrgId,
        service_id: ServiceId,
        name: Name,
        digest: SecretDigest,
        now: Timestamp,
    ) -> Result<StoredService, StoreError> {
        let org_seq = self.organization(&org_id)?.org_seq;
        self.prepare_cached(
            "INSERT INTO services (kind, service_id, org_seq, name, name_folded, digest, created_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?
        .execute((
            kind.as_str(),
            service_id.as_str(),
            org_seq,
            name.as_str(),
            name.folded(),
            digest.as_bytes(),
            now.unix_seconds(),
        ))?;
        let service_seq = self.last_insert_rowid();
        let (created_at, revoked_at) = (now, None);
        Ok(StoredService {
            service_seq,
            kind,
            org_id,
            service_id,
            name,
            digest,
            created_at,
            revoked_at,
        })
    }

    /// Stores the end of a service's key.
    ///
    /// # Errors
    /// A failure of the store.
    pub fn revoke_service(&mut self, service_seq: i64, now: Timestamp) -> Result<(), StoreError> {
        self.prepare_cached("UPDATE services SET revoked_at = ?2 WHERE service_seq = ?1")?
            .execute((service_seq, now.unix_seconds()))?;
        Ok(())
    }
}
