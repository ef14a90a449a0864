//! Licences, sources and known weaknesses of other people's crates: `deny.toml` says what may be.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::ensure;

use crate::{environment, paths::Paths, process};

use super::tool::Tool;

const CARGO_DENY: Tool = Tool { name: "cargo-deny", version: "0.20.2" };
/// The workspaces beside the one of the root: tests that need other compilers or features.
const FURTHER: [&str; 2] = ["tests/fuzz/Cargo.toml", "tests/timing/Cargo.toml"];

/// Has cargo-deny look at the dependency graph.
///
/// # Errors
///
/// When something is in it that may not be.
pub fn test(paths: &Paths) -> anyhow::Result<()> {
    let program = CARGO_DENY.find_or_install(paths)?;
    let deny = |words: &[&str]| {
        let mut deny = Command::new(&program);
        environment::without_outer_cargo(&mut deny);
        process::run(
            deny.current_dir(&paths.root).args(["--locked", "--log-level", "error"]).args(words),
        )
    };
    // A crate in two versions needs its line and its reason, and a line its two versions.
    let strict = ["-D", "unmatched-skip", "-D", "unnecessary-skip"];
    deny(&[&["check"], &strict[..], &["bans", "licenses", "sources"]].concat())?;
    for manifest in FURTHER {
        let elsewhere = ["--manifest-path", manifest, "--config", "deny.toml"];
        deny(&[&elsewhere[..], &["check", "licenses", "sources"]].concat())?;
    }
    control(paths, &program)?;
    println!("supply: crates: licences, sources and versions are those that `deny.toml` allows");
    // The list of known weaknesses has to be fetched; without the network nobody has looked.
    if deny(&["fetch", "db"]).is_err() {
        println!(
            "supply: known weaknesses: NOT LOOKED AT, since their list cannot be fetched from here"
        );
        return Ok(());
    }
    deny(&["check", "advisories"])
}

/// Where no licence is allowed, cargo-deny must have something against every crate.
fn control(paths: &Paths, program: &Path) -> anyhow::Result<()> {
    let folder = paths.root.join("target/supply");
    let rules = folder.join("nothing.toml");
    fs::create_dir_all(&folder)?;
    fs::write(&rules, "[licenses]\nallow = []\n")?;
    let mut deny = Command::new(program);
    environment::without_outer_cargo(&mut deny);
    deny.current_dir(&paths.root).args(["--locked", "--log-level", "off", "--config"]);
    let output = deny.arg(&rules).args(["check", "licenses"]).output()?;
    ensure!(!output.status.success(), "cargo-deny lets everything through");
    Ok(())
}
