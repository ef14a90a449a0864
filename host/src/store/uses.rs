//! Uses per token and day: what lists, previews and the page's plots show.

use std::collections::HashMap;

use exportgate_core::{id::OrgId, time::Timestamp};
use rusqlite::{Connection, ToSql};

use super::{StoreError, Tx, history::HistoryFilter};

/// So many days of use are shown to people where nobody says, today included.
pub const DAYS_SHOWN: i64 = 28;
const SECONDS_PER_DAY: i64 = 86_400;

/// The uses of one UTC day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct UsesOfDay {
    /// Exports that ran.
    pub n_allowed: u64,
    /// Exports that were refused.
    pub n_denied: u64,
}

/// The uses of consecutive UTC days, oldest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Days {
    first: i64,
    days: Vec<UsesOfDay>,
}

impl Days {
    /// The days from `first` to `last`, without a use yet; none where `last` lies before `first`.
    /// Days that cannot be written (before the year 0) are left out.
    #[must_use]
    pub fn between(first: i64, last: i64) -> Self {
        let first = first.max(day_of(Timestamp::MIN));
        let n_days = usize::try_from(last - first + 1).unwrap_or_default();
        Self { first, days: vec![UsesOfDay::default(); n_days] }
    }

    /// The days that are shown at `now` where nobody says which.
    #[must_use]
    pub fn shown(now: Timestamp) -> Self {
        let today = day_of(now);
        Self::between(today - DAYS_SHOWN + 1, today)
    }

    /// Counts uses of a day. Those of other days than these are left out: with a clock that went
    /// back there are uses of days that are still to come.
    pub fn add(&mut self, day: i64, uses: UsesOfDay) {
        let place = usize::try_from(day - self.first).ok();
        if let Some(counted) = place.and_then(|place| self.days.get_mut(place)) {
            counted.n_allowed += uses.n_allowed;
            counted.n_denied += uses.n_denied;
        }
    }

    /// 00:00 UTC of each day with its uses.
    pub fn iter(&self) -> impl Iterator<Item = (Timestamp, UsesOfDay)> {
        (self.first..).map(start_of_day).zip(self.days.iter().copied())
    }

    /// The days with a use, and 00:00 UTC of them.
    pub fn used(&self) -> impl Iterator<Item = (Timestamp, UsesOfDay)> {
        self.iter().filter(|(_, uses)| *uses != UsesOfDay::default())
    }

    /// The first day and the one after the last, for a query.
    const fn ends(&self) -> (i64, i64) {
        // A period has at most some hundred days.
        (self.first, self.first + self.days.len() as i64)
    }
}

/// Days since 1970-01-01 (UTC).
#[must_use]
pub fn day_of(at: Timestamp) -> i64 {
    at.unix_seconds().div_euclid(SECONDS_PER_DAY)
}

/// The last day that has begun before `end`.
#[must_use]
pub fn last_day_before(end: Timestamp) -> i64 {
    (end.unix_seconds() - 1).div_euclid(SECONDS_PER_DAY)
}

/// 00:00 UTC of a day.
#[must_use]
pub fn start_of_day(day: i64) -> Timestamp {
    let seconds = day.saturating_mul(SECONDS_PER_DAY);
    Timestamp::from_unix_seconds(seconds).unwrap_or(Timestamp::MAX)
}

/// A token's uses of the days shown at `now`.
///
/// # Errors
/// A failure of the store.
pub fn of_token(
    connection: &Connection,
    token_seq: i64,
    now: Timestamp,
) -> Result<Days, StoreError> {
    let mut days = Days::shown(now);
    let (first, end) = days.ends();
    let mut statement = connection.prepare_cached(
        "SELECT day, n_allowed, n_denied FROM token_uses
         WHERE token_seq = ?1 AND day >= ?2 AND day < ?3",
    )?;
    let mut rows = statement.query((token_seq, first, end))?;
    while let Some(row) = rows.next()? {
        days.add(row.get(0)?, UsesOfDay { n_allowed: row.get(1)?, n_denied: row.get(2)? });
    }
    Ok(days)
}

/// The same for each of some tokens, by their rows, in one query.
///
/// # Errors
/// A failure of the store.
pub fn of_tokens(
    connection: &Connection,
    token_seqs: impl IntoIterator<Item = i64>,
    now: Timestamp,
) -> Result<HashMap<i64, Days>, StoreError> {
    let shown = Days::shown(now);
    let (first, end) = shown.ends();
    let mut by_token: HashMap<_, _> =
        token_seqs.into_iter().map(|token_seq| (token_seq, shown.clone())).collect();
    // A list of numbers looks the same in Rust and in JSON, and so one statement serves any page.
    let listed = format!("{:?}", by_token.keys().collect::<Vec<_>>());
    let mut statement = connection.prepare_cached(
        "SELECT token_seq, day, n_allowed, n_denied FROM token_uses
         WHERE token_seq IN (SELECT value FROM json_each(?1)) AND day >= ?2 AND day < ?3",
    )?;
    let mut rows = statement.query((listed, first, end))?;
    while let Some(row) = rows.next()? {
        if let Some(days) = by_token.get_mut(&row.get(0)?) {
            days.add(row.get(1)?, UsesOfDay { n_allowed: row.get(2)?, n_denied: row.get(3)? });
        }
    }
    Ok(by_token)
}

/// Adds to `days` what the tokens of an organization were used, or of one of its users, or one
/// token. It reads a row per token and day, however many events there are.
///
/// # Errors
/// A failure of the store.
pub fn add_stored(
    connection: &Connection,
    org_id: &OrgId,
    filter: &HistoryFilter,
    days: &mut Days,
) -> Result<(), StoreError> {
    let (first, end) = days.ends();
    let org_id = org_id.as_str();
    let mut sql = String::from(
        "SELECT day, n_allowed, n_denied FROM organizations JOIN users USING (org_seq)
         JOIN tokens USING (user_seq) JOIN token_uses USING (token_seq)
         WHERE org_id = ? AND day >= ? AND day < ?",
    );
    let mut values: Vec<&dyn ToSql> = vec![&org_id, &first, &end];
    let conditions =
        [(" AND user_id = ?", &filter.user_id), (" AND token_id = ?", &filter.token_id)];
    for (condition, value) in conditions {
        if let Some(value) = value {
            sql.push_str(condition);
            values.push(value);
        }
    }
    // Added up here: SQLite would sort the rows by day first.
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query(values.as_slice())?;
    while let Some(row) = rows.next()? {
        days.add(row.get(0)?, UsesOfDay { n_allowed: row.get(1)?, n_denied: row.get(2)? });
    }
    Ok(())
}

impl Tx<'_> {
    /// Adds uses to a token's day.
    ///
    /// # Errors
    /// A failure of the store.
    pub fn add_uses(
        &mut self,
        token_seq: i64,
        day: i64,
        uses: UsesOfDay,
    ) -> Result<(), StoreError> {
        self.prepare_cached(
            "INSERT INTO token_uses (token_seq, day, n_allowed, n_denied) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT DO UPDATE SET n_allowed = n_allowed + excluded.n_allowed,
                 n_denied = n_denied + excluded.n_denied",
        )?
        .execute((token_seq, day, uses.n_allowed, uses.n_denied))?;
        Ok(())
    }
}
