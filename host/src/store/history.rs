//! Reading the history: pages of events, newest first.

use exportgate_core::{id::OrgId, time::Timestamp};
use rusqlite::{Connection, OptionalExtension as _, ToSql};

use super::StoreError;

/// So many events are looked at in one go: reads and changes share one thread, and whoever
/// searches all of a long history must not keep the others waiting.
const WINDOW: u64 = 20_000;

/// Which events of an organization to read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HistoryFilter {
    /// Only those about this user.
    pub user_id: Option<String>,
    /// Only those about this token.
    pub token_id: Option<String>,
    /// Only of this kind.
    pub kind: Option<String>,
    /// Only from this instant on.
    pub from: Option<Timestamp>,
    /// Only before this instant.
    pub to: Option<Timestamp>,
}

/// A stored event.
#[derive(Clone, Debug)]
pub struct StoredEvent {
    /// Its place.
    pub sequence: u64,
    /// Its canonical bytes: JSON.
    pub canonical: String,
}

/// Some events, and where to go on.
#[derive(Clone, Debug)]
pub struct HistoryPage {
    /// Newest first.
    pub events: Vec<StoredEvent>,
    /// Older ones are before this sequence; `None`: everything was looked at.
    pub before: Option<u64>,
}

impl HistoryPage {
    /// Reads at most `limit` events before `before`, or the newest ones. A page may hold fewer,
    /// or none, although there are more further back.
    ///
    /// # Errors
    /// A failure of the store.
    pub fn read(
        connection: &Connection,
        org_id: &OrgId,
        filter: &HistoryFilter,
        before: Option<u64>,
        limit: usize,
    ) -> Result<Self, StoreError> {
        let found: Option<(i64, u64)> = connection
            .prepare_cached("SELECT org_seq, n_events FROM organizations WHERE org_id = ?1")?
            .query_row([org_id.as_str()], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        let (org_seq, n_events) = found.unwrap_or_default();
        let before = before.unwrap_or(n_events).min(n_events);
        // Through an index every row that is looked at is near to what is wanted.
        let indexed = filter.user_id.is_some() || filter.token_id.is_some();
        let start = if indexed { 0 } else { before.saturating_sub(WINDOW) };
        let (from, to) =
            (filter.from.map(Timestamp::unix_seconds), filter.to.map(Timestamp::unix_seconds));
        let mut sql = String::from(
            "SELECT sequence, canonical FROM events
             WHERE org_seq = ? AND sequence >= ? AND sequence < ? AND canonical IS NOT NULL",
        );
        let mut values: Vec<&dyn ToSql> = vec![&org_seq, &start, &before];
        let conditions: [(&str, Option<&dyn ToSql>); 5] = [
            (" AND user_id = ?", filter.user_id.as_ref().map(|value| value as _)),
            (" AND token_id = ?", filter.token_id.as_ref().map(|value| value as _)),
            (" AND kind = ?", filter.kind.as_ref().map(|value| value as _)),
            (" AND at >= ?", from.as_ref().map(|value| value as _)),
            (" AND at < ?", to.as_ref().map(|value| value as _)),
        ];
        for (condition, value) in conditions {
            if let Some(value) = value {
                sql.push_str(condition);
                values.push(value);
            }
        }
        sql.push_str(" ORDER BY sequence DESC LIMIT ?");
        // One more than asked tells whether there is anything left in this window.
        let one_more = limit.saturating_add(1);
        values.push(&one_more);
        let mut statement = connection.prepare_cached(&sql)?;
        let rows = statement
            .query_map(values.as_slice(), |row| Ok((row.get(0)?, row.get::<_, Vec<u8>>(1)?)))?;
        let mut events = Vec::new();
        for row in rows {
            let (sequence, canonical) = row?;
            let canonical = String::from_utf8(canonical)
                .map_err(|_| StoreError::Unreadable(format!("event {sequence}")))?;
            events.push(StoredEvent { sequence, canonical });
        }
        let more = events.len() > limit;
        events.truncate(limit);
        let last = events.last().map(|event| event.sequence).filter(|_| more);
        Ok(Self { events, before: last.or((start > 0).then_some(start)) })
    }
}

/// Whether `user_id` may have the proof for an event: whether it is about them.
///
/// # Errors
/// A failure of the store.
pub fn is_about(
    connection: &Connection,
    org_id: &OrgId,
    sequence: u64,
    user_id: &str,
) -> Result<bool, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT user_id = ?3 FROM events JOIN organizations USING (org_seq)
         WHERE org_id = ?1 AND sequence = ?2",
    )?;
    let found: Option<Option<bool>> =
        statement.query_row((org_id.as_str(), sequence, user_id), |row| row.get(0)).optional()?;
    Ok(found.flatten().unwrap_or_default())
}

/// When the oldest gathered use that is still there happened.
///
/// # Errors
/// A failure of the store.
pub fn oldest_use(connection: &Connection, org_seq: i64) -> Result<Option<Timestamp>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT min(at) FROM events
         WHERE org_seq = ?1 AND kind IN ('export.allowed', 'export.denied')
         AND canonical IS NOT NULL",
    )?;
    let at: Option<i64> = statement.query_row([org_seq], |row| row.get(0))?;
    at.map(super::read_instant).transpose()
}

/// Removes all but the digests of at most `limit` gathered uses between two instants, and tells
/// how many.
///
/// # Errors
/// A failure of the store.
pub fn remove_uses(
    tx: &super::Tx<'_>,
    org_seq: i64,
    start: Timestamp,
    end: Timestamp,
    limit: u64,
) -> Result<u64, StoreError> {
    let mut statement = tx.prepare_cached(
        "UPDATE events SET canonical = NULL, token_id = NULL, user_id = NULL
         WHERE event_seq IN (
             SELECT event_seq FROM events
             WHERE org_seq = ?1 AND kind IN ('export.allowed', 'export.denied')
             AND canonical IS NOT NULL AND at >= ?2 AND at < ?3 LIMIT ?4)",
    )?;
    let n_removed =
        statement.execute((org_seq, start.unix_seconds(), end.unix_seconds(), limit))?;
    Ok(n_removed as u64)
}
