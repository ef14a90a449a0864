//! Reads the rows of all tokens when the host starts: ten million of them in a few seconds.

use exportgate_core::{id::TokenId, label::Label, secret::SecretDigest, time::Timestamp};
use rusqlite::{Connection, Row};

use super::{StoreError, read_instant, read_word};
use crate::index::{LiveId, LiveLabel};

/// No row and its places in the indexes are shorter, in bytes.
const SHORTEST_ROW: i64 = 100;

/// What the index needs of a token's row.
pub struct LiveRow {
    /// The row.
    pub token_seq: i64,
    /// Its owner's row.
    pub user_seq: i64,
    /// Its secret's digest.
    pub digest: SecretDigest,
    /// Names the token.
    pub token_id: LiveId,
    /// By which the owner recognises it.
    pub label: LiveLabel,
    /// When it was created.
    pub created_at: Timestamp,
    /// The first instant at which it is no longer valid.
    pub expires_at: Option<Timestamp>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
}

impl LiveRow {
    /// How many tokens there may be, without counting them: no token is ever removed.
    ///
    /// # Errors
    /// A failure of the store.
    pub fn n_at_most(connection: &Connection) -> Result<usize, StoreError> {
        let (last, bytes): (i64, i64) = connection.query_row(
            "SELECT coalesce(max(token_seq), 0),
                 (SELECT page_count FROM pragma_page_count)
                 * (SELECT page_size FROM pragma_page_size)
             FROM tokens",
            [],
            |row| row.try_into(),
        )?;
        // Somebody else's row may have any number.
        Ok(usize::try_from(last.min(bytes / SHORTEST_ROW)).unwrap_or_default())
    }

    /// Hands every token to `visit`, the oldest first, until it answers `false`.
    ///
    /// # Errors
    /// A failure of the store, or a row that is no token's.
    pub fn for_each(
        connection: &Connection,
        mut visit: impl FnMut(Self) -> bool,
    ) -> Result<(), StoreError> {
        let mut statement = connection.prepare(
            "SELECT token_seq, user_seq, token_id, label, digest, created_at, expires_at, revoked_at
             FROM tokens ORDER BY token_seq",
        )?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            if !visit(Self::read(row)?) {
                break;
            }
        }
        Ok(())
    }

    fn read(row: &Row<'_>) -> Result<Self, StoreError> {
        let text = |column| row.get_ref(column)?.as_str().map_err(rusqlite::Error::from);
        let instant = |column| -> Result<_, StoreError> {
            row.get::<_, Option<i64>>(column)?.map(read_instant).transpose()
        };
        Ok(Self {
            token_seq: row.get(0)?,
            user_seq: row.get(1)?,
            token_id: token_id(text(2)?)?,
            label: label(text(3)?)?,
            digest: SecretDigest::from_bytes(row.get(4)?),
            created_at: read_instant(row.get(5)?)?,
            expires_at: instant(6)?,
            revoked_at: instant(7)?,
        })
    }
}

fn token_id(text: &str) -> Result<LiveId, StoreError> {
    match TokenId::read_random(text) {
        Some(random) => Ok(LiveId::Random(random)),
        None => Ok((&read_word(text, TokenId::parse)?).into()),
    }
}

fn label(text: &str) -> Result<LiveLabel, StoreError> {
    // Most labels are: those the core need not be asked about.
    if let Some(label) = LiveLabel::plain(text) {
        return Ok(label);
    }
    let parsed = read_word(text, |text| {
        Label::parse(text, "").map_err(|mistakes| {
            mistakes.into_iter().next().map(|mistake| mistake.detail).unwrap_or_default()
        })
    });
    Ok((&parsed?).into())
}
