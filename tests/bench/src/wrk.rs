//! Knows how load is made with `wrk`, and what it tells.

use std::{
    io::{Seek as _, Write as _},
    path::Path,
    process::Command,
};

use anyhow::{Context as _, bail};
use serde::Deserialize;
use tempfile::NamedTempFile;

use crate::cores::{self, CLIENT};

const REQUESTS: &str = concat!(include_str!("told.lua"), include_str!("requests.lua"));
const CHANGES: &str = concat!(include_str!("told.lua"), include_str!("changes.lua"));

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

/// What of a server is asked how much.
#[derive(Clone, Copy)]
pub struct Load<'a> {
    /// Where it listens.
    pub url: &'a str,
    /// Its process.
    pub pid: u32,
    /// At one time.
    pub n_connections: u32,
    /// How long.
    pub seconds: u32,
    /// Whether it leaves the clients' core to another load that is measured at the same time.
    pub yields: bool,
}

impl Load<'_> {
    /// Sends prepared requests.
    ///
    /// # Errors
    /// `wrk` cannot run, or a request was not answered at all.
    pub fn run(self, requests: &Requests) -> anyhow::Result<Turn> {
        let mut wrk = self.command();
        self.measure(REQUESTS, wrk.arg("--").arg(requests.0.path()))
    }

    /// Creates tokens with a session's cookie, and writes their ids into a file.
    ///
    /// # Errors
    /// As [`Load::run`].
    pub fn create(self, cookie: &str, ids: &Path) -> anyhow::Result<Turn> {
        let mut wrk = self.command();
        self.measure(CHANGES, wrk.env("BENCH_IDS", ids).args(["--", "create", cookie]))
    }

    /// Revokes the tokens with the ids in a file.
    ///
    /// # Errors
    /// As [`Load::run`].
    pub fn revoke(self, cookie: &str, ids: &Path) -> anyhow::Result<Turn> {
        let mut wrk = self.command();
        self.measure(CHANGES, wrk.args(["--", "revoke", cookie]).arg(ids))
    }

    fn command(self) -> Command {
        let mut wrk = if self.yields {
            let mut nice = Command::new("nice");
            nice.args(["-n", "19", "wrk"]);
            nice
        } else {
            Command::new("wrk")
        };
        wrk.args(["--latency", "--threads", "1", "--timeout", "10s"])
            .args(["--connections", &self.n_connections.to_string()])
            .args(["--duration", &format!("{}s", self.seconds)])
            .args(["--script", "/dev/stdin", self.url]);
        wrk
    }

    fn measure(self, script: &str, wrk: &mut Command) -> anyhow::Result<Turn> {
        let mut file = tempfile::tempfile()?;
        file.write_all(script.as_bytes())?;
        file.rewind()?;
        let before = cores::processor_nanos(self.pid)?;
        let output =
            cores::pinned(CLIENT, || wrk.stdin(file).output())?.context("cannot run `wrk`")?;
        let after = cores::processor_nanos(self.pid)?;
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
}
