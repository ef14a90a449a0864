//! The clock: where `now` comes from, and that it neither goes back nor jumps ahead unseen.

mod keeper;
mod mark;

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use exportgate_core::time::Timestamp;

use crate::store::KnownInstants;

pub use self::{
    keeper::{Health, Keeper},
    mark::MARK_NAME,
};

/// Tells the present instant, in whole seconds.
#[derive(Clone, Debug, Default)]
pub enum Clock {
    /// The machine's clock, as it is: for what lasts no longer than a command.
    #[default]
    System,
    /// The machine's clock as a host follows it: never back, and not far ahead without a word.
    Kept(Arc<Keeper>),
    /// A clock that a test moves.
    Manual(Arc<AtomicI64>),
}

/// Why a host does not follow the machine's clock, in sentences for the operator.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "each variant carries its sentence")]
pub enum ClockError {
    #[error(
        "the machine's clock says {clock}, {n_days} days after the last instant that is known here, \
         {mark}; if the clock is wrong, set it right and start again; if the host was stopped for so \
         long, start once with `--accept-clock`: what has expired by {clock} stays expired then"
    )]
    FarAhead { clock: Timestamp, mark: Timestamp, n_days: i64 },
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

    /// The machine's clock, kept for a host with this data folder whose database knows these
    /// instants. A clock that a test moves stays one.
    ///
    /// # Errors
    /// [`ClockError`] where the operator must say whether the clock is right, and did not `accept`.
    pub fn keep(
        self,
        data: &Path,
        known: &KnownInstants,
        accept: bool,
    ) -> Result<Self, ClockError> {
        match self {
            Self::System => Ok(Self::Kept(Arc::new(Keeper::start(data, known, accept)?))),
            Self::Kept(_) | Self::Manual(_) => Ok(self),
        }
    }

    /// The present instant. A clock beyond the year 9999 reads as its end, at which every token
    /// with an expiry is expired.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        instant(match self {
            Self::Manual(seconds) => seconds.load(Ordering::SeqCst),
            Self::Kept(keeper) => keeper.now(),
            Self::System => wall_seconds(),
        })
    }

    /// Sees to it that after a crash, too, time does not go back behind `at`. It costs nothing where
    /// that is so already, and no wait for the disk otherwise.
    pub fn remember(&self, at: Timestamp) {
        if let Self::Kept(keeper) = self {
            keeper.remember(at.unix_seconds());
        }
    }

    /// What became of the machine's clock, as it was last looked after.
    #[must_use]
    pub fn health(&self) -> Health {
        match self {
            Self::Kept(keeper) => keeper.health(),
            Self::System | Self::Manual(_) => Health::Followed,
        }
    }

    /// Looks after the clock: once a second. Tells in the log when it is no longer followed.
    pub fn watch(&self) -> Health {
        match self {
            Self::Kept(keeper) => keeper.watch(),
            Self::System | Self::Manual(_) => Health::Followed,
        }
    }
}

/// The machine's clock in seconds since 1970.
fn wall_seconds() -> i64 {
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH);
    since_1970.map_or(0, |passed| i64::try_from(passed.as_secs()).unwrap_or(i64::MAX))
}

/// How long it takes until the machine's clock begins its next second.
#[must_use]
pub fn until_next_second() -> Duration {
    let since_1970 = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Duration::from_secs(1).saturating_sub(Duration::from_nanos(since_1970.subsec_nanos().into()))
}

fn instant(seconds: i64) -> Timestamp {
    Timestamp::from_unix_seconds(seconds).unwrap_or(Timestamp::MAX)
}
