//! Knows how far the stopping of a listener has come.

use std::sync::atomic::{AtomicU8, Ordering};

use tokio::sync::Notify;
use tokio::sync::futures::Notified;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub(super) enum Stage {
    Running,
    /// No new requests; running ones finish.
    Finishing,
    /// The time for finishing is over.
    Abandoning,
}

/// One flag for all connections: reading it costs a load, unlike a cancellation token, whose every
/// poll takes a lock that all connections share.
#[derive(Debug)]
pub(super) struct Stop {
    stage: AtomicU8,
    changed: Notify,
}

impl Stop {
    pub(super) fn new() -> Self {
        Self { stage: AtomicU8::new(Stage::Running as u8), changed: Notify::new() }
    }

    pub(super) fn stage(&self) -> Stage {
        match self.stage.load(Ordering::Acquire) {
            0 => Stage::Running,
            1 => Stage::Finishing,
            _ => Stage::Abandoning,
        }
    }

    pub(super) fn enter(&self, stage: Stage) {
        self.stage.store(stage as u8, Ordering::Release);
        self.changed.notify_waiters();
    }

    /// Completes at the next change after this call. Ask for the stage after the call, so that no
    /// change falls between.
    pub(super) fn changed(&self) -> Notified<'_> {
        self.changed.notified()
    }

    /// Completes when the listener is not running any more.
    pub(super) async fn wait(&self) {
        loop {
            let changed = self.changed();
            if self.stage() != Stage::Running {
                return;
            }
            changed.await;
        }
    }
}
