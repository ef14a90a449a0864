//! Every case in `tests/cases` by the core alone: a mistake in it is found within a second, and
//! where it is. `tests/it/corpus.rs` then compares the component with it.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a failed unwrap is a failed test"
)]

use std::{fs, path::Path};

use exportgate_core::wire::Verb;
use serde_json::{Value, json};

#[test]
fn every_case_has_its_answer() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/cases");
    let (mut n_cases, mut failures) = (0, Vec::new());
    for verb in Verb::ALL {
        // Two verbs have no cases, but the tests below.
        let Ok(entries) = fs::read_dir(folder.join(verb.as_str())) else { continue };
        for entry in entries {
            let path = entry.unwrap().path();
            let case: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
            let answer = verb.run(&case["input"].to_string()).map_err(|error| error.to_string());
            let answer = answer.and_then(|it| serde_json::from_str(&it).map_err(|_| it));
            n_cases += 1;
            if answer.as_ref() != Ok(&case["expected"]) {
                failures.push(format!("{}: {} {answer:?}", path.display(), case["sentence"]));
            }
        }
    }
    assert!(n_cases > 500, "there are only {n_cases} cases");
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn verbs_are_known_by_their_names_only() {
    for verb in Verb::ALL {
        assert_eq!(Verb::parse(verb.as_str()), Some(*verb));
    }
    assert_eq!(Verb::parse("create"), None);
}

fn token() -> Value {
    json!({
        "token_id": "tok_0Lq9XbYt7RkGm2Vw4ZsC1d",
        "label": "Sales dashboard",
        "hint": "x9Kd",
        "created_at": "2027-03-01T12:00:00Z",
        "expires_at": "2027-06-01T00:00:00Z",
        "revoked_at": null,
    })
}

fn owner() -> Value {
    json!({ "org_id": "default", "user_id": "usr_anna", "user_name": "anna" })
}

fn event(kind: &str, label: &str, details: &Value) -> Value {
    json!({
        "org_id": "default",
        "at": "2027-03-31T12:00:00Z",
        "kind": kind,
        "actor": { "kind": "user", "user_id": "usr_anna", "user_name": "anna" },
        "token_id": "tok_0Lq9XbYt7RkGm2Vw4ZsC1d",
        "label": label,
        "owner": { "user_id": "usr_anna", "user_name": "anna" },
        "reason": null,
        "details": details,
    })
}

fn answer(verb: Verb, input: &Value) -> Value {
    serde_json::from_str(&verb.run(&input.to_string()).unwrap()).unwrap()
}

#[test]
fn a_token_gets_another_label_with_an_event_or_keeps_its_own_without_one() {
    let rename = |label: &str| {
        let now = "2027-03-31T12:00:00Z";
        let input = json!({ "token": token(), "owner": owner(), "label": label, "now": now });
        answer(Verb::RenameToken, &input)
    };
    let mut renamed = token();
    renamed["label"] = json!("Costs");
    let event = event("token.renamed", "Costs", &json!({ "old_label": "Sales dashboard" }));
    assert_eq!(rename(" Costs "), json!({ "renamed": { "token": renamed, "event": event } }));
    assert_eq!(
        rename("Sales dashboard"),
        json!({ "renamed": { "token": token(), "event": null } })
    );
    assert_eq!(rename(" ")["refused"]["errors"][0]["code"], "label.empty");
}

#[test]
fn tokens_are_revoked_once_and_in_their_order() {
    let mut revoked = token();
    revoked["revoked_at"] = json!("2027-03-30T00:00:00Z");
    for cause in ["owner", "revoke_all", "secret_reported", "rollback"] {
        let now = "2027-03-31T12:00:00Z";
        let tokens = json!([revoked, token()]);
        let input = json!({ "tokens": tokens, "owner": owner(), "cause": cause, "now": now });
        let answer = answer(Verb::RevokeTokens, &input);
        let told = answer["revoked"].as_array().unwrap();
        assert_eq!(told.len(), 1, "{answer}");
        assert_eq!(told[0]["token"]["revoked_at"], now);
        assert_eq!(told[0]["event"]["kind"], "token.revoked");
        assert_eq!(told[0]["event"]["details"], json!({ "cause": cause }));
    }
}
