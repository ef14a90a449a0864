//! Words that programs read, and that are never another: `shared/DOMAIN.md`.
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use exportgate_core::{
    code::Code,
    create_token::CREATE_RANDOM_BYTES,
    history::{Actor, EventKind},
    merkle::Hash,
    revoke_token::Cause,
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
fn hashes_are_shown_as_they_are_written() {
    let hash = Hash::of_leaf(b"x");
    assert_eq!(format!("{hash:?}"), hash.to_string());
    assert_eq!(hash.to_string(), "PH6byTDck/AfppmF7yQtn56GHzxTVaokzl70tLinDMs=");
}
