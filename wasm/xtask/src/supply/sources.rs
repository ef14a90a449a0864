//! Rules for the sources, `tests/semgrep/rules.yml`: no SQL made of values, no secret in a log.

use std::process::Command;

use crate::{machine, paths::Paths, process};

/// What runs where secrets are.
const FOLDERS: [&str; 4] = ["host/src", "core/src", "wasm/src", "wasm/bindgen/src"];

/// Has Semgrep find every planted mistake, and none in the sources.
///
/// # Errors
///
/// When a planted mistake is not found, or a real one is.
pub fn test(paths: &Paths) -> anyhow::Result<()> {
    let semgrep = |words: &[&str]| {
        let folder = machine::semgrep_folder(paths).join("bin");
        let mut semgrep = Command::new(folder.join("semgrep"));
        // It starts others of its folder by their names.
        let path = std::env::var("PATH").unwrap_or_default();
        semgrep.env("PATH", format!("{}:{path}", folder.display()));
        semgrep.current_dir(&paths.root).args(["scan", "--metrics", "off", "--quiet"]);
        semgrep.args(["--disable-version-check", "--config", "tests/semgrep/rules.yml"]);
        process::run(semgrep.args(words))
    };
    semgrep(&["--test", "tests/semgrep/planted.rs"])?;
    semgrep(&[&["--error"], &FOLDERS[..]].concat())?;
    println!(
        "supply: sources: no SQL made of values and no secret in a log, as far as the rules see"
    );
    Ok(())
}
