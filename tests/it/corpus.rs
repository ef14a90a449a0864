//! Knows every case in `tests/cases`: the core run natively and the component in the host's engine
//! both give the expected document, and give it in the same bytes.

use std::{fs, path::Path};

use exportgate_core::{
    secret::{Secret, SecretKind},
    time::Timestamp,
    token::Owner,
    validate_export::{Facts, gather},
    wire::{self, Verb},
};
use exportgate_host::engine::{Engine, EngineError};
use serde_json::{Value, json};

/// One file of `tests/cases`.
struct Case {
    /// The file's name and its sentence, for a failure.
    title: String,
    input: Value,
    expected: Value,
}

/// Every case of one verb, in the order of their names.
fn cases(verb: &str, at_least: usize) -> Vec<Case> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("cases").join(verb);
    let entries = fs::read_dir(&folder).expect("the verb has a folder of cases");
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    paths.sort();
    assert!(paths.len() >= at_least, "{verb} has only {} cases", paths.len());
    paths.iter().map(|path| read(verb, path)).collect()
}

fn read(verb: &str, path: &Path) -> Case {
    let name = path.file_name().unwrap().to_string_lossy();
    let text = fs::read_to_string(path).unwrap();
    let mut case: Value =
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{verb}/{name}: {error}"));
    let fields: Vec<&str> = case.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(fields.len(), 3, "{verb}/{name} has the fields {fields:?}");
    let sentence = case["sentence"].as_str().expect("a case has a sentence");
    let title = format!("{verb}/{name}: {sentence}");
    Case { title, input: case["input"].take(), expected: case["expected"].take() }
}

/// Asks core and component for every case of a verb; gathers all failures before it fails.
fn check(verb: Verb, at_least: usize) {
    let engine = Engine::embedded().unwrap();
    let mut failures = Vec::new();
    for Case { title, input, expected } in &cases(verb.as_str(), at_least) {
        let input = input.to_string();
        let (native, component) = match (verb.run(&input), engine.run(verb, &input)) {
            (Ok(native), Ok(component)) => (native, component),
            (native, component) => {
                failures.push(format!("{title}\n  native {native:?}\n  component {component:?}"));
                continue;
            }
        };
        for (who, answer) in [("native", &native), ("component", &component)] {
            if serde_json::from_str::<Value>(answer).ok().as_ref() != Some(expected) {
                failures.push(format!("{title}\n  expected {expected}\n  {who} {answer}"));
            }
        }
        if native != component {
            let told = format!("{title}\n  native {native}\n  component {component}");
            failures.push(format!("{told}\n  are not the same bytes"));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
}

#[test]
fn every_case_of_create_token_has_its_answer() {
    check(Verb::CreateToken, 40);
}

#[test]
fn every_case_of_judge_draft_has_its_answer() {
    check(Verb::JudgeDraft, 20);
}

#[test]
fn every_case_of_expiry_choices_has_its_answer() {
    check(Verb::ExpiryChoices, 19);
}

#[test]
fn every_case_of_token_status_has_its_answer() {
    check(Verb::TokenStatus, 16);
}

#[test]
fn every_case_of_inspect_secret_has_its_answer() {
    check(Verb::InspectSecret, 30);
}

#[test]
fn every_case_of_validate_export_has_its_answer() {
    check(Verb::ValidateExport, 40);
}

#[test]
fn every_case_of_change_policy_has_its_answer() {
    check(Verb::ChangePolicy, 30);
}

#[test]
fn every_case_of_preview_policy_has_its_answer() {
    check(Verb::PreviewPolicy, 50);
}

#[test]
fn every_case_of_apply_policy_has_its_answer() {
    check(Verb::ApplyPolicy, 20);
}

#[test]
fn every_case_of_expire_tokens_has_its_answer() {
    check(Verb::ExpireTokens, 10);
}

#[test]
fn every_case_of_canonical_event_has_its_answer() {
    check(Verb::CanonicalEvent, 30);
}

#[test]
fn every_case_of_tree_of_events_has_its_answer() {
    check(Verb::TreeOfEvents, 6);
}

#[test]
fn every_case_of_open_checkpoint_has_its_answer() {
    check(Verb::OpenCheckpoint, 30);
}

#[test]
fn every_case_of_verify_inclusion_has_its_answer() {
    check(Verb::VerifyInclusion, 25);
}

#[test]
fn every_case_of_verify_consistency_has_its_answer() {
    check(Verb::VerifyConsistency, 25);
}

/// An event like those of the corpus, at place `sequence` and that many seconds after a fixed
/// instant.
fn event(sequence: i64) -> Value {
    let start = Timestamp::parse("2027-01-01T00:00:00Z").unwrap();
    json!({
        "org_id": "default",
        "sequence": sequence,
        "at": start.saturating_add_secs(sequence),
        "kind": "export.allowed",
        "actor": { "kind": "service", "user_id": null, "user_name": null },
        "token_id": "tok_0Lq9XbYt7RkGm2Vw4ZsC1d",
        "label": "Sales dashboard",
        "owner": { "user_id": "usr_anna", "user_name": "anna@firma.example" },
        "reason": null,
        "details": {
            "n_exports": 7,
            "first_at": "2027-03-31T12:00:01Z",
            "last_at": "2027-03-31T12:00:58Z",
            "data_source": "Accounts",
            "client_address": "203.0.113.7",
            "service": { "service_id": "svc_1", "name": "reports" },
        },
        "engine": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    })
}

/// The answer that core and component give alike.
#[track_caller]
fn answer(verb: Verb, input: &Value) -> Value {
    let input = input.to_string();
    let native = verb.run(&input).unwrap();
    assert_eq!(native, Engine::embedded().unwrap().run(verb, &input).unwrap());
    serde_json::from_str(&native).unwrap()
}

/// The root was computed by a program of its own (Python's `hashlib` and `json`).
#[test]
fn a_thousand_events_have_this_root() {
    let events = (0..1000).map(event).collect();
    assert_eq!(
        answer(Verb::TreeOfEvents, &Value::Array(events)),
        json!({ "size": 1000, "root": "zmN/Jf9QzjJAJJW4ih8Ab9EuExUA5P5ZE8FN76EA4vI=" })
    );
}

/// `value` as JSON, with the names of every object in falling order.
fn with_names_reversed(value: &Value) -> String {
    let Value::Object(fields) = value else { return value.to_string() };
    let fields = fields.iter().rev();
    let fields =
        fields.map(|(name, value)| format!("{}: {}", json!(name), with_names_reversed(value)));
    format!("{{ {} }}", fields.collect::<Vec<_>>().join(", "))
}

#[test]
fn the_order_of_an_events_names_does_not_matter() {
    let (event, engine) = (event(7), Engine::embedded().unwrap());
    let reversed = with_names_reversed(&event);
    assert!(reversed.find("token_id") < reversed.find("details"), "{reversed}");
    let expected = Verb::CanonicalEvent.run(&event.to_string());
    assert_eq!(Verb::CanonicalEvent.run(&reversed), expected);
    assert_eq!(engine.run(Verb::CanonicalEvent, &reversed).unwrap(), expected.unwrap());
}

/// Asks core and component to read a document that is none of the verb's.
#[track_caller]
fn check_unreadable(verb: Verb, input: &Value) {
    let input = input.to_string();
    assert!(verb.run(&input).is_err(), "{input}");
    let refused = Engine::embedded().unwrap().run(verb, &input);
    assert!(matches!(refused, Err(EngineError::Unreadable(_))), "{refused:?} for {input}");
}

#[test]
fn what_cannot_be_read_is_no_answer() {
    let without = |name: &str| {
        let mut event = event(0);
        event.as_object_mut().unwrap().remove(name);
        event
    };
    for name in ["org_id", "sequence", "at", "kind", "actor", "details", "engine"] {
        check_unreadable(Verb::CanonicalEvent, &without(name));
    }
    let mut unknown = event(0);
    unknown["colour"] = json!("red");
    check_unreadable(Verb::CanonicalEvent, &unknown);

    check_unreadable(Verb::TreeOfEvents, &json!([event(1)]));
    check_unreadable(Verb::TreeOfEvents, &json!([event(0), event(2)]));
    check_unreadable(Verb::TreeOfEvents, &json!([event(0), event(0)]));

    for key in ["", "name", "name+00000000+AAAA"] {
        let input = json!({ "checkpoint": "", "verifier_key": key });
        check_unreadable(Verb::OpenCheckpoint, &input);
    }
    let tree = json!({ "size": 1, "root": "short" });
    let input = json!({ "event": event(0), "tree": tree, "proof": [] });
    check_unreadable(Verb::VerifyInclusion, &input);

    // A setting that somebody forgot must not mean "no limit".
    let policy = json!({ "maximum_expiry_days": null, "automatic_expiration": false });
    let input = json!({ "policy": policy, "notice_days": 7, "tokens": [], "now": event(0)["at"] });
    check_unreadable(Verb::PreviewPolicy, &input);
}

/// The hot path gathers flat facts as the host does, and the component decides on them.
#[test]
fn flat_facts_give_the_same_reason_as_the_document() {
    let engine = Engine::embedded().unwrap();
    for Case { title, input, expected } in cases("validate_export", 40) {
        let input: wire::ValidateExportInput = serde_json::from_value(input).unwrap();
        let secret = Secret::parse(SecretKind::AccessToken, &input.secret).ok();
        let well_formed = secret.is_some();
        let digest = secret.map(|secret| hex::encode(secret.digest().as_bytes()));
        let known = input.known.filter(|known| digest.as_ref() == Some(&known.digest));
        let (facts, revoked_at, expires_at) = match known {
            Some(known) => {
                let owner = Owner::from(known.owner);
                let user_name = input.user_name.as_deref();
                let facts = gather(&input.org_id, user_name, &owner, known.owner_active);
                (facts, known.token.revoked_at, known.token.expires_at)
            }
            None => (Facts { well_formed, ..Facts::default() }, None, None),
        };
        let reason = engine.decide(facts, revoked_at, expires_at, input.now);
        let reason = reason.unwrap_or_else(|error| panic!("{title}: {error}"));
        assert_eq!(expected["reason"], reason.as_str(), "{title}");
    }
}
