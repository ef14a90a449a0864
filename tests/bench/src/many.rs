//! Measures start-up, memory and validation with few and with very many tokens.

use std::fs;

use exportgate_tests::host_process::{HostProcess, binary};
use tempfile::TempDir;

use crate::{
    Effort,
    memory::{self, Start},
    stage::{Route, Stage},
    table::{Goal, Results, number},
    validation::{median, ratio},
    wrk::Turn,
};

const MIB: f64 = 1024.0 * 1024.0;
/// What others are compared with.
const FEW: u64 = 10_000;
/// At so many tokens goals hold.
const JUDGED: u64 = 10_000_000;

/// Measures an empty host, and hosts with more and more tokens.
///
/// # Errors
/// A host or the load cannot run.
pub fn measure(effort: Effort, results: &mut Results) -> anyhow::Result<()> {
    let size = fs::metadata(binary())?.len() as f64 / MIB;
    results.judged("the release binary", size, "MiB", Goal::AtMost(40.0), "");
    let empty = empty()?;
    let idle = empty.resident as f64 / MIB;
    results.judged("an idle host", idle, "MiB", Goal::AtMost(40.0), "resident");
    let few = Stage::with_tokens(FEW)?;
    for &n_tokens in effort.stores() {
        let mut many = Stage::with_tokens(n_tokens)?;
        let start = many.start_again()?;
        report_start(n_tokens, start, &empty, results);
        validate(n_tokens, &many, &few, effort, results)?;
    }
    Ok(())
}

/// A host without a token, at its second start.
fn empty() -> anyhow::Result<Start> {
    let folder = TempDir::new()?;
    HostProcess::start(folder.path()).stop();
    memory::start(folder.path())
}

fn report_start(n_tokens: u64, start: Start, empty: &Start, results: &mut Results) {
    let bytes = start.bytes_per_token(empty, n_tokens);
    let from = format!("{} MiB at the peak", number(start.peak as f64 / MIB));
    let what = format!("{} tokens: memory of each", number_of(n_tokens));
    let ready = format!("{} tokens: ready after", number_of(n_tokens));
    if n_tokens >= JUDGED {
        results.judged(what, bytes, "bytes", Goal::AtMost(120.0), from);
        results.judged(ready, start.ready_seconds, "s", Goal::AtMost(8.0), "");
    } else {
        results.compared(what, bytes, "bytes", from);
        results.figure(ready, start.ready_seconds, "s");
    }
}

fn validate(
    n_tokens: u64,
    many: &Stage,
    few: &Stage,
    effort: Effort,
    results: &mut Results,
) -> anyhow::Result<()> {
    let (of_many, of_few) = (many.requests(Route::Validate, 0)?, few.requests(Route::Validate, 0)?);
    let turns = |n_connections| -> anyhow::Result<(Vec<Turn>, Vec<Turn>)> {
        let (mut with_many, mut with_few) = (Vec::new(), Vec::new());
        for _ in 0..effort.n_turns() {
            with_many.push(many.load(n_connections, effort.seconds())?.run(&of_many)?);
            with_few.push(few.load(n_connections, effort.seconds())?.run(&of_few)?);
        }
        Ok((with_many, with_few))
    };
    let (with_many, with_few) = turns(64)?;
    let throughput = ratio(&with_many, &with_few, Turn::per_second);
    let from = format!(
        "{}/s of {}/s",
        number(median(&with_many, Turn::per_second)),
        number(median(&with_few, Turn::per_second))
    );
    let (with_many, with_few) = turns(1)?;
    let p50 = ratio(&with_many, &with_few, Turn::p50_micros);
    let from_p50 = format!(
        "{} µs of {} µs",
        number(median(&with_many, Turn::p50_micros)),
        number(median(&with_few, Turn::p50_micros))
    );
    let name = number_of(n_tokens);
    let what = format!("{name} tokens, validate at 64: answers of those with 10 k");
    let what_p50 = format!("{name} tokens, validate at 1: p50 of that with 10 k");
    if n_tokens >= JUDGED {
        results.judged(what, throughput, "×", Goal::AtLeast(0.85), from);
        results.judged(what_p50, p50, "×", Goal::AtMost(1.1), from_p50);
    } else {
        results.compared(what, throughput, "×", from);
        results.compared(what_p50, p50, "×", from_p50);
    }
    Ok(())
}

fn number_of(n_tokens: u64) -> String {
    if n_tokens >= 1_000_000 {
        format!("{} M", n_tokens / 1_000_000)
    } else {
        format!("{} k", n_tokens / 1_000)
    }
}
