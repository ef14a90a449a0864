//! Knows on which core each side runs, and how much processor time a process has used.

use std::fs;

use anyhow::Context as _;
use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

/// Servers run on the first core.
pub const SERVER: &[usize] = &[0];
/// Whoever asks them runs on the second one.
pub const CLIENT: &[usize] = &[1];

/// Runs `start` on some cores; the processes that it starts stay there.
///
/// # Errors
/// The machine has no such cores.
pub fn pinned<T>(cores: &[usize], start: impl FnOnce() -> T) -> anyhow::Result<T> {
    let before = sched_getaffinity(None)?;
    let mut wanted = CpuSet::new();
    for core in cores {
        wanted.set(*core);
    }
    sched_setaffinity(None, &wanted).with_context(|| format!("there are no cores {cores:?}"))?;
    let started = start();
    sched_setaffinity(None, &before)?;
    Ok(started)
}

/// How long the threads of a process ran so far, in nanoseconds.
///
/// # Errors
/// There is no such process.
pub fn processor_nanos(pid: u32) -> anyhow::Result<u64> {
    let mut nanos = 0;
    for task in fs::read_dir(format!("/proc/{pid}/task"))? {
        // A thread may end between the two readings.
        let Ok(text) = fs::read_to_string(task?.path().join("schedstat")) else { continue };
        let first = text.split(' ').next().context("an empty schedstat")?;
        nanos += first.parse::<u64>().with_context(|| format!("not a time: `{first}`"))?;
    }
    Ok(nanos)
}
