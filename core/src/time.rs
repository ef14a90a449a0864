//! Instants in whole UTC seconds and calendar dates, read and written as RFC 3339.

use alloc::string::String;
use core::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use calendar::{date_of, number_of, read_date, read_instant};

mod calendar;

const SECONDS_PER_DAY: i64 = 86_400;

/// An instant in whole seconds, UTC, from `0000-01-01T00:00:00Z` to `9999-12-31T23:59:59Z`: what
/// RFC 3339 section 1 can write.
///
/// ```
/// use exportgate_core::time::Timestamp;
/// let instant = Timestamp::parse("2027-03-31T12:00:00+02:00")?;
/// assert_eq!(instant.to_string(), "2027-03-31T10:00:00Z");
/// # Ok::<(), exportgate_core::time::MalformedTime>(())
/// ```
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[cfg_attr(feature = "typescript", ts(type = "string"))]
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

/// The text is not an RFC 3339 instant or date, or lies outside the years 0000 to 9999.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an instant like `2027-03-31T12:00:00Z` in the years 0000 to 9999")]
pub struct MalformedTime;

impl Timestamp {
    /// The first instant that RFC 3339 can write.
    pub const MIN: Self = Self(-62_167_219_200);
    /// The last instant that RFC 3339 can write, to the second.
    pub const MAX: Self = Self(253_402_300_799);

    /// The instant so many seconds after (or before) `1970-01-01T00:00:00Z`; `None` outside
    /// [`Timestamp::MIN`] to [`Timestamp::MAX`].
    #[must_use]
    pub const fn from_unix_seconds(seconds: i64) -> Option<Self> {
        if seconds < Self::MIN.0 || seconds > Self::MAX.0 { None } else { Some(Self(seconds)) }
    }

    /// Whole seconds since `1970-01-01T00:00:00Z`.
    #[must_use]
    pub const fn unix_seconds(self) -> i64 {
        self.0
    }

    /// Reads an RFC 3339 instant with any offset. Fractions of a second are cut off, which for an
    /// expiry is the earlier, safer side.
    ///
    /// # Errors
    /// [`MalformedTime`] for anything else, such as a date that does not exist.
    pub fn parse(text: &str) -> Result<Self, MalformedTime> {
        read_instant(text).and_then(Self::from_unix_seconds).ok_or(MalformedTime)
    }

    /// 00:00 UTC of the day that is `days` after this instant's UTC day, or [`Timestamp::MAX`]
    /// where that day can no longer be written.
    #[must_use]
    pub fn midnight_after_days(self, days: u32) -> Self {
        let midnight = self.0 - self.0.rem_euclid(SECONDS_PER_DAY);
        let moved = midnight.saturating_add(i64::from(days) * SECONDS_PER_DAY);
        Self(moved.min(Self::MAX.0))
    }

    /// The instant `seconds` later (or earlier), held within [`Timestamp::MIN`] and
    /// [`Timestamp::MAX`].
    #[must_use]
    pub fn saturating_add_secs(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds).clamp(Self::MIN.0, Self::MAX.0))
    }

    /// The start of this instant's minute.
    #[must_use]
    pub fn start_of_minute(self) -> Self {
        Self(self.0 - self.0.rem_euclid(60))
    }

    /// The UTC date, as in `2027-03-31`: how sentences for people name an instant's day.
    #[must_use]
    pub fn date_text(self) -> String {
        let mut text = alloc::format!("{self}");
        text.truncate("0000-00-00".len());
        text
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let date = date_of(self.0.div_euclid(SECONDS_PER_DAY)).ok_or(fmt::Error)?;
        let (year, month, day) = (date.year(), u8::from(date.month()), date.day());
        let second = self.0.rem_euclid(SECONDS_PER_DAY);
        let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

/// The end of a UTC day given as `YYYY-MM-DD`: the midnight that follows it (DOMAIN section 4).
///
/// # Errors
/// [`MalformedTime`] for a date that does not exist, and for `9999-12-31`, whose end RFC 3339
/// cannot write.
pub fn end_of_day(date: &str) -> Result<Timestamp, MalformedTime> {
    let next_day = number_of(read_date(date).ok_or(MalformedTime)?) + 1;
    Timestamp::from_unix_seconds(next_day * SECONDS_PER_DAY).ok_or(MalformedTime)
}

#[cfg(test)]
mod tests;
