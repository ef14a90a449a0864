//! Measures the three routes that validate against bare handlers, in alternating turns.

use crate::{
    Effort,
    stage::{Route, Stage},
    table::{Goal, Results, number},
    wrk::{self, Turn},
};

/// At so many connections goals hold.
const JUDGED_CONNECTIONS: [u32; 2] = [16, 64];

/// The least part of the bare handler's answers per second, and the most times its processor time.
const fn goals(route: Route) -> (f64, f64) {
    match route {
        Route::Authorize => (0.90, 1.12),
        Route::Introspect | Route::Validate => (0.88, 1.18),
    }
}

/// Measures every route.
///
/// # Errors
/// A server or the load cannot run.
pub fn measure(effort: Effort, results: &mut Results) -> anyhow::Result<()> {
    let stage = Stage::with_tokens(10_000)?;
    let floor = stage.floor()?;
    for route in Route::ALL {
        let requests = stage.requests(route, 0)?;
        for &n_connections in effort.connections() {
            let (mut ours, mut bare) = (Vec::new(), Vec::new());
            for _ in 0..effort.n_turns() {
                let seconds = effort.seconds();
                ours.push(wrk::run(
                    stage.host.url(),
                    stage.pid()?,
                    &requests,
                    n_connections,
                    seconds,
                )?);
                bare.push(wrk::run(floor.url(), floor.pid(), &requests, n_connections, seconds)?);
            }
            let refused: u64 = ours.iter().map(|turn| turn.n_refused).sum();
            anyhow::ensure!(refused == 0, "{refused} valid secrets were refused");
            report(route, n_connections, &ours, &bare, results);
        }
    }
    with_unknown(&stage, effort, results)
}

fn report(route: Route, n_connections: u32, ours: &[Turn], bare: &[Turn], results: &mut Results) {
    let (least_throughput, most_time) = goals(route);
    let name = format!("{} at {n_connections}", route.name());
    let (our_rate, bare_rate) = (median(ours, Turn::per_second), median(bare, Turn::per_second));
    let throughput = ratio(ours, bare, Turn::per_second);
    let time = ratio(ours, bare, Turn::processor_micros);
    let (our_time, bare_time) =
        (median(ours, Turn::processor_micros), median(bare, Turn::processor_micros));
    let from_rate = format!("{}/s of {}/s", number(our_rate), number(bare_rate));
    let from_time = format!("{} µs of {} µs", number(our_time), number(bare_time));
    let p50 = (median(ours, Turn::p50_micros), median(bare, Turn::p50_micros));
    let p99 = (median(ours, Turn::p99_micros), median(bare, Turn::p99_micros));
    let (what_rate, what_time) =
        (format!("{name}: answers of bare"), format!("{name}: processor of bare"));
    if JUDGED_CONNECTIONS.contains(&n_connections) {
        results.judged(what_rate, throughput, "×", Goal::AtLeast(least_throughput), from_rate);
        results.judged(what_time, time, "×", Goal::AtMost(most_time), from_time);
    } else {
        results.compared(what_rate, throughput, "×", from_rate);
        results.compared(what_time, time, "×", from_time);
    }
    let from = |(our, bare): (f64, f64)| format!("{} µs of {} µs", number(our), number(bare));
    results.compared(format!("{name}: p50 of bare"), p50.0 / p50.1, "×", from(p50));
    results.compared(format!("{name}: p99 of bare"), p99.0 / p99.1, "×", from(p99));
}

/// Every tenth secret is one that nobody has.
fn with_unknown(stage: &Stage, effort: Effort, results: &mut Results) -> anyhow::Result<()> {
    for route in Route::ALL {
        let requests = stage.requests(route, 10)?;
        let turn = wrk::run(stage.host.url(), stage.pid()?, &requests, 64, effort.seconds())?;
        let name = format!("{} at 64, every tenth secret unknown", route.name());
        results.figure(name, turn.per_second(), "/s");
        if route == Route::Authorize {
            // Only this route refuses with a status.
            let part = turn.refused_part();
            anyhow::ensure!((0.08..0.12).contains(&part), "{part} of the answers were refusals");
        }
    }
    Ok(())
}

/// The middle of the ratios of neighbouring turns.
pub fn ratio(ours: &[Turn], others: &[Turn], value: impl Fn(&Turn) -> f64) -> f64 {
    middle(ours.iter().zip(others).map(|(our, other)| value(our) / value(other)).collect())
}

/// The middle of a value of several turns.
pub fn median(turns: &[Turn], value: impl Fn(&Turn) -> f64) -> f64 {
    middle(turns.iter().map(value).collect())
}

fn middle(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
