//! Words that programs read, and that are never another: `shared/DOMAIN.md`.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a failed unwrap is a failed test")]

use exportgate_core::{
    code::Code,
    create_token::CREATE_RANDOM_BYTES,
    history::{Actor, EventKind},
    merkle::Hash,
    revoke_token::Cause,
    time::Timestamp,
    wire::{CreateTokenAnswer, CreateTokenInput, Verb},
};

#[test]
fn actors_and_events_have_these_names() {
    for (actor, name) in [
        (Actor::Service, "service"),
        (Actor::Operator, "operator"),
        (Actor::Host, "host"),
        (Actor::SecretHolder, "secret_holder"),
    ] {
        assert_eq!(actor.kind(), name);
    }
    for (kind, name) in [
        (EventKind::TokenRevoked { cause: Cause::Owner }, "token.revoked"),
        (EventKind::TokenExpired, "token.expired"),
        (
            EventKind::TokenExpiryChanged { old_expires_at: None, new_expires_at: None },
            "token.expiry_changed",
        ),
        (EventKind::UserSignedIn, "user.signed_in"),
    ] {
        assert_eq!(kind.as_str(), name);
    }
}

#[test]
fn codes_are_written_and_read_by_their_names() {
    for code in Code::ALL {
        let written = serde_json::to_string(code).unwrap();
        assert_eq!(written, format!("\"{code}\""));
        assert_eq!(code.to_string(), code.as_str());
        assert_eq!(serde_json::from_str::<Code>(&written).unwrap(), *code);
    }
    serde_json::from_str::<Code>("\"token.unheard_of\"").unwrap_err();
}

#[test]
fn a_creation_takes_these_random_bytes() {
    // 16 for the id, 64 for the secret.
    assert_eq!(CREATE_RANDOM_BYTES, 80);
}

#[test]
fn what_is_no_document_of_a_verb_is_told_in_a_sentence() {
    let token = r#"{"token_id":"tok_0Lq9XbYt7RkGm2Vw4ZsC1d","label":"Sales","hint":"?",
        "created_at":"2027-03-01T12:00:00Z","expires_at":null,"revoked_at":null}"#;
    let owner = r#"{"org_id":"default","user_id":"usr_anna","user_name":"anna"}"#;
    let now = "2027-03-31T12:00:00Z";
    let input = format!(r#"{{"token":{token},"owner":{owner},"label":"Costs","now":"{now}"}}"#);
    let unreadable = Verb::RenameToken.run(&input).unwrap_err();
    assert_eq!(unreadable.to_string(), "a hint is 4 letters and digits");
}

#[test]
fn hashes_and_instants_are_shown_as_they_are_written() {
    let now = Timestamp::parse("2027-03-31T12:00:00Z").unwrap();
    assert_eq!(format!("{now:?} {now}"), "2027-03-31T12:00:00Z 2027-03-31T12:00:00Z");
    let hash = Hash::of_leaf(b"x");
    assert_eq!(format!("{hash:?}"), hash.to_string());
    assert_eq!(hash.to_string(), "PH6byTDck/AfppmF7yQtn56GHzxTVaokzl70tLinDMs=");
}

#[test]
fn a_new_token_is_shown_without_its_secret_and_what_it_is_made_of() {
    let owner = r#"{"org_id":"default","user_id":"usr_anna","user_name":"anna"}"#;
    let policy =
        r#"{"maximum_expiry_days":null,"automatic_expiration":false,"maximum_active_tokens":25}"#;
    let facts = format!(r#"{{"owner":{owner},"policy":{policy},"n_active":0}}"#);
    let random_bytes: String = (0..CREATE_RANDOM_BYTES).map(|n| format!("{n:02x}")).collect();
    let input = format!(
        r#"{{"draft":{{"label":"Sales"}},"facts":{facts},"now":"2027-03-31T12:00:00Z",
            "random_bytes":"{random_bytes}"}}"#
    );
    let shown = format!("{:?}", serde_json::from_str::<CreateTokenInput>(&input).unwrap());
    assert!(shown.contains("Sales"), "{shown}");
    assert!(!shown.contains(&random_bytes), "{shown}");

    let answer = Verb::CreateToken.run(&input).unwrap();
    let CreateTokenAnswer::Created(created) = serde_json::from_str(&answer).unwrap() else {
        panic!("no token was created: {answer}");
    };
    let shown = format!("{created:?}");
    assert!(shown.contains("Sales"), "{shown}");
    assert!(!shown.contains(&created.secret) && !shown.contains(&created.digest), "{shown}");
}
