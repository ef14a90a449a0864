//! Organizations and their policies.

use exportgate_core::{
    id::OrgId,
    policy::{Policy, VersionedPolicy},
    time::Timestamp,
    wire::ActorRecord,
};
use rusqlite::{Connection, OptionalExtension as _};

use super::{StoreError, Tx, read_instant, read_word};

/// An organization with its policy.
#[derive(Clone, Debug)]
pub struct Organization {
    /// Its row.
    pub org_seq: i64,
    /// Names it.
    pub org_id: OrgId,
    /// Its rules for new tokens.
    pub policy: VersionedPolicy,
    /// When the policy was last changed.
    pub policy_updated_at: Option<Timestamp>,
    /// Who changed it.
    pub policy_updated_by: Option<ActorRecord>,
}

const COLUMNS: &str = "org_seq, org_id, maximum_expiry_days, automatic_expiration, \
                       maximum_active_tokens, policy_version, policy_updated_at, \
                       policy_updated_by";

type Row = (i64, String, Option<i64>, bool, Option<i64>, u64, Option<i64>, Option<String>);

impl Organization {
    fn from_row(row: Row) -> Result<Self, StoreError> {
        let (org_seq, org_id, days, automatic, active, version, updated_at, updated_by) = row;
        let unreadable = || StoreError::Unreadable(format!("policy of `{org_id}`"));
        let policy = Policy::new(days, automatic, active).map_err(|_| unreadable())?;
        let updated_by = updated_by.map(|text| serde_json::from_str(&text)).transpose();
        Ok(Self {
            org_seq,
            org_id: read_word(&org_id, OrgId::parse)?,
            policy: VersionedPolicy { policy, version },
            policy_updated_at: updated_at.map(read_instant).transpose()?,
            policy_updated_by: updated_by.map_err(|_| unreadable())?,
        })
    }

    /// The organization with this id, if anybody of it is known.
    ///
    /// # Errors
    /// A failure of the store.
    pub fn find(connection: &Connection, org_id: &OrgId) -> Result<Option<Self>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM organizations WHERE org_id = ?1");
        let mut statement = connection.prepare_cached(&sql)?;
        let row = statement.query_row([org_id.as_str()], |row| row.try_into()).optional()?;
        row.map(Self::from_row).transpose()
    }
}

impl Tx<'_> {
    /// The organization with this id; made with the default policy where nobody of it was known.
    ///
    /// # Errors
    /// A failure of the store.
    pub fn organization(&mut self, org_id: &OrgId) -> Result<Organization, StoreError> {
        if let Some(organization) = Organization::find(self, org_id)? {
            return Ok(organization);
        }
        let VersionedPolicy { policy, version } = VersionedPolicy::default();
        self.prepare_cached(
            "INSERT INTO organizations (org_id, maximum_expiry_days, automatic_expiration,
                 maximum_active_tokens, policy_version)
             VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute((
            org_id.as_str(),
            policy.maximum_expiry_days(),
            policy.automatic_expiration(),
            policy.maximum_active_tokens(),
            version,
        ))?;
        Ok(Organization {
            org_seq: self.last_insert_rowid(),
            org_id: org_id.clone(),
            policy: VersionedPolicy { policy, version },
            policy_updated_at: None,
            policy_updated_by: None,
        })
    }

    /// Stores a changed policy.
    ///
    /// # Errors
    /// A failure of the store.
    pub fn update_policy(
        &mut self,
        org_seq: i64,
        changed: VersionedPolicy,
        at: Timestamp,
        by: &ActorRecord,
    ) -> Result<(), StoreError> {
        let by = serde_json::to_string(by)
            .map_err(|error| StoreError::Unreadable(format!("actor: {error}")))?;
        let VersionedPolicy { policy, version } = changed;
        self.prepare_cached(
            "UPDATE organizations SET maximum_expiry_days = ?2, automatic_expiration = ?3,
                 maximum_active_tokens = ?4, policy_version = ?5, policy_updated_at = ?6,
                 policy_updated_by = ?7
             WHERE org_seq = ?1",
        )?
        .execute((
            org_seq,
            policy.maximum_expiry_days(),
            policy.automatic_expiration(),
            policy.maximum_active_tokens(),
            version,
            at.unix_seconds(),
            by,
        ))?;
        Ok(())
    }

    /// Stores a checkpoint that the host signed.
    ///
    /// # Errors
    /// A failure of the store.
    pub fn set_checkpoint(&mut self, org_seq: i64, checkpoint: &str) -> Result<(), StoreError> {
        self.prepare_cached("UPDATE organizations SET checkpoint = ?2 WHERE org_seq = ?1")?
            .execute((org_seq, checkpoint))?;
        Ok(())
    }
}

/// Every organization's row and id, in the order in which they came.
///
/// # Errors
/// A failure of the store.
pub fn organizations(connection: &Connection) -> Result<Vec<(i64, OrgId)>, StoreError> {
    let mut statement =
        connection.prepare_cached("SELECT org_seq, org_id FROM organizations ORDER BY org_seq")?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get::<_, String>(1)?)))?;
    rows.map(|row| {
        let (org_seq, org_id) = row?;
        Ok((org_seq, read_word(&org_id, OrgId::parse)?))
    })
    .collect()
}
