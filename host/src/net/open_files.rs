//! Knows how many files, and so connections, this process may have open.

use rustix::process::{Resource, getrlimit, setrlimit};

/// Raises the limit of open files to what the system allows, for the start of the host, and
/// returns the limit that holds now (`None`: no limit). Many systems start processes with 1024,
/// fewer than the connections that [`super::Limits`] allows.
#[must_use]
pub fn raise_open_files_limit() -> Option<u64> {
    let mut limit = getrlimit(Resource::Nofile);
    let before = limit.current;
    limit.current = limit.maximum;
    match setrlimit(Resource::Nofile, limit) {
        Ok(()) => limit.current,
        // Some systems refuse what they themselves call the maximum; the old limit stays.
        Err(_) => before,
    }
}
