//! Tokens' rows.

use exportgate_core::{
    id::TokenId,
    label::Label,
    name::fold,
    secret::{Hint, SecretDigest},
    time::Timestamp,
    token::{Status, Token},
};
use rusqlite::{Connection, OptionalExtension as _};

use super::{StoreError, Tx, read_instant, read_word};

/// A stored token.
#[derive(Clone, Debug)]
pub struct StoredToken {
    /// Its row; newer tokens have higher numbers.
    pub token_seq: i64,
    /// Its owner's row.
    pub user_seq: i64,
    /// Its secret's digest.
    pub digest: SecretDigest,
    /// The record.
    pub token: Token,
    /// When an export last ran with it, as far as closed minutes tell.
    pub last_used_at: Option<Timestamp>,
    /// Whether the history has told that it expired.
    pub expiry_told: bool,
}

/// A token to store.
#[derive(Clone, Debug)]
#[expect(missing_docs, reason = "as in `StoredToken`")]
pub struct NewToken {
    pub user_seq: i64,
    pub digest: SecretDigest,
    pub token: Token,
}

/// Which of a user's tokens to list.
#[derive(Clone, Debug, Default)]
pub struct TokenFilter {
    /// Only with this status.
    pub status: Option<Status>,
    /// Only where the label contains this, compared without case.
    pub label: Option<String>,
    /// Only older than this row.
    pub before_seq: Option<i64>,
    /// At most so many.
    pub limit: u32,
}

/// One page of a user's tokens.
#[derive(Clone, Debug)]
pub struct TokenPage {
    /// Newest first.
    pub tokens: Vec<StoredToken>,
    /// Whether there are older ones.
    pub more: bool,
    /// How many of the user's tokens are active, filtered or not.
    pub n_active: u32,
}

const SELECT: &str = "SELECT token_seq, user_seq, digest, token_id, label, hint, created_at, \
                      expires_at, revoked_at, last_used_at, expiry_told FROM tokens";

type Instant = Option<i64>;
type Row = (i64, i64, [u8; 32], String, String, String, i64, Instant, Instant, Instant, bool);

impl StoredToken {
    fn from_row(row: Row) -> Result<Self, StoreError> {
        let (seq, user_seq, digest, token_id, label, hint, created, expires, revoked, used, told) =
            row;
        let parse_label = |text: &str| {
            Label::parse(text, "").map_err(|mistakes| {
                mistakes.into_iter().next().map(|mistake| mistake.detail).unwrap_or_default()
            })
        };
        Ok(Self {
            token_seq: seq,
            user_seq,
            digest: SecretDigest::from_bytes(digest),
            token: Token {
                token_id: read_word(&token_id, TokenId::parse)?,
                label: read_word(&label, parse_label)?,
                hint: read_word(&hint, |text| Hint::parse(text).ok_or("not a hint"))?,
                created_at: read_instant(created)?,
                expires_at: expires.map(read_instant).transpose()?,
                revoked_at: revoked.map(read_instant).transpose()?,
            },
            last_used_at: used.map(read_instant).transpose()?,
            expiry_told: told,
        })
    }

    /// Tokens after row `after_seq` that may still be active, of one organization, at most `limit`,
    /// oldest first: what a policy is previewed for and applied to.
    ///
    /// # Errors
    /// A failure of the store.
    pub fn live_of_organization(
        connection: &Connection,
        org_seq: i64,
        after_seq: i64,
        limit: usize,
    ) -> Result<Vec<Self>, StoreError> {
        // The join is left to the caller's directory; here it only keeps other organizations out.
        let sql = format!(
            "{SELECT} WHERE token_seq > ?2 AND revoked_at IS NULL AND expiry_told = 0
             AND user_seq IN (SELECT user_seq FROM users WHERE org_seq = ?1)
             ORDER BY token_seq LIMIT ?3"
        );
        let mut statement = connection.prepare_cached(&sql)?;
        let rows = statement.query_map((org_seq, after_seq, limit), |row| Row::try_from(row))?;
        rows.map(|row| Self::from_row(row?)).collect()
    }

    /// Tokens whose time was over at `now` and of which the history has not told it, at most
    /// `limit`, the earliest first.
    ///
    /// # Errors
    /// A failure of the store.
    pub fn to_expire(
        connection: &Connection,
        now: Timestamp,
        limit: usize,
    ) -> Result<Vec<Self>, StoreError> {
        let sql = format!(
            "{SELECT} WHERE expires_at IS NOT NULL AND revoked_at IS NULL AND expiry_told = 0
             AND expires_at <= ?1 ORDER BY expires_at, token_seq LIMIT ?2"
        );
        let mut statement = connection.prepare_cached(&sql)?;
        let rows = statement.query_map((now.unix_seconds(), limit), |row| Row::try_from(row))?;
        rows.map(|row| Self::from_row(row?)).collect()
    }

    /// A user's own token with this id.
    ///
    /// # Errors
    /// A failure of the store.
    pub fn find(
        connection: &Connection,
        user_seq: i64,
        token_id: &TokenId,
    ) -> Result<Option<Self>, StoreError> {
        let sql = format!("{SELECT} WHERE token_id = ?1 AND user_seq = ?2");
        let mut statement = connection.prepare_cached(&sql)?;
        let row = statement
            .query_row((token_id.as_str(), user_seq), |row| Row::try_from(row))
            .optional()?;
        row.map(Self::from_row).transpose()
    }

    /// The token whose secret has this digest.
    ///
    /// # Errors
    /// A failure of the store.
    pub fn find_by_digest(
        connection: &Connection,
        digest: &SecretDigest,
    ) -> Result<Option<Self>, StoreError> {
        let sql = format!("{SELECT} WHERE digest = ?1");
        let mut statement = connection.prepare_cached(&sql)?;
        let row = statement.query_row([digest.as_bytes()], |row| Row::try_from(row)).optional()?;
        row.map(Self::from_row).transpose()
    }

    /// A user's active tokens, oldest first.
    ///
    /// # Errors
    /// A failure of the store.
    pub fn active(
        connection: &Connection,
        user_seq: i64,
        now: Timestamp,
    ) -> Result<Vec<Self>, StoreError> {
        let sql = format!(
            "{SELECT} WHERE user_seq = ?1 AND token_status(revoked_at, expires_at, ?2) = ?3
             ORDER BY token_seq"
        );
        let mut statement = connection.prepare_cached(&sql)?;
        let rows = statement
            .query_map((user_seq, now.unix_seconds(), Status::Active.as_str()), |row| {
                Row::try_from(row)
            })?;
        rows.map(|row| Self::from_row(row?)).collect()
    }

    /// How many active tokens a user has.
    ///
    /// # Errors
    /// A failure of the store.
    pub fn n_active(
        connection: &Connection,
        user_seq: i64,
        now: Timestamp,
    ) -> Result<u32, StoreError> {
        let mut statement = connection.prepare_cached(
            "SELECT count(*) FROM tokens
             WHERE user_seq = ?1 AND token_status(revoked_at, expires_at, ?2) = ?3",
        )?;
        let status = Status::Active.as_str();
        Ok(statement.query_row((user_seq, now.unix_seconds(), status), |row| row.get(0))?)
    }
}

impl TokenPage {
    /// A page of a user's tokens.
    ///
    /// # Errors
    /// A failure of the store.
    pub fn read(
        connection: &Connection,
        user_seq: i64,
        filter: &TokenFilter,
        now: Timestamp,
    ) -> Result<Self, StoreError> {
        let sql = format!(
            "{SELECT} WHERE user_seq = ?1 AND token_seq < ?2
             AND (?3 IS NULL OR token_status(revoked_at, expires_at, ?4) = ?3)
             AND (?5 IS NULL OR contains_folded(label, ?5))
             ORDER BY token_seq DESC LIMIT ?6"
        );
        let mut statement = connection.prepare_cached(&sql)?;
        let rows = statement.query_map(
            (
                user_seq,
                filter.before_seq.unwrap_or(i64::MAX),
                filter.status.map(Status::as_str),
                now.unix_seconds(),
                filter.label.as_deref().map(fold),
                // One more than asked tells whether there is a next page.
                filter.limit.saturating_add(1),
            ),
            |row| Row::try_from(row),
        )?;
        let mut tokens =
            rows.map(|row| StoredToken::from_row(row?)).collect::<Result<Vec<_>, _>>()?;
        let limit = usize::try_from(filter.limit).unwrap_or(usize::MAX);
        let more = tokens.len() > limit;
        tokens.truncate(limit);
        Ok(Self { tokens, more, n_active: StoredToken::n_active(connection, user_seq, now)? })
    }
}

impl Tx<'_> {
    /// Stores a new token.
    ///
    /// # Errors
    /// A failure of the store.
    pub fn insert_token(&mut self, new: NewToken) -> Result<StoredToken, StoreError> {
        let instant = |at: Option<Timestamp>| at.map(Timestamp::unix_seconds);
        self.prepare_cached(
            "INSERT INTO tokens (token_id, user_seq, label, hint, digest, created_at, expires_at,
                 revoked_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        )?
        .execute((
            new.token.token_id.as_str(),
            new.user_seq,
            new.token.label.as_str(),
            new.token.hint.as_str(),
            new.digest.as_bytes(),
            new.token.created_at.unix_seconds(),
            instant(new.token.expires_at),
            instant(new.token.revoked_at),
        ))?;
        let NewToken { user_seq, digest, token } = new;
        let token_seq = self.last_insert_rowid();
        let last_used_at = None;
        Ok(StoredToken { token_seq, user_seq, digest, token, last_used_at, expiry_told: false })
    }

    /// Stores what can change of a token: label, expiry, revocation.
    ///
    /// # Errors
    /// A failure of the store.
    pub fn update_token(&mut self, token_seq: i64, token: &Token) -> Result<(), StoreError> {
        self.prepare_cached(
            "UPDATE tokens SET label = ?2, expires_at = ?3, revoked_at = ?4 WHERE token_seq = ?1",
        )?
        .execute((
            token_seq,
            token.label.as_str(),
            token.expires_at.map(Timestamp::unix_seconds),
            token.revoked_at.map(Timestamp::unix_seconds),
        ))?;
        Ok(())
    }

    /// Stores that the history has told of a token's end.
    ///
    /// # Errors
    /// A failure of the store.
    pub fn set_expiry_told(&mut self, token_seq: i64) -> Result<(), StoreError> {
        self.prepare_cached("UPDATE tokens SET expiry_told = 1 WHERE token_seq = ?1")?
            .execute([token_seq])?;
        Ok(())
    }

    /// Stores when an export last ran with a token; never goes back.
    ///
    /// # Errors
    /// A failure of the store.
    pub fn touch_token(&mut self, token_seq: i64, at: Timestamp) -> Result<(), StoreError> {
        self.prepare_cached(
            "UPDATE tokens SET last_used_at = max(coalesce(last_used_at, ?2), ?2)
             WHERE token_seq = ?1",
        )?
        .execute((token_seq, at.unix_seconds()))?;
        Ok(())
    }
}
