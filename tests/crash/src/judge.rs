//! Judges a history twice, by a rule of our own and by a search through all orders, and insists
//! that both agree.

mod rule;
mod search;

use crate::history::History;

/// What is wrong with a history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// Something acknowledged is gone: the token, or its label.
    Lost,
    /// The token was accepted after it was revoked.
    Accepted,
    /// Something is there that nobody asked for: a revocation, or a label.
    Unfounded,
}

/// One mistake, and the operations that prove it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    pub wrong: Wrong,
    pub places: Vec<usize>,
}

/// The judges do not agree: one of them is wrong.
#[derive(Debug, thiserror::Error)]
#[error("the rule and the search disagree on {what}: {history:?}")]
pub struct Disagreement {
    what: &'static str,
    history: Box<History>,
}

/// All mistakes in a history.
///
/// The search tries every order, so it is asked about all of a good history, where it soon finds
/// one, and only about the few operations that prove a mistake, where it has to try them all. Both
/// are sound: a history with an order has one without some of its validations, too, and without a
/// rename that none of the others has seen.
///
/// # Errors
///
/// When the judges disagree.
pub fn judge(history: &History) -> Result<Vec<Mistake>, Disagreement> {
    let disagree = |what, history: History| Err(Disagreement { what, history: Box::new(history) });
    let mut mistakes = Vec::new();
    for (what, rule, search) in [
        ("the revocation", rule::life as Rule, search::life as Search),
        ("the label", rule::label, search::label),
    ] {
        let found = rule(history);
        if found.is_empty() && !search(history) {
            return disagree(what, history.clone());
        }
        for mistake in &found {
            let proof = history.only(&mistake.places);
            if search(&proof) {
                return disagree(what, proof);
            }
        }
        mistakes.extend(found);
    }
    Ok(mistakes)
}

type Rule = fn(&History) -> Vec<Mistake>;
type Search = fn(&History) -> bool;

#[cfg(test)]
mod tests;
