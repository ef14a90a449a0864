//! Organizations and their policies.

use exportgate_core::{id::OrgId, policy::Policy, time::Timestamp};
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
    pub policy: Policy,
    /// Grows by one at each change of the policy; 1 is what it begins with.
    pub policy_version: u64,
    /// When the policy was last changed.
    pub policy_updated_at: Option<Timestamp>,
    /// Who changed it: a user's id, or `operator`.
    pub policy_updated_by: Option<String>,
}

const COLUMNS: &str = "org_seq, org_id, maximum_expiry_days, automatic_expiration, \
                       maximum_active_tokens, policy_version, policy_updated_at, \
                       policy_updated_by";

type Row = (i64, String, Option<i64>, bool, Option<i64>, u64, Option<i64>, Option<String>);

impl Organization {
    fn from_row(row: Row) -> Result<Self, StoreError> {
        let (org_seq, org_id, days, automatic, active, policy_version, updated_at, updated_by) =
            row;
        Ok(Self {
            org_seq,
            org_id: read_word(&org_id, OrgId::parse)?,
            policy: Policy::new(days, automatic, active)
                .map_err(|_| StoreError::Unreadable(format!("policy of `{org_id}`")))?,
            policy_version,
            policy_updated_at: updated_at.map(read_instant).transpose()?,
            policy_updated_by: updated_by,
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
        let policy = Policy::default();
        self.prepare_cached(
            "INSERT INTO organizations (org_id, maximum_expiry_days, automatic_expiration,
                 maximum_active_tokens, policy_version)
             VALUES (?1, ?2, ?3, ?4, 1)",
        )?
        .execute((
            org_id.as_str(),
            policy.maximum_expiry_days(),
            policy.automatic_expiration(),
            policy.maximum_active_tokens(),
        ))?;
        Ok(Organization {
            org_seq: self.last_insert_rowid(),
            org_id: org_id.clone(),
            policy,
            policy_version: 1,
            policy_updated_at: None,
            policy_updated_by: None,
        })
    }
}
