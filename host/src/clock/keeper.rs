//! How a host follows the machine's clock.
//!
//! - Time never goes back: neither behind what was told to anybody, nor, after a restart, behind the
//!   mark. A clock that was set back is waited for.
//! - A clock that is set ahead by more than a day in all, measured against the time that the
//!   machine has run, is not followed: one wrong answer of a time server must not expire everything, for
//!   expired is for good. Time goes on at its usual pace until the clock is right again, or until the
//!   operator starts the host with `--accept-clock`.
//! - A host that starts more than 31 days after the mark asks the operator first: either it was
//!   stopped for so long, or the clock is wrong.

use std::{
    path::Path,
    sync::atomic::{AtomicBool, AtomicI64, Ordering},
};

use exportgate_core::time::Timestamp;
use parking_lot::Mutex;
use rustix::time::{ClockId, clock_gettime};
use tracing::{error, info, warn};

use super::{
    ClockError, instant,
    mark::{Mark, MarkFile},
    wall_seconds,
};
use crate::store::KnownInstants;

const DAY_SECS: i64 = 24 * 60 * 60;
/// By so much the clock may be set ahead while the host runs.
const MAXIMUM_STEP_SECS: i64 = DAY_SECS;
/// So long a host may have been stopped without a word of the operator.
const MAXIMUM_STOP_SECS: i64 = 31 * DAY_SECS;
/// Clocks that are set right go back by a second now and then; that is nothing to tell.
const USUAL_STEP_BACK_SECS: i64 = 2;

/// What became of the machine's clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Health {
    /// It is followed.
    Followed,
    /// It is behind what was told already: time stands still for so many seconds.
    Behind(i64),
    /// It is ahead by so many seconds, more than is believed.
    Ahead(i64),
}

impl Health {
    /// The state as programs read it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Followed => "followed",
            Self::Behind(_) => "behind",
            Self::Ahead(_) => "ahead",
        }
    }

    /// By how many seconds the machine's clock is ahead of the host's time.
    #[must_use]
    pub const fn seconds_ahead(self) -> i64 {
        match self {
            Self::Followed => 0,
            Self::Behind(seconds) => -seconds,
            Self::Ahead(seconds) => seconds,
        }
    }
}

/// An instant that was believed, and how long the machine had run then.
#[derive(Clone, Copy, Debug)]
struct Believed {
    at: i64,
    boot: i64,
}

impl Believed {
    /// What time it is when the machine has run so long.
    const fn expected(self, boot: i64) -> i64 {
        self.at.saturating_add(boot.saturating_sub(self.boot))
    }
}

/// Where a host begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Beginning {
    /// With the machine's clock, or, if that is behind it, with the mark.
    Clock,
    /// With the mark: the clock is not believed.
    Mark,
    /// Not without the operator.
    Refused,
}

/// Where to begin with a clock that says `wall`, a mark, whether the clock was followed when that was
/// made, and whether the operator said that the clock is right.
const fn begin(wall: i64, mark: Option<(i64, bool)>, accept: bool) -> Beginning {
    let Some((mark, was_followed)) = mark else { return Beginning::Clock };
    let ahead = wall.saturating_sub(mark);
    if accept {
        Beginning::Clock
    } else if !was_followed && ahead > MAXIMUM_STEP_SECS {
        // The same doubt as before the restart.
        Beginning::Mark
    } else if ahead > MAXIMUM_STOP_SECS {
        Beginning::Refused
    } else {
        Beginning::Clock
    }
}

/// Where marks are written, and what the last one said of the clock.
#[derive(Debug)]
struct Marks {
    file: MarkFile,
    is_followed: bool,
}

/// Follows the machine's clock for a host.
#[derive(Debug)]
pub struct Keeper {
    believed: Believed,
    /// The latest instant that was told.
    told: AtomicI64,
    /// Up to here the clock is believed without a second look.
    ceiling: AtomicI64,
    /// The instant in the file.
    marked: AtomicI64,
    marks: Mutex<Marks>,
    health: Mutex<Health>,
    mark_fails: AtomicBool,
}

impl Keeper {
    /// Begins with the machine's clock and what is known of the last run.
    ///
    /// # Errors
    /// [`ClockError`]
    pub fn start(data: &Path, known: &KnownInstants, accept: bool) -> Result<Self, ClockError> {
        let file = MarkFile::of(data);
        let (wall, boot) = (wall_seconds(), boot_seconds());
        let mark = latest(file.read(), known.mark.map(Timestamp::unix_seconds));
        let beginning = begin(wall, mark, accept);
        let at = match (beginning, mark) {
            (Beginning::Refused, Some((mark, _))) => {
                let n_days = wall.saturating_sub(mark) / DAY_SECS;
                let (clock, mark) = (instant(wall), instant(mark));
                return Err(ClockError::FarAhead { clock, mark, n_days });
            }
            (Beginning::Mark, Some((mark, _))) => mark,
            (_, Some((mark, _))) => wall.max(mark),
            (_, None) => wall,
        };
        let at = known.last_event.map_or(at, |last| at.max(last.unix_seconds()));
        let marks = Marks { file, is_followed: beginning != Beginning::Mark };
        Ok(Self::believing(Believed { at, boot }, marks))
    }

    fn believing(believed: Believed, marks: Marks) -> Self {
        Self {
            believed,
            told: AtomicI64::new(believed.at),
            ceiling: AtomicI64::new(believed.at.saturating_add(MAXIMUM_STEP_SECS)),
            marked: AtomicI64::new(i64::MIN),
            marks: Mutex::new(marks),
            health: Mutex::new(Health::Followed),
            mark_fails: AtomicBool::new(false),
        }
    }

    /// The present instant: one look at the clock, and mostly not more.
    pub(super) fn now(&self) -> i64 {
        self.tell(wall_seconds(), boot_seconds)
    }

    /// The instant to tell when the clock says `wall`.
    fn tell(&self, wall: i64, boot: impl FnOnce() -> i64) -> i64 {
        let at = if wall <= self.ceiling.load(Ordering::Relaxed) {
            wall
        } else {
            self.beyond_the_ceiling(wall, boot())
        };
        // Once a second somebody is the first; the others only read.
        let told = self.told.load(Ordering::SeqCst);
        if at <= told { told } else { self.told.fetch_max(at, Ordering::SeqCst).max(at) }
    }

    fn beyond_the_ceiling(&self, wall: i64, boot: i64) -> i64 {
        let expected = self.believed.expected(boot);
        let ceiling = expected.saturating_add(MAXIMUM_STEP_SECS);
        self.ceiling.fetch_max(ceiling, Ordering::Relaxed);
        if wall <= ceiling { wall } else { expected }
    }

    /// What the clock is to the host's time.
    fn judge(&self, wall: i64, boot: i64) -> Health {
        let told = self.tell(wall, || boot);
        let expected = self.believed.expected(boot);
        if wall.saturating_sub(expected) > MAXIMUM_STEP_SECS {
            Health::Ahead(wall.saturating_sub(told))
        } else if told.saturating_sub(wall) > USUAL_STEP_BACK_SECS {
            Health::Behind(told.saturating_sub(wall))
        } else {
            Health::Followed
        }
    }

    pub(super) fn watch(&self) -> Health {
        let boot = boot_seconds();
        let wall = wall_seconds();
        // So that nobody else has to look.
        let ceiling = self.believed.expected(boot).saturating_add(MAXIMUM_STEP_SECS);
        self.ceiling.fetch_max(ceiling, Ordering::Relaxed);
        let health = self.judge(wall, boot);
        // Before anybody is told: a host that is killed now doubts the clock after its start, too.
        self.mark(Some(!matches!(health, Health::Ahead(_))));
        let before = std::mem::replace(&mut *self.health.lock(), health);
        if before.as_str() != health.as_str() {
            let clock = instant(wall);
            match health {
                Health::Followed => info!(%clock, "the machine's clock is followed again"),
                Health::Behind(seconds) => warn!(
                    %clock, seconds,
                    "the machine's clock was set back: time stands still until it has caught up"
                ),
                Health::Ahead(seconds) => error!(
                    %clock, seconds,
                    "the machine's clock jumped ahead and is not followed; set it right, or, if it \
                     is, restart the host with --accept-clock"
                ),
            }
        }
        health
    }

    pub(super) fn health(&self) -> Health {
        *self.health.lock()
    }

    pub(super) fn remember(&self, at: i64) {
        if self.marked.load(Ordering::SeqCst) < at {
            self.mark(None);
        }
    }

    /// Writes the latest told instant, if it is not written yet, and what is known of the clock.
    fn mark(&self, is_followed: Option<bool>) {
        let mut marks = self.marks.lock();
        let at = self.told.load(Ordering::SeqCst);
        let is_followed = is_followed.unwrap_or(marks.is_followed);
        if self.marked.load(Ordering::SeqCst) >= at && marks.is_followed == is_followed {
            return;
        }
        match marks.file.write(Mark { at: instant(at), is_followed }) {
            Ok(()) => {
                marks.is_followed = is_followed;
                self.marked.store(at, Ordering::SeqCst);
                self.mark_fails.store(false, Ordering::Relaxed);
            }
            Err(error) if !self.mark_fails.swap(true, Ordering::Relaxed) => {
                warn!(%error, "the clock's mark in the data folder cannot be written");
            }
            Err(_) => {}
        }
    }
}

/// The later of the two marks, and whether the clock was followed then.
fn latest(file: Option<Mark>, stored: Option<i64>) -> Option<(i64, bool)> {
    let file = file.map(|mark| (mark.at.unix_seconds(), mark.is_followed));
    match (file, stored) {
        (Some((at, is_followed)), Some(stored)) => Some((at.max(stored), is_followed)),
        (Some(mark), None) => Some(mark),
        (None, stored) => stored.map(|stored| (stored, true)),
    }
}

/// For how many seconds the machine has been running, sleep included. Nobody sets this clock.
fn boot_seconds() -> i64 {
    clock_gettime(ClockId::Boottime).tv_sec
}

#[cfg(test)]
mod tests;
