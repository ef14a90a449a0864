use exportgate_core::{
    id::{OrgId, TokenId, UserId},
    label::Label,
    name::Name,
    user::Role,
};

use super::*;
use crate::{directory::Directory, store::StoredUser};

fn at(text: &str) -> Timestamp {
    Timestamp::parse(&format!("2026-11-23T{text}Z")).unwrap()
}

fn token() -> LiveToken {
    let user = Directory::default().insert_user(StoredUser {
        user_seq: 1,
        org_id: OrgId::parse("default").unwrap(),
        user_id: UserId::parse("usr_1").unwrap(),
        user_name: Name::parse("anna").unwrap(),
        display_name: String::new(),
        email: None,
        role: Role::User,
        active: true,
    });
    LiveToken {
        token_seq: 3,
        token_id: (&TokenId::parse("tok_3").unwrap()).into(),
        label: (&Label::parse("Sales", "").unwrap()).into(),
        created_at: Timestamp::MIN,
        expires_at: None,
        revoked_at: None,
        user,
    }
}

fn one<'a>(token: &'a LiveToken, time: &str) -> Use<'a> {
    Use {
        token,
        reason: Reason::Allowed,
        data_source: Some("Accounts"),
        client_address: Some(IpAddr::from([203, 0, 113, 7])),
        service: None,
        at: at(time),
    }
}

#[test]
fn uses_of_one_minute_become_one_event_when_the_minute_closes() {
    let (uses, token) = (Uses::default(), token());
    for time in ["10:00:01", "10:00:59", "10:00:30"] {
        uses.record(one(&token, time));
    }
    assert!(uses.close_minutes(Some(at("10:00:59"))).is_empty(), "the minute is still open");
    let closed = uses.close_minutes(Some(at("10:01:00")));
    let event = closed.first().unwrap().event();
    assert_eq!(
        (closed.len(), event.kind.as_str(), event.at),
        (1, "export.allowed", at("10:00:59"))
    );
    assert_eq!(event.details["n_exports"], 3);
    assert_eq!(event.details["first_at"], "2026-11-23T10:00:01Z");
    assert_eq!(event.details["client_address"], "203.0.113.7");
    assert!(uses.close_minutes(None).is_empty(), "nothing is told twice");
}

#[test]
fn another_minute_source_address_or_outcome_is_another_event() {
    let (uses, token) = (Uses::default(), token());
    let first = one(&token, "10:00:00");
    for other in [
        first,
        Use { at: at("10:01:00"), ..first },
        Use { data_source: None, ..first },
        Use { client_address: None, ..first },
        Use { reason: Reason::Expired, ..first },
    ] {
        uses.record(other);
    }
    assert_eq!(uses.close_minutes(None).len(), 5);
}

#[test]
fn the_last_use_is_known_before_its_minute_closes_and_is_not_moved_by_denials() {
    let (uses, token) = (Uses::default(), token());
    uses.record(one(&token, "10:00:10"));
    uses.record(Use { reason: Reason::Revoked, ..one(&token, "10:00:20") });
    assert_eq!(uses.last_allowed_at(3), Some(at("10:00:10")));
    uses.forget_stored(&[(3, at("10:00:10"))]);
    assert_eq!(uses.last_allowed_at(3), None);
}

#[test]
fn what_could_not_be_stored_is_told_the_next_time() {
    let (uses, token) = (Uses::default(), token());
    uses.record(one(&token, "10:00:10"));
    let closed = uses.close_minutes(None);
    uses.put_back(closed);
    assert_eq!(uses.close_minutes(None).len(), 1);
}

#[test]
fn made_up_data_sources_do_not_fill_the_memory() {
    let (uses, token) = (Uses::default(), token());
    for number in 0..MAXIMUM_OPEN + 500 {
        let source = number.to_string();
        uses.record(Use { data_source: Some(&source), ..one(&token, "10:00:00") });
    }
    let closed = uses.close_minutes(None);
    assert_eq!(closed.len(), MAXIMUM_OPEN + 1);
    let n_exports: u64 =
        closed.iter().map(|gathered| gathered.event().details["n_exports"].as_u64().unwrap()).sum();
    assert_eq!(n_exports, MAXIMUM_OPEN as u64 + 500);
}
