//! The texts of RFC 3339 as numbers. The calendar is the `time` library's; its parser, which reads
//! every format, would be a third of the browser module, and `tests.rs` holds ours against it.

use time::{Date, Month};

/// The Julian day of `1970-01-01`.
const JULIAN_DAY_OF_1970: i32 = 2_440_588;

/// Days since `1970-01-01`.
pub(super) fn number_of(date: Date) -> i64 {
    i64::from(date.to_julian_day() - JULIAN_DAY_OF_1970)
}

/// The date so many days after `1970-01-01`, within the years -9999 to 9999.
pub(super) fn date_of(number: i64) -> Option<Date> {
    let day = i32::try_from(number).ok()?.checked_add(JULIAN_DAY_OF_1970)?;
    Date::from_julian_day(day).ok()
}

/// Reads RFC 3339 `full-date`, and nothing after it.
pub(super) fn read_date(text: &str) -> Option<Date> {
    let mut reader = Reader(text.as_bytes());
    let day = reader.date()?;
    reader.0.is_empty().then_some(day)
}

/// Reads RFC 3339 `date-time` as whole seconds since 1970, UTC; a fraction is cut off.
pub(super) fn read_instant(text: &str) -> Option<i64> {
    let mut reader = Reader(text.as_bytes());
    let day = reader.date()?;
    reader.one_of(b"Tt")?;
    let hour = reader.number(2).filter(|hour| *hour < 24)?;
    reader.one_of(b":")?;
    let minute = reader.number(2).filter(|minute| *minute < 60)?;
    reader.one_of(b":")?;
    let second = reader.number(2).filter(|second| *second <= 60)?;
    if reader.one_of(b".").is_some() {
        reader.number(1)?;
        while reader.number(1).is_some() {}
    }
    let offset = reader.offset()?;
    if !reader.0.is_empty() {
        return None;
    }
    let minutes = hour * 60 + minute - offset;
    // A leap second ends the last UTC day of a month (section 5.7). It is read as the second
    // before it, as everything finer than a second is cut off.
    let (utc_day, utc_minute) =
        (number_of(day) + minutes.div_euclid(24 * 60), minutes.rem_euclid(24 * 60));
    let ends_a_month =
        || utc_minute == 24 * 60 - 1 && date_of(utc_day).is_some_and(is_last_of_month);
    if second == 60 && !ends_a_month() {
        return None;
    }
    Some((utc_day * 24 * 60 + utc_minute) * 60 + second.min(59))
}

fn is_last_of_month(day: Date) -> bool {
    day.day() == day.month().length(day.year())
}

/// What is left to read.
struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn one_of(&mut self, allowed: &[u8]) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        allowed.contains(first).then(|| {
            self.0 = rest;
            *first
        })
    }

    /// So many digits.
    fn number(&mut self, n_digits: u32) -> Option<i64> {
        (0..n_digits).try_fold(0, |number, _| {
            Some(number * 10 + i64::from(self.one_of(b"0123456789")? - b'0'))
        })
    }

    fn date(&mut self) -> Option<Date> {
        let year = i32::try_from(self.number(4)?).ok()?;
        self.one_of(b"-")?;
        let month = Month::try_from(u8::try_from(self.number(2)?).ok()?).ok()?;
        self.one_of(b"-")?;
        let day = u8::try_from(self.number(2)?).ok()?;
        Date::from_calendar_date(year, month, day).ok()
    }

    /// In minutes.
    fn offset(&mut self) -> Option<i64> {
        let sign = match self.one_of(b"Zz+-")? {
            b'+' => 1,
            b'-' => -1,
            _ => return Some(0),
        };
        let hours = self.number(2).filter(|hours| *hours < 24)?;
        self.one_of(b":")?;
        let minutes = self.number(2).filter(|minutes| *minutes < 60)?;
        Some(sign * (hours * 60 + minutes))
    }
}
