//! Knows how tests wait: for a condition, never for a length of time.

use std::time::{Duration, Instant};

/// Longer than anything here takes on a busy machine; only a test that fails waits so long.
pub const PATIENCE: Duration = Duration::from_secs(60);
/// Between two looks.
const PAUSE: Duration = Duration::from_millis(20);

/// Looks until there is something to see, and returns it. `what` completes the sentence "waited in
/// vain for …".
///
/// # Panics
///
/// After [`PATIENCE`].
#[track_caller]
pub fn wait_for<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(seen) = look() {
            return seen;
        }
        assert!(start.elapsed() < PATIENCE, "waited in vain for {what}");
        std::thread::sleep(PAUSE);
    }
}

/// Tries what has to be done within so many seconds, and where the machine was too busy for it
/// again with twice as many. `what` completes the sentence "had no time for …".
///
/// # Panics
///
/// When [`PATIENCE`] did not suffice either.
#[track_caller]
pub fn within<T>(what: &str, seconds: i64, mut attempt: impl FnMut(i64) -> Option<T>) -> T {
    let mut given = seconds;
    loop {
        if let Some(done) = attempt(given) {
            return done;
        }
        assert!(given < PATIENCE.as_secs().cast_signed(), "had no time for {what}");
        given *= 2;
    }
}

/// Looks until the condition holds.
///
/// # Panics
///
/// After [`PATIENCE`].
#[track_caller]
pub fn wait_until(what: &str, mut holds: impl FnMut() -> bool) {
    wait_for(what, || holds().then_some(()));
}
