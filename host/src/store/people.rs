//! Users' rows.

use exportgate_core::{
    id::{OrgId, UserId},
    name::Name,
    time::Timestamp,
    user::Role,
};
use rusqlite::{Connection, OptionalExtension as _, Params};

use super::{StoreError, Tx, read_word};

/// A stored user.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "DOMAIN section 2 says what the fields mean")]
pub struct StoredUser {
    pub user_seq: i64,
    pub org_id: OrgId,
    pub user_id: UserId,
    pub user_name: Name,
    pub display_name: String,
    pub email: Option<String>,
    pub role: Role,
    pub active: bool,
}

/// A user to store.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "DOMAIN section 2 says what the fields mean")]
pub struct NewUser {
    pub org_id: OrgId,
    pub user_id: UserId,
    pub user_name: Name,
    pub display_name: String,
    pub email: Option<String>,
    pub role: Role,
}

const SELECT: &str = "SELECT user_seq, org_id, user_id, user_name, display_name, email, role, \
                      active FROM users JOIN organizations USING (org_seq)";

type Row = (i64, String, String, String, String, Option<String>, String, bool);

impl StoredUser {
    fn from_row(row: Row) -> Result<Self, StoreError> {
        let (user_seq, org_id, user_id, user_name, display_name, email, role, active) = row;
        Ok(Self {
            user_seq,
            org_id: read_word(&org_id, OrgId::parse)?,
            user_id: read_word(&user_id, UserId::parse)?,
            user_name: read_word(&user_name, Name::parse)?,
            display_name,
            email,
            role: read_word(&role, |text| Role::parse(text).ok_or("not a role"))?,
            active,
        })
    }

    /// Hands every user to `visit`, for start-up, without holding them all twice.
    ///
    /// # Errors
    /// A failure of the store.
    pub fn for_each(
        connection: &Connection,
        mut visit: impl FnMut(Self),
    ) -> Result<(), StoreError> {
        let mut statement = connection.prepare(&format!("{SELECT} ORDER BY user_seq"))?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            visit(Self::from_row(row.try_into()?)?);
        }
        Ok(())
    }

    /// The user of a row.
    ///
    /// # Errors
    /// A failure of the store.
    pub fn of_row(connection: &Connection, user_seq: i64) -> Result<Option<Self>, StoreError> {
        Self::one(connection, &format!("{SELECT} WHERE user_seq = ?1"), [user_seq])
    }

    /// The user of an organization with this id.
    ///
    /// # Errors
    /// A failure of the store.
    pub fn with_id(
        connection: &Connection,
        org_id: &OrgId,
        user_id: &UserId,
    ) -> Result<Option<Self>, StoreError> {
        let sql = format!("{SELECT} WHERE org_id = ?1 AND user_id = ?2");
        Self::one(connection, &sql, (org_id.as_str(), user_id.as_str()))
    }

    /// The user of an organization with this name, compared without case.
    ///
    /// # Errors
    /// A failure of the store.
    pub fn find(
        connection: &Connection,
        org_id: &OrgId,
        user_name: &Name,
    ) -> Result<Option<Self>, StoreError> {
        let sql = format!("{SELECT} WHERE org_id = ?1 AND user_name_folded = ?2");
        Self::one(connection, &sql, (org_id.as_str(), user_name.folded()))
    }

    fn one(
        connection: &Connection,
        sql: &str,
        values: impl Params,
    ) -> Result<Option<Self>, StoreError> {
        let mut statement = connection.prepare_cached(sql)?;
        let row = statement.query_row(values, |row| Row::try_from(row)).optional()?;
        row.map(Self::from_row).transpose()
    }
}

impl Tx<'_> {
    /// Stores a new user, active; the caller has made sure that the name is free.
    ///
    /// # Errors
    /// A failure of the store.
    pub fn insert_user(&mut self, user: NewUser, now: Timestamp) -> Result<StoredUser, StoreError> {
        let org_seq = self.organization(&user.org_id)?.org_seq;
        self.prepare_cached(
            "INSERT INTO users (org_seq, user_id, user_name, user_name_folded, display_name,
                 email, role, active, created_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 1, ?8)",
        )?
        .execute((
            org_seq,
            user.user_id.as_str(),
            user.user_name.as_str(),
            user.user_name.folded(),
            &user.display_name,
            &user.email,
            user.role.as_str(),
            now.unix_seconds(),
        ))?;
        let user_seq = self.last_insert_rowid();
        let NewUser { org_id, user_id, user_name, display_name, email, role } = user;
        let active = true;
        Ok(StoredUser { user_seq, org_id, user_id, user_name, display_name, email, role, active })
    }

    /// Stores whether a user's account is active.
    ///
    /// # Errors
    /// A failure of the store.
    pub fn set_user_active(&mut self, user_seq: i64, active: bool) -> Result<(), StoreError> {
        self.prepare_cached("UPDATE users SET active = ?2 WHERE user_seq = ?1")?
            .execute((user_seq, active))?;
        Ok(())
    }

    /// Stores a user's names; the caller has made sure that the user name is free.
    ///
    /// # Errors
    /// A failure of the store.
    pub fn set_user_names(
        &mut self,
        user_seq: i64,
        user_name: &Name,
        display_name: &str,
    ) -> Result<(), StoreError> {
        self.prepare_cached(
            "UPDATE users SET user_name = ?2, user_name_folded = ?3, display_name = ?4
             WHERE user_seq = ?1",
        )?
        .execute((user_seq, user_name.as_str(), user_name.folded(), display_name))?;
        Ok(())
    }

    /// Stores a user's role.
    ///
    /// # Errors
    /// A failure of the store.
    pub fn set_user_role(&mut self, user_seq: i64, role: Role) -> Result<(), StoreError> {
        self.prepare_cached("UPDATE users SET role = ?2 WHERE user_seq = ?1")?
            .execute((user_seq, role.as_str()))?;
        Ok(())
    }
}
