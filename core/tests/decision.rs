//! What each reason means to programs, people and history.
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use exportgate_core::{time::Timestamp, token::Status, user::Role, validate_export::Reason::*};

fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

#[test]
fn every_reason_has_a_name_a_decision_and_is_told_or_not() {
    for (reason, name, told, names_token) in [
        (Malformed, "malformed", Malformed, false),
        (Unknown, "unknown", Unknown, false),
        (OtherOrganization, "other_organization", Unknown, false),
        (UserMismatch, "user_mismatch", UserMismatch, true),
        (OwnerInactive, "owner_inactive", OwnerInactive, true),
        (Revoked, "revoked", Revoked, true),
        (Expired, "expired", Expired, true),
        (Allowed, "allowed", Allowed, true),
    ] {
        assert_eq!(reason.as_str(), name);
        assert_eq!(reason.told(), told, "{name}");
        assert_eq!(reason.names_token(), names_token, "{name}");
        assert_eq!(reason.is_allowed(), name == "allowed");
        assert_eq!(reason.decision(), if name == "allowed" { "allow" } else { "deny" });
    }
}

#[test]
fn people_are_told_what_happened_and_when() {
    let (revoked, expired) = (at("2027-03-01T00:00:00Z"), at("2027-03-31T00:00:00Z"));
    for (reason, words) in [
        (Malformed, "42 characters"),
        (Unknown, "no access token has this secret"),
        (OtherOrganization, "no access token has this secret"),
        (UserMismatch, "another user"),
        (OwnerInactive, "not active"),
        (Revoked, "was revoked at 2027-03-01T00:00:00Z"),
        (Expired, "expired at 2027-03-31T00:00:00Z"),
        (Allowed, "may run"),
    ] {
        let message = reason.message(Some(revoked), Some(expired));
        assert!(message.contains(words), "{message}");
    }
    assert_eq!(Revoked.message(None, None), "the access token was revoked; create a new one");
    assert_eq!(Expired.message(None, None), "the access token expired; create a new one");
}

#[test]
fn statuses_and_roles_are_read_as_they_are_written() {
    for (status, name) in
        [(Status::Active, "active"), (Status::Expired, "expired"), (Status::Revoked, "revoked")]
    {
        assert_eq!(status.as_str(), name);
        assert_eq!(Status::parse(name), Some(status));
    }
    for (role, name) in [(Role::User, "user"), (Role::Administrator, "administrator")] {
        assert_eq!(role.as_str(), name);
        assert_eq!(Role::parse(name), Some(role));
    }
    assert_eq!((Status::parse("Active"), Role::parse("")), (None, None));
}

#[test]
fn a_revocation_outranks_an_expiry_and_the_end_is_the_first_instant_that_is_over() {
    let end = at("2027-03-31T00:00:00Z");
    let (before, after) = (end.saturating_add_secs(-1), end.saturating_add_secs(1));
    for (now, revoked_at, expires_at, expected) in [
        (before, None, Some(end), Status::Active),
        (end, None, Some(end), Status::Expired),
        (after, None, Some(end), Status::Expired),
        (after, None, None, Status::Active),
        (before, Some(after), Some(end), Status::Revoked),
        (after, Some(before), Some(end), Status::Revoked),
    ] {
        assert_eq!(Status::at(now, revoked_at, expires_at), expected, "{now}");
    }
}
