//! Uses per token and day: what lists, previews and the page's plots show.

use exportgate_core::time::Timestamp;
use rusqlite::Connection;

use super::{StoreError, Tx};

/// So many days of use are shown to people, today included.
pub const DAYS_SHOWN: usize = 28;
const SECONDS_PER_DAY: i64 = 86_400;

/// One token's uses on one UTC day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct UsesOfDay {
    /// Exports that ran.
    pub n_allowed: u64,
    /// Exports that were refused.
    pub n_denied: u64,
}

/// The uses of the days shown, oldest first.
pub type ShownDays = [UsesOfDay; DAYS_SHOWN];

/// Days since 1970-01-01 (UTC).
#[must_use]
pub fn day_of(at: Timestamp) -> i64 {
    at.unix_seconds().div_euclid(SECONDS_PER_DAY)
}

/// 00:00 UTC of a day.
#[must_use]
pub fn start_of_day(day: i64) -> Timestamp {
    let seconds = day.saturating_mul(SECONDS_PER_DAY);
    Timestamp::from_unix_seconds(seconds).unwrap_or(Timestamp::MAX)
}

/// The first day that is shown at `now`.
#[must_use]
pub fn first_day_shown(now: Timestamp) -> i64 {
    day_of(now) - DAYS_SHOWN as i64 + 1
}

/// A token's uses of the days shown, oldest first.
///
/// # Errors
/// A failure of the store.
pub fn of_token(
    connection: &Connection,
    token_seq: i64,
    now: Timestamp,
) -> Result<ShownDays, StoreError> {
    let first = first_day_shown(now);
    let mut days = [UsesOfDay::default(); DAYS_SHOWN];
    let mut statement = connection.prepare_cached(
        "SELECT day, n_allowed, n_denied FROM token_uses WHERE token_seq = ?1 AND day >= ?2",
    )?;
    let mut rows = statement.query((token_seq, first))?;
    while let Some(row) = rows.next()? {
        let place = usize::try_from(row.get::<_, i64>(0)? - first).ok();
        // A day after today: the clock went back since. It is not shown until it comes.
        if let Some(day) = place.and_then(|place| days.get_mut(place)) {
            *day = UsesOfDay { n_allowed: row.get(1)?, n_denied: row.get(2)? };
        }
    }
    Ok(days)
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
