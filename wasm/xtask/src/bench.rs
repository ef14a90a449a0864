//! Builds the release host and the bench program, and runs it.

use std::process::Command;

use crate::{build, environment, machine, paths::Paths, process};

/// Measures what things cost.
///
/// # Errors
///
/// When something cannot be built or does not run. A goal that is missed is no error.
pub fn run(paths: &Paths, quick: bool, options: &[String]) -> anyhow::Result<()> {
    machine::load_generator()?;
    build(paths)?;
    let release = paths.root.join("target/release");
    let mut cargo = Command::new(environment::cargo());
    cargo.current_dir(&paths.root).args(["build", "--release", "--locked"]);
    cargo.args(["--package", "exportgate-bench"]);
    environment::without_outer_cargo(&mut cargo);
    process::run(&mut cargo)?;
    let mut bench = Command::new(release.join("exportgate-bench"));
    bench.current_dir(&paths.root).env("EXPORTGATE_BIN", release.join("exportgate"));
    if quick {
        bench.arg("--quick");
    }
    process::run(bench.args(options))
}
