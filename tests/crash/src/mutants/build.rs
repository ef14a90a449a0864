//! Builds the host with the planted mistakes, beside the real one and without touching it.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, ensure};

use super::{PLACES, VARIABLE};

/// What tells the host which mistake to make.
fn chooser() -> String {
    format!(
        "
/// Whether to make this mistake.
pub(crate) fn mutant(name: &str) -> bool {{
    std::env::var_os({VARIABLE:?}).is_some_and(|chosen| chosen == name)
}}
"
    )
}

/// Stands in the place of rustc for the workspace's own crates, and hands it the copy of the
/// host's library.
const WRAPPER: &str = r#"#!/bin/sh
# Written by exportgate-crash: compiles the host's library from a copy with planted mistakes.
for argument; do
    shift
    case "$argument" in
        host/src/lib.rs) argument="@COPY@/src/lib.rs" ;;
    esac
    set -- "$@" "$argument"
done
exec "$@"
"#;

/// Builds the mutants and returns the binary.
///
/// # Errors
///
/// When a place is not found any more, or something cannot be built.
pub fn build(workspace: &Path) -> anyhow::Result<PathBuf> {
    let folder = workspace.join("target/mutants");
    let copy = folder.join("host");
    plant(&workspace.join("host"), &copy)?;
    let wrapper = folder.join("rustc");
    write(&wrapper, &WRAPPER.replace("@COPY@", &copy.to_string_lossy()))?;
    fs::set_permissions(&wrapper, fs::Permissions::from_mode(0o755))?;
    let target = folder.join("target");
    if !target.is_dir() {
        borrow(&workspace.join("target/release"), &target.join("release"))?;
    }
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(workspace).args(["build", "--release", "--locked", "--bin", "exportgate"]);
    // The same packages as when the real programs are built, so that no dependency gets other
    // features.
    for package in ["exportgate-host", "exportgate-tests", "exportgate-crash"] {
        cargo.args(["--package", package]);
    }
    cargo.arg("--target-dir").arg(&target).env("RUSTC_WORKSPACE_WRAPPER", &wrapper);
    let status = cargo.status().context("cannot start cargo")?;
    ensure!(status.success(), "the mutants cannot be built: {status}");
    Ok(target.join("release/exportgate"))
}

/// Copies the host's sources with the mistakes planted.
fn plant(host: &Path, copy: &Path) -> anyhow::Result<()> {
    for file in files(host, &["src", "migrations"])? {
        let source = host.join(&file);
        let text = fs::read(&source).with_context(|| format!("`{}`", source.display()))?;
        let target = copy.join(&file);
        match String::from_utf8(text) {
            Ok(text) => write(&target, &planted(&file, text)?)?,
            Err(text) => fs::write(&target, text.into_bytes())?,
        }
    }
    Ok(())
}

/// A file's text with its mistakes.
///
/// # Errors
///
/// When one of its places is not there, or there more than once.
pub(super) fn planted(file: &Path, mut text: String) -> anyhow::Result<String> {
    for place in PLACES.iter().filter(|place| Path::new("src").join(place.file) == file) {
        let n_found = text.matches(place.line).count();
        ensure!(
            n_found == 1,
            "`{}` has the line `{}` {n_found} times; the mistakes of tests/crash/src/mutants.rs \
             have to follow the host's sources",
            file.display(),
            place.line,
        );
        text = text.replace(place.line, place.instead.trim());
    }
    if file == Path::new("src/lib.rs") {
        text.push_str(&chooser());
    }
    Ok(text)
}

/// All files in these folders of `root`, relative to it.
fn files(root: &Path, folders: &[&str]) -> anyhow::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut folders: Vec<PathBuf> = folders.iter().map(PathBuf::from).collect();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(root.join(&folder))? {
            let entry = entry?;
            let path = folder.join(entry.file_name());
            if entry.file_type()?.is_dir() { folders.push(path) } else { found.push(path) }
        }
    }
    Ok(found)
}

/// Writes a file that cargo shall find unchanged when it is.
fn write(file: &Path, text: &str) -> anyhow::Result<()> {
    if fs::read_to_string(file).is_ok_and(|found| found == text) {
        return Ok(());
    }
    let folder = file.parent().context("a file lies in a folder")?;
    fs::create_dir_all(folder)?;
    fs::write(file, text).with_context(|| format!("cannot write `{}`", file.display()))
}

/// Copies what cargo has built of other people's crates, which saves ten minutes.
fn borrow(from: &Path, to: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(to)?;
    for folder in ["deps", "build", ".fingerprint"] {
        let folder = from.join(folder);
        if folder.is_dir() {
            let mut copy = Command::new("cp");
            let status =
                copy.args(["--archive", "--reflink=auto"]).arg(&folder).arg(to).status()?;
            ensure!(status.success(), "cannot copy `{}`", folder.display());
        }
    }
    Ok(())
}
