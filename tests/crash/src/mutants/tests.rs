//! The places of the mistakes follow the host's sources.

use std::path::Path;

use exportgate_tests::planted::check_places;

use super::{LOAD_MUTANTS, MUTANTS, PLACES, POWER_MUTANTS, STORY_MUTANTS};

#[test]
fn every_mutant_of_the_host_finds_its_place() {
    let host = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../host");
    let in_stories = STORY_MUTANTS.map(|(mutant, _)| mutant);
    let all = [&MUTANTS[..], &POWER_MUTANTS[..], &LOAD_MUTANTS[..], &in_stories[..]].concat();
    check_places(&host, PLACES, &all);
}
