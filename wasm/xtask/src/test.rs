//! Every test of the project: format, lints, all of cargo's tests, those that Node runs, and the page
//! in a browser.

use std::process::Command;

use anyhow::ensure;

use crate::{
    browser, build, environment, fuzz, machine, npm, paths::Paths, process, salesforce, supply, web,
};

/// Tests that can be run alone.
#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Suite {
    /// The browser module in Node, and the page in a real browser
    Web,
    /// The Lightning component with jest, and in a real browser
    Salesforce,
    /// What the program is made of: licences, a bill of materials, equal bytes, rules for sources
    Supply,
    /// The host, killed while clients use it: nothing acknowledged is lost
    Crash,
    /// The power of the real host's disk, cut in a recording: nothing acknowledged is lost
    Powercut,
    /// The host with a bad disk, a wrong clock or an old database: whole or refused, never revived
    Faults,
    /// The host's contract, attacked: who may do what, random sequences, slow and huge clients
    Attack,
    /// The host under mixed load with revocations: every answer is right, memory stays
    Load,
    /// How long comparisons, look-ups and validations take: time tells nothing of secrets
    Timing,
    /// The core, with what libFuzzer, miri, random cases and mutants can find in it
    Fuzz,
}

/// How long and how hard a kit tries, beside what it does in every run of the tests.
#[derive(Default, clap::Args)]
pub struct Effort {
    /// With `crash`: how often the host is killed, 20 times if not given
    #[arg(long, value_name = "N")]
    rounds: Option<u32>,
    /// With `powercut`: how often the power is cut, 100 times if not given
    #[arg(long, value_name = "N")]
    cuts: Option<u32>,
    /// With `attack`: how many random sequences are played against the model, 2000 if not given
    #[arg(long, value_name = "N")]
    sequences: Option<u64>,
    /// With `attack`: also have schemathesis make N requests for each operation and credential
    #[arg(long, value_name = "N")]
    contract: Option<u32>,
    /// With `load`: how long it lasts, 30 minutes if not given; with `attack`: the longest that
    /// sequences are played
    #[arg(long, value_name = "N")]
    minutes: Option<u64>,
    /// With `crash`, `powercut`, `attack` and `load`: what all random choices come from
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// With `crash`, `powercut`, `faults`, `attack`, `load` and `fuzz`: then plant mistakes in host or
    /// core, and catch each of them
    #[arg(long)]
    mutants: bool,
}

impl Effort {
    /// Whether every option that was given goes with this suite.
    ///
    /// # Errors
    ///
    /// When one does not.
    pub fn check(&self, suite: Option<Suite>) -> anyhow::Result<()> {
        use Suite::{Attack, Crash, Faults, Fuzz, Load, Powercut};
        for (name, is_given, suites) in [
            ("rounds", self.rounds.is_some(), &[Crash][..]),
            ("cuts", self.cuts.is_some(), &[Powercut]),
            ("sequences", self.sequences.is_some(), &[Attack]),
            ("contract", self.contract.is_some(), &[Attack]),
            ("minutes", self.minutes.is_some(), &[Attack, Load]),
            ("seed", self.seed.is_some(), &[Crash, Powercut, Attack, Load]),
            ("mutants", self.mutants, &[Crash, Powercut, Faults, Attack, Load, Fuzz]),
        ] {
            let goes = suite.is_some_and(|suite| suites.contains(&suite));
            ensure!(goes || !is_given, "`--{name}` does not go with these tests");
        }
        Ok(())
    }

    /// The options as a kit takes them.
    fn arguments(&self) -> Vec<String> {
        let numbers = [
            ("rounds", self.rounds.map(u64::from)),
            ("cuts", self.cuts.map(u64::from)),
            ("sequences", self.sequences),
            ("contract", self.contract.map(u64::from)),
            ("minutes", self.minutes),
            ("seed", self.seed),
        ];
        let numbers = numbers.into_iter().filter_map(|(name, number)| Some((name, number?)));
        let mutants = self.mutants.then(|| "--mutants".to_owned());
        numbers.map(|(name, number)| format!("--{name}={number}")).chain(mutants).collect()
    }
}

/// Prepares the machine and runs everything. One profile, so that dependencies are built once.
///
/// # Errors
///
/// When anything is not as it should be.
pub fn run(paths: &Paths) -> anyhow::Result<()> {
    machine::prepare(paths)?;
    cargo(paths, &["fmt", "--all", "--check"])?;
    // The integration tests start the programs themselves.
    build(paths)?;
    cargo(
        paths,
        &[
            "clippy",
            "--release",
            "--workspace",
            "--all-targets",
            "--locked",
            "--",
            "-D",
            "warnings",
        ],
    )?;
    browser_module(paths, &[])?;
    // From the rules outwards: the stories through real proxies come last.
    // What builds is tested where it is built already, and not optimized for that.
    let builders = ["--package", "xtask", "--package", "exportgate-bindgen"];
    cargo(paths, &[&["test", "--locked", "--target-dir", "target/xtask"], &builders[..]].concat())?;
    // All others at once: each choice of packages chooses features, and a dependency with other
    // features is built anew, wasmtime and SQLite too.
    let excluded = ["xtask", "exportgate-bindgen"].into_iter().flat_map(|name| ["--exclude", name]);
    let rest = ["test", "--release", "--workspace", "--locked"].into_iter().chain(excluded);
    cargo(paths, &rest.collect::<Vec<_>>())?;
    for suite in [Suite::Crash, Suite::Powercut, Suite::Attack] {
        kit(paths, suite, &Effort::default(), Asked::WithAll)?;
    }
    web::test(paths)?;
    salesforce::test(paths)
}

/// Prepares the machine for one suite, and runs it.
///
/// # Errors
///
/// As [`run`].
pub fn alone(
    paths: &Paths,
    suite: Suite,
    effort: &Effort,
    fuzz: &fuzz::Effort,
) -> anyhow::Result<()> {
    if matches!(suite, Suite::Web | Suite::Salesforce) {
        machine::chromium()?;
    }
    if effort.contract.is_some() {
        machine::contract_tester(paths)?;
    }
    if !matches!(suite, Suite::Supply | Suite::Fuzz) {
        build(paths)?;
    }
    match suite {
        Suite::Web => {
            browser_module(paths, &[])?;
            web::test(paths)
        }
        Suite::Salesforce => salesforce::test(paths),
        Suite::Crash | Suite::Powercut | Suite::Faults | Suite::Attack | Suite::Load => {
            kit(paths, suite, effort, Asked::Alone)
        }
        Suite::Timing => timing(paths),
        Suite::Supply => supply::test(paths),
        Suite::Fuzz => fuzz::test(paths, fuzz, effort.mutants),
    }
}

/// Whether somebody wants just these tests.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Asked {
    Alone,
    WithAll,
}

/// Has one of the kits try the real host.
///
/// # Errors
///
/// When the host is caught at something that it must not do.
fn kit(paths: &Paths, suite: Suite, effort: &Effort, asked: Asked) -> anyhow::Result<()> {
    let program = if suite == Suite::Attack { "exportgate-attack" } else { "exportgate-crash" };
    let mut kit = Command::new(paths.root.join("target/release").join(program));
    match suite {
        Suite::Load => _ = kit.arg("load"),
        Suite::Powercut => _ = kit.arg("power"),
        Suite::Faults => _ = kit.arg("faults"),
        _ => {}
    }
    if suite == Suite::Powercut && asked == Asked::Alone {
        // Whoever asks for cuts wants to know when there are none.
        kit.arg("--required");
    }
    kit.args(effort.arguments());
    environment::without_outer_cargo(&mut kit);
    process::run(kit.current_dir(&paths.root))
}

/// Measures whether time tells of secrets. The kit is a workspace of its own.
///
/// # Errors
///
/// When it does, or the control does not.
fn timing(paths: &Paths) -> anyhow::Result<()> {
    let manifest = paths.root.join("tests/timing/Cargo.toml");
    let mut cargo = Command::new(environment::cargo());
    cargo.current_dir(&paths.root).args(["run", "--release", "--locked", "--manifest-path"]);
    cargo.arg(manifest).arg("--target-dir").arg(paths.root.join("target"));
    environment::without_outer_cargo(&mut cargo);
    process::run(&mut cargo)
}

/// Runs the tests of the browser module in Node: the corpus and random cases through both forms, and
/// the types.
///
/// # Errors
///
/// When the module cannot be built, or a test fails.
pub fn browser_module(paths: &Paths, variables: &[(&str, String)]) -> anyhow::Result<()> {
    browser::build(paths, browser::Scope::Pages)?;
    browser::build(paths, browser::Scope::Corpus)?;
    npm::install(&paths.web)?;
    let mut npm = Command::new("npm");
    npm.envs(variables.iter().map(|(name, value)| (name, value)));
    process::run(npm.current_dir(&paths.web).args(["run", "--silent", "test:core"]))
}

fn cargo(paths: &Paths, arguments: &[&str]) -> anyhow::Result<()> {
    let mut cargo = Command::new(environment::cargo());
    cargo.current_dir(&paths.root).args(arguments);
    environment::without_outer_cargo(&mut cargo);
    process::run(&mut cargo)
}
