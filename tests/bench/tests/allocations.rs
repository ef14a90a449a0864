//! Counts what the host allocates for a decision.

use allocation_counter::measure;
use exportgate_core::{time::Timestamp, validate_export::Facts};
use exportgate_host::engine::Engine;

#[test]
fn a_decision_allocates_nothing_on_the_host_side() {
    let engine = Engine::embedded().unwrap();
    let decide = || {
        let facts = Facts { well_formed: true, known: true, ..Facts::default() };
        engine.decide(facts, None, Some(Timestamp::MAX), Timestamp::MIN).unwrap()
    };
    // A thread's first decision makes its instance.
    let first = measure(|| _ = decide());
    assert!(first.count_total > 0, "the counter counts");
    let others = measure(|| (0..1000).for_each(|_| _ = decide()));
    assert_eq!(others.count_total, 0);
}
