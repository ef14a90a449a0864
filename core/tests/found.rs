//! What `tests/fuzz` and `tests/oracles` found, kept so that it stays mended.
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use exportgate_core::wire::Verb;

/// A change of policy at this version.
fn change_at(version: u64) -> String {
    let policy = |days: u32| {
        format!(
            r#"{{"maximum_expiry_days":{days},"automatic_expiration":false,"maximum_active_tokens":25}}"#
        )
    };
    let (current, wish) = (policy(30), policy(60));
    format!(
        r#"{{"org_id":"default","current":{{"policy":{current},"version":{version}}},"wish":{wish},
        "actor":{{"kind":"operator","user_id":null,"user_name":null}},"now":"2027-03-31T12:00:00Z"}}"#
    )
}

#[test]
fn a_policy_whose_next_version_cannot_be_written_is_refused_and_stops_nothing() {
    // Was an overflow, which stopped the engine's instance.
    for version in [u64::MAX, 1 << 53, (1 << 53) - 1] {
        Verb::ChangePolicy.run(&change_at(version)).unwrap_err();
    }
    let changed = Verb::ChangePolicy.run(&change_at((1 << 53) - 2)).unwrap();
    assert!(changed.contains("\"version\":9007199254740991"), "{changed}");
}
