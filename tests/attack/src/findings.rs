//! Knows what the host did wrong, in sentences.

use std::sync::{Arc, Mutex, PoisonError};

/// More than this nobody reads.
const SHOWN: usize = 100;

/// What all attackers write into.
#[derive(Clone, Default)]
pub struct Findings(Arc<Mutex<Vec<String>>>);

impl Findings {
    /// Notes what the host did wrong, and tells it at once: what comes later may not come.
    pub fn add(&self, sentence: impl Into<String>) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let sentence = sentence.into();
        if all.len() < SHOWN {
            println!("attack: found: {sentence}");
        }
        all.push(sentence);
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).len()
    }
}
