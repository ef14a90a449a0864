//! Records that were tampered with: the judges must find each, in every run, or they are blind.
//!
//! Each forgery takes a good history of the run and makes of it what a broken host would have
//! left. The fair changes are the other way round: they look odd and must pass.

use anyhow::{Context as _, bail, ensure};

use crate::history::{History, Label, Life, Operation, Outcome, Seen, Tick, What};
use crate::judge::judge;

/// Makes another history of a good one, where that one is fit for it.
type Change = fn(&History) -> Option<History>;

/// A label that nobody gave.
const FOREIGN: Label = Label::MAX;

/// What the judges must find.
pub const FORGERIES: [(&str, Change); 18] = [
    ("an acknowledged creation is gone", |good| end(good, &[(Life::Absent, None)])),
    ("a token is gone for a moment", |good| {
        let state = state(good)?;
        end(good, &[(Life::Absent, None), (state.life, state.label)])
    }),
    ("accepted after an acknowledged revocation", |good| {
        let label = state(good)?.label;
        end(&with(good, &[What::Revoke(Outcome::Done)]), &[(Life::Active, label)])
    }),
    ("an acknowledged revocation is lost by the restart", |good| {
        let last = good.operations.last()?;
        let done =
            |one: &Operation| one.what == What::Revoke(Outcome::Done) && one.end < last.start;
        let fit = good.operations.iter().any(done) && last.seen()?.life == Life::Revoked;
        fit.then(|| seen_as(good, good.operations.len() - 1, Life::Active)).flatten()
    }),
    ("accepted after a `revoked` that nothing acknowledged", |good| {
        let label = active(good)?;
        let good = with(good, &[What::Revoke(Outcome::Unknown)]);
        end(&good, &[(Life::Revoked, label), (Life::Active, label)])
    }),
    ("a token lives again between two answers `revoked`", |good| {
        let label = revoked(good)?;
        end(good, &[(Life::Active, label), (Life::Revoked, label)])
    }),
    ("revoked though nobody asked for it", |good| {
        let label = active(good)?;
        let asked = good.operations.iter().any(Operation::may_have_revoked);
        if asked { None } else { end(good, &[(Life::Revoked, label)]) }
    }),
    ("a refused revocation took effect", |good| {
        let label = active(good)?;
        if good.operations.iter().any(Operation::may_have_revoked) {
            return None;
        }
        let good = with(good, &[What::Revoke(Outcome::Refused)]);
        end(&good, &[(Life::Revoked, label)])
    }),
    ("denied before the revocation was asked for", |good| {
        let label = active(good)?;
        if good.operations.iter().any(Operation::may_have_revoked) {
            return None;
        }
        let good = end(good, &[(Life::Revoked, label)])?;
        let good = with(&good, &[What::Revoke(Outcome::Done)]);
        end(&good, &[(Life::Revoked, label)])
    }),
    ("the answers of two validations are swapped", |good| {
        let of =
            |life| move |one: &Operation| one.seen().is_some_and(|seen: Seen| seen.life == life);
        let first = good.operations.iter().position(of(Life::Active))?;
        let last = good.operations.iter().rposition(of(Life::Revoked))?;
        let apart = good.operations.get(first)?.end < good.operations.get(last)?.start;
        let swapped = seen_as(&seen_as(good, first, Life::Revoked)?, last, Life::Active)?;
        apart.then_some(swapped)
    }),
    ("an acknowledged rename is lost by the restart", |good| {
        let state = state(good)?;
        let good = with(good, &[What::Rename(FOREIGN, Outcome::Done)]);
        end(&good, &[(state.life, state.label)])
    }),
    ("a label that nobody gave", |good| end(good, &[(state(good)?.life, Some(FOREIGN))])),
    ("an answer about another token", |good| end(good, &[(state(good)?.life, None)])),
    ("a label before it was given", |good| {
        let life = state(good)?.life;
        let good = end(good, &[(life, Some(FOREIGN))])?;
        let good = with(&good, &[What::Rename(FOREIGN, Outcome::Done)]);
        end(&good, &[(life, Some(FOREIGN))])
    }),
    ("an older label after a newer one", |good| {
        let (first, last) = (good.label, state(good)?);
        if last.label == Some(first) { None } else { end(good, &[(last.life, Some(first))]) }
    }),
    ("a refused rename took effect", |good| {
        let life = state(good)?.life;
        let good = with(good, &[What::Rename(FOREIGN, Outcome::Refused)]);
        end(&good, &[(life, Some(FOREIGN))])
    }),
    ("an unknown rename came and went", |good| {
        let state = state(good)?;
        let good = with(good, &[What::Rename(FOREIGN, Outcome::Unknown)]);
        end(&good, &[(state.life, Some(FOREIGN)), (state.life, state.label)])
    }),
    ("of two renames the first one stayed", |good| {
        let life = state(good)?.life;
        let renames = [FOREIGN, FOREIGN - 1].map(|label| What::Rename(label, Outcome::Done));
        end(&with(good, &renames), &[(life, Some(FOREIGN))])
    }),
];

/// What must pass.
pub const FAIR: [(&str, Change); 7] = [
    ("as it was", |good| Some(good.clone())),
    ("an unknown revocation that never happened", |good| {
        let label = active(good)?;
        end(&with(good, &[What::Revoke(Outcome::Unknown)]), &[(Life::Active, label)])
    }),
    ("an unknown revocation that happened late", |good| {
        let label = active(good)?;
        let good = with(good, &[What::Revoke(Outcome::Unknown)]);
        end(&good, &[(Life::Active, label), (Life::Revoked, label)])
    }),
    ("answers of both kinds while a revocation runs", |good| {
        let label = active(good)?;
        let mut good = with(good, &[What::Revoke(Outcome::Done)]);
        let at = good.operations.last()?.end;
        for life in [Life::Active, Life::Revoked] {
            // Begun before the revocation was over, so that no order is told.
            good.operations.push(Operation {
                start: at - 1,
                end: at + 10,
                what: What::Validate(Seen { life, label }),
            });
        }
        Some(good)
    }),
    ("an unknown rename that happened", |good| {
        let life = state(good)?.life;
        let good = with(good, &[What::Rename(FOREIGN, Outcome::Unknown)]);
        end(&good, &[(life, Some(FOREIGN))])
    }),
    ("changes that were refused", |good| {
        let state = state(good)?;
        let refused = [What::Rename(FOREIGN, Outcome::Refused), What::Revoke(Outcome::Refused)];
        end(&with(good, &refused), &[(state.life, state.label)])
    }),
    ("validations that nobody wrote down", |good| {
        let mut good = good.clone();
        let mut n = 0;
        good.operations.retain(|one| {
            n += 1;
            one.seen().is_none() || n % 2 == 0
        });
        Some(good)
    }),
];

/// How many of them were found.
#[derive(Clone, Copy, Debug, Default)]
pub struct Found {
    /// Of [`FORGERIES`], those that were made at least once and found every time.
    pub kinds: usize,
    /// How many forged histories there were.
    pub histories: usize,
}

/// Tampers with good histories and has them judged.
///
/// # Errors
///
/// When a forgery is not found or was never made, or a fair change is taken for one.
pub fn check(good: &[History]) -> anyhow::Result<Found> {
    let good: Vec<History> = good.iter().map(spread).collect();
    let mut found = Found::default();
    for (name, change) in FORGERIES {
        let forged: Vec<History> = good.iter().filter_map(change).collect();
        ensure!(!forged.is_empty(), "no history of this run is fit for the forgery `{name}`");
        for forged in &forged {
            if judge(forged)?.is_empty() {
                bail!("the judges did not find the forgery `{name}`: {forged:?}");
            }
        }
        found.kinds += 1;
        found.histories += forged.len();
    }
    for (name, change) in FAIR {
        for fair in good.iter().filter_map(change) {
            let mistakes = judge(&fair).with_context(|| format!("fair: {name}"))?;
            ensure!(
                mistakes.is_empty(),
                "the judges found {mistakes:?} where there was none (`{name}`): {fair:?}"
            );
        }
    }
    Ok(found)
}

/// The same history with room between the ticks.
fn spread(history: &History) -> History {
    let mut history = history.clone();
    for one in &mut history.operations {
        one.start *= 4;
        one.end *= 4;
    }
    history
}

/// What the last validation showed, when nothing that might change it came after.
fn state(history: &History) -> Option<Seen> {
    let last = history.operations.last()?;
    let over = |one: &Operation| one.over() == Tick::MAX || one.end <= last.end;
    if history.operations.iter().all(over) { last.seen() } else { None }
}

fn active(history: &History) -> Option<Option<Label>> {
    state(history).filter(|seen| seen.life == Life::Active).map(|seen| seen.label)
}

fn revoked(history: &History) -> Option<Option<Label>> {
    state(history).filter(|seen| seen.life == Life::Revoked).map(|seen| seen.label)
}

/// The history with these operations after all others, one after the other.
fn with(history: &History, more: &[What]) -> History {
    let mut history = history.clone();
    for &what in more {
        let ends = history.operations.iter().map(|one| one.end.max(one.start));
        let start = ends.max().unwrap_or(0) + 4;
        history.operations.push(Operation { start, end: start + 4, what });
    }
    history
}

fn end(history: &History, answers: &[(Life, Option<Label>)]) -> Option<History> {
    let answers = answers.iter().map(|&(life, label)| What::Validate(Seen { life, label }));
    Some(with(history, &answers.collect::<Vec<_>>()))
}

/// The history in which this validation showed another life.
fn seen_as(history: &History, place: usize, life: Life) -> Option<History> {
    let mut history = history.clone();
    let one = history.operations.get_mut(place)?;
    one.what = What::Validate(Seen { life, ..one.seen()? });
    Some(history)
}
