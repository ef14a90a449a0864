use alloc::string::ToString;

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
