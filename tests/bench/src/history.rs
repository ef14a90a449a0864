//! Measures what a history of a million events costs: to append to, to prove, to verify, to export.

use std::{process::Command, time::Instant};

use anyhow::Context as _;
use tempfile::NamedTempFile;

use crate::{
    Effort,
    seed::History,
    stage::Stage,
    table::{Results, number},
    validation::{median, middle},
    wrk::Turn,
};

/// So many events there are.
const N_EVENTS: u64 = 1_000_000;
/// So many proofs are asked for.
const N_PROOFS: u64 = 50;

/// Measures all of it.
///
/// # Errors
/// The host cannot run, or its history does not verify.
pub fn measure(effort: Effort, results: &mut Results) -> anyhow::Result<()> {
    let mut long = Stage::filled(N_EVENTS, History::Told)?;
    let short = Stage::filled(1_000, History::Told)?;
    append(&long, &short, effort, results)?;
    prove(&long, results)?;
    export(&long, results)?;
    let started = Instant::now();
    let verified = long.host.told(&["history", "verify"]);
    anyhow::ensure!(
        verified.get("ok").is_some_and(|ok| *ok == true),
        "the history does not verify: {verified}"
    );
    results.figure("1 M events: verified in", started.elapsed().as_secs_f64(), "s");
    long.host.stop();
    Ok(())
}

/// Each creation appends an event.
fn append(
    long: &Stage,
    short: &Stage,
    effort: Effort,
    results: &mut Results,
) -> anyhow::Result<()> {
    let ids = NamedTempFile::new()?;
    let (to_long, to_short) = (long.cookie()?, short.cookie()?);
    let (mut on_long, mut on_short) = (Vec::new(), Vec::new());
    for _ in 0..effort.n_turns() {
        on_long.push(long.load(64, effort.seconds())?.create(&to_long, ids.path())?);
        on_short.push(short.load(64, effort.seconds())?.create(&to_short, ids.path())?);
    }
    let pairs = on_long.iter().zip(&on_short);
    let ratio = middle(pairs.map(|(l, s)| l.per_second() / s.per_second()).collect());
    let from = format!(
        "{}/s of {}/s",
        number(median(&on_long, Turn::per_second)),
        number(median(&on_short, Turn::per_second))
    );
    results.compared("1 M events: appended at 64, of those after 1 k", ratio, "×", from);
    Ok(())
}

fn prove(long: &Stage, results: &mut Results) -> anyhow::Result<()> {
    let cookie = long.cookie()?;
    let mut millis = Vec::new();
    for at in 0..N_PROOFS {
        let sequence = at * (N_EVENTS / N_PROOFS);
        let mut curl = Command::new("curl");
        curl.args(["--silent", "--show-error", "--fail", "--output", "/dev/null"])
            .args(["--write-out", "%{time_starttransfer} %{time_connect}"])
            .args(["--cookie", &cookie])
            .arg(format!("{}/v1/history/proof/inclusion?sequence={sequence}", long.host.url()));
        let output = curl.output().context("cannot run `curl`")?;
        anyhow::ensure!(output.status.success(), "no proof of event {sequence}");
        let said = String::from_utf8(output.stdout)?;
        let (answered, connected) = said.split_once(' ').context("no times")?;
        millis.push((answered.parse::<f64>()? - connected.parse::<f64>()?) * 1e3);
    }
    results.figure("1 M events: one is proven in", middle(millis), "ms");
    Ok(())
}

fn export(long: &Stage, results: &mut Results) -> anyhow::Result<()> {
    let started = Instant::now();
    let mut curl = Command::new("curl");
    curl.args(["--silent", "--show-error", "--fail", "--output", "/dev/null"])
        .args(["--write-out", "%{size_download}"])
        .args(["--cookie", &long.cookie()?, "--header", "Accept: text/csv"])
        .arg(format!("{}/v1/history?scope=all", long.host.url()));
    let output = curl.output().context("cannot run `curl`")?;
    anyhow::ensure!(output.status.success(), "no CSV");
    let n_bytes: f64 = String::from_utf8(output.stdout)?.parse()?;
    let seconds = started.elapsed().as_secs_f64();
    let from = format!("{} MiB", number(n_bytes / 1024.0 / 1024.0));
    results.compared("1 M events: as CSV in", seconds, "s", from);
    Ok(())
}
