//! Measures introspection against npm's `oidc-provider`, in alternating turns.

use std::{
    io::{BufRead as _, BufReader},
    process::{Child, Command, Stdio},
};

use anyhow::Context as _;
use serde::Deserialize;

use crate::{
    Effort,
    cores::{self, SERVER},
    stage::{Route, Stage},
    table::{Goal, Results, number},
    validation::{median, ratio},
    wrk::{Load, Requests, Turn},
};

const PROGRAM: &str = include_str!("oidc-provider.mjs");
/// Where npm has put it: the page's tests sign in with it, too.
const MODULES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../wasm/web");

/// The peer's process. It ends with this.
struct Peer(Child);

#[derive(Deserialize)]
struct Told {
    url: String,
    token: String,
}

impl Peer {
    fn start() -> anyhow::Result<(Self, Told)> {
        let mut node = Command::new("node");
        node.args(["--input-type=module", "--eval", PROGRAM, "--", MODULES])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let mut child = cores::pinned(SERVER, || node.spawn())?.context("cannot run `node`")?;
        let stdout = child.stdout.take().context("no output")?;
        let peer = Self(child);
        for line in BufReader::new(stdout).lines() {
            // It greets with warnings about its own settings.
            if let Ok(told) = serde_json::from_str(&line?) {
                return Ok((peer, told));
            }
        }
        anyhow::bail!("`oidc-provider` does not listen; is it installed in `{MODULES}`?")
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        // An error means that it is gone already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Measures both at 64 connections.
///
/// # Errors
/// A server or the load cannot run.
pub fn measure(effort: Effort, results: &mut Results) -> anyhow::Result<()> {
    let stage = Stage::with_tokens(10_000)?;
    let ours = stage.requests(Route::Introspect, 0)?;
    let (peer, Told { url, token }) = Peer::start()?;
    // `bench:bench-secret`
    let authorization = "Basic YmVuY2g6YmVuY2gtc2VjcmV0";
    let body = format!("token={token}");
    let theirs = Requests::new([format!(
        "POST /token/introspection HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: \
         {authorization}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: \
         {}\r\n\r\n{body}",
        body.len()
    )])?;
    let (mut our_turns, mut their_turns) = (Vec::new(), Vec::new());
    for _ in 0..effort.n_turns() {
        our_turns.push(stage.load(64, effort.seconds())?.run(&ours)?);
        let load = Load {
            url: &url,
            pid: peer.0.id(),
            n_connections: 64,
            seconds: effort.seconds(),
            yields: false,
        };
        their_turns.push(load.run(&theirs)?);
    }
    let refused: u64 = their_turns.iter().map(|turn| turn.n_refused).sum();
    anyhow::ensure!(refused == 0, "`oidc-provider` refused {refused} requests");
    results.judged(
        "introspect at 64: of oidc-provider",
        ratio(&our_turns, &their_turns, Turn::per_second),
        "×",
        Goal::AtLeast(20.0),
        format!(
            "{}/s of {}/s",
            number(median(&our_turns, Turn::per_second)),
            number(median(&their_turns, Turn::per_second))
        ),
    );
    Ok(())
}
