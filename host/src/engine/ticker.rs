//! The clock by which calls into the engine are stopped that do not come to their end.

use std::io;
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// How often the clock ticks. Rarely enough that an idle host stays idle.
const TICK: Duration = Duration::from_millis(100);

/// After how many ticks a call is stopped that may take as long as `deadline`: never earlier, and
/// less than two ticks later.
pub fn ticks(deadline: Duration) -> u64 {
    let whole = deadline.as_millis().div_ceil(TICK.as_millis());
    // The first tick may come in the very moment in which the call begins.
    u64::from(u32::try_from(whole).unwrap_or(u32::MAX)) + 1
}

/// A thread that counts the engine's epoch up for as long as this value lives.
///
/// It counts its own waits and does not look at a clock: after the machine slept, no call is
/// stopped that had no time to run.
pub struct Ticker {
    /// Never sends: the thread stops when this end is gone.
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Ticker {
    /// Starts the thread.
    ///
    /// # Errors
    ///
    /// When the system gives no thread.
    pub fn start(engine: wasmtime::Engine) -> io::Result<Self> {
        let (stop, stopped) = mpsc::channel();
        let thread = thread::Builder::new().name("engine-ticker".to_owned()).spawn(move || {
            while stopped.recv_timeout(TICK) == Err(RecvTimeoutError::Timeout) {
                engine.increment_epoch();
            }
        })?;
        Ok(Self { stop: Some(stop), thread: Some(thread) })
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // It ends at once and holds nothing that could have failed.
            let _ = thread.join();
        }
    }
}
