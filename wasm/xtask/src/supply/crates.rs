//! Licences, sources and known weaknesses of other people's crates: `deny.toml` says what may be.

use std::process::Command;

use crate::{environment, paths::Paths, process};

use super::tool::Tool;

const CARGO_DENY: Tool = Tool { name: "cargo-deny", version: "0.20.2" };

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
    deny(&["check", "bans", "licenses", "sources"])?;
    // The list of known weaknesses has to be fetched; without the network nobody has looked.
    if deny(&["fetch", "db"]).is_err() {
        println!("known weaknesses: NOT LOOKED AT, since their list cannot be fetched from here");
        return Ok(());
    }
    deny(&["check", "advisories"])
}
