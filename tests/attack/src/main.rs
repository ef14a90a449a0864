//! Attacks the host's contract and judges every answer: `cargo xtask test attack`.

mod assertion;
mod belongings;
mod contract;
mod document;
mod findings;
mod forged;
mod matrix;
mod model;
mod mutants;
mod operations;
mod raw;
mod scene;
mod secrets;
mod sequences;
mod slow;
mod who;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::PoisonError;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use clap::Parser;
use exportgate_core::secret::SecretKind;
use exportgate_tests::client::Body;
use exportgate_tests::host_process::HostProcess;
use exportgate_tests::planted::CAUGHT;
use http::Method;
use serde_json::json;
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::findings::Findings;
use crate::forged::forged;
use crate::scene::{Person, Scene};

/// Of more sequences than this, a log that tells everything would fill the disk.
const FEW_SEQUENCES: u64 = 20_000;

#[derive(Parser)]
#[command(about = "Attacks the host's contract, and judges every answer")]
struct Arguments {
    /// How many random sequences of operations are played against the model
    #[arg(long, value_name = "N", default_value_t = 2_000)]
    sequences: u64,
    /// The sequences end after so many minutes, also when there are more to play
    #[arg(long, value_name = "N", default_value_t = 600)]
    minutes: u64,
    /// How many slow clients of each kind hold connections
    #[arg(long, value_name = "N", default_value_t = 2_000)]
    slow: usize,
    /// Also have schemathesis make so many requests for each operation and kind of credential
    #[arg(long, value_name = "N")]
    contract: Option<u32>,
    /// What random choices come from; any when it is not given
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Then build hosts with planted mistakes, and catch each of them
    #[arg(long)]
    mutants: bool,
    /// End with the first part in which anything was found
    #[arg(long, hide = true)]
    first: bool,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let seed = arguments.seed.unwrap_or_else(|| fastrand::u64(..1_000_000));
    let attacked = run(&arguments, seed).and_then(|is_good| {
        if is_good && arguments.mutants {
            mutants::run(&workspace(), seed)?;
        }
        Ok(is_good)
    });
    match attacked {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => {
            eprintln!("attack: the host was caught; again with `--seed {seed}`");
            ExitCode::from(CAUGHT)
        }
        Err(error) => {
            eprintln!("attack: {error:#}; again with `--seed {seed}`");
            ExitCode::FAILURE
        }
    }
}

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Attacks, and tells whether all is well.
fn run(arguments: &Arguments, seed: u64) -> anyhow::Result<bool> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .context("the clients' runtime")?;
    let attack = Attack { runtime, findings: Findings::default(), seed };
    println!("attack: seed {seed}");
    attack.all(arguments)?;
    let (n_answers, n_failures) = attack.findings.answers();
    println!("attack: answers: {n_answers} in all, 500s {n_failures}");
    let n_findings = attack.findings.len();
    println!("attack: {n_findings} findings");
    Ok(n_findings == 0)
}

/// A host that writes as little as it can, in memory where there is such a place: what it answers
/// is judged here, and not whether that survives.
fn quiet() -> anyhow::Result<(TempDir, HostProcess)> {
    let memory = Path::new("/dev/shm");
    let folder = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
    let folder = folder.context("a folder for the host")?;
    let host = HostProcess::start(folder.path());
    Ok((folder, host))
}

struct Attack {
    runtime: Runtime,
    findings: Findings,
    seed: u64,
}

impl Attack {
    fn all(&self, arguments: &Arguments) -> anyhow::Result<()> {
        let folder = tempfile::tempdir().context("a folder for the host")?;
        let is_enough = || arguments.first && self.findings.len() > 0;
        let scene = self.matrix(folder.path())?;
        if is_enough() {
            return Ok(());
        }
        self.raw(&scene)?;
        if let Some(n_examples) = arguments.contract {
            self.contract(n_examples)?;
        }
        let at_most = Duration::from_secs(arguments.minutes * 60);
        let few = arguments.sequences.min(FEW_SEQUENCES);
        let secrets = self.sequences(&scene.host, few, at_most)?;
        self.secrets(scene, &secrets, folder.path())?;
        if is_enough() {
            return Ok(());
        }
        if arguments.sequences > few {
            let (_folder, host) = quiet()?;
            self.sequences(&host, arguments.sequences - few, at_most)?;
        }
        self.slow(arguments.slow)
    }

    fn matrix(&self, folder: &Path) -> anyhow::Result<Scene> {
        let began = Instant::now();
        let mut scene = self.runtime.block_on(Scene::new(folder, "", &self.findings))?;
        let root = workspace();
        let matrix = matrix::run(&mut scene, &root, &self.findings);
        let counts = self.runtime.block_on(matrix)?;
        println!(
            "attack: matrix: {} operations, {} cells in {:.1} s: {} served, {} refused; {} answered \
             like what does not exist; {} methods that a path does not have; {} refused changes \
             looked at right away; {} tokens of others as they were",
            counts.n_operations,
            counts.n_cells,
            began.elapsed().as_secs_f64(),
            counts.n_served,
            counts.n_refused,
            counts.n_alike,
            counts.n_methods,
            counts.n_looked_at,
            counts.n_unchanged,
        );
        Ok(scene)
    }

    fn raw(&self, scene: &Scene) -> anyhow::Result<()> {
        let raw = raw::run(&scene.host, &scene.ours.service, &self.findings);
        let counts = self.runtime.block_on(raw)?;
        println!(
            "attack: raw: {} shapes of requests; {} bodies of 1 GB, of which {} were answered 413 and \
             at most {} bytes taken, for {} KiB of memory",
            counts.n_shapes, counts.n_bodies, counts.n_told, counts.most_taken, counts.memory_kib,
        );
        Ok(())
    }

    fn contract(&self, n_examples: u32) -> anyhow::Result<()> {
        let folder = tempfile::tempdir().context("a folder for the host")?;
        let trusted = "trusted_proxies = [\"127.0.0.1\"]";
        let mut scene =
            self.runtime.block_on(Scene::new(folder.path(), trusted, &self.findings))?;
        let (root, seed) = (workspace(), self.seed);
        let contract =
            contract::run(&mut scene, &root, folder.path(), n_examples, seed, &self.findings);
        let counts = self.runtime.block_on(contract)?;
        println!(
            "attack: contract: {} cases with {} kinds of credentials in {:.0} s; {} times an \
             operation was served to whom it is for",
            counts.n_cases, counts.n_runs, counts.seconds, counts.n_served,
        );
        Ok(())
    }

    fn sequences(
        &self,
        host: &HostProcess,
        n_sequences: u64,
        at_most: Duration,
    ) -> anyhow::Result<Vec<String>> {
        let began = Instant::now();
        let played = sequences::run(host, n_sequences, at_most, self.seed, &self.findings);
        let counts = self.runtime.block_on(played)?;
        let seconds = began.elapsed().as_secs_f64();
        let [n_sequences, n_operations, n_refused] =
            [&counts.n_sequences, &counts.n_operations, &counts.n_refused]
                .map(|count| count.load(std::sync::atomic::Ordering::Relaxed));
        println!(
            "attack: sequences: {n_sequences} of {n_operations} operations in {seconds:.1} s, \
             {:.0} a second; {n_refused} refused, as the model says",
            n_sequences as f64 / seconds,
        );
        let kinds = counts.kinds.lock().unwrap_or_else(PoisonError::into_inner);
        let mut kinds: Vec<_> = kinds.iter().map(|(kind, n)| format!("{kind} {n}")).collect();
        kinds.sort();
        println!("attack: sequences: {}", kinds.join(", "));
        Ok(counts.secrets.lock().unwrap_or_else(PoisonError::into_inner).clone())
    }

    /// Ends the host, and looks into all that it wrote.
    fn secrets(&self, mut scene: Scene, more: &[String], folder: &Path) -> anyhow::Result<()> {
        let backup = folder.join("backup.db");
        let file = json!({ "file": backup });
        let canary = forged(SecretKind::AccessToken)?.replacen("egt", "can", 1);
        let texts = self.runtime.block_on(async {
            scene.labelled(Person::Bert, &canary).await?;
            scene.operate(Method::POST, "/v1/operator/backups", &file).await?;
            let none = Vec::new();
            let metrics = scene.send(Method::GET, "/metrics", &none, Body::Empty).await?;
            let adam = scene.headers_of(Person::Adam)?;
            let csv = [adam.as_slice(), &[("accept", "text/csv".to_owned())]].concat();
            let path = "/v1/history?scope=all";
            let history = scene.send(Method::GET, path, &csv, Body::Empty).await?;
            anyhow::Ok([metrics.into_body().to_vec(), history.into_body().to_vec()])
        })?;
        // Once with what lies in the write-ahead log, and once after it was tidied up.
        let running = secrets::files_below(folder)?;
        let [metrics, history] = texts;
        let texts = [("/metrics", metrics), ("history as CSV", history)];
        let all = [scene.secrets.as_slice(), more].concat();
        let mut counts = secrets::search(&all, &canary, &running, &texts, &self.findings)?;
        scene.host.stop();
        let stopped = secrets::files_below(folder)?;
        counts.add(secrets::search(&all, &canary, &stopped, &[], &self.findings)?);
        if self.findings.len() > 0 {
            scene.host.caught();
        }
        let told = |places: &BTreeMap<secrets::Kind, usize>| {
            let told: Vec<String> = places.iter().map(|(kind, n)| kind.told(*n)).collect();
            told.join(", ")
        };
        println!(
            "attack: secrets: {} looked for in {}, of {} bytes with {} lines at TRACE; {} planted \
             ones found, and a label, as it must be, in {}",
            counts.n_secrets,
            told(&counts.places),
            counts.n_bytes,
            counts.n_traces,
            counts.n_controls,
            told(&counts.canaries),
        );
        Ok(())
    }

    fn slow(&self, n_each: usize) -> anyhow::Result<()> {
        let (_folder, host) = quiet()?;
        host.told(&["user", "add", "anna"]);
        host.sign_in("anna");
        let text = |value: serde_json::Value, name: &str| {
            let text = value.get(name).and_then(serde_json::Value::as_str);
            text.map(str::to_owned).context("the host has no key")
        };
        let key = text(host.told(&["service", "add", "reports"]), "key")?;
        let secret = text(host.told_as("anna", &["token", "create", "Sales"]), "secret")?;
        let slow = slow::run(host.authority(), &key, &secret, n_each, &self.findings);
        let counts = self.runtime.block_on(slow)?;
        let stays = counts.stays.map(|(kind, shortest, longest)| {
            format!("{kind:?} {:.1} to {:.1} s", shortest.as_secs_f64(), longest.as_secs_f64())
        });
        println!(
            "attack: slow: {} connections of each kind, {} open at one time, closed after {}",
            counts.n_each,
            counts.most_open,
            stays.join(", "),
        );
        for waits in counts.waits {
            println!(
                "attack: slow: meanwhile {} answers to good clients that connect {:?}, p99 {:.1} ms \
                 ({:.1} ms before), slowest {:.1} ms",
                waits.n_answers,
                waits.connects,
                waits.p99.as_secs_f64() * 1e3,
                waits.p99_alone.as_secs_f64() * 1e3,
                waits.slowest.as_secs_f64() * 1e3,
            );
        }
        Ok(())
    }
}
