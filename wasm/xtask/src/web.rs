//! Builds the page that the host embeds: npm and Vite, only when something has changed.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::Context as _;
use sha2::{Digest as _, Sha256};

use crate::{browser, npm, paths::Paths, process, text};

/// What the page is made from, in `wasm/web`.
const SOURCES: [&str; 6] =
    ["build", "index.html", "package-lock.json", "src", "tsconfig.json", "vite.config.ts"];

/// What it takes from the core, in `target/browser`.
const MODULE: [&str; 4] =
    ["exportgate_core.d.ts", "exportgate_core.js", "exportgate_core_bg.wasm", "fallback"];

/// Builds `wasm/web/dist`.
///
/// # Errors
///
/// When Node is missing, a package cannot be fetched, or the sources do not build.
pub fn build(paths: &Paths) -> anyhow::Result<()> {
    browser::build(paths, browser::Scope::Pages)?;
    text::for_page(paths)?;
    npm::install(&paths.web)?;
    let mut sources: Vec<PathBuf> = SOURCES.iter().map(|name| paths.web.join(name)).collect();
    sources.extend(MODULE.map(|name| paths.browser.join(name)));
    sources.extend([paths.shared.join("src"), paths.text.clone()]);
    let wanted = digest(&sources)?;
    // Written last: a folder without it is half done.
    let done = paths.web.join("dist/.built-from");
    if fs::read_to_string(&done).is_ok_and(|found| found == wanted) {
        return Ok(());
    }
    let mut vite = Command::new("node");
    vite.current_dir(&paths.web).args(["node_modules/vite/bin/vite.js", "build"]);
    process::run(vite.args(["--logLevel", "warn"]))?;
    fs::write(&done, wanted).with_context(|| format!("cannot write `{}`", done.display()))
}

/// Format, lints and types, then the page in a real browser against the host that was built before.
///
/// # Errors
///
/// When a test fails.
pub fn test(paths: &Paths) -> anyhow::Result<()> {
    build(paths)?;
    for script in ["format:check", "lint", "check", "test"] {
        let mut npm = Command::new("npm");
        process::run(npm.current_dir(&paths.web).args(["run", "--silent", script]))?;
    }
    Ok(())
}

/// One digest over names and contents.
fn digest(paths: &[PathBuf]) -> anyhow::Result<String> {
    let mut hasher = Sha256::new();
    for path in paths {
        add(&mut hasher, path)?;
    }
    Ok(hex::encode(hasher.finalize()))
}

fn add(hasher: &mut Sha256, path: &Path) -> anyhow::Result<()> {
    let problem = || format!("cannot read `{}`", path.display());
    if path.is_dir() {
        let entries: Result<Vec<_>, _> = fs::read_dir(path).with_context(problem)?.collect();
        let mut inside: Vec<PathBuf> =
            entries.with_context(problem)?.iter().map(fs::DirEntry::path).collect();
        inside.sort();
        return inside.iter().try_for_each(|path| add(hasher, path));
    }
    let bytes = fs::read(path).with_context(problem)?;
    // Lengths keep one file's end apart from the next one's beginning.
    let name = path.file_name().unwrap_or_default().as_encoded_bytes();
    for part in [name, &bytes] {
        hasher.update(part.len().to_le_bytes());
        hasher.update(part);
    }
    Ok(())
}
