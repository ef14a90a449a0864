//! A copy of the sources in another folder, as a fresh checkout has them.

use std::fs;
use std::process::Command;

use anyhow::Context as _;

use crate::{paths::Paths, process};

/// Copies every file that git knows, as it is now, into `target/supply/copy`.
///
/// # Errors
///
/// When git or the disk fails.
pub fn make(paths: &Paths) -> anyhow::Result<Paths> {
    let folder = paths.root.join("target/supply/copy");
    match fs::remove_dir_all(&folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            return Err(error).with_context(|| format!("cannot empty `{}`", folder.display()));
        }
        _ => {}
    }
    let mut git = Command::new("git");
    let files = process::output(git.current_dir(&paths.root).args(["ls-files", "-z"]))?;
    for file in files.split('\0').filter(|file| !file.is_empty()) {
        let (from, to) = (paths.root.join(file), folder.join(file));
        // Removed and not yet committed.
        if !from.exists() {
            continue;
        }
        let problem = || format!("cannot copy `{file}`");
        fs::create_dir_all(to.parent().with_context(problem)?).with_context(problem)?;
        fs::copy(&from, &to).with_context(problem)?;
    }
    Ok(Paths::of(folder))
}
