//! The places of the mistakes follow the host's sources.

use std::collections::BTreeSet;
use std::path::Path;

use super::{MUTANTS, PLACES, POWER_MUTANTS, build::planted};

#[test]
fn every_mutant_of_the_host_finds_its_place() {
    let host = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../host");
    for place in &PLACES {
        let file = Path::new("src").join(place.file);
        let text = std::fs::read_to_string(host.join(&file)).unwrap();
        let planted = planted(&file, text.clone()).unwrap();
        assert_ne!(planted, text, "{}", place.file);
        // One that is gone is told, and not passed over.
        planted_without(&file, &text.replace(place.line, ""));
        planted_without(&file, &format!("{text}\n{}", place.line));
    }
}

#[track_caller]
fn planted_without(file: &Path, text: &str) {
    let error = planted(file, text.to_owned()).unwrap_err().to_string();
    assert!(error.contains("have to follow the host's sources"), "{error}");
}

#[test]
fn every_mutant_of_the_host_is_made_somewhere_and_no_other() {
    let mut made = BTreeSet::new();
    for place in &PLACES {
        let names = place.instead.split("crate::mutant(\"").skip(1);
        made.extend(names.filter_map(|rest| rest.split('"').next()));
    }
    let mutants = MUTANTS.iter().chain(&POWER_MUTANTS);
    assert_eq!(made, mutants.map(|(name, _)| *name).collect());
}
