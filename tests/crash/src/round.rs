//! One round: clients work, the host is killed and started again, and everything that was ever
//! acknowledged is looked for.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context as _, ensure};
use exportgate_tests::host_process::HostProcess;
use http::{Method, StatusCode};
use serde_json::Value;
use tokio::runtime::Runtime;
use tokio::task::JoinSet;

use crate::clients::{CLIENTS, Mix, Worker};
use crate::history::{History, Life, What};
use crate::judge::{Wrong, judge};
use crate::kill::{Killer, Moment};
use crate::power::Positions;
use crate::world::{World, read};
use exportgate_tests::client::{Body, Client, Credential};

/// People who own tokens.
const USERS: [&str; 6] = ["anna", "bert", "cleo", "dora", "emil", "fred"];
/// Clients that look for what was acknowledged.
const LOOKERS: usize = 8;
/// The longest that a start is let live which is killed, too.
const LONGEST_START: Duration = Duration::from_millis(120);
/// Histories of at least so many operations are worth tampering with.
const WORTHWHILE: usize = 4;
/// So many of them are kept.
const KEPT_HISTORIES: usize = 200;

/// What the kit found wrong.
#[derive(Clone, Debug, Default)]
pub struct Findings {
    pub lost: usize,
    pub accepted: usize,
    pub unfounded: usize,
    /// All of them, and what else the host should never do, in sentences.
    pub sentences: Vec<String>,
}

/// A host and what is known of it.
pub struct Campaign {
    pub runtime: Runtime,
    pub world: Arc<World>,
    pub killer: Arc<Killer>,
    pub rng: fastrand::Rng,
    /// The checkpoint that the host signed after its last restart.
    checkpoint: PathBuf,
    pub n_starts_killed: u32,
    pub n_unknown_there: u64,
    pub good: Vec<History>,
    pub findings: Findings,
}

impl Campaign {
    /// Starts a host in `dir`.
    ///
    /// # Errors
    ///
    /// When something does not answer as it should; a host that does not come up panics.
    pub fn start(dir: &Path, seed: u64) -> anyhow::Result<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .context("the clients' runtime")?;
        let host = HostProcess::start(dir);
        let world = Arc::new(settle(&host, &runtime, None)?);
        let campaign = Self {
            runtime,
            world,
            killer: Arc::new(Killer::new(host)),
            rng: fastrand::Rng::with_seed(seed),
            checkpoint: dir.join("checkpoint"),
            n_starts_killed: 0,
            n_unknown_there: 0,
            good: Vec::new(),
            findings: Findings::default(),
        };
        campaign.keep_checkpoint()?;
        Ok(campaign)
    }

    /// What was counted so far.
    pub fn counts(&self) -> crate::world::Counts {
        self.world.state().counts.clone()
    }

    /// Plays one round.
    ///
    /// # Errors
    ///
    /// When the kit itself fails, or its judges disagree. What the host did wrong is in
    /// [`Campaign::findings`].
    pub fn round(&mut self, round: u32) -> anyhow::Result<()> {
        self.world.state().begin_round(round);
        let moment = Moment::random(&mut self.rng);
        self.work(moment);
        if self.rng.u8(..3) == 0 {
            for _ in 0..self.rng.u8(1..=3) {
                let micros = u64::try_from(LONGEST_START.as_micros())?;
                let after = Duration::from_micros(self.rng.u64(..micros));
                self.killer.host().restart_and_kill(after, &[]);
                self.n_starts_killed += 1;
            }
        }
        self.killer.host().restart();
        self.world.killed.store(false, Ordering::SeqCst);
        let all: Vec<usize> = (0..self.world.state().tokens.len()).collect();
        self.look(&all);
        self.list(round);
        self.tools();
        self.judge(&format!("round {round}, killed at {moment:?}"))?;
        self.keep_checkpoint()
    }

    /// Lets the clients work until the host is killed.
    fn work(&mut self, moment: Moment) {
        self.killer.aim(moment);
        let leave = Arc::new(AtomicBool::new(false));
        let (world, killer) = (Arc::clone(&self.world), Arc::clone(&self.killer));
        let seeds: Vec<u64> = (0..self.rng.usize(CLIENTS)).map(|_| self.rng.u64(..)).collect();
        self.runtime.block_on(async {
            let mut workers = JoinSet::new();
            for seed in seeds {
                let worker = Worker::new(Arc::clone(&world), Arc::clone(&killer), Mix::CRASH, seed);
                workers.spawn(worker.work(Arc::clone(&leave)));
            }
            let struck = tokio::time::timeout(moment.patience(), killer.struck()).await.is_ok();
            match moment {
                Moment::Quiet(quiet) => {
                    leave.store(true, Ordering::SeqCst);
                    while workers.join_next().await.is_some() {}
                    tokio::time::sleep(quiet).await;
                }
                _ if struck => {}
                _ => killer.strike(&world),
            }
            while workers.join_next().await.is_some() {}
        });
        if matches!(moment, Moment::Quiet(_)) {
            self.killer.strike(&self.world);
        }
        // What an earlier strike left must not end the next round.
        self.killer.forget_strike();
    }

    /// Validates the tokens at these places.
    pub fn look(&self, places: &[usize]) {
        self.runtime.block_on(async {
            let mut lookers = JoinSet::new();
            for first in 0..LOOKERS {
                let world = Arc::clone(&self.world);
                let killer = Arc::clone(&self.killer);
                let mut worker = Worker::new(Arc::clone(&world), killer, Mix::CRASH, 0);
                let places: Vec<usize> =
                    places.iter().skip(first).step_by(LOOKERS).copied().collect();
                lookers.spawn(async move {
                    for place in places {
                        let Some(begun) = world.begin_last(place) else { continue };
                        let seen = worker.validate(&begun).await.ok();
                        world.end(&begun, seen.map(What::Validate));
                    }
                });
            }
            while lookers.join_next().await.is_some() {}
        });
    }

    /// Compares what the owners are shown with what is known.
    fn list(&mut self, round: u32) {
        let mut listed = HashSet::new();
        for user in self.world.users.clone() {
            let mut client = Client::new(self.killer.host().authority());
            let mut path = "/v1/tokens?limit=200".to_owned();
            'pages: loop {
                let page = client.ask(&user, Method::GET, &path, Body::Empty);
                let page = match self.runtime.block_on(page) {
                    Ok((StatusCode::OK, page)) => page,
                    // A session that was acknowledged, and is not known any more, is one way.
                    Ok((status, _)) => {
                        self.world.odd(format!("a list was answered with {status}"));
                        return;
                    }
                    Err(error) => {
                        self.world.odd(format!("a list was not answered: {error}"));
                        return;
                    }
                };
                for item in page.get("items").and_then(Value::as_array).into_iter().flatten() {
                    if !self.known(item, round, &mut listed) {
                        break 'pages;
                    }
                }
                let Some(cursor) = page.get("next_cursor").and_then(Value::as_str) else { break };
                path = format!("/v1/tokens?limit=200&cursor={cursor}");
            }
        }
        let mut state = self.world.state();
        let missing = state.tokens.iter().enumerate();
        let missing =
            missing.filter(|(place, token)| token.round == round && !listed.contains(place));
        let missing: Vec<String> =
            missing.map(|(_, token)| format!("`{}` is in no list", token.token_id)).collect();
        state.oddities.extend(missing);
    }

    /// Whether a listed token is of this round; older ones were compared already.
    fn known(&mut self, item: &Value, round: u32, listed: &mut HashSet<usize>) -> bool {
        let text = |name: &str| item.get(name).and_then(Value::as_str).unwrap_or_default();
        let mut state = self.world.state();
        let label = read(text("label"));
        let Some(place) = state.places.get(text("token_id")).copied() else {
            // Only a creation without an answer may have left a token that nobody knows.
            if label.is_some_and(|(number, label)| label == 0 && state.unknown.remove(&number)) {
                self.n_unknown_there += 1;
            } else if !label.is_some_and(|(number, _)| state.unknown_there.contains(&number)) {
                state.oddities.push(format!("nobody created the token labelled {label:?}"));
            }
            if let Some((number, _)) = label {
                state.unknown_there.insert(number);
            }
            return true;
        };
        listed.insert(place);
        let Some(token) = state.tokens.get(place) else { return false };
        if token.round != round {
            return false;
        }
        let last = token.history.operations.last().and_then(crate::history::Operation::seen);
        let agrees = last.is_some_and(|seen| {
            let status = if seen.life == Life::Revoked { "revoked" } else { "active" };
            text("status") == status && label == seen.label.map(|label| (token.number, label))
        });
        if !agrees {
            let told = format!("list and validation differ on `{}`", token.token_id);
            state.oddities.push(told);
        }
        true
    }

    /// Asks `exportgate check` and `exportgate history verify`.
    pub fn tools(&self) {
        for sentence in tools(&self.killer.host(), &self.checkpoint) {
            self.world.odd(sentence);
        }
    }

    /// Judges what was told of every token since the last time.
    ///
    /// # Errors
    ///
    /// When the judges disagree.
    pub fn judge(&mut self, when: &str) -> anyhow::Result<()> {
        let mut state = self.world.state();
        for odd in std::mem::take(&mut state.oddities) {
            self.findings.sentences.push(format!("{when}: {odd}"));
        }
        for token in &mut state.tokens {
            let history = &token.history;
            let mistakes = judge(history)?;
            for mistake in &mistakes {
                let (count, what) = match mistake.wrong {
                    Wrong::Lost => (&mut self.findings.lost, "lost"),
                    Wrong::Accepted => (&mut self.findings.accepted, "wrongly accepted"),
                    Wrong::Unfounded => (&mut self.findings.unfounded, "unfounded"),
                };
                *count += 1;
                let proof = history.only(&mistake.places);
                let name = &token.token_id;
                self.findings.sentences.push(format!("{when}: {what}, `{name}`: {proof:?}"));
            }
            let is_worthwhile = history.operations.len() >= WORTHWHILE;
            if mistakes.is_empty() && is_worthwhile && self.good.len() < KEPT_HISTORIES {
                self.good.push(history.clone());
            }
            token.history = history.cut();
        }
        Ok(())
    }

    fn keep_checkpoint(&self) -> anyhow::Result<()> {
        keep_checkpoint(&self.killer.host(), &self.checkpoint)
    }
}

/// Adds the people and the export service to a new host.
///
/// # Errors
///
/// When something does not answer as it should.
pub fn settle(
    host: &HostProcess,
    runtime: &Runtime,
    positions: Option<Positions>,
) -> anyhow::Result<World> {
    host.told(&["policy", "set", "--maximum-active-tokens", "none"]);
    let key = host.told(&["service", "add", "reports"]);
    let key = key.get("key").and_then(Value::as_str).context("a service key")?.to_owned();
    let mut users = Vec::new();
    for user in USERS {
        host.told(&["user", "add", user]);
        let code = host.told(&["sign-in-code", user]);
        let code = code.get("code").and_then(Value::as_str).context("a code")?.to_owned();
        let mut client = Client::new(host.authority());
        users.push(runtime.block_on(client.sign_in(&code))?);
    }
    Ok(World::new(users, Credential::Key(key), positions))
}

/// Has the host sign how long its history is, which it must never take back.
///
/// # Errors
///
/// When it does not, or the file cannot be written.
pub fn keep_checkpoint(host: &HostProcess, file: &Path) -> anyhow::Result<()> {
    let mut command = host.command("operator");
    let output = command.args(["--url", host.url(), "history", "checkpoint"]).output()?;
    ensure!(output.status.success(), "no checkpoint: {}", text(&output.stderr));
    fs::write(file, output.stdout).context("the checkpoint's file")
}

/// What `exportgate check` and `exportgate history verify` have to complain about.
pub fn tools(host: &HostProcess, checkpoint: &Path) -> Vec<String> {
    let checkpoint = checkpoint.to_string_lossy().into_owned();
    let (verify, check) = std::thread::scope(|scope| {
        let check = scope.spawn(|| host.cli(&["check"]));
        (host.cli(&["history", "verify", "--checkpoint", &checkpoint]), check.join().ok())
    });
    let complaints = [("history verify", Some(verify)), ("check", check)];
    complaints.iter().filter_map(|(name, output)| complaint(name, output.as_ref())).collect()
}

/// What a tool found; none when all is well.
fn complaint(name: &str, output: Option<&Output>) -> Option<String> {
    match output {
        Some(output) if output.status.success() => None,
        Some(output) => {
            Some(format!("`exportgate {name}`: {}{}", text(&output.stdout), text(&output.stderr)))
        }
        None => Some(format!("`exportgate {name}` could not be run")),
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
