//! The exact rule: whether a token's answers have an order that its life and its label allow, told
//! from a few instants and without trying any order.

use super::{Mistake, Wrong};
use crate::history::{History, Label, Life, Operation, Outcome, Tick, What};

/// The life of a token goes from active to revoked, once.
///
/// The revocation took effect at some instant after the first revocation was asked for and after
/// each validation that was allowed had begun, and before any revocation was acknowledged and
/// before any answer "revoked" had come. It exists exactly when the latest of the former is
/// earlier than the earliest of the latter.
pub fn life(history: &History) -> Vec<Mistake> {
    let seen = |life| {
        move |(_, one): &(usize, &Operation)| one.seen().is_some_and(|seen| seen.life == life)
    };
    let operations = || history.operations.iter().enumerate();
    let mut mistakes: Vec<Mistake> = operations()
        .filter(seen(Life::Absent))
        .map(|(place, _)| Mistake { wrong: Wrong::Lost, places: vec![place] })
        .collect();
    // What shows that it is revoked already: the beginning, an acknowledgement, an answer.
    let known = if history.revoked {
        Some((None, 0))
    } else {
        operations()
            .filter(|(_, one)| {
                one.what == What::Revoke(Outcome::Done)
                    || one.seen().is_some_and(|seen| seen.life == Life::Revoked)
            })
            .map(|(place, one)| (Some(place), one.end))
            .min_by_key(|(_, end)| *end)
    };
    let Some((known, at)) = known else { return mistakes };
    let accepted = operations().filter(seen(Life::Active)).filter(|(_, one)| one.start > at);
    mistakes.extend(accepted.map(|(place, _)| Mistake {
        wrong: Wrong::Accepted,
        // The revocations belong to the proof: without them the answer "revoked" alone is wrong.
        places: with_revocations(history, known.into_iter().chain([place])),
    }));
    let asked = operations().filter(|(_, one)| one.may_have_revoked()).map(|(_, one)| one.start);
    if !history.revoked && asked.min().is_none_or(|first| first > at) {
        let places = with_revocations(history, known.into_iter());
        mistakes.push(Mistake { wrong: Wrong::Unfounded, places });
    }
    mistakes
}

fn with_revocations(history: &History, places: impl Iterator<Item = usize>) -> Vec<usize> {
    let asked = history.operations.iter().enumerate().filter(|(_, one)| one.may_have_revoked());
    let mut places: Vec<usize> = places.chain(asked.map(|(place, _)| place)).collect();
    places.sort_unstable();
    places.dedup();
    places
}

/// A label with the operations that gave or showed it.
struct Cluster {
    /// The first end and the last start of them.
    first_end: Tick,
    last_start: Tick,
    /// The operations that prove both, and the rename.
    places: Vec<usize>,
}

impl Cluster {
    /// Whether one of the operations was over before another began: then the label held all the
    /// time between, and no other did.
    fn held(&self) -> bool {
        self.first_end < self.last_start
    }
}

/// The label is what the last rename said. Each rename gives one that no other gives, so the rule
/// of Gibbons and Korach for registers ("Testing Shared Memories", 1997) is exact: no label was
/// shown before it was given, no two labels held at one time, and no label was given and gone
/// while another held.
pub fn label(history: &History) -> Vec<Mistake> {
    let mut mistakes = Vec::new();
    for (place, one) in history.operations.iter().enumerate() {
        let Some(seen) = one.seen() else { continue };
        // A token that is not there has no label; that is its life's mistake.
        let Some(label) = seen.label else {
            if seen.life != Life::Absent {
                mistakes.push(Mistake { wrong: Wrong::Unfounded, places: vec![place] });
            }
            continue;
        };
        let given = label == history.label
            || rename(history, label).is_some_and(|(_, rename)| rename.start < one.end);
        if !given {
            let rename = rename(history, label).map(|(place, _)| place);
            let places = rename.into_iter().chain([place]).collect();
            mistakes.push(Mistake { wrong: Wrong::Unfounded, places });
        }
    }
    if !mistakes.is_empty() {
        return mistakes;
    }
    let clusters = clusters(history);
    for (n, one) in clusters.iter().enumerate() {
        for (m, other) in clusters.iter().enumerate() {
            let both_held = n < m
                && one.held()
                && other.held()
                && one.first_end < other.last_start
                && other.first_end < one.last_start;
            let came_between = one.held()
                && !other.held()
                && one.first_end < other.last_start
                && other.first_end < one.last_start;
            if both_held || came_between {
                let mut places = [one.places.as_slice(), &other.places].concat();
                places.sort_unstable();
                places.dedup();
                mistakes.push(Mistake { wrong: Wrong::Lost, places });
            }
        }
    }
    mistakes
}

/// The rename that gives this label, unless it was refused.
fn rename(history: &History, label: Label) -> Option<(usize, &Operation)> {
    history.operations.iter().enumerate().find(|(_, one)| {
        matches!(one.what, What::Rename(given, outcome)
            if given == label && outcome != Outcome::Refused)
    })
}

fn clusters(history: &History) -> Vec<Cluster> {
    let mut labels: Vec<Label> = vec![history.label];
    for one in &history.operations {
        if let What::Rename(label, Outcome::Done | Outcome::Unknown) = one.what {
            labels.push(label);
        }
    }
    labels.into_iter().filter_map(|label| cluster(history, label)).collect()
}

/// None for a rename without an answer whose label nobody saw: it may never have happened.
fn cluster(history: &History, label: Label) -> Option<Cluster> {
    let giver = if label == history.label { None } else { Some(rename(history, label)?) };
    let shown = history.operations.iter().enumerate();
    let shown = shown.filter(|(_, one)| one.seen().is_some_and(|seen| seen.label == Some(label)));
    let members: Vec<(usize, &Operation)> = giver.into_iter().chain(shown).collect();
    if members.len() == 1 && giver.is_some_and(|(_, rename)| rename.over() == Tick::MAX) {
        return None;
    }
    let first = members.iter().min_by_key(|(_, one)| one.over());
    let last = members.iter().max_by_key(|(_, one)| one.start);
    let places = giver.iter().chain(first).chain(last).map(|(place, _)| *place).collect::<Vec<_>>();
    // The label of the beginning was given before everything else.
    let first_end = if giver.is_some() { first.map_or(0, |(_, one)| one.over()) } else { 0 };
    Some(Cluster { first_end, last_start: last.map_or(0, |(_, one)| one.start), places })
}
