//! Knows what the host did wrong, in sentences, and how many answers were none of a host in order.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use http::StatusCode;

/// More than this nobody reads.
const SHOWN: usize = 100;

/// What all attackers write into.
#[derive(Clone, Default)]
pub struct Findings(Arc<Noted>);

#[derive(Default)]
struct Noted {
    sentences: Mutex<Vec<String>>,
    n_answers: AtomicU64,
    n_failures: AtomicU64,
}

impl Findings {
    /// Notes what the host did wrong, and tells it at once: what comes later may not come.
    pub fn add(&self, sentence: impl Into<String>) {
        let mut all = self.0.sentences.lock().unwrap_or_else(PoisonError::into_inner);
        let sentence = sentence.into();
        if all.len() < SHOWN {
            println!("attack: found: {sentence}");
        }
        all.push(sentence);
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.sentences.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// Counts an answer. Nothing that is asked here keeps a host from answering, so that each 5xx
    /// is wrong, 503 as well.
    pub fn heard(&self, asked: &str, status: StatusCode) {
        self.0.n_answers.fetch_add(1, Ordering::Relaxed);
        if status.is_server_error() {
            self.0.n_failures.fetch_add(1, Ordering::Relaxed);
            self.add(format!("{asked}: {status}"));
        }
    }

    /// Counts the answers in what came over a connection.
    pub fn heard_all(&self, asked: &str, came: &str) {
        let statuses = came.split("HTTP/1.1 ").skip(1).filter_map(|rest| rest.get(..3));
        for status in statuses.filter_map(|status| status.parse().ok()) {
            self.heard(asked, status);
        }
    }

    /// How many answers were counted, and how many of them were 5xx.
    pub fn answers(&self) -> (u64, u64) {
        let [n_answers, n_failures] =
            [&self.0.n_answers, &self.0.n_failures].map(|count| count.load(Ordering::Relaxed));
        (n_answers, n_failures)
    }
}
