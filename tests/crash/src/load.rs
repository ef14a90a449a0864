//! Mixed load with revocations, for as long as one likes: every answer is judged, and the host's
//! memory must stay what it was.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::ensure;
use tokio::task::JoinSet;

use crate::clients::{Mix, Worker};
use crate::round::Campaign;

/// Clients at work.
const WORKERS: usize = 8;
/// Tokens there are before it begins, so that the few that come do not matter.
const TOKENS: usize = 10_000;
/// After so long what was asked is judged, as histories stay short then.
const WINDOW: Duration = Duration::from_secs(4);
/// Until then the host's memory has settled: caches are full, the allocator has its arenas, and the
/// first minutes of gathered uses are closed. Minute by minute it was seen to climb until the fourth.
const SETTLING: Duration = Duration::from_secs(300);
/// What the memory may grow, in percent.
const GROWTH: f64 = 5.0;
/// How the sentence begins that tells of more.
pub const GREW: &str = "the memory did not stay: ";

/// Nearly all of it is validation, as it is in life. The changes are many all the same. The tokens in
/// use stay as many as they are: a host needs memory for each token that was used in a minute, until
/// the minute is over and its uses are in the history. And each new token takes half a kilobyte, so
/// that few are created.
const MIX: Mix = Mix { create: 1, rename: 100, revoke: 10, newest: TOKENS, older: false };
/// Fills the host.
const FILLING: Mix = Mix { create: 100_000, rename: 0, revoke: 0, newest: 1, older: false };

/// Loads a host for so long, and tells whether all is well.
///
/// # Errors
///
/// When the kit itself fails.
pub fn run(folder: &Path, minutes: u64, seed: u64) -> anyhow::Result<bool> {
    let length = Duration::from_secs(minutes * 60);
    ensure!(length > SETTLING, "memory settles for five minutes, so it takes six to tell anything");
    let mut campaign = Campaign::start(folder, seed)?;
    let mut round = 0;
    while campaign.world.state().tokens.len() < TOKENS {
        round += 1;
        campaign.load(round, FILLING, Duration::from_millis(500))?;
    }
    let before = campaign.counts();
    let began = Instant::now();
    let (mut settled, mut most, mut worked) = (None, 0, Duration::ZERO);
    let mut by_minute = Vec::new();
    while began.elapsed() < length && campaign.findings.sentences.is_empty() {
        round += 1;
        campaign.load(round, MIX, WINDOW)?;
        worked += WINDOW;
        let memory = campaign.memory_kib();
        most = most.max(memory);
        if began.elapsed().as_secs() / 60 > by_minute.len() as u64 {
            by_minute.push(format!("{:.1}", memory as f64 / 1024.0));
        }
        if settled.is_none() && began.elapsed() >= SETTLING {
            settled = Some((memory, campaign.counts().created));
        }
    }
    let memory = campaign.memory_kib();
    campaign.finish()?;
    let (counts, findings) = (campaign.counts(), &campaign.findings);
    let n_validated = counts.validated - before.validated;
    println!(
        "load: {:.1} minutes, {:.1} of them at work; seed {seed}; {n_validated} validations ({:.0} a \
         second), {} created, {} renamed, {} revoked, {} refused",
        began.elapsed().as_secs_f64() / 60.0,
        worked.as_secs_f64() / 60.0,
        n_validated as f64 / worked.as_secs_f64(),
        counts.created - before.created,
        counts.renamed - before.renamed,
        counts.revoked - before.revoked,
        counts.refused - before.refused,
    );
    println!(
        "load: wrong answers: lost {}, wrongly accepted {}, unfounded {}",
        findings.lost, findings.accepted, findings.unfounded,
    );
    let mut is_good = findings.sentences.is_empty();
    for sentence in &findings.sentences {
        println!("load: {sentence}");
    }
    // A leak climbs all the time; what only fills up comes to an end.
    println!("load: memory by minute, in MiB: {}", by_minute.join(" "));
    if let Some((settled, created)) = settled {
        let growth = (memory as f64 / settled as f64 - 1.0) * 100.0;
        println!(
            "load: memory {settled} KiB after five minutes, {memory} KiB at the end, {most} KiB at most: \
             {growth:+.1} %, with {} more tokens",
            counts.created - created,
        );
        if growth.abs() > GROWTH {
            is_good = false;
            println!("load: {GREW}{growth:+.1} %, where {GROWTH} % may be");
        }
    }
    Ok(is_good)
}

impl Campaign {
    /// Has clients work for so long, and judges what they were told.
    fn load(&mut self, round: u32, mix: Mix, length: Duration) -> anyhow::Result<()> {
        self.world.state().begin_round(round);
        let leave = Arc::new(AtomicBool::new(false));
        let seeds: Vec<u64> = (0..WORKERS).map(|_| self.rng.u64(..)).collect();
        let (world, killer) = (Arc::clone(&self.world), Arc::clone(&self.killer));
        self.runtime.block_on(async {
            let mut workers = JoinSet::new();
            for seed in seeds {
                let worker = Worker::new(Arc::clone(&world), Arc::clone(&killer), mix, seed);
                workers.spawn(worker.work(Arc::clone(&leave)));
            }
            tokio::time::sleep(length).await;
            leave.store(true, Ordering::SeqCst);
            while workers.join_next().await.is_some() {}
        });
        let touched: Vec<usize> = {
            let state = self.world.state();
            let tokens = state.tokens.iter().enumerate();
            tokens.filter(|(_, token)| token.was_asked_about()).map(|(place, _)| place).collect()
        };
        self.look(&touched);
        self.judge(&format!("window {round}"))
    }

    /// Looks at every token there is, and asks the host's own tools.
    fn finish(&mut self) -> anyhow::Result<()> {
        let all: Vec<usize> = (0..self.world.state().tokens.len()).collect();
        self.look(&all);
        self.tools();
        self.judge("at the end")
    }

    fn memory_kib(&self) -> u64 {
        self.killer.host().memory_kib()
    }
}
