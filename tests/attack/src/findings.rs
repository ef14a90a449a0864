//! Knows what the host did wrong, in sentences.

use std::sync::{Arc, Mutex, PoisonError};

/// More than this nobody reads.
const SHOWN: usize = 100;

/// What all attackers write into.
#[derive(Clone, Default)]
pub struct Findings(Arc<Mutex<Vec<String>>>);

impl Findings {
    /// Notes what the host did wrong.
    pub fn add(&self, sentence: impl Into<String>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(sentence.into());
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// Prints them.
    pub fn print(&self) {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for sentence in all.iter().take(SHOWN) {
            println!("attack: found: {sentence}");
        }
        if all.len() > SHOWN {
            println!("attack: and {} more", all.len() - SHOWN);
        }
    }
}
