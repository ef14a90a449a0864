//! Knows every form of `--expires`.

use time::{Date, Month};

use super::{Expiry, parse, parse_on};

fn day(year: i32, month: Month, day: u8) -> Date {
    Date::from_calendar_date(year, month, day).unwrap()
}

#[track_caller]
fn check(text: &str, expected: Option<Expiry>) {
    assert_eq!(parse_on(text, day(2026, Month::November, 23)).ok(), expected, "{text}");
}

fn on(text: &str) -> Option<Expiry> {
    Some(Expiry::ExpiresOn(text.to_owned()))
}

fn at(text: &str) -> Option<Expiry> {
    Some(Expiry::ExpiresAt(text.to_owned()))
}

#[test]
fn dates_and_instants_go_to_the_host_as_they_are() {
    check("2027-03-31", on("2027-03-31"));
    check("2027-03-31T12:00:00Z", at("2027-03-31T12:00:00Z"));
    check("2027-03-31T12:00:00+02:00", at("2027-03-31T12:00:00+02:00"));
    check("2027-03-31T", at("2027-03-31T"));
}

#[test]
fn days_that_do_not_exist_are_for_the_host_to_refuse() {
    check("2027-02-30", on("2027-02-30"));
    check("2027-13-01T00:00:00Z", at("2027-13-01T00:00:00Z"));
}

#[test]
fn days_count_from_today_in_utc() {
    check("0d", on("2026-11-23"));
    check("1d", on("2026-11-24"));
    check("90d", on("2027-02-21"));
    check("3650d", on("2036-11-20"));
    check("465d", on("2028-03-02"));
}

#[test]
fn everything_else_is_wrong_usage() {
    for text in
        ["", "soon", "d", "-1d", "+1d", "1.5d", "90", "90 d", "99999999d", "31.03.2027", "2027-3-31"]
    {
        check(text, None);
    }
    for text in ["2027-03-31x", "20270331T000000Z", "２０２７-03-31", "2027-03-3é", "١d"] {
        check(text, None);
    }
    assert!(parse_on("1d", day(9999, Month::December, 31)).is_err());
}

#[test]
fn the_request_names_the_form() {
    assert_eq!(
        serde_json::to_value(parse("2027-03-31").unwrap()).unwrap(),
        serde_json::json!({ "expires_on": "2027-03-31" })
    );
    assert_eq!(
        serde_json::to_value(parse("2027-03-31T00:00:00Z").unwrap()).unwrap(),
        serde_json::json!({ "expires_at": "2027-03-31T00:00:00Z" })
    );
}
