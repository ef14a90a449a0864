//! Knows how a backup takes the place of a database: at every moment there is one whole database
//! under its name, and no former one is ever overwritten.

use std::ffi::OsString;
use std::fs::{self, File, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use rusqlite::Connection;

/// What SQLite keeps beside a database while it is open, and after a crash.
const COMPANIONS: [&str; 3] = ["-wal", "-journal", "-shm"];

/// Copies `backup`, syncs, and exchanges. Returns the name under which the former database is
/// kept, if there was one.
///
/// # Errors
/// When a file cannot be copied, linked or renamed; the former database is then still in place.
pub fn put_in_place(backup: &Path, database: &Path) -> io::Result<Option<PathBuf>> {
    let incoming = beside(database, ".incoming");
    let exchanged = copy(backup, &incoming).and_then(|()| {
        let kept = if database.exists() { Some(keep(database)?) } else { None };
        fs::rename(&incoming, database)?;
        Ok(kept)
    });
    if exchanged.is_err() {
        // Half a copy helps nobody, least of all when the disk is full.
        let _ = fs::remove_file(&incoming);
    }
    let kept = exchanged?;
    if let Some(folder) = database.parent() {
        File::open(folder)?.sync_all()?;
    }
    Ok(kept)
}

fn copy(backup: &Path, incoming: &Path) -> io::Result<()> {
    fs::copy(backup, incoming)?;
    fs::set_permissions(incoming, Permissions::from_mode(0o600))?;
    File::open(incoming)?.sync_all()
}

/// Gives the database a second name, under which it stays.
fn keep(database: &Path) -> io::Result<PathBuf> {
    // What the former database has not yet taken over from its log belongs to it. A damaged one
    // cannot take it over; that is no reason to refuse a backup, but the best one to want it.
    let _ = take_over_log(database);
    let kept = free_name(database);
    // Before the exchange: a log that stays behind would be taken for the new database's.
    for companion in COMPANIONS {
        match fs::rename(beside(database, companion), beside(&kept, companion)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    // Where the file system knows no second names, there is no database for a moment.
    fs::hard_link(database, &kept).or_else(|_| fs::rename(database, &kept))?;
    Ok(kept)
}

fn take_over_log(database: &Path) -> rusqlite::Result<()> {
    Connection::open(database)?.execute_batch("PRAGMA journal_mode = DELETE")
}

/// The first of `….before-restore`, `….before-restore-2`, … that nothing has. Nobody else takes
/// it meanwhile: we hold the data folder.
fn free_name(database: &Path) -> PathBuf {
    let is_free = |kept: &PathBuf| {
        let companions = COMPANIONS.map(|companion| beside(kept, companion));
        companions.iter().chain([kept]).all(|file| fs::symlink_metadata(file).is_err())
    };
    let first = beside(database, ".before-restore");
    let numbered = (2_u32..).map(|n| beside(database, &format!(".before-restore-{n}")));
    std::iter::once(first.clone()).chain(numbered).find(is_free).unwrap_or(first)
}

fn beside(file: &Path, suffix: &str) -> PathBuf {
    let mut name: OsString = file.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

#[cfg(test)]
mod tests;
