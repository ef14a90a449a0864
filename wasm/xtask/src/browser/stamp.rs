//! Knows whether the browser modules are fresh: what they were made from is as it was, and so are
//! they.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context as _;
use sha2::{Digest as _, Sha256};

use crate::paths::Paths;
use crate::process;

/// What the modules are made from, and what makes them, relative to the workspace.
const SOURCES: [&str; 15] = [
    "Cargo.lock",
    "Cargo.toml",
    "core/Cargo.toml",
    "core/src",
    "wasm/Cargo.toml",
    "wasm/bindgen",
    "wasm/src",
    "wasm/web/package-lock.json",
    "wasm/xtask/Cargo.toml",
    "wasm/xtask/src/browser",
    "wasm/xtask/src/browser.rs",
    "wasm/xtask/src/engine.rs",
    "wasm/xtask/src/npm.rs",
    "wasm/xtask/src/toolchain",
    "wasm/xtask/src/toolchain.rs",
];

/// A digest of everything that the modules depend on, the compiler too.
///
/// # Errors
///
/// When a source cannot be read.
pub fn inputs(paths: &Paths) -> anyhow::Result<String> {
    let mut all = Sha256::new();
    let compiler = process::output(Command::new("rustc").arg("-vV")).unwrap_or_default();
    all.update(compiler);
    all.update(std::env::var("EXPORTGATE_WASM_TOOLCHAIN").unwrap_or_default());
    for source in SOURCES {
        add(&mut all, &paths.root, &paths.root.join(source))?;
    }
    Ok(hex::encode(all.finalize()))
}

fn add(all: &mut Sha256, root: &Path, path: &Path) -> anyhow::Result<()> {
    let problem = || format!("cannot read `{}`", path.display());
    if path.is_dir() {
        let entries: Result<Vec<_>, _> = fs::read_dir(path).with_context(problem)?.collect();
        let mut entries: Vec<_> =
            entries.with_context(problem)?.into_iter().map(|entry| entry.path()).collect();
        entries.sort();
        return entries.iter().try_for_each(|entry| add(all, root, entry));
    }
    let name = path.strip_prefix(root).unwrap_or(path).display().to_string();
    // Digests, so that no end of one file is the start of another.
    all.update(Sha256::digest(name));
    all.update(Sha256::digest(fs::read(path).with_context(problem)?));
    Ok(())
}

/// The file that says what the others were made from, and what they were then.
pub struct Stamp<'a> {
    folder: &'a Path,
    files: &'a [String],
}

impl<'a> Stamp<'a> {
    pub fn new(folder: &'a Path, files: &'a [String]) -> Self {
        Self { folder, files }
    }

    /// Whether the files are what was made from these inputs.
    ///
    /// # Errors
    ///
    /// Never for a missing file, which is not fresh.
    pub fn is_fresh(&self, inputs: &str) -> anyhow::Result<bool> {
        let Ok(found) = fs::read_to_string(self.path()) else { return Ok(false) };
        Ok(self.text(inputs).is_ok_and(|wanted| found == wanted))
    }

    /// Says that the files were made from these inputs.
    ///
    /// # Errors
    ///
    /// When one is missing, or the stamp cannot be written.
    pub fn set(&self, inputs: &str) -> anyhow::Result<()> {
        let path = self.path();
        fs::write(&path, self.text(inputs)?)
            .with_context(|| format!("cannot write `{}`", path.display()))
    }

    fn path(&self) -> PathBuf {
        self.folder.join("stamp")
    }

    fn text(&self, inputs: &str) -> anyhow::Result<String> {
        let mut text = format!("{inputs} inputs\n");
        for file in self.files {
            let path = self.folder.join(file);
            let bytes =
                fs::read(&path).with_context(|| format!("cannot read `{}`", path.display()))?;
            writeln!(text, "{} {file}", hex::encode(Sha256::digest(bytes)))?;
        }
        Ok(text)
    }
}
