//! Counters for whoever watches the host, as OpenMetrics text. No label carries personal data.

use std::{sync::Arc, time::Duration};

use exportgate_core::validate_export::Reason;
use prometheus_client::{
    encoding::{EncodeLabelSet, text::encode},
    metrics::{
        counter::Counter,
        family::Family,
        gauge::Gauge,
        histogram::{Histogram, exponential_buckets},
    },
    registry::{Registry, Unit},
};

use crate::clock::Health;

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct ReasonLabel {
    decision: &'static str,
    reason: &'static str,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct StatusLabel {
    status: u16,
}

/// A handle to the host's counters.
#[derive(Clone)]
pub struct Metrics(Arc<Inner>);

struct Inner {
    registry: Registry,
    validations: Vec<(Reason, Counter)>,
    answers: Family<StatusLabel, Counter>,
    /// The answers that export services get.
    usual_answers: [(u16, Counter); 2],
    commits: Counter,
    changes: Counter,
    commit_seconds: Histogram,
    tokens: Gauge,
    engine_failures: Counter,
    clock_ahead: Gauge,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("exportgate");
        let by_reason = Family::<ReasonLabel, Counter>::default();
        registry.register("validations", "Export requests that were validated", by_reason.clone());
        // Looked up once: the hot path then adds one and takes no lock.
        let counter = |reason: Reason| {
            let label = ReasonLabel { decision: reason.decision(), reason: reason.as_str() };
            (reason, by_reason.get_or_create(&label).clone())
        };
        let validations = Reason::ALL.into_iter().map(counter).collect();
        let answers = Family::<StatusLabel, Counter>::default();
        let usual_answers = [200, 401]
            .map(|status| (status, answers.get_or_create(&StatusLabel { status }).clone()));
        registry.register("answers", "HTTP answers", answers.clone());
        let commits = Counter::default();
        registry.register("commits", "Durable commits of the store", commits.clone());
        let changes = Counter::default();
        registry.register("changes", "Changes in those commits", changes.clone());
        let commit_seconds = Histogram::new(exponential_buckets(0.000_25, 2.0, 14));
        registry.register_with_unit(
            "commit",
            "Time from the first change of a commit to its end",
            Unit::Seconds,
            commit_seconds.clone(),
        );
        let tokens = Gauge::default();
        registry.register("tokens", "Tokens in memory, of every status", tokens.clone());
        let engine_failures = Counter::default();
        registry.register(
            "engine_failures",
            "Decisions that the engine did not give",
            engine_failures.clone(),
        );
        let clock_ahead = Gauge::default();
        registry.register_with_unit(
            "clock_ahead",
            "By how much the machine's clock is ahead of the host's time, or, negative, behind it; 0 \
             as long as it is followed",
            Unit::Seconds,
            clock_ahead.clone(),
        );
        Self(Arc::new(Inner {
            registry,
            validations,
            answers,
            usual_answers,
            commits,
            changes,
            commit_seconds,
            tokens,
            engine_failures,
            clock_ahead,
        }))
    }
}

impl Metrics {
    /// A request was validated.
    pub fn validation(&self, reason: Reason) {
        if let Some((_, counter)) = self.0.validations.iter().find(|(known, _)| *known == reason) {
            counter.inc();
        }
    }

    /// An answer left the host.
    pub fn answer(&self, status: u16) {
        if let Some((_, counter)) = self.0.usual_answers.iter().find(|(known, _)| *known == status)
        {
            counter.inc();
            return;
        }
        self.0.answers.get_or_create(&StatusLabel { status }).inc();
    }

    /// The store committed.
    pub fn commit(&self, n_changes: usize, took: Duration) {
        self.0.commits.inc();
        self.0.changes.inc_by(u64::try_from(n_changes).unwrap_or(u64::MAX));
        self.0.commit_seconds.observe(took.as_secs_f64());
    }

    /// How many tokens are in memory.
    pub fn tokens(&self, n_tokens: usize) {
        self.0.tokens.set(i64::try_from(n_tokens).unwrap_or(i64::MAX));
    }

    /// One more token is in memory.
    pub fn token_added(&self) {
        self.0.tokens.inc();
    }

    /// The engine gave no decision.
    pub fn engine_failure(&self) {
        self.0.engine_failures.inc();
    }

    /// What became of the machine's clock.
    pub fn clock(&self, health: Health) {
        self.0.clock_ahead.set(health.seconds_ahead());
    }

    /// All of it as OpenMetrics text.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = String::new();
        // Writing into a string does not fail.
        let _ = encode(&mut text, &self.0.registry);
        text
    }
}
