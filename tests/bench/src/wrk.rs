//! Knows how load is made with `wrk`, and what it tells.

use std::{io::Write as _, process::Command};

use anyhow::{Context as _, bail};
use serde::Deserialize;
use tempfile::NamedTempFile;

use crate::cores::{self, CLIENT};

const SCRIPT: &str = include_str!("requests.lua");

/// Requests in a file, as `wrk` reads them.
pub struct Requests(NamedTempFile);

impl Requests {
    /// Writes whole requests down, one of which is sent after the other.
    pub fn new(requests: impl IntoIterator<Item = String>) -> anyhow::Result<Self> {
        let mut file = NamedTempFile::new()?;
        for request in requests {
            file.write_all(request.as_bytes())?;
            file.write_all(&[0])?;
        }
        file.flush()?;
        Ok(Self(file))
    }
}

/// What came of one turn.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct Turn {
    n_answers: u64,
    micros: u64,
    n_broken: u64,
    /// Answers with a status of 400 or above.
    pub n_refused: u64,
    p50_micros: u64,
    p99_micros: u64,
    /// Processor time of the server for all answers together.
    #[serde(skip)]
    server_nanos: u64,
}

impl Turn {
    /// Answers in a second.
    pub fn per_second(&self) -> f64 {
        self.n_answers as f64 * 1e6 / self.micros as f64
    }

    /// Processor time of the server for one answer, in microseconds.
    pub fn processor_micros(&self) -> f64 {
        self.server_nanos as f64 / 1e3 / self.n_answers as f64
    }

    /// Half of the answers came within so many microseconds.
    pub fn p50_micros(&self) -> f64 {
        self.p50_micros as f64
    }

    /// Of a hundred answers, 99 came within so many microseconds.
    pub fn p99_micros(&self) -> f64 {
        self.p99_micros as f64
    }

    /// Which part of the answers were refusals.
    pub fn refused_part(&self) -> f64 {
        self.n_refused as f64 / self.n_answers as f64
    }
}

/// Asks the server of process `pid` at `url` for some time over some connections.
///
/// # Errors
/// `wrk` cannot run, or a request was not answered at all.
pub fn run(
    url: &str,
    pid: u32,
    requests: &Requests,
    n_connections: u32,
    seconds: u32,
) -> anyhow::Result<Turn> {
    let mut script = NamedTempFile::with_suffix(".lua")?;
    script.write_all(SCRIPT.as_bytes())?;
    let before = cores::processor_nanos(pid)?;
    let mut wrk = Command::new("wrk");
    wrk.args(["--latency", "--threads", "1", "--timeout", "10s"])
        .args(["--connections", &n_connections.to_string()])
        .args(["--duration", &format!("{seconds}s")])
        .arg("--script")
        .arg(script.path())
        .args([url, "--"])
        .arg(requests.0.path());
    let output = cores::pinned(CLIENT, || wrk.output())?.context("cannot run `wrk`")?;
    let after = cores::processor_nanos(pid)?;
    let said = String::from_utf8_lossy(&output.stdout);
    let line = said.lines().find(|line| line.starts_with('{'));
    let line = line.with_context(|| {
        format!("`wrk` told nothing: {said}{}", String::from_utf8_lossy(&output.stderr))
    })?;
    let turn: Turn = serde_json::from_str(line)?;
    if turn.n_broken > 0 || turn.n_answers == 0 {
        bail!("of {} requests {} had no answer", turn.n_answers, turn.n_broken);
    }
    Ok(Turn { server_nanos: after.saturating_sub(before), ..turn })
}
