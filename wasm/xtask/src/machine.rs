//! What the tests need on the machine beside cargo: Debian's proxies, clock and browser, a Python
//! OData client.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, bail};

use crate::{paths::Paths, process};

/// Programs the tests start, and the Debian packages that bring them.
const PROGRAMS: [(&str, &str); 9] = [
    ("nginx", "nginx-light"),
    ("caddy", "caddy"),
    ("curl", "curl"),
    ("python3", "python3-venv"),
    // With the library that sets a host's clock.
    ("faketime", "faketime"),
    // Keys and certificates of other systems, and disks of our own.
    ("openssl", "openssl"),
    ("mkfs.ext4", "e2fsprogs"),
    ("mount", "mount"),
    CHROMIUM,
];
const CHROMIUM: (&str, &str) = ("chromium", "chromium");
const SEMGREP: &str = "target/semgrep-venv";

/// Installs what is missing, or says the one command that does.
///
/// # Errors
///
/// When something is missing and we are not root, or an installation fails.
pub fn prepare(paths: &Paths) -> anyhow::Result<()> {
    let mut missing: Vec<&str> = PROGRAMS
        .iter()
        .filter(|(program, _)| !is_installed(program))
        .map(|(_, package)| *package)
        .collect();
    if !has_venv() && !missing.contains(&"python3-venv") {
        missing.push("python3-venv");
    }
    if !missing.is_empty() {
        install(&missing)?;
    }
    odata_client(paths)
}

/// Installs `curl`, with which the demo asks.
///
/// # Errors
///
/// As [`prepare`].
pub fn curl() -> anyhow::Result<()> {
    if is_installed("curl") { Ok(()) } else { install(&["curl"]) }
}

/// Installs the browser in which the page is tested.
///
/// # Errors
///
/// As [`prepare`].
pub fn chromium() -> anyhow::Result<()> {
    let (program, package) = CHROMIUM;
    if is_installed(program) { Ok(()) } else { install(&[package]) }
}

/// Installs `wrk` and `curl`, with which benches ask.
///
/// # Errors
///
/// As [`prepare`].
pub fn load_generator() -> anyhow::Result<()> {
    curl()?;
    if is_installed("wrk") { Ok(()) } else { install(&["wrk"]) }
}

fn is_installed(program: &str) -> bool {
    // Debian keeps servers in a folder that is not on everybody's path.
    let folders = std::env::var("PATH").unwrap_or_default() + ":/usr/sbin:/sbin";
    folders.split(':').any(|folder| Path::new(folder).join(program).is_file())
}

fn has_venv() -> bool {
    let probe = Command::new("python3").args(["-c", "import ensurepip, venv"]).output();
    probe.is_ok_and(|output| output.status.success())
}

fn install(packages: &[&str]) -> anyhow::Result<()> {
    let words = packages.join(" ");
    let user = process::output(Command::new("id").arg("-u"))?;
    if user != "0" {
        bail!(
            "the tests need Debian packages; install them with: sudo apt-get install -y \
             --no-install-recommends {words}"
        );
    }
    let mut update = Command::new("apt-get");
    process::run(update.args(["update", "-qq"]))?;
    let mut install = Command::new("apt-get");
    install.args(["install", "-y", "-qq", "--no-install-recommends"]).args(packages);
    process::run(install.env("DEBIAN_FRONTEND", "noninteractive"))
}

/// Installs Semgrep, which looks for what the sources may not hold.
///
/// # Errors
///
/// As [`prepare`].
pub fn semgrep(paths: &Paths) -> anyhow::Result<()> {
    python(paths, SEMGREP, "tests/semgrep/requirements.txt")
}

/// Where Semgrep lies.
pub fn semgrep_folder(paths: &Paths) -> PathBuf {
    paths.root.join(SEMGREP)
}

/// Installs schemathesis, which makes requests out of the host's document.
///
/// # Errors
///
/// As [`prepare`].
pub fn contract_tester(paths: &Paths) -> anyhow::Result<()> {
    python(paths, "target/schemathesis-venv", "tests/attack/requirements.txt")
}

/// A Python program, where nothing else was prepared.
fn python(paths: &Paths, folder: &str, requirements: &str) -> anyhow::Result<()> {
    if !has_venv() {
        install(&["python3-venv"])?;
    }
    venv(paths, folder, requirements)
}

/// The pinned OData client and the SCIM compliance suite.
fn odata_client(paths: &Paths) -> anyhow::Result<()> {
    venv(paths, "target/odata-venv", "tests/odata/requirements.txt")
}

/// A Python of its own with what is pinned in a file.
fn venv(paths: &Paths, folder: &str, requirements: &str) -> anyhow::Result<()> {
    let folder: PathBuf = paths.root.join(folder);
    let requirements = paths.root.join(requirements);
    let wanted = std::fs::read(&requirements)
        .with_context(|| format!("cannot read `{}`", requirements.display()))?;
    // Written last: a folder without it is half done.
    let done = folder.join("requirements.txt");
    if std::fs::read(&done).is_ok_and(|found| found == wanted) {
        return Ok(());
    }
    let mut venv = Command::new("python3");
    process::run(venv.args(["-m", "venv", "--clear"]).arg(&folder))?;
    let mut pip = Command::new(folder.join("bin/pip"));
    pip.args(["install", "--quiet", "--require-hashes", "-r"]).arg(&requirements);
    process::run(&mut pip)?;
    std::fs::write(&done, wanted).with_context(|| format!("cannot write `{}`", done.display()))
}
