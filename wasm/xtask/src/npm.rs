//! The npm packages of `wasm/web`, which bring binaryen and TypeScript, and of `wasm/salesforce`.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::Context as _;

use crate::paths::Paths;
use crate::process;

/// Installs exactly what the lock file in `folder` says, unless it is installed.
///
/// # Errors
///
/// When there is no npm, or a package is not to be had.
pub fn install(folder: &Path) -> anyhow::Result<()> {
    let lock = folder.join("package-lock.json");
    let wanted = fs::read(&lock).with_context(|| format!("cannot read `{}`", lock.display()))?;
    // Written last: a folder without it is half done.
    let done = folder.join("node_modules").join(".installed-lock.json");
    if fs::read(&done).is_ok_and(|found| found == wanted) {
        return Ok(());
    }
    let mut npm = Command::new("npm");
    // No package that is used here needs a script of its own to be installed.
    npm.current_dir(folder).args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]);
    process::run(&mut npm)
        .context("install Node 20 or newer with npm, for instance Debian's `nodejs` and `npm`")?;
    fs::write(&done, wanted).with_context(|| format!("cannot write `{}`", done.display()))
}

/// A tool of binaryen; Debian's packages are too old for the modules of today.
pub fn binaryen(paths: &Paths, tool: &str) -> Command {
    let mut node = Command::new("node");
    node.arg(paths.web.join("node_modules").join("binaryen").join("bin").join(tool));
    node
}

/// Makes scripts short.
pub fn esbuild(paths: &Paths) -> Command {
    Command::new(paths.web.join("node_modules").join(".bin").join("esbuild"))
}
