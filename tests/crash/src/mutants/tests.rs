//! The places of the mistakes follow the host's sources.

use std::path::Path;

use exportgate_tests::planted::check_places;

use super::{MUTANTS, PLACES, POWER_MUTANTS};

#[test]
fn every_mutant_of_the_host_finds_its_place() {
    let host = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../host");
    check_places(&host, &PLACES, &[&MUTANTS[..], &POWER_MUTANTS[..]].concat());
}
