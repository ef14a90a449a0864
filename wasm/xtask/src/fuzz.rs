//! Looks for inputs for which the core's rules do not hold: libFuzzer with the oracles of
//! `tests/oracles`, random cases through every form of the core, miri, and mutants of the core.

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context as _, bail, ensure};

use crate::supply::Tool;
use crate::{build, environment, mutants, paths::Paths, process, test, test::Suite};

/// What cargo-fuzz and miri need. Nothing that ships is built by it.
const TOOLCHAIN: &str = "nightly";
const FUZZER: Tool = Tool { name: "cargo-fuzz", version: "0.13.2" };
/// Every fuzz target of the core, which is an oracle in `tests/oracles/src/lib.rs`.
const TARGETS: [&str; 8] =
    ["checkpoint", "decide", "documents", "event", "instant", "proof", "secret", "words"];
/// Every one of the host, which is an oracle in `tests/oracles/src/host.rs`.
const HOST_TARGETS: [&str; 4] = ["authorization", "body", "config", "cursor"];
/// For how long each target is tried, if nothing else is said.
const SECONDS: u64 = 20;
/// Whoever tried fewer inputs than this has tried nothing.
const EXECUTIONS: u64 = 1_000;
/// How many random cases go through each form of the core, if nothing else is said.
const CASES: u64 = 100_000;
/// Goes through all 3.6 million days, for which miri would need days.
const TOO_LONG_FOR_MIRI: &str = "every_day_is_the_one_of_the_library";

/// How long and how hard `test fuzz` tries.
#[derive(Default, clap::Args)]
// Two of this name are part of one command.
#[group(id = "fuzz effort")]
pub struct Effort {
    /// With `fuzz`: how long each target is tried, 20 seconds if not given
    #[arg(long, value_name = "N")]
    seconds: Option<u64>,
    /// With `fuzz`: end a target after so many executions, whatever the time
    #[arg(long, value_name = "N")]
    executions: Option<u64>,
    /// With `fuzz`: how many random cases go through each form of the core, 100000 if not given
    #[arg(long, value_name = "N")]
    cases: Option<u64>,
}

impl Effort {
    /// Whether nothing was said about it, or these tests are asked for.
    ///
    /// # Errors
    ///
    /// When other tests are.
    pub fn check(&self, suite: Option<Suite>) -> anyhow::Result<()> {
        let given = self.seconds.is_some() || self.executions.is_some() || self.cases.is_some();
        ensure!(
            !given || suite == Some(Suite::Fuzz),
            "`--seconds`, `--executions` and `--cases` go with `cargo xtask test fuzz`"
        );
        Ok(())
    }
}

/// Runs everything, and prints the figures at the end.
///
/// # Errors
///
/// When a tool cannot be had, or something was found.
pub fn test(paths: &Paths, effort: &Effort, mutants: bool) -> anyhow::Result<()> {
    let fuzzer = FUZZER.find_or_install(paths)?;
    toolchain()?;
    let mut figures = Vec::new();
    let mut found = Vec::new();
    let mut n_executions = 0;
    for target in TARGETS.into_iter().chain(HOST_TARGETS) {
        match fuzz(paths, &fuzzer, target, effort) {
            Ok((line, n)) => {
                figures.push(line);
                n_executions += n;
            }
            Err(error) => found.push(format!("{target}: {error:#}")),
        }
    }
    figures.push(format!("fuzz: {n_executions} executions of all targets"));
    match miri(paths) {
        Ok(line) => figures.push(line),
        Err(error) => found.push(format!("miri: {error:#}")),
    }
    match differ(paths, effort.cases.unwrap_or(CASES)) {
        Ok(line) => figures.push(line),
        Err(error) => found.push(format!("differences: {error:#}")),
    }
    if mutants {
        match mutants::test(paths) {
            Ok(line) => figures.push(line),
            Err(error) => found.push(format!("mutants: {error:#}")),
        }
    }
    println!("{}", figures.join("\n"));
    if found.is_empty() {
        return Ok(());
    }
    bail!("{} found something\n{}", found.len(), found.join("\n"))
}

/// Has rustup fetch what is missing.
fn toolchain() -> anyhow::Result<()> {
    // Asked first: otherwise rustup would look for a newer one each time, and all be built anew.
    let miri = nightly(&["cargo", "miri", "--version"]).output();
    if miri.is_ok_and(|output| output.status.success()) {
        return Ok(());
    }
    let mut rustup = Command::new("rustup");
    rustup.args(["toolchain", "install", TOOLCHAIN, "--profile", "minimal", "--no-self-update"]);
    process::run(rustup.args(["--component", "miri", "--component", "rust-src"]))
}

/// A program of the nightly tool chain.
fn nightly(arguments: &[&str]) -> Command {
    let mut rustup = Command::new("rustup");
    environment::without_outer_cargo(&mut rustup);
    if let Some(ours) = std::env::var_os("RUSTUP_TOOLCHAIN") {
        rustup.env(environment::TOOLCHAIN, ours);
    }
    rustup.args(["run", TOOLCHAIN]).args(arguments);
    rustup
}

/// Tries one target; what it found before is its corpus.
fn fuzz(
    paths: &Paths,
    fuzzer: &Path,
    target: &str,
    effort: &Effort,
) -> anyhow::Result<(String, u64)> {
    let corpus = paths.root.join("target/fuzz/corpus").join(target);
    std::fs::create_dir_all(&corpus)?;
    let mut command = nightly(&[]);
    command.current_dir(&paths.root).arg(fuzzer).args(["run", "--fuzz-dir", "tests/fuzz"]);
    if HOST_TARGETS.contains(&target) {
        command.args(["--features", "host"]);
    }
    command.args(["--target-dir", "target/fuzz", target]).arg(&corpus).arg("--");
    // Longer inputs have no more choices in them (`documents.rs`).
    command.args(["-max_len=1024", "-print_final_stats=1", "-verbosity=0"]);
    match (effort.seconds, effort.executions) {
        (None, Some(executions)) => command.arg(format!("-runs={executions}")),
        (seconds, executions) => {
            if let Some(executions) = executions {
                command.arg(format!("-runs={executions}"));
            }
            command.arg(format!("-max_total_time={}", seconds.unwrap_or(SECONDS)))
        }
    };
    eprintln!("$ cargo fuzz run {target}");
    let output = command.stdout(Stdio::null()).output().context("rustup cannot be started")?;
    let said = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() {
        let from = said.find("panicked at").or_else(|| said.find("ERROR:")).unwrap_or_default();
        bail!("{}", said.get(from..).unwrap_or(&said).chars().take(4_000).collect::<String>());
    }
    let executions = statistic(&said, "number_of_executed_units")?;
    let per_second = statistic(&said, "average_exec_per_sec")?;
    let at_least = effort.executions.unwrap_or(EXECUTIONS).min(EXECUTIONS);
    ensure!(executions >= at_least, "only {executions} executions");
    let line = format!("fuzz {target}: {executions} executions, {per_second}/s, nothing found");
    Ok((line, executions))
}

/// A figure of libFuzzer's last lines.
fn statistic(said: &str, name: &str) -> anyhow::Result<u64> {
    let line = said.lines().find(|line| line.starts_with("stat::") && line.contains(name));
    let number = line.and_then(|line| line.split_whitespace().last());
    number.and_then(|it| it.parse().ok()).with_context(|| format!("libFuzzer gave no {name}"))
}

/// The core's own tests in an interpreter that knows undefined behaviour.
fn miri(paths: &Paths) -> anyhow::Result<String> {
    let mut command = nightly(&["cargo", "miri", "test", "--package", "exportgate-core", "--lib"]);
    command.args(["--locked", "--target-dir", "target/miri", "--", "--skip", TOO_LONG_FOR_MIRI]);
    // Property tests read where failures are kept, and are some hundred times as slow.
    command.env("MIRIFLAGS", "-Zmiri-disable-isolation").env("PROPTEST_CASES", "4");
    let said = process::output(command.current_dir(&paths.root))?;
    Ok(format!("miri over core: {} tests passed", n_passed(&said)?))
}

/// How many tests cargo says have passed: at least one, or nobody has looked.
fn n_passed(said: &str) -> anyhow::Result<u64> {
    let results = said.lines().filter_map(|line| line.strip_prefix("test result: ok. "));
    let n = results.filter_map(|rest| rest.split(' ').next()?.parse::<u64>().ok()).sum();
    ensure!(n > 0, "no test was run");
    Ok(n)
}

/// Random cases: native core and component, then native core and browser module, of whose two forms
/// plain JavaScript takes so long that it gets every tenth.
fn differ(paths: &Paths, n_cases: u64) -> anyhow::Result<String> {
    build(paths)?;
    let mut cargo = Command::new(environment::cargo());
    environment::without_outer_cargo(&mut cargo);
    cargo.current_dir(&paths.root).env("CASES", n_cases.to_string());
    cargo.args(["test", "--release", "--locked", "--package", "exportgate-tests", "--test", "it"]);
    n_passed(&process::output(cargo.args(["--", "differ"]))?)?;
    test::browser_module(paths, &[("CASES", n_cases.to_string())])?;
    Ok(format!(
        "differ: {n_cases} cases through native core, component and browser module, {} of them as \
         plain JavaScript, too: 0 differences",
        n_cases.div_ceil(10)
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_target_of_the_fuzzer_is_tried() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fuzz/fuzz_targets");
        let files = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
        let mut there: Vec<_> =
            files.map(|file| file.file_stem().unwrap().to_str().unwrap().to_owned()).collect();
        there.sort_unstable();
        let mut tried = [&TARGETS[..], &HOST_TARGETS].concat();
        tried.sort_unstable();
        assert_eq!(tried, there);
    }

    #[test]
    fn no_test_is_no_success() {
        let said = "running 2 tests\ntest result: ok. 2 passed; 0 failed\n";
        assert_eq!(n_passed(&said.repeat(2)).unwrap(), 4);
        n_passed("test result: ok. 0 passed; 0 failed; 9 filtered out").unwrap_err();
        n_passed("").unwrap_err();
    }
}
