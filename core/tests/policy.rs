//! Policies and existing tokens: a table of rules, and what a preview shows is what an
//! application does.
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use exportgate_core::{
    apply_policy::apply_policy,
    change_policy::change_policy,
    code::Code,
    history::Actor,
    id::{OrgId, TokenId, UserId},
    label::Label,
    name::Name,
    policy::{Policy, VersionedPolicy},
    preview_policy::{ExistingToken, Instants, NoticeDays, ending_earlier, new_expiry},
    secret::Hint,
    time::Timestamp,
    token::{Owner, Token},
};
use proptest::prelude::*;

fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

#[track_caller]
fn check_new_expiry(days: Option<i64>, notice: i64, expires_at: Option<&str>, new: Option<&str>) {
    let policy = Policy::new(days, false, None).unwrap();
    let token = Instants {
        created_at: at("2027-01-10T15:00:00Z"),
        expires_at: expires_at.map(at),
        revoked_at: None,
    };
    let now = at("2027-03-01T12:00:00Z");
    let notice = NoticeDays::new(notice).unwrap();
    assert_eq!(new_expiry(&policy, notice, token, now), new.map(at));
}

#[test]
fn an_applied_maximum_ends_a_token_at_the_latest_allowed_instant_of_its_creation() {
    check_new_expiry(Some(90), 7, None, Some("2027-04-11T00:00:00Z"));
    check_new_expiry(Some(90), 7, Some("2028-01-01T00:00:00Z"), Some("2027-04-11T00:00:00Z"));
}

#[test]
fn but_never_earlier_than_the_notice_period_from_now() {
    check_new_expiry(Some(30), 7, None, Some("2027-03-08T12:00:00Z"));
    check_new_expiry(Some(30), 0, None, Some("2027-03-01T12:00:00Z"));
    check_new_expiry(Some(90), 365, None, Some("2028-02-29T12:00:00Z"));
}

#[test]
fn and_never_later_than_it_was() {
    check_new_expiry(Some(30), 7, Some("2027-03-08T11:59:59Z"), None);
    check_new_expiry(Some(30), 7, Some("2027-03-08T12:00:00Z"), None);
    check_new_expiry(Some(30), 7, Some("2027-03-08T12:00:01Z"), Some("2027-03-08T12:00:00Z"));
    check_new_expiry(Some(90), 7, Some("2027-04-11T00:00:00Z"), None);
}

#[test]
fn without_a_maximum_or_for_a_token_that_is_not_active_nothing_changes() {
    check_new_expiry(None, 7, None, None);
    check_new_expiry(Some(1), 0, Some("2027-03-01T12:00:00Z"), None);
    let policy = Policy::new(Some(1), false, None).unwrap();
    let (created_at, revoked_at) = (at("2027-01-10T15:00:00Z"), Some(at("2027-01-11T00:00:00Z")));
    let revoked = Instants { created_at, expires_at: None, revoked_at };
    assert_eq!(
        new_expiry(&policy, NoticeDays::default(), revoked, at("2027-03-01T00:00:00Z")),
        None
    );
}

#[test]
fn a_notice_period_has_0_to_365_days() {
    for days in [0, 7, 365] {
        assert_eq!(i64::from(NoticeDays::new(days).unwrap().get()), days);
    }
    for days in [-1, 366, i64::MAX, i64::MIN] {
        assert_eq!(NoticeDays::new(days).unwrap_err().code, Code::RequestMalformed);
    }
}

#[test]
fn a_policy_changes_only_for_whoever_saw_the_current_one() {
    let org_id = OrgId::parse("default").unwrap();
    let current = VersionedPolicy { policy: Policy::default(), version: 4 };
    let wish = Policy::new(Some(90), true, None).unwrap();
    let now = at("2027-03-01T12:00:00Z");
    let change =
        |expected, wish| change_policy(&org_id, current, expected, wish, Actor::Operator, now);
    for seen in [None, Some(4)] {
        let changed = change(seen, wish).unwrap().unwrap();
        assert_eq!(changed.policy, VersionedPolicy { policy: wish, version: 5 });
    }
    for seen in [0, 3, 5] {
        let mistakes = change(Some(seen), wish).unwrap_err();
        assert_eq!(mistakes.first().unwrap().code, Code::PolicyVersionConflict);
    }
    assert_eq!(change(Some(4), Policy::default()), Ok(None), "nothing to change");
}

#[test]
fn meanings_read_well() {
    let meaning = |days, automatic, active| Policy::new(days, automatic, active).unwrap().meaning();
    assert_eq!(
        meaning(None, false, None),
        "New tokens may expire at any date, or never. A user may have any number of active tokens."
    );
    assert_eq!(
        meaning(Some(1), true, Some(1)),
        "New tokens expire at the latest 1 day after the day of their creation. Without a date \
         they expire then. A user may have at most 1 active token."
    );
    assert_eq!(
        meaning(Some(90), false, Some(25)),
        "New tokens with a date expire at the latest 90 days after the day of their creation. \
         Without a date they do not expire. A user may have at most 25 active tokens."
    );
}

/// The English words of page and Lightning component, by key.
const CATALOGUE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../wasm/shared/text/en.json");

/// The page says it in the reader's language, from its catalogue: a policy must not mean one thing
/// there and another in a preview or on the command line.
#[test]
fn meanings_are_the_words_of_the_catalogue() {
    let catalogue = std::fs::read_to_string(CATALOGUE).unwrap();
    let catalogue: serde_json::Value = serde_json::from_str(&catalogue).unwrap();
    let words = |key: String, n: Option<i64>| {
        let words = catalogue.get(&key).and_then(|words| words.as_str());
        let words = words.unwrap_or_else(|| panic!("no words for `{key}` in {CATALOGUE}"));
        n.map_or_else(|| words.to_owned(), |n| words.replace("{n}", &n.to_string()))
    };
    let counted = |key: &str, n: i64| {
        words(format!("{key}.{}", if n == 1 { "one" } else { "other" }), Some(n))
    };
    for days in [None, Some(1), Some(2), Some(90), Some(3650)] {
        for automatic in [false, true] {
            for active in [None, Some(1), Some(2), Some(25), Some(1000)] {
                // Automatic expiration needs a maximum.
                let Ok(policy) = Policy::new(days, automatic, active) else {
                    assert_eq!((days, automatic), (None, true));
                    continue;
                };
                let expiry = match (days, automatic) {
                    (None, _) => words("meaning.any".to_owned(), None),
                    (Some(days), true) => counted("meaning.automatic", days),
                    (Some(days), false) => counted("meaning.maximum", days),
                };
                let active = match active {
                    None => words("meaning.any_number".to_owned(), None),
                    Some(active) => counted("meaning.at_most", active),
                };
                assert_eq!(policy.meaning(), format!("{expiry} {active}"));
            }
        }
    }
}

const DAY: i64 = 86_400;

#[derive(Clone, Debug)]
struct Drawn {
    created: i64,
    lifetime: Option<i64>,
    revoked: bool,
    used: Option<i64>,
}

fn drawn() -> impl Strategy<Value = Drawn> {
    let (lifetime, used) = (prop::option::of(1..800 * DAY), prop::option::of(-30 * DAY..0));
    (-500 * DAY..=0, lifetime, prop::bool::weighted(0.2), used)
        .prop_map(|(created, lifetime, revoked, used)| Drawn { created, lifetime, revoked, used })
}

proptest! {
    #[test]
    fn what_a_preview_shows_is_what_an_application_does(
        days in 1..400i64,
        notice in 0..=365i64,
        drawn in prop::collection::vec(drawn(), 0..40),
    ) {
        let now = 1_800_000_000;
        let instant = |seconds: i64| Timestamp::from_unix_seconds(seconds).unwrap();
        let policy = Policy::new(Some(days), false, None).unwrap();
        let notice = NoticeDays::new(notice).unwrap();
        let owner = Owner {
            org_id: OrgId::parse("default").unwrap(),
            user_id: UserId::parse("usr_1").unwrap(),
            user_name: Name::parse("anna").unwrap(),
        };
        let tokens: Vec<(Token, Option<Timestamp>)> = drawn.iter().enumerate().map(|(n, drawn)| {
            let created_at = instant(now + drawn.created);
            let token = Token {
                token_id: TokenId::parse(&format!("tok_{n}")).unwrap(),
                label: Label::parse("Sales", "").unwrap(),
                hint: Hint::parse("abcd").unwrap(),
                created_at,
                expires_at: drawn.lifetime.map(|secs| instant(now + drawn.created + secs)),
                revoked_at: drawn.revoked.then_some(created_at),
            };
            (token, drawn.used.map(|used| instant(now + used)))
        }).collect();
        let existing = tokens.iter().map(|(token, last_used_at)| ExistingToken {
            token_id: token.token_id.clone(),
            label: token.label.clone(),
            owner: (&owner).into(),
            instants: Instants {
                created_at: token.created_at,
                expires_at: token.expires_at,
                revoked_at: token.revoked_at,
            },
            last_used_at: *last_used_at,
            n_uses: 0,
        }).collect();
        let previewed = ending_earlier(&policy, notice, existing, instant(now));
        prop_assert!(previewed.is_sorted_by_key(|ends| std::cmp::Reverse(ends.token.last_used_at)));
        let mut shown: Vec<_> = previewed.iter()
            .map(|ends| (ends.token.token_id.clone(), ends.new_expires_at)).collect();
        let mut done: Vec<_> = tokens.iter().filter_map(|(token, _)| {
            let (changed, _) = apply_policy(&policy, notice, token, &owner, &Actor::Operator, instant(now))?;
            Some((changed.token_id, changed.expires_at.unwrap()))
        }).collect();
        shown.sort();
        done.sort();
        prop_assert_eq!(&shown, &done);

        // And applying it again changes nothing more.
        for (token, _) in &tokens {
            if let Some((changed, _)) = apply_policy(&policy, notice, token, &owner, &Actor::Operator, instant(now)) {
                prop_assert_eq!(apply_policy(&policy, notice, &changed, &owner, &Actor::Operator, instant(now)), None);
            }
        }
    }
}
