//! The clock: where `now` comes from.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::{SystemTime, UNIX_EPOCH},
};

use exportgate_core::time::Timestamp;

/// Tells the present instant, in whole seconds.
#[derive(Clone, Debug, Default)]
pub enum Clock {
    /// The machine's clock.
    #[default]
    System,
    /// A clock that a test moves.
    Manual(Arc<AtomicI64>),
}

impl Clock {
    /// A clock that stands at `now` until [`Clock::set`].
    #[must_use]
    pub fn manual(now: Timestamp) -> Self {
        Self::Manual(Arc::new(AtomicI64::new(now.unix_seconds())))
    }

    /// Moves a manual clock; the machine's own is not ours to move.
    pub fn set(&self, now: Timestamp) {
        if let Self::Manual(seconds) = self {
            seconds.store(now.unix_seconds(), Ordering::SeqCst);
        }
    }

    /// The present instant. A clock beyond the year 9999 reads as its end, at which every token
    /// with an expiry is expired.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        let seconds = match self {
            Self::Manual(seconds) => seconds.load(Ordering::SeqCst),
            Self::System => {
                let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH);
                since_1970.map_or(0, |passed| i64::try_from(passed.as_secs()).unwrap_or(i64::MAX))
            }
        };
        Timestamp::from_unix_seconds(seconds).unwrap_or(Timestamp::MAX)
    }
}
