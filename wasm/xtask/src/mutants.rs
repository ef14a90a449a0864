//! Plants mistakes in the core, one at a time, and has the core's own tests catch each of them.
//! `core/mutants.md` explains those that no test can tell from the core as it is.

use std::process::Command;

use anyhow::{Context as _, ensure};

use crate::supply::Tool;
use crate::{environment, paths::Paths};

const MUTATOR: Tool = Tool { name: "cargo-mutants", version: "27.1.0" };
/// Where survivors are explained.
const EXPLAINED: &str = "core/mutants.md";
/// What cargo-mutants ends with: all were caught, some were missed, some took too long.
const ENDS: [i32; 3] = [0, 2, 3];

/// Tries them all, and tells how many there were.
///
/// # Errors
///
/// When one survives that is not explained, or one that is explained does not survive.
pub fn test(paths: &Paths) -> anyhow::Result<String> {
    let mutator = MUTATOR.find_or_install(paths)?;
    let mut command = Command::new(mutator);
    environment::without_outer_cargo(&mut command);
    command.current_dir(&paths.root).args(["mutants", "--package", "exportgate-core"]);
    command.args(["--output", "target", "--timeout", "120", "--jobs", "1"]);
    // 700 builds: quick ones, of which only the core's tests have to be fast enough.
    command.env("CARGO_PROFILE_DEV_OPT_LEVEL", "1").env("CARGO_PROFILE_DEV_DEBUG", "0");
    eprintln!("$ {command:?}");
    let status = command.status().context("cargo-mutants cannot be started")?;
    let ended = status.code().is_some_and(|code| ENDS.contains(&code));
    ensure!(ended, "cargo-mutants ended with {status}");

    let names = |list: &str| -> anyhow::Result<Vec<String>> {
        let file = paths.root.join("target/mutants.out").join(list);
        let text = std::fs::read_to_string(&file).with_context(|| format!("{}", file.display()))?;
        Ok(text.lines().map(name).collect())
    };
    let survivors = names("missed.txt")?;
    let text = std::fs::read_to_string(paths.root.join(EXPLAINED)).context(EXPLAINED)?;
    let explained: Vec<String> = text.lines().filter_map(explained).collect();
    let unexplained = without(&survivors, &explained);
    ensure!(unexplained.is_empty(), "not caught and not in `{EXPLAINED}`: {unexplained:#?}");
    let caught_after_all = without(&explained, &survivors);
    ensure!(caught_after_all.is_empty(), "caught, but in `{EXPLAINED}`: {caught_after_all:#?}");
    Ok(format!(
        "mutants of core: {} caught, {} stopped, {} explained, {} that do not compile",
        names("caught.txt")?.len(),
        names("timeout.txt")?.len(),
        explained.len(),
        names("unviable.txt")?.len(),
    ))
}

/// What is left of `names` when each of `others` takes one away: two mutants of one function can have
/// the same name, and each needs its own explanation.
fn without(names: &[String], others: &[String]) -> Vec<String> {
    let mut left = names.to_vec();
    for other in others {
        if let Some(at) = left.iter().position(|name| name == other) {
            left.swap_remove(at);
        }
    }
    left
}

/// A mutant's name without its line and column, which each change of a file moves.
fn name(line: &str) -> String {
    let mut parts = line.splitn(4, ':');
    match (parts.next(), parts.nth(2)) {
        (Some(file), Some(what)) => format!("{file}:{what}"),
        _ => line.to_owned(),
    }
}

/// The name in a line of the list: "- `core/src/x.rs: replace + with - in f`: why".
fn explained(line: &str) -> Option<String> {
    let (name, _) = line.strip_prefix("- `")?.split_once('`')?;
    Some(name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mutants_are_known_by_file_and_change() {
        let line = "core/src/time.rs:64:9: replace < with <= in Timestamp::f::g";
        let named = "core/src/time.rs: replace < with <= in Timestamp::f::g";
        assert_eq!(name(line), named);
        assert_eq!(explained(&format!("- `{named}`: as both are the same")).unwrap(), named);
        assert_eq!(explained("Mutants of the core"), None);
    }

    #[test]
    fn one_explanation_is_for_one_mutant() {
        let twice = ["a", "b", "a"].map(str::to_owned);
        let once = ["a", "b"].map(str::to_owned);
        assert_eq!(without(&twice, &once), ["a"]);
        assert_eq!(without(&once, &twice), [""; 0]);
    }
}
