//! Knows how to set the clock of the machine for one host alone, while it runs: with libfaketime,
//! which stands before the C library's clock. Nothing in the host is made for that.

#![expect(clippy::expect_used, reason = "a helper of tests: what fails here is a failed test")]

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// The file in a host's folder that says by how much its clock is wrong.
const FILE: &str = "machine-clock";

/// Sets the clock of a host in `dir` by so much, as in `-400d` or `+0`. A host that was started
/// without one has the real clock for good.
///
/// # Panics
///
/// When the file cannot be written.
pub fn set(dir: &Path, offset: &str) {
    // Whole at every moment: the library reads it with each look at the clock.
    let incoming = dir.join("machine-clock.incoming");
    fs::write(&incoming, format!("{offset}\n")).expect("a file for the clock");
    fs::rename(&incoming, dir.join(FILE)).expect("a clock");
}

/// Has a host's process follow the clock of its folder, if there is one.
pub(crate) fn apply(dir: &Path, command: &mut Command) {
    let file = dir.join(FILE);
    if !file.is_file() {
        return;
    }
    command
        .env("LD_PRELOAD", library())
        .env("FAKETIME_TIMESTAMP_FILE", file)
        .env("FAKETIME_NO_CACHE", "1")
        // Nobody sets these clocks: they count from the machine's start.
        .env("FAKETIME_DONT_FAKE_MONOTONIC", "1")
        .env("NO_FAKE_STAT", "1");
}

/// Removes what the library leaves in shared memory when its process is killed.
pub(crate) fn tidy(pid: u32) {
    for name in ["faketime_shm", "sem.faketime_sem"] {
        // Most processes had no such clock.
        let _ = fs::remove_file(format!("/dev/shm/{name}_{pid}"));
    }
}

/// Debian keeps it in a folder that is named after the machine's kind.
fn library() -> PathBuf {
    let kinds = fs::read_dir("/usr/lib").expect("/usr/lib");
    let mut libraries = kinds
        .filter_map(Result::ok)
        .map(|kind| kind.path().join("faketime/libfaketimeMT.so.1"))
        .filter(|library| library.is_file());
    libraries.next().expect("libfaketime; `cargo xtask test` installs it")
}
