//! Measures creation and revocation against the disk's own floor, and what they do to validation.

use std::{
    fs::File,
    io::Write as _,
    path::Path,
    thread,
    time::{Duration, Instant},
};

use tempfile::NamedTempFile;

use crate::{
    Effort,
    stage::{Route, Stage},
    table::{Goal, Results, number},
    validation::{median, middle},
    wrk::{Load, Turn},
};

/// A page of the database.
const PAGE: [u8; 4096] = [7; 4096];
/// So many times per turn the disk is asked, or so long.
const SYNCS: usize = 400;
const SYNC_TIME: Duration = Duration::from_millis(700);

/// What is wanted of creation at so many clients, in times of the floor.
const fn goal(n_clients: u32) -> Option<f64> {
    match n_clients {
        1 => Some(0.8),
        16 => Some(4.0),
        64 => Some(10.0),
        _ => None,
    }
}

/// Measures creation, revocation and both beside validation.
///
/// # Errors
/// The host or the load cannot run.
pub fn measure(effort: Effort, results: &mut Results) -> anyhow::Result<()> {
    let stage = Stage::with_tokens(10_000)?;
    let cookie = stage.cookie()?;
    let ids = NamedTempFile::new()?;
    for n_clients in [1, 16, 64, 256] {
        let (mut floors, mut created, mut revoked) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..effort.n_turns() {
            floors.push(floor(&stage.host.data())?);
            let load = stage.load(n_clients, effort.seconds())?;
            created.push(load.create(&cookie, ids.path())?);
            revoked.push(load.revoke(&cookie, ids.path())?);
        }
        let refused: u64 = created.iter().chain(&revoked).map(|turn| turn.n_refused).sum();
        anyhow::ensure!(refused == 0, "{refused} changes were refused");
        report(n_clients, &floors, &created, &revoked, results);
    }
    beside_changes(&stage, &cookie, effort, results)
}

fn report(
    n_clients: u32,
    floors: &[f64],
    created: &[Turn],
    revoked: &[Turn],
    results: &mut Results,
) {
    let floor = middle(floors.to_vec());
    let pairs = created.iter().zip(floors);
    let ratio = middle(pairs.map(|(turn, floor)| turn.per_second() / floor).collect());
    let from = format!("{}/s of {}/s", number(median(created, Turn::per_second)), number(floor));
    let what = format!("creation, {n_clients} clients: of an fdatasync");
    match goal(n_clients) {
        Some(least) => results.judged(what, ratio, "×", Goal::AtLeast(least), from),
        None => results.compared(what, ratio, "×", from),
    }
    let tail = median(created, |turn| turn.p99_micros() / turn.p50_micros());
    let from = format!(
        "{} µs of {} µs",
        number(median(created, Turn::p99_micros)),
        number(median(created, Turn::p50_micros))
    );
    let what = format!("creation, {n_clients} clients: p99 of p50");
    results.judged(what, tail, "×", Goal::AtMost(4.0), from);
    let what = format!("revocation, {n_clients} clients");
    results.figure(what, median(revoked, Turn::per_second), "/s");
}

/// How often a second the disk makes a page durable that is appended to a file.
fn floor(folder: &Path) -> anyhow::Result<f64> {
    let path = folder.join("floor");
    let mut file = File::create(&path)?;
    let started = Instant::now();
    let mut n = 0;
    while n < SYNCS && started.elapsed() < SYNC_TIME {
        file.write_all(&PAGE)?;
        file.sync_data()?;
        n += 1;
    }
    let per_second = n as f64 / started.elapsed().as_secs_f64();
    std::fs::remove_file(&path)?;
    Ok(per_second)
}

/// Validation, with and without 64 clients that create and revoke.
fn beside_changes(
    stage: &Stage,
    cookie: &str,
    effort: Effort,
    results: &mut Results,
) -> anyhow::Result<()> {
    let requests = stage.requests(Route::Validate, 0)?;
    let ids = NamedTempFile::new()?;
    let (mut alone, mut beside) = (Vec::new(), Vec::new());
    for _ in 0..effort.n_turns() {
        let validation = stage.load(16, effort.seconds())?;
        alone.push(validation.run(&requests)?);
        // The changes begin before and end after.
        let changes = Load { yields: true, ..stage.load(64, effort.seconds() + 1)? };
        beside.push(thread::scope(|scope| {
            let changing = scope.spawn(|| changes.create(cookie, ids.path()));
            thread::sleep(Duration::from_millis(300));
            let turn = validation.run(&requests)?;
            changing.join().map_err(|_| anyhow::anyhow!("the changes failed"))??;
            anyhow::Ok(turn)
        })?);
        stage.load(64, effort.seconds())?.revoke(cookie, ids.path())?;
    }
    let pairs = beside.iter().zip(&alone);
    let ratio = middle(pairs.map(|(b, a)| b.p99_micros() / a.p99_micros()).collect());
    let from = format!(
        "{} µs of {} µs",
        number(median(&beside, Turn::p99_micros)),
        number(median(&alone, Turn::p99_micros))
    );
    let what = "validate at 16 while 64 clients create: p99 of alone";
    results.judged(what, ratio, "×", Goal::AtMost(1.5), from);
    Ok(())
}
