//! Knows in which phase a connection is and when that phase has lasted too long.
//!
//! The I/O wrapper, the request body and the response body report here; the task of the
//! connection reads. All values are relaxed atomics: they are written and read by one task almost
//! always, and a deadline that is seen a moment late is harmless.

use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};
use tokio::time::Instant;

use super::Limits;

/// After a body that came too slowly the client gets this long to take the answer.
const LINGER_AFTER_LATE_BODY: Duration = Duration::from_millis(500);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Phase {
    /// Nothing has come yet.
    Silent,
    /// A part of a request's head has come.
    Head,
    /// A request is with the service, or its answer is being written.
    Busy,
    /// Answered, and the next request has not begun.
    Idle,
    /// We have ended; what the client still sends is thrown away.
    Lingering,
}

impl Phase {
    fn from_u8(value: u8) -> Self {
        match value {
            0 => Self::Silent,
            1 => Self::Head,
            2 => Self::Busy,
            3 => Self::Idle,
            _ => Self::Lingering,
        }
    }
}

/// Milliseconds since the machine's start, as of the kernel's last tick: a few milliseconds late,
/// where limits are seconds, and read in a fraction of the time. Each request asks twice.
fn coarse_millis() -> u64 {
    let now = clock_gettime(ClockId::MonotonicCoarse);
    let millis = now.tv_sec.saturating_mul(1000).saturating_add(now.tv_nsec / 1_000_000);
    u64::try_from(millis).unwrap_or_default()
}

#[derive(Debug)]
pub(super) struct Progress {
    origin: Instant,
    /// [`coarse_millis`] at `origin`.
    coarse_origin: u64,
    phase: AtomicU8,
    /// Milliseconds after `origin` at which the phase began.
    since: AtomicU64,
    /// Milliseconds after `origin` since which the client reads nothing; 0 when it reads.
    blocked_since: AtomicU64,
    /// The present request has a body that has not been read to its end.
    body_open: AtomicBool,
    body_late: AtomicBool,
}

impl Progress {
    pub(super) fn new() -> Self {
        Self {
            origin: Instant::now(),
            coarse_origin: coarse_millis(),
            phase: AtomicU8::new(Phase::Silent as u8),
            since: AtomicU64::new(0),
            blocked_since: AtomicU64::new(0),
            body_open: AtomicBool::new(false),
            body_late: AtomicBool::new(false),
        }
    }

    fn now_millis(&self) -> u64 {
        coarse_millis().saturating_sub(self.coarse_origin)
    }

    pub(super) fn phase(&self) -> Phase {
        Phase::from_u8(self.phase.load(Relaxed))
    }

    pub(super) fn enter(&self, phase: Phase) {
        // Nothing is timed while the service works, so the clock need not be read.
        if phase != Phase::Busy {
            self.since.store(self.now_millis(), Relaxed);
        }
        self.phase.store(phase as u8, Relaxed);
    }

    /// Bytes have come from the client.
    pub(super) fn received(&self) {
        if matches!(self.phase(), Phase::Silent | Phase::Idle) {
            self.enter(Phase::Head);
        }
    }

    /// A write has (not) been taken by the client.
    pub(super) fn write_blocked(&self, blocked: bool) {
        let before = self.blocked_since.load(Relaxed);
        if blocked && before == 0 {
            self.blocked_since.store(self.now_millis().max(1), Relaxed);
        } else if !blocked && before != 0 {
            self.blocked_since.store(0, Relaxed);
        }
    }

    pub(super) fn body_begins(&self, has_body: bool) {
        self.body_open.store(has_body, Relaxed);
    }

    pub(super) fn body_ends(&self) {
        self.body_open.store(false, Relaxed);
    }

    pub(super) fn body_is_late(&self) {
        self.body_late.store(true, Relaxed);
    }

    pub(super) fn is_body_open(&self) -> bool {
        self.body_open.load(Relaxed)
    }

    /// The client may still be sending: closing at once would reset the connection and take the
    /// answer with it.
    pub(super) fn client_may_be_sending(&self) -> bool {
        self.phase() == Phase::Head || self.is_body_open()
    }

    /// When the connection is to be dropped unless something happens before.
    pub(super) fn deadline(&self, limits: &Limits) -> Option<Instant> {
        let allowed = match self.phase() {
            Phase::Silent => Some(limits.first_byte),
            Phase::Head => Some(limits.head),
            Phase::Busy => None,
            Phase::Idle => Some(limits.idle),
            Phase::Lingering if self.body_late.load(Relaxed) => {
                Some(limits.linger.min(LINGER_AFTER_LATE_BODY))
            }
            Phase::Lingering => Some(limits.linger),
        };
        let of_phase = allowed.map(|allowed| self.at(self.since.load(Relaxed)) + allowed);
        let of_write = match self.blocked_since.load(Relaxed) {
            0 => None,
            since => Some(self.at(since) + limits.unread_answer),
        };
        match (of_phase, of_write) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        }
    }

    fn at(&self, millis: u64) -> Instant {
        self.origin + Duration::from_millis(millis)
    }
}
