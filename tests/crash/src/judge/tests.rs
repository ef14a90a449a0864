//! The judges against each other, on histories that nobody thought of.

use super::{Search, judge, rule, search};
use crate::history::{History, Life, Operation, Outcome, Seen, What};

/// A small history with random answers, good or bad, whose operations overlap.
fn random(rng: &mut fastrand::Rng) -> History {
    let n = rng.u64(1..=7);
    let mut ticks: Vec<u64> = (1..=2 * n).collect();
    rng.shuffle(&mut ticks);
    let mut history = History::new(rng.u8(..8) == 0, 0);
    let outcome = |rng: &mut fastrand::Rng| match rng.u8(..4) {
        0 => Outcome::Unknown,
        1 => Outcome::Refused,
        _ => Outcome::Done,
    };
    for (n, pair) in (1..).zip(ticks.chunks(2)) {
        let what = match rng.u8(..8) {
            0 | 1 => What::Rename(n, outcome(rng)),
            2 => What::Revoke(outcome(rng)),
            _ => {
                let life = match rng.u8(..40) {
                    0 => Life::Absent,
                    1..24 => Life::Active,
                    _ => Life::Revoked,
                };
                let label = if life == Life::Absent { None } else { Some(rng.u32(..=3)) };
                What::Validate(Seen { life, label })
            }
        };
        let (start, end) = (pair[0].min(pair[1]), pair[0].max(pair[1]));
        history.operations.push(Operation { start, end, what });
    }
    history
}

#[test]
fn the_rule_and_the_search_agree_on_histories_that_nobody_thought_of() {
    let mut rng = fastrand::Rng::with_seed(7);
    let mut n_good = [0; 2];
    let mut n_bad = [0; 2];
    for _ in 0..200_000 {
        let history = random(&mut rng);
        let pairs = [
            (rule::life(&history), search::life as Search),
            (rule::label(&history), search::label as Search),
        ];
        for (n, (mistakes, search)) in pairs.into_iter().enumerate() {
            assert_eq!(mistakes.is_empty(), search(&history), "{history:#?} {mistakes:?}");
            if mistakes.is_empty() { n_good[n] += 1 } else { n_bad[n] += 1 }
        }
        // What proves a mistake is one by itself.
        judge(&history).unwrap();
    }
    // Neither kind is rare, or the agreement would say little.
    for n in n_good.into_iter().chain(n_bad) {
        assert!(n > 20_000, "{n_good:?} {n_bad:?}");
    }
}
