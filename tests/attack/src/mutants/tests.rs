//! The places of the mistakes follow the host's sources.

use std::path::Path;

use exportgate_tests::planted::check_places;

use super::{MUTANTS, PLACES};

#[test]
fn every_mutant_of_the_attacked_host_finds_its_place() {
    check_places(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../host"), &PLACES, &MUTANTS);
}
