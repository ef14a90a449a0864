//! Every test of the project: format, lints, then all of cargo's tests.

use std::process::Command;

use crate::{build, environment, machine, paths::Paths, process};

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
    // From the rules outwards: the stories through real proxies come last.
    cargo(
        paths,
        &["test", "--release", "--workspace", "--exclude", "exportgate-tests", "--locked"],
    )?;
    cargo(paths, &["test", "--release", "--package", "exportgate-tests", "--lib", "--locked"])?;
    cargo(
        paths,
        &["test", "--release", "--package", "exportgate-tests", "--test", "it", "--locked"],
    )
}

fn cargo(paths: &Paths, arguments: &[&str]) -> anyhow::Result<()> {
    let mut cargo = Command::new(environment::cargo());
    cargo.current_dir(&paths.root).args(arguments);
    environment::without_outer_cargo(&mut cargo);
    process::run(&mut cargo)
}
