//! Users' rows as SCIM shows them: with what the directory says of them beyond `users`.

use exportgate_core::{
    id::{OrgId, UserId},
    name::Name,
    time::Timestamp,
};
use rusqlite::{
    Connection, OptionalExtension as _, Row, named_params, params_from_iter, types::Value,
};

use super::{StoreError, StoredUser, Tx, read_instant};
use crate::scim::profile::{Attributes, Email};

/// A user whom the directory has not removed.
#[derive(Clone, Debug)]
pub struct ScimUser {
    /// The user.
    pub user: StoredUser,
    /// When the account was made.
    pub created_at: Timestamp,
    /// When the directory last changed it.
    pub modified_at: Timestamp,
    /// The directory's own id.
    pub external_id: Option<String>,
    /// The rest.
    pub attributes: Attributes,
}

/// One condition of a list; all of them must hold.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are those of the attributes")]
pub enum ScimFilter {
    Id(String),
    UserName(String),
    ExternalId(String),
    Email(String),
    Active(bool),
}

impl ScimFilter {
    fn sql(&self) -> (&'static str, Value) {
        match self {
            Self::Id(id) => ("user_id = ?", id.clone().into()),
            Self::UserName(name) => {
                ("user_name_folded = ?", exportgate_core::name::fold(name).into())
            }
            Self::ExternalId(id) => ("external_id = ?", id.clone().into()),
            Self::Email(email) => ("email = ? COLLATE NOCASE", email.clone().into()),
            Self::Active(active) => ("active = ?", i64::from(*active).into()),
        }
    }
}

const COLUMNS: &str = "user_seq, users.created_at, modified_at, external_id, attributes";
const FROM: &str = "FROM users JOIN organizations USING (org_seq)
                    LEFT JOIN scim_users USING (user_seq)
                    WHERE org_id = ? AND deleted_at IS NULL";

impl ScimUser {
    fn read(connection: &Connection, row: &Row<'_>) -> Result<Self, StoreError> {
        let user_seq = row.get(0)?;
        let user = StoredUser::of_row(connection, user_seq)?
            .ok_or_else(|| StoreError::Unreadable(format!("no user {user_seq}")))?;
        let created_at = read_instant(row.get(1)?)?;
        let modified_at = row.get::<_, Option<i64>>(2)?.map(read_instant).transpose()?;
        let attributes = match row.get::<_, Option<String>>(4)? {
            Some(text) => serde_json::from_str(&text)
                .map_err(|error| StoreError::Unreadable(format!("attributes: {error}")))?,
            // Somebody whom the operator added, and whom the directory has not changed yet.
            None => Attributes {
                display_name: Some(user.display_name.clone()),
                emails: user.email.iter().map(|email| Email::work(email)).collect(),
                ..Attributes::default()
            },
        };
        Ok(Self {
            user,
            created_at,
            modified_at: modified_at.unwrap_or(created_at),
            external_id: row.get(3)?,
            attributes,
        })
    }

    /// The user of an organization with this id.
    ///
    /// # Errors
    /// A failure of the store.
    pub fn find(
        connection: &Connection,
        org_id: &OrgId,
        user_id: &UserId,
    ) -> Result<Option<Self>, StoreError> {
        let sql = format!("SELECT {COLUMNS} {FROM} AND user_id = ?");
        let mut statement = connection.prepare_cached(&sql)?;
        let found = statement
            .query_row((org_id.as_str(), user_id.as_str()), |row| Ok(Self::read(connection, row)))
            .optional()?;
        found.transpose()
    }

    /// How many users of an organization meet all conditions, and those of them after the first
    /// `n_skipped`, at most `limit`, in the order in which they came.
    ///
    /// # Errors
    /// A failure of the store.
    pub fn list(
        connection: &Connection,
        org_id: &OrgId,
        filters: &[ScimFilter],
        n_skipped: i64,
        limit: i64,
    ) -> Result<(i64, Vec<Self>), StoreError> {
        let mut from = FROM.to_owned();
        let mut values = vec![Value::from(org_id.as_str().to_owned())];
        for filter in filters {
            let (condition, value) = filter.sql();
            from.push_str(" AND ");
            from.push_str(condition);
            values.push(value);
        }
        // `from` is made of literals alone: a condition's value is a parameter.
        let n_all = connection
            // nosemgrep: sql-of-values
            .prepare(&format!("SELECT count(*) {from}"))?
            .query_row(params_from_iter(&values), |row| row.get(0))?;
        values.extend([limit.into(), n_skipped.into()]);
        // nosemgrep: sql-of-values
        let sql = format!("SELECT {COLUMNS} {from} ORDER BY user_seq LIMIT ? OFFSET ?");
        let mut statement = connection.prepare(&sql)?;
        let rows = statement
            .query_map(params_from_iter(&values), |row| Ok(Self::read(connection, row)))?;
        let users = rows.map(|row| row?).collect::<Result<_, StoreError>>()?;
        Ok((n_all, users))
    }
}

/// Rows of users whom a directory removed, for start-up.
///
/// # Errors
/// A failure of the store.
pub fn removed_users(
    connection: &Connection,
) -> Result<std::collections::HashSet<i64>, StoreError> {
    let mut statement =
        connection.prepare("SELECT user_seq FROM scim_users WHERE deleted_at IS NOT NULL")?;
    let rows = statement.query_map([], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

impl Tx<'_> {
    /// Stores what a directory says of a user; `user` holds the new names and the mail address.
    ///
    /// # Errors
    /// A failure of the store.
    pub fn save_scim_user(&mut self, changed: &ScimUser) -> Result<(), StoreError> {
        let ScimUser { user, modified_at, external_id, attributes, .. } = changed;
        self.rename_user(user.user_seq, &user.user_name)?;
        self.prepare_cached("UPDATE users SET display_name = ?2, email = ?3 WHERE user_seq = ?1")?
            .execute((user.user_seq, &user.display_name, &user.email))?;
        let attributes = serde_json::to_string(attributes)
            .map_err(|error| StoreError::Unreadable(format!("attributes: {error}")))?;
        self.prepare_cached(
            "INSERT INTO scim_users (user_seq, external_id, attributes, modified_at)
             VALUES (:user_seq, :external_id, :attributes, :modified_at)
             ON CONFLICT (user_seq) DO UPDATE SET external_id = :external_id,
                 attributes = :attributes, modified_at = :modified_at",
        )?
        .execute(named_params! {
            ":user_seq": user.user_seq,
            ":external_id": external_id,
            ":attributes": attributes,
            ":modified_at": modified_at.unix_seconds(),
        })?;
        Ok(())
    }

    fn rename_user(&mut self, user_seq: i64, name: &Name) -> Result<(), StoreError> {
        self.prepare_cached(
            "UPDATE users SET user_name = ?2, user_name_folded = ?3 WHERE user_seq = ?1",
        )?
        .execute((user_seq, name.as_str(), name.folded()))?;
        Ok(())
    }

    /// Stores that a directory removed a user, who has a row in `scim_users`, and frees the name:
    /// `:` is in no name.
    ///
    /// # Errors
    /// A failure of the store.
    pub fn remove_scim_user(&mut self, user_seq: i64, now: Timestamp) -> Result<(), StoreError> {
        self.prepare_cached("UPDATE scim_users SET deleted_at = ?2 WHERE user_seq = ?1")?
            .execute((user_seq, now.unix_seconds()))?;
        self.prepare_cached(
            "UPDATE users SET user_name_folded = user_name_folded || ':' || user_seq
             WHERE user_seq = ?1",
        )?
        .execute([user_seq])?;
        Ok(())
    }
}
