//! The bill of materials of the host, in CycloneDX: what an auditor feeds to a scanner.

use std::fs;
use std::process::Command;

use anyhow::{Context as _, ensure};

use crate::{environment, paths::Paths, process};

use super::tool::Tool;

const CARGO_CYCLONEDX: Tool = Tool { name: "cargo-cyclonedx", version: "0.5.9" };
/// Under which the tool writes, beside the package's `Cargo.toml`.
const STEM: &str = "exportgate.cdx";

/// Writes `target/supply/exportgate.cdx.json`, and looks whether it names every crate of the host.
///
/// # Errors
///
/// When the tool fails, or a crate is missing.
pub fn write(paths: &Paths, copy: &Paths) -> anyhow::Result<()> {
    // In the copy: the tool writes beside every package of the workspace.
    let program = CARGO_CYCLONEDX.find_or_install(paths)?;
    let mut cyclonedx = Command::new(program);
    environment::without_outer_cargo(&mut cyclonedx);
    cyclonedx.current_dir(&copy.root).args(["cyclonedx", "--format", "json", "--quiet"]);
    cyclonedx.args(["--target", "all", "--override-filename", STEM]);
    process::run(&mut cyclonedx)?;
    let text = fs::read_to_string(copy.root.join("host").join(format!("{STEM}.json")))
        .context("there is no bill of materials of the host")?;

    let mut tree = Command::new(environment::cargo());
    environment::without_outer_cargo(&mut tree);
    tree.current_dir(&copy.root).args(["tree", "--locked", "--package", "exportgate-host"]);
    tree.args(["--edges", "normal", "--prefix", "none", "--format", "{p}"]);
    let tree = process::output(&mut tree)?;
    let mut n_crates = 0;
    for line in tree.lines() {
        let mut words = line.split(' ');
        let (Some(name), Some(version)) = (words.next(), words.next()) else { continue };
        let version = version.trim_start_matches('v');
        ensure!(
            text.contains(&format!("{name}@{version}")),
            "the bill of materials lacks {name} {version}"
        );
        n_crates += 1;
    }
    let file = paths.root.join("target/supply").join(format!("{STEM}.json"));
    fs::write(&file, &text).with_context(|| format!("cannot write `{}`", file.display()))?;
    println!(
        "bill of materials: {n_crates} lines of the crates' tree, all named: {}",
        file.display()
    );
    Ok(())
}
