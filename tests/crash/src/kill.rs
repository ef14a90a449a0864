//! When the host is killed: at any moment, or just when a mistake would show.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use exportgate_tests::host_process::HostProcess;
use tokio::sync::Notify;

use crate::world::World;

/// The longest that a round waits for its moment.
const LONGEST_ROUND: Duration = Duration::from_secs(2);

/// When the host is killed.
#[derive(Clone, Copy, Debug)]
pub enum Moment {
    /// After so long.
    At(Duration),
    /// With the n-th acknowledgement: what was said may be known to nobody but the client.
    Acknowledged(i64),
    /// With the n-th validation that shows a change which is not acknowledged yet: what was shown
    /// must not be taken back.
    Shown(i64),
    /// So long after the last client has left: then the host tidies up.
    Quiet(Duration),
}

impl Moment {
    /// Any of them.
    pub fn random(rng: &mut fastrand::Rng) -> Self {
        match rng.u8(..10) {
            0..3 => Self::At(Duration::from_micros(rng.u64(5_000..250_000))),
            3..6 => Self::Acknowledged(rng.i64(1..80)),
            6..9 => Self::Shown(rng.i64(1..12)),
            _ => Self::Quiet(Duration::from_micros(rng.u64(190_000..240_000))),
        }
    }

    /// How long the clients work, at the most.
    pub fn patience(self) -> Duration {
        match self {
            Self::At(after) => after,
            // Enough changes for a write-ahead log that is worth tidying up.
            Self::Quiet(_) => Duration::from_millis(150),
            Self::Acknowledged(_) | Self::Shown(_) => LONGEST_ROUND,
        }
    }
}

/// Waits for the moment and strikes.
pub struct Killer {
    host: Mutex<HostProcess>,
    moment: Mutex<Moment>,
    /// How many more events have to come.
    left: AtomicI64,
    struck: Notify,
}

impl Killer {
    pub fn new(host: HostProcess) -> Self {
        Self {
            host: Mutex::new(host),
            moment: Mutex::new(Moment::At(Duration::ZERO)),
            left: AtomicI64::new(i64::MAX),
            struck: Notify::new(),
        }
    }

    pub fn host(&self) -> MutexGuard<'_, HostProcess> {
        self.host.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins a round in which the host is killed at this moment.
    pub fn aim(&self, moment: Moment) {
        let left = match moment {
            Moment::Acknowledged(n) | Moment::Shown(n) => n,
            Moment::At(_) | Moment::Quiet(_) => i64::MAX,
        };
        *self.moment.lock().unwrap_or_else(PoisonError::into_inner) = moment;
        self.left.store(left, Ordering::SeqCst);
    }

    /// Hears of an acknowledgement.
    pub fn acknowledged(&self, world: &World) {
        if matches!(self.moment(), Moment::Acknowledged(_)) {
            self.count(world);
        }
    }

    /// Hears of a change that was shown before it was acknowledged.
    pub fn shown(&self, world: &World) {
        if matches!(self.moment(), Moment::Shown(_)) {
            self.count(world);
        }
    }

    /// Returns once the host was killed by an event.
    pub async fn struck(&self) {
        self.struck.notified().await;
    }

    /// Kills the host.
    pub fn strike(&self, world: &World) {
        world.killed.store(true, Ordering::SeqCst);
        self.host().kill();
        self.struck.notify_one();
    }

    /// Forgets a strike that nobody waited for.
    pub fn forget_strike(&self) {
        let mut struck = std::pin::pin!(self.struck.notified());
        struck.as_mut().enable();
    }

    fn moment(&self) -> Moment {
        *self.moment.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The client that hears the last event kills at once, as nobody else is as near.
    fn count(&self, world: &World) {
        if self.left.fetch_sub(1, Ordering::SeqCst) == 1 {
            self.strike(world);
        }
    }
}
