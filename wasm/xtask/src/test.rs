//! Every test of the project: format, lints, all of cargo's tests, those that Node runs, and the page
//! in a browser.

use std::process::Command;

use crate::{
    browser, build, environment, machine, npm, paths::Paths, process, salesforce, supply, web,
};

/// Tests that can be run alone.
#[derive(Clone, Copy, clap::ValueEnum)]
pub enum Suite {
    /// The browser module in Node, and the page in a real browser
    Web,
    /// The Lightning component with jest, and in a real browser
    Salesforce,
    /// What the program is made of: licences, a bill of materials, equal bytes, rules for sources
    Supply,
    /// The host, killed while clients use it: nothing acknowledged is lost
    Crash,
    /// The core, with what libFuzzer, miri, random cases and mutants can find in it
    Fuzz,
}

/// How long and how hard `test crash` tries.
#[derive(Default, clap::Args)]
pub struct Crash {
    /// With `crash`: how often the host is killed, 20 times if not given
    #[arg(long, value_name = "N")]
    rounds: Option<u32>,
    /// With `crash`: what the clients' choices and the moments of the kills come from
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// With `crash` and `fuzz`: then plant mistakes in host or core, and catch each of them
    #[arg(long)]
    pub mutants: bool,
}

impl Crash {
    /// Whether nothing was said about it.
    pub fn is_default(&self) -> bool {
        self.rounds.is_none() && self.seed.is_none() && !self.mutants
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
    cargo(
        paths,
        &["test", "--release", "--workspace", "--exclude", "exportgate-tests", "--locked"],
    )?;
    cargo(paths, &["test", "--release", "--package", "exportgate-tests", "--lib", "--locked"])?;
    cargo(
        paths,
        &["test", "--release", "--package", "exportgate-tests", "--test", "it", "--locked"],
    )?;
    crash(paths, &Crash::default())?;
    web::test(paths)?;
    salesforce::test(paths)
}

/// Prepares the machine for one suite, and runs it.
///
/// # Errors
///
/// As [`run`].
pub fn alone(paths: &Paths, suite: Suite, options: &Crash) -> anyhow::Result<()> {
    if matches!(suite, Suite::Supply) {
        return supply::test(paths);
    }
    if !matches!(suite, Suite::Crash) {
        machine::chromium()?;
    }
    build(paths)?;
    match suite {
        Suite::Web => {
            browser_module(paths, &[])?;
            web::test(paths)
        }
        Suite::Salesforce => salesforce::test(paths),
        Suite::Crash => crash(paths, options),
        Suite::Supply | Suite::Fuzz => Ok(()),
    }
}

/// Kills the real host while clients use it.
///
/// # Errors
///
/// When something acknowledged is lost, or something revoked accepted.
fn crash(paths: &Paths, options: &Crash) -> anyhow::Result<()> {
    let mut kit = Command::new(paths.root.join("target/release/exportgate-crash"));
    if let Some(rounds) = options.rounds {
        kit.args(["--rounds", &rounds.to_string()]);
    }
    if let Some(seed) = options.seed {
        kit.args(["--seed", &seed.to_string()]);
    }
    if options.mutants {
        kit.arg("--mutants");
    }
    environment::without_outer_cargo(&mut kit);
    process::run(kit.current_dir(&paths.root))
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
