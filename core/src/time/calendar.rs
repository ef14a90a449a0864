//! The proleptic Gregorian calendar, and the texts of RFC 3339 as numbers.
//!
//! Written here because a date library that reads every format is a tenth of the browser module;
//! `tests.rs` holds it against one.

/// Days from `0000-03-01` to `1970-01-01`, and in 400 years.
const DAYS_TO_1970: i64 = 719_468;
const DAYS_PER_ERA: i64 = 146_097;

/// A date of the years 0000 to 9999, which exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Day {
    pub(super) year: i64,
    pub(super) month: i64,
    pub(super) day: i64,
}

impl Day {
    fn new(year: i64, month: i64, day: i64) -> Option<Self> {
        let exists = (1..=12).contains(&month) && (1..=days_of_month(year, month)).contains(&day);
        exists.then_some(Self { year, month, day })
    }

    /// Days since `1970-01-01`.
    ///
    /// Years are counted from March, so that a leap day is the last of its year; 400 of them are
    /// an era (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms").
    pub(super) const fn number(self) -> i64 {
        let year = if self.month <= 2 { self.year - 1 } else { self.year };
        let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
        let day_of_year = (153 * ((self.month + 9) % 12) + 2) / 5 + self.day - 1;
        let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
        era * DAYS_PER_ERA + day_of_era - DAYS_TO_1970
    }

    /// The date so many days after `1970-01-01`.
    pub(super) const fn from_number(number: i64) -> Self {
        let shifted = number + DAYS_TO_1970;
        let (era, day_of_era) =
            (shifted.div_euclid(DAYS_PER_ERA), shifted.rem_euclid(DAYS_PER_ERA));
        let year_of_era =
            (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month_from_march = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
        let month = (month_from_march + 2) % 12 + 1;
        let year = year_of_era + era * 400 + if month <= 2 { 1 } else { 0 };
        Self { year, month, day }
    }
}

const fn days_of_month(year: i64, month: i64) -> i64 {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Reads RFC 3339 `full-date`, and nothing after it.
pub(super) fn read_date(text: &str) -> Option<Day> {
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
        (day.number() + minutes.div_euclid(24 * 60), minutes.rem_euclid(24 * 60));
    if second == 60 && (utc_minute != 24 * 60 - 1 || Day::from_number(utc_day + 1).day != 1) {
        return None;
    }
    Some((utc_day * 24 * 60 + utc_minute) * 60 + second.min(59))
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

    fn date(&mut self) -> Option<Day> {
        let year = self.number(4)?;
        self.one_of(b"-")?;
        let month = self.number(2)?;
        self.one_of(b"-")?;
        Day::new(year, month, self.number(2)?)
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
