//! What is offered for a new token's end, what a policy may be applied to, and what is told once
//! an end has passed.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a failed unwrap is a failed test"
)]

use exportgate_core::{
    apply_policy::check_applicable,
    code::Code,
    create_token::{CREATE_RANDOM_BYTES, Draft, Facts, create_token},
    expire_token::expire_token,
    expiry_choices::{ChoiceKey, expiry_choices},
    history::{Actor, EventKind},
    id::{OrgId, UserId},
    name::Name,
    policy::{ExpiryWish, Policy},
    time::Timestamp,
    token::{Owner, Token},
};

fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

fn policy(maximum_expiry_days: Option<i64>, automatic_expiration: bool) -> Policy {
    Policy::new(maximum_expiry_days, automatic_expiration, None).unwrap()
}

fn owner() -> Owner {
    Owner {
        org_id: OrgId::parse("default").unwrap(),
        user_id: UserId::parse("usr_1").unwrap(),
        user_name: Name::parse("anna").unwrap(),
    }
}

fn token(expires_at: Option<&str>) -> Token {
    let expiry = ExpiryWish { expires_at, expires_on: None };
    let facts = Facts { owner: owner(), policy: policy(None, false), n_active: 0 };
    let random = [7; CREATE_RANDOM_BYTES];
    create_token(Draft { label: "Sales", expiry }, &facts, at("2027-03-30T10:00:00Z"), &random)
        .unwrap()
        .token
}

/// The key and the last day of each offer.
fn offered(policy: &Policy, now: &str) -> Vec<(ChoiceKey, Option<u32>, Option<String>)> {
    let choices = expiry_choices(policy, at(now));
    choices.iter().map(|choice| (choice.key, choice.n_days, choice.last_day())).collect()
}

#[test]
fn offers_end_with_a_day_and_within_the_policy() {
    use ChoiceKey::{Days7, Days30, Days90, Maximum, Never};
    let day = |key, n_days, text: &str| (key, Some(n_days), Some(text.to_owned()));
    let week = day(Days7, 7, "2027-04-07");
    let month = day(Days30, 30, "2027-04-30");
    let never = (Never, None, None);
    let now = "2027-03-31T12:00:00Z";
    for (policy, expected) in [
        (
            policy(None, false),
            vec![week.clone(), month.clone(), day(Days90, 90, "2027-06-29"), never.clone()],
        ),
        (
            policy(Some(60), false),
            vec![week.clone(), month, day(Maximum, 60, "2027-05-30"), never.clone()],
        ),
        (
            policy(Some(60), true),
            vec![week.clone(), day(Days30, 30, "2027-04-30"), day(Maximum, 60, "2027-05-30")],
        ),
        // A period that is as long as the maximum is the maximum.
        (policy(Some(30), true), vec![week, day(Maximum, 30, "2027-04-30")]),
        (policy(Some(7), true), vec![day(Maximum, 7, "2027-04-07")]),
        (policy(Some(1), false), vec![day(Maximum, 1, "2027-04-01"), never]),
    ] {
        assert_eq!(offered(&policy, now), expected, "{}", policy.meaning());
    }
}

#[test]
fn what_could_not_be_written_any_more_is_not_offered() {
    use ChoiceKey::{Days7, Days30, Days90, Never};
    let offered = |now| -> Vec<ChoiceKey> {
        offered(&policy(None, false), now).into_iter().map(|(key, ..)| key).collect()
    };
    assert_eq!(offered("9999-10-01T12:00:00Z"), [Days7, Days30, Days90, Never]);
    assert_eq!(offered("9999-11-01T12:00:00Z"), [Days7, Days30, Never]);
    // The last second of time is as good as midnight while it is so many whole days ahead.
    assert_eq!(offered("9999-12-24T23:59:59Z"), [Days7, Never]);
    assert_eq!(offered("9999-12-25T00:00:00Z"), [Never]);
    assert_eq!(offered("9999-12-31T23:59:59Z"), [Never]);
}

#[test]
fn an_end_is_told_at_its_instant_and_only_of_a_token_that_it_ended() {
    let end = "2027-03-31T12:00:00Z";
    let ending = token(Some(end));
    let told = |token: &Token, now| expire_token(token, &owner(), at(now));
    assert_eq!(told(&ending, "2027-03-31T11:59:59Z"), None);
    for now in [end, "2031-01-01T00:00:00Z"] {
        let event = told(&ending, now).unwrap();
        assert_eq!(
            (event.at, event.actor, event.kind),
            (at(end), Actor::Host, EventKind::TokenExpired)
        );
        assert_eq!(event.token_id, Some(ending.token_id.clone()));
    }
    assert_eq!(told(&token(None), "2031-01-01T00:00:00Z"), None);
    let revoked = Token { revoked_at: Some(at("2027-03-31T00:00:00Z")), ..ending };
    assert_eq!(told(&revoked, end), None);
}

#[test]
fn only_a_policy_with_a_maximum_can_be_applied() {
    check_applicable(&policy(Some(1), false)).unwrap();
    let mistakes = check_applicable(&policy(None, false)).unwrap_err();
    assert_eq!(mistakes[0].code, Code::PolicyMaximumRequired);
}
