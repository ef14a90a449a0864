//! Starts the release host on a data folder, and tells how long that takes and how much memory.

use std::{fs, path::Path, time::Instant};

use anyhow::Context as _;
use exportgate_tests::host_process::HostProcess;

/// What a start took.
#[derive(Clone, Copy, Debug)]
pub struct Start {
    /// From the start of the process to its first answer on `/readyz`.
    pub ready_seconds: f64,
    /// Resident memory then, in bytes.
    pub resident: u64,
    /// The most that was ever resident, in bytes.
    pub peak: u64,
}

impl Start {
    /// What each of `n_tokens` takes of the memory that this start needs at its peak beyond that
    /// of an empty host.
    pub fn bytes_per_token(&self, empty: &Self, n_tokens: u64) -> f64 {
        self.peak.saturating_sub(empty.peak) as f64 / n_tokens as f64
    }
}

/// Starts the host in `folder`, which is that of an earlier [`HostProcess`], and stops it again.
///
/// # Errors
/// The host does not come up.
pub fn start(folder: &Path) -> anyhow::Result<Start> {
    let started = Instant::now();
    let mut host = HostProcess::start(folder);
    let ready_seconds = started.elapsed().as_secs_f64();
    let pid = host.pid().context("the host is gone")?;
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let bytes = |name: &str| -> anyhow::Result<u64> {
        let line =
            status.lines().find_map(|line| line.strip_prefix(name)).context("no such line")?;
        Ok(line.trim().trim_end_matches(" kB").parse::<u64>()? * 1024)
    };
    let start = Start { ready_seconds, resident: bytes("VmRSS:")?, peak: bytes("VmHWM:")? };
    host.stop();
    Ok(start)
}
