//! Knows how hosts with planted mistakes are made and caught, by which a kit of tests proves that
//! it would notice a real one.
//!
//! All mistakes of a kit are in one program. It is built from a copy of the host's sources, beside
//! the real one and without touching it, in which each [`Place`] asks the environment which mistake
//! to make; without one it behaves as the real host.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Instant;

use anyhow::{Context as _, ensure};

/// Names the mistake to the host.
const VARIABLE: &str = "PLANTED_MISTAKE";
/// Names the mutants to play against, with commas between them, where all would take too long.
const ONLY: &str = "EXPORTGATE_MUTANTS";
/// A kit ends so when it caught the host, and not because something else went wrong.
pub const CAUGHT: u8 = 3;
/// Of what is wrong, so many characters are shown.
const SHOWN: usize = 110;

/// A place in the host's sources, and what stands there instead.
pub struct Place {
    /// Below `host/src`.
    pub file: &'static str,
    /// What occurs once in it.
    pub line: &'static str,
    /// May ask `crate::mutant("name")`.
    pub instead: &'static str,
}

/// A host with a planted mistake.
#[derive(Clone, Copy)]
pub struct Mutant {
    pub name: &'static str,
    /// What it does wrong.
    pub mistake: &'static str,
    /// A finding that shows this mistake holds one of these. Otherwise a kit would seem to notice
    /// it whenever the machine stumbles over something else.
    pub shows: &'static [&'static str],
}

/// Builds the host with all mistakes, and has the kit play against each until it is caught.
///
/// `play` gives the arguments with which this program, run once more, plays against a mistake, or
/// against none. `findings` reads what it found out of what it then says.
///
/// # Errors
///
/// When a mistake is not caught, or the host without one is.
pub fn catch_all(
    kit: &str,
    workspace: &Path,
    places: &[Place],
    mutants: &[Mutant],
    play: impl Fn(Option<&str>) -> Vec<String>,
    findings: impl Fn(&str) -> Vec<String>,
) -> anyhow::Result<()> {
    let mutants = chosen(mutants, std::env::var(ONLY).ok().as_deref())?;
    let binary = build(workspace, places)?;
    let play = |name: Option<&str>| run(&binary, name, play(name));
    let control = play(None)?;
    ensure!(
        control.status.success(),
        "the host without a mistake is caught, so nothing is proven: {}{}",
        String::from_utf8_lossy(&control.stdout),
        String::from_utf8_lossy(&control.stderr),
    );
    let mut missed = Vec::new();
    for Mutant { name, mistake, shows } in &mutants {
        let started = Instant::now();
        let output = play(Some(name))?;
        let said = String::from_utf8_lossy(&output.stdout);
        match catching(output.status.code(), findings(&said), shows) {
            Some(finding) => {
                let told: String = finding.chars().take(SHOWN).collect();
                let seconds = started.elapsed().as_secs_f64();
                println!("{kit}: mutant `{name}` ({mistake}) caught in {seconds:.1} s: {told}");
            }
            None => {
                let complaints = String::from_utf8_lossy(&output.stderr);
                println!(
                    "{kit}: mutant `{name}` ({mistake}) MISSED, no finding says any of {shows:?}: \
                     {said}{complaints}"
                );
                missed.push(name);
            }
        }
    }
    println!("{kit}: mutants caught {} of {}", mutants.len() - missed.len(), mutants.len());
    ensure!(missed.is_empty(), "the kit does not notice {missed:?}");
    Ok(())
}

/// Those that are named, or all.
///
/// # Errors
///
/// When a name is nobody's: nothing would be played.
fn chosen(mutants: &[Mutant], only: Option<&str>) -> anyhow::Result<Vec<Mutant>> {
    let Some(only) = only else { return Ok(mutants.to_vec()) };
    let found = only.split(',').map(|name| {
        let found = mutants.iter().find(|mutant| mutant.name == name).copied();
        found.with_context(|| format!("`{name}` in {ONLY} is no mutant of this kit"))
    });
    found.collect()
}

/// The finding that shows a mistake, of all that a kit found which ended with this code; none when
/// it found nothing, or something else.
fn catching(code: Option<i32>, findings: Vec<String>, shows: &[&str]) -> Option<String> {
    // Only a mistake that was found counts, not a mutant that does not even start.
    let is_caught = code == Some(i32::from(CAUGHT));
    let mut shown = findings.into_iter().filter(|_| is_caught);
    shown.find(|finding| shows.iter().any(|words| finding.contains(words)))
}

/// Runs this program once more, with a host that makes this mistake.
fn run(binary: &Path, name: Option<&str>, arguments: Vec<String>) -> anyhow::Result<Output> {
    let kit = std::env::current_exe().context("the path of this program")?;
    let mut play = Command::new(kit);
    play.args(arguments).env("EXPORTGATE_BIN", binary).env(VARIABLE, name.unwrap_or_default());
    play.stdin(Stdio::null()).output().context("cannot run this program once more")
}

/// Checks that every place is in the host's sources, that one which is gone is told and not passed
/// over, that each mistake is made somewhere, and no other, and that each is told from others.
///
/// # Panics
///
/// When it is not so.
#[expect(clippy::unwrap_used, reason = "a helper of tests: what fails here is a failed test")]
pub fn check_places(host: &Path, places: &[Place], mutants: &[Mutant]) {
    let mut made = BTreeSet::new();
    for place in places {
        let file = Path::new("src").join(place.file);
        let text = fs::read_to_string(host.join(&file)).unwrap();
        assert_ne!(planted(&file, text.clone(), places).unwrap(), text, "{}", place.file);
        for changed in [text.replace(place.line, ""), format!("{text}\n{}", place.line)] {
            let error = planted(&file, changed, places).unwrap_err().to_string();
            assert!(error.contains("have to follow the host's sources"), "{error}");
        }
        let names = place.instead.split("crate::mutant(\"").skip(1);
        made.extend(names.filter_map(|rest| rest.split('"').next()));
    }
    assert_eq!(made, mutants.iter().map(|mutant| mutant.name).collect());
    for Mutant { name, shows, .. } in mutants {
        let is_told = !shows.is_empty() && shows.iter().all(|words| !words.trim().is_empty());
        assert!(is_told, "any finding would show `{name}`");
    }
}

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
# Written by exportgate-tests: compiles the host's library from a copy with planted mistakes.
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
pub fn build(workspace: &Path, places: &[Place]) -> anyhow::Result<PathBuf> {
    let folder = workspace.join("target/mutants");
    let copy = folder.join("host");
    plant(&workspace.join("host"), &copy, places)?;
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
    for package in [
        "exportgate-host",
        "exportgate-tests",
        "exportgate-crash",
        "exportgate-attack",
        "exportgate-oracles",
    ] {
        cargo.args(["--package", package]);
    }
    cargo.arg("--target-dir").arg(&target).env("RUSTC_WORKSPACE_WRAPPER", &wrapper);
    let status = cargo.status().context("cannot start cargo")?;
    ensure!(status.success(), "the mutants cannot be built: {status}");
    Ok(target.join("release/exportgate"))
}

/// Copies the host's sources with the mistakes planted.
fn plant(host: &Path, copy: &Path, places: &[Place]) -> anyhow::Result<()> {
    for file in files(host, &["src", "migrations"])? {
        let source = host.join(&file);
        let text = fs::read(&source).with_context(|| format!("`{}`", source.display()))?;
        let target = copy.join(&file);
        match String::from_utf8(text) {
            Ok(text) => write(&target, &planted(&file, text, places)?)?,
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
fn planted(file: &Path, mut text: String, places: &[Place]) -> anyhow::Result<String> {
    for place in places.iter().filter(|place| Path::new("src").join(place.file) == file) {
        let n_found = text.matches(place.line).count();
        ensure!(
            n_found == 1,
            "`{}` has the line `{}` {n_found} times; the kits' mistakes have to follow the host's \
             sources",
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

#[cfg(test)]
mod tests {
    use super::{CAUGHT, Mutant, catching, chosen};

    #[test]
    fn a_mutant_is_caught_by_a_finding_about_its_own_mistake_and_by_no_other() {
        let shows = ["create: 201", "limit_reached"];
        let about_it = "sequence: create: 201 Created in place of 422";
        let stumble = "good clients wait 80 ms while slow ones hold connections";
        let caught = |code, findings: &[&str]| {
            let findings = findings.iter().map(|finding| (*finding).to_owned()).collect();
            catching(code, findings, &shows)
        };
        let caught_so = Some(i32::from(CAUGHT));
        assert_eq!(caught(caught_so, &[stumble, about_it]), Some(about_it.to_owned()));
        assert_eq!(caught(caught_so, &[stumble]), None);
        assert_eq!(caught(caught_so, &[]), None);
        // The kit failed, succeeded, or was killed, whatever it said before.
        for code in [Some(1), Some(0), None] {
            assert_eq!(caught(code, &[about_it]), None);
        }
    }

    #[test]
    fn mutants_are_chosen_by_name_and_an_unknown_name_is_told() {
        let mutant = |name| Mutant { name, mistake: "", shows: &["x"] };
        let all = [mutant("one"), mutant("two"), mutant("three")];
        let names = |only| {
            let chosen = chosen(&all, only);
            chosen.map(|chosen| chosen.iter().map(|mutant| mutant.name).collect::<Vec<_>>())
        };
        assert_eq!(names(None).unwrap(), ["one", "two", "three"]);
        assert_eq!(names(Some("three,one")).unwrap(), ["three", "one"]);
        let error = names(Some("one,four")).unwrap_err().to_string();
        assert_eq!(error, "`four` in EXPORTGATE_MUTANTS is no mutant of this kit");
    }
}
