//! Measures changes once more, on a disk that is as slow as many are.
//!
//! Goals in times of the disk's floor say something only where the disk is what one waits for. Some
//! machines' disks sync in a tenth of a millisecond; then both the host and the floor are run again
//! with syncs that take four milliseconds longer (`slow_sync.c`).

use std::{env, fs, process::Command};

use anyhow::Context as _;
use tempfile::TempDir;

use crate::{Effort, table::Results};

const SOURCE: &str = include_str!("slow_sync.c");
/// What the disk of our first machines took (`shared/LIMITS.md`).
const DELAY_NS: &str = "4000000";

/// Measures the part `changes` in a process whose syncs are slow, and in the host that it starts.
///
/// # Errors
/// There is no C compiler, or the part fails.
pub fn measure(effort: Effort, results: &mut Results) -> anyhow::Result<()> {
    let folder = TempDir::new()?;
    let (source, library) = (folder.path().join("slow_sync.c"), folder.path().join("slow_sync.so"));
    let json = folder.path().join("results.json");
    fs::write(&source, SOURCE)?;
    let compiled = Command::new("cc")
        .args(["-O2", "-shared", "-fPIC", "-o"])
        .args([&library, &source])
        .status()
        .context("cannot run the C compiler `cc`")?;
    anyhow::ensure!(compiled.success(), "`slow_sync.c` does not compile");

    eprintln!("the same with syncs that take 4 ms longer:");
    let mut again = Command::new(env::current_exe()?);
    again.args(["--only", "changes", "--json"]).arg(&json);
    if effort.quick {
        again.arg("--quick");
    }
    let ran = again.env("LD_PRELOAD", &library).env("SYNC_DELAY_NS", DELAY_NS).output()?;
    anyhow::ensure!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    let theirs: Results = serde_json::from_slice(&fs::read(&json)?)?;
    results.extend(theirs, "syncs 4 ms slower");
    Ok(())
}
