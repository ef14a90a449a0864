//! What becomes of each thing that lives in the older database, as tables.

use exportgate_core::{id::TokenId, label::Label, secret::Hint};

use super::*;

const NOW: i64 = 1_000;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_unix_seconds(seconds).unwrap()
}

fn older(expires_at: Option<i64>) -> Token {
    Token {
        token_id: TokenId::parse("tok_0Lq9XbYt7RkGm2Vw4ZsC1d").unwrap(),
        label: Label::parse("Sales", "").unwrap(),
        hint: Hint::parse("abcd").unwrap(),
        created_at: at(0),
        expires_at: expires_at.map(at),
        revoked_at: None,
    }
}

#[track_caller]
fn check(older_end: Option<i64>, newer: Option<(Option<i64>, Option<i64>)>, wanted: Fate) {
    let newer = newer
        .map(|(revoked, end)| NewerToken { revoked_at: revoked.map(at), expires_at: end.map(at) });
    assert_eq!(fate_of_token(&older(older_end), newer, at(NOW)), wanted);
}

#[test]
fn a_token_stays_only_if_it_is_active_in_both() {
    for end in [None, Some(NOW + 1), Some(NOW + 500)] {
        check(end, None, Fate::Unproven);
        check(end, Some((None, end)), Fate::Stays);
        check(end, Some((Some(NOW - 1), end)), Fate::Ended);
        check(end, Some((Some(NOW - 1), Some(NOW - 5))), Fate::Ended);
        check(end, Some((None, Some(NOW))), Fate::Ended);
        check(end, Some((None, Some(NOW - 1))), Fate::Ended);
    }
    // A clock that was ahead revoked it: revoked is revoked.
    check(None, Some((Some(NOW + 1), None)), Fate::Ended);
}

#[test]
fn a_token_ends_at_the_earlier_of_two_ends() {
    check(None, Some((None, Some(NOW + 1))), Fate::EndsAt(at(NOW + 1)));
    check(Some(NOW + 9), Some((None, Some(NOW + 8))), Fate::EndsAt(at(NOW + 8)));
    check(Some(NOW + 9), Some((None, Some(NOW + 10))), Fate::Stays);
    check(Some(NOW + 9), Some((None, None)), Fate::Stays);
}

#[test]
fn a_key_stays_only_if_it_is_live_in_both() {
    assert_eq!(fate_of_key(Some(true)), Fate::Stays);
    assert_eq!(fate_of_key(Some(false)), Fate::Ended);
    assert_eq!(fate_of_key(None), Fate::Unproven);
}

#[test]
fn a_newer_database_takes_from_people_and_gives_nothing() {
    use Role::{Administrator, User};
    let newer = |role, active| Some(NewerUser { role, active });
    for (older, newer, wanted) in [
        (User, None, (false, false)),
        (Administrator, None, (false, false)),
        (User, newer(User, true), (false, false)),
        (User, newer(Administrator, true), (false, false)),
        (Administrator, newer(Administrator, true), (false, false)),
        (Administrator, newer(User, true), (false, true)),
        (Administrator, newer(User, false), (true, true)),
        (User, newer(Administrator, false), (true, false)),
    ] {
        assert_eq!(fate_of_user(older, newer), wanted, "{older:?} {newer:?}");
    }
}
