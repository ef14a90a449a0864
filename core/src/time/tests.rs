use alloc::string::ToString;

use proptest::prelude::*;
use time::{Date, OffsetDateTime, format_description::well_known::Rfc3339};

use super::*;

#[track_caller]
fn check_instant(text: &str, expected: Option<&str>) {
    let read = Timestamp::parse(text).ok().map(|instant| instant.to_string());
    assert_eq!(read.as_deref(), expected, "{text}");
}

#[test]
fn instants_are_read_with_any_offset_and_written_in_utc() {
    check_instant("2026-11-23T10:00:00Z", Some("2026-11-23T10:00:00Z"));
    check_instant("2026-11-23t10:00:00z", Some("2026-11-23T10:00:00Z"));
    check_instant("2026-11-23T10:00:00.999Z", Some("2026-11-23T10:00:00Z"));
    check_instant("2026-11-23T10:00:00+05:30", Some("2026-11-23T04:30:00Z"));
    check_instant("2028-02-29T00:00:00Z", Some("2028-02-29T00:00:00Z"));
    check_instant("0000-01-01T00:00:00Z", Some("0000-01-01T00:00:00Z"));
    check_instant("9999-12-31T23:59:59Z", Some("9999-12-31T23:59:59Z"));
}

#[test]
fn everything_else_is_malformed() {
    for text in [
        "",
        "2026-11-23",
        "2026-11-23T10:00:00",
        "2026-11-23 10:00:00Z",
        "2026-11-23T10:00Z",
        "2026-11-23T24:00:00Z",
        "2026-11-23T10:00:00+24:00",
        "2026-11-23T10:00:00+01:60",
        "2027-02-30T00:00:00Z",
        "2027-02-29T00:00:00Z",
        "0000-01-01T00:00:00+01:00",
        "9999-12-31T23:59:59-01:00",
        "10000-01-01T00:00:00Z",
        "-001-01-01T00:00:00Z",
        "2026-11-23T10:00:00Z ",
        " 2026-11-23T10:00:00Z",
        "２026-11-23T10:00:00Z",
        "1763892000",
    ] {
        check_instant(text, None);
    }
}

#[test]
fn a_date_means_the_end_of_its_utc_day() {
    let end = |date| end_of_day(date).ok().map(|instant| instant.to_string());
    assert_eq!(end("2027-03-31").as_deref(), Some("2027-04-01T00:00:00Z"));
    assert_eq!(end("2028-02-29").as_deref(), Some("2028-03-01T00:00:00Z"));
    assert_eq!(end("9999-12-30").as_deref(), Some("9999-12-31T00:00:00Z"));
    for bad in [
        "9999-12-31",
        "2027-02-30",
        "2027-2-3",
        "27-02-03",
        "2027-02-03T00:00:00Z",
        "",
        "+2027-02-03",
    ] {
        assert_eq!(end(bad), None, "{bad}");
    }
}

#[test]
fn midnights_stay_within_the_years_that_can_be_written() {
    let now = Timestamp::parse("2026-11-23T10:00:00Z").unwrap();
    assert_eq!(now.midnight_after_days(0).to_string(), "2026-11-23T00:00:00Z");
    assert_eq!(now.midnight_after_days(91).to_string(), "2027-02-22T00:00:00Z");
    assert_eq!(Timestamp::MAX.midnight_after_days(1), Timestamp::MAX);
    let before_1970 = Timestamp::parse("1969-12-31T23:59:59Z").unwrap();
    assert_eq!(before_1970.midnight_after_days(1).to_string(), "1970-01-01T00:00:00Z");
    assert_eq!(before_1970.start_of_minute().to_string(), "1969-12-31T23:59:00Z");
}

/// What the library reads, within the bounds of RFC 3339's ABNF, which has one separator.
fn by_library(text: &str) -> Option<i64> {
    let separated = matches!(text.as_bytes().get(10), Some(b'T' | b't'));
    let read = OffsetDateTime::parse(text, &Rfc3339).ok().filter(|_| separated)?;
    Timestamp::from_unix_seconds(read.unix_timestamp()).map(Timestamp::unix_seconds)
}

#[test]
fn every_day_is_the_one_of_the_library() {
    let mut date = Date::from_calendar_date(0, time::Month::January, 1).unwrap();
    for number in Timestamp::MIN.0 / SECONDS_PER_DAY..=Timestamp::MAX.0 / SECONDS_PER_DAY {
        assert_eq!(date_of(number), Some(date));
        assert_eq!(number_of(date), number, "{date}");
        if let Some(next) = date.next_day().filter(|next| next.year() < 10_000) {
            date = next;
        }
    }
}

#[test]
fn leap_seconds_end_the_last_utc_day_of_a_month() {
    check_instant("2016-12-31T23:59:60Z", Some("2016-12-31T23:59:59Z"));
    check_instant("2016-12-31T15:59:60.5-08:00", Some("2016-12-31T23:59:59Z"));
    check_instant("2016-12-30T23:59:60Z", None);
    check_instant("2016-12-31T23:58:60Z", None);
    check_instant("2016-12-31T23:59:61Z", None);
}

proptest! {
    #[test]
    fn an_instant_is_read_as_by_the_library(
        text in "[0-9]{4}-[01][0-9]-[0-3][0-9][Tt ][0-2][0-9]:[0-6][0-9]:[0-6][0-9](\\.[0-9]{0,12})?([Zz]|[+-][0-2][0-9]:[0-6][0-9])?"
    ) {
        let read = Timestamp::parse(&text).ok().map(Timestamp::unix_seconds);
        prop_assert_eq!(read, by_library(&text), "{}", text);
    }

    #[test]
    fn any_second_is_written_as_it_is_read(seconds in Timestamp::MIN.0..=Timestamp::MAX.0) {
        let instant = Timestamp(seconds);
        let text = instant.to_string();
        prop_assert_eq!(by_library(&text), Some(seconds));
        prop_assert_eq!(Timestamp::parse(&text), Ok(instant));
    }
}
