//! Knows every case in `tests/cases`: the core run natively and the component in the host's engine
//! both give the expected document, and give it in the same bytes.

use std::{fs, path::Path};

use exportgate_core::{
    secret::{Secret, SecretKind},
    token::Owner,
    validate_export::{Facts, gather},
    wire::{self, Verb},
};
use exportgate_host::engine::Engine;
use serde_json::Value;

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
fn every_case_of_inspect_secret_has_its_answer() {
    check(Verb::InspectSecret, 30);
}

#[test]
fn every_case_of_validate_export_has_its_answer() {
    check(Verb::ValidateExport, 40);
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
