//! Every test of the project: format, lints, all of cargo's tests, those that Node runs, and the page
//! in a browser.

use std::process::Command;

use crate::{browser, build, environment, machine, npm, paths::Paths, process, salesforce, web};

/// Tests that can be run alone.
#[derive(Clone, Copy, clap::ValueEnum)]
pub enum Suite {
    /// The browser module in Node, and the page in a real browser
    Web,
    /// The Lightning component with jest, and in a real browser
    Salesforce,
    /// The host, killed while clients use it: nothing acknowledged is lost
    Crash,
    /// The power of the real host's disk, cut in a recording: nothing acknowledged is lost
    Powercut,
}

/// How long and how hard `test crash` and `test powercut` try.
#[derive(Default, clap::Args)]
pub struct Crash {
    /// With `crash`: how often the host is killed, 20 times if not given
    #[arg(long, value_name = "N")]
    rounds: Option<u32>,
    /// With `powercut`: how often the power is cut, 100 times if not given
    #[arg(long, value_name = "N")]
    cuts: Option<u32>,
    /// With `crash` and `powercut`: what the clients' choices and the moments come from
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// With `crash` and `powercut`: then build hosts with planted mistakes, and catch each of them
    #[arg(long)]
    mutants: bool,
}

impl Crash {
    /// Whether everything that was said goes with this suite.
    pub fn goes_with(&self, suite: Option<Suite>) -> bool {
        let is_crash = matches!(suite, Some(Suite::Crash));
        let is_power = matches!(suite, Some(Suite::Powercut));
        (self.rounds.is_none() || is_crash)
            && (self.cuts.is_none() || is_power)
            && ((self.seed.is_none() && !self.mutants) || is_crash || is_power)
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
    browser_module(paths)?;
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
    crash(paths, &[], &Crash::default())?;
    crash(paths, &["power"], &Crash::default())?;
    web::test(paths)?;
    salesforce::test(paths)
}

/// Prepares the machine for one suite, and runs it.
///
/// # Errors
///
/// As [`run`].
pub fn alone(paths: &Paths, suite: Suite, options: &Crash) -> anyhow::Result<()> {
    if matches!(suite, Suite::Web | Suite::Salesforce) {
        machine::chromium()?;
    }
    build(paths)?;
    match suite {
        Suite::Web => {
            browser_module(paths)?;
            web::test(paths)
        }
        Suite::Salesforce => salesforce::test(paths),
        Suite::Crash => crash(paths, &[], options),
        Suite::Powercut => crash(paths, &["power"], options),
    }
}

/// Kills the real host while clients use it, or cuts the power of its disk.
///
/// # Errors
///
/// When something acknowledged is lost, or something revoked accepted.
fn crash(paths: &Paths, kind: &[&str], options: &Crash) -> anyhow::Result<()> {
    let mut kit = Command::new(paths.root.join("target/release/exportgate-crash"));
    kit.args(kind);
    if let Some(cuts) = options.cuts {
        kit.args(["--cuts", &cuts.to_string()]);
    }
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

/// Runs the tests of the browser module in Node: the corpus through both forms, and the types.
///
/// # Errors
///
/// When the module cannot be built, or a test fails.
fn browser_module(paths: &Paths) -> anyhow::Result<()> {
    browser::build(paths, browser::Scope::Pages)?;
    browser::build(paths, browser::Scope::Corpus)?;
    npm::install(&paths.web)?;
    let mut npm = Command::new("npm");
    process::run(npm.current_dir(&paths.web).args(["run", "--silent", "test:core"]))
}

fn cargo(paths: &Paths, arguments: &[&str]) -> anyhow::Result<()> {
    let mut cargo = Command::new(environment::cargo());
    cargo.current_dir(&paths.root).args(arguments);
    environment::without_outer_cargo(&mut cargo);
    process::run(&mut cargo)
}
