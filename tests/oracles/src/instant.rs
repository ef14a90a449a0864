//! Instants and dates: read as the `time` library reads them, printed so that they are read the same.

use exportgate_core::time::{Timestamp, end_of_day};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use crate::{Verdict, choices::Choices, hold};

/// Judges the reader of instants and dates.
///
/// # Errors
///
/// When something does not hold.
pub fn check(data: &[u8]) -> Verdict {
    let mut choices = Choices::new(data);
    let text = text(&mut choices);
    judge_made(data, |text| {
        Timestamp::parse(text).ok().map(|it| (it.unix_seconds(), it.to_string()))
    })?;
    check_date(text.get(..10).unwrap_or(&text))?;
    let days = u32::from(choices.byte()) << (choices.byte() % 24);
    match Timestamp::parse(&text) {
        Ok(instant) => check_arithmetic(instant, days),
        Err(_) => Ok(()),
    }
}

/// As [`judge`], by the text that lies in `data`.
pub(crate) fn judge_made(data: &[u8], read: impl Fn(&str) -> Option<(i64, String)>) -> Verdict {
    judge(&text(&mut Choices::new(data)), read)
}

/// Compares a reader of instants with the library's; it gives Unix seconds and what it prints.
pub(crate) fn judge(text: &str, read: impl Fn(&str) -> Option<(i64, String)>) -> Verdict {
    let ours = read(text);
    let theirs = by_library(text);
    hold(ours.as_ref().map(|(seconds, _)| *seconds) == theirs, || {
        format!("{text:?} is read as {ours:?}, by the library as {theirs:?}")
    })?;
    let Some((seconds, printed)) = ours else { return Ok(()) };
    hold(read(&printed) == Some((seconds, printed.clone())), || {
        format!("{text:?} is printed as {printed:?}, which is another instant")
    })?;
    // The one form in which we write.
    let is_ours = text.len() == 20 && text.ends_with('Z') && text.contains('T');
    hold(!is_ours || text.ends_with(":60Z") || printed == text, || {
        format!("{text:?} is printed as {printed:?}")
    })
}

/// What the library reads, within the bounds of RFC 3339's ABNF, which has one separator.
fn by_library(text: &str) -> Option<i64> {
    let separated = matches!(text.as_bytes().get(10), Some(b'T' | b't'));
    let read = OffsetDateTime::parse(text, &Rfc3339).ok().filter(|_| separated)?;
    Timestamp::from_unix_seconds(read.unix_timestamp()).map(Timestamp::unix_seconds)
}

/// A date's end is the midnight a day after its beginning.
fn check_date(date: &str) -> Verdict {
    let begins = Timestamp::parse(&format!("{date}T00:00:00Z")).ok();
    let expected = begins.and_then(|it| Timestamp::from_unix_seconds(it.unix_seconds() + 86_400));
    let end = end_of_day(date).ok();
    hold(end == expected, || format!("{date:?} ends at {end:?}, not at {expected:?}"))?;
    hold(begins.is_none_or(|it| it.date_text() == date), || format!("{date:?} is another day"))
}

fn check_arithmetic(instant: Timestamp, days: u32) -> Verdict {
    let seconds = i128::from(instant.unix_seconds());
    let wrong = || format!("{instant} and {days} days");
    let midnight = instant.midnight_after_days(days);
    let expected = (seconds.div_euclid(86_400) + i128::from(days)) * 86_400;
    let last = i128::from(Timestamp::MAX.unix_seconds());
    hold(i128::from(midnight.unix_seconds()) == expected.min(last), wrong)?;
    let minute = instant.start_of_minute();
    let into_minute = instant.unix_seconds() - minute.unix_seconds();
    hold((0..60).contains(&into_minute) && minute.to_string().ends_with(":00Z"), wrong)?;
    let later = instant.saturating_add_secs(i64::from(days));
    hold(i128::from(later.unix_seconds()) == (seconds + i128::from(days)).min(last), wrong)
}

fn text(choices: &mut Choices<'_>) -> String {
    if choices.once_in(8) {
        return choices.rest_as_text();
    }
    let year = choices.one_of(&[0, 1, 1969, 1970, 2000, 2024, 2027, 2100, 9998, 9999]);
    let (month, day) = (choices.below(14), choices.below(33));
    let edge = choices.once_in(4);
    let (hour, minute, second) = if edge {
        (23, 59, choices.one_of(&[59, 60, 61]))
    } else {
        (choices.below(25), choices.below(61), choices.below(62))
    };
    let separator = choices.one_of(&["T", "T", "T", "T", "t", " ", "_", ""]);
    let fraction = choices.one_of(&["", "", "", ".", ".0", ".999999999", ".1234567890123", ",5"]);
    let offset = choices.one_of(&[
        "Z", "Z", "Z", "z", "+00:00", "-00:00", "+23:59", "-23:59", "+24:00", "+05:30", "+0530",
        "", "Z ",
    ]);
    let mut text = format!(
        "{year:04}-{month:02}-{day:02}{separator}{hour:02}:{minute:02}:{second:02}{fraction}{offset}"
    );
    if choices.once_in(6) {
        let place = choices.below(text.len());
        text.replace_range(place..=place, choices.one_of(&["+", " ", "-", "0", "9", "٣", ""]));
    }
    text
}
