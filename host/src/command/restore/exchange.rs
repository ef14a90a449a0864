//! Knows how a backup takes the place of a database: at every moment there is one whole database
//! under its name, and no former one is ever overwritten.

use std::ffi::OsString;
use std::fs::{self, File, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use rusqlite::Connection;

use crate::store::RESERVE_SUFFIX;

/// What SQLite keeps beside a database while it is open, and after a crash.
const COMPANIONS: [&str; 3] = ["-wal", "-journal", "-shm"];

/// Copies `backup`, has the copy prepared, syncs, and exchanges. Returns what the preparation gave,
/// and the name under which the former database is kept, if there was one.
///
/// # Errors
/// When a file cannot be copied, linked or renamed, or `prepare` refuses; the former database is
/// then still in place.
pub fn put_in_place<T, E: From<io::Error>>(
    backup: &Path,
    database: &Path,
    prepare: impl FnOnce(&Path) -> Result<T, E>,
) -> Result<(T, Option<PathBuf>), E> {
    let incoming = beside(database, ".incoming");
    let exchanged = copy(backup, &incoming).map_err(E::from).and_then(|()| {
        let prepared = prepare(&incoming)?;
        forget_reserve(&incoming);
        whole(&incoming)?;
        let kept = if database.exists() { Some(keep(database)?) } else { None };
        fs::rename(&incoming, database)?;
        Ok((prepared, kept))
    });
    if exchanged.is_err() {
        // Half a copy helps nobody, least of all when the disk is full.
        remove(&incoming);
    }
    let (prepared, kept) = exchanged?;
    if let Some(folder) = database.parent() {
        File::open(folder)?.sync_all()?;
    }
    Ok((prepared, kept))
}

fn copy(backup: &Path, incoming: &Path) -> io::Result<()> {
    // Of a restore that was killed.
    remove(incoming);
    fs::copy(backup, incoming)?;
    fs::set_permissions(incoming, Permissions::from_mode(0o600))
}

/// Makes sure that the file is all there is of the prepared copy, and that it is on the disk.
fn whole(incoming: &Path) -> io::Result<()> {
    if let Some(left) = COMPANIONS.map(|end| beside(incoming, end)).iter().find(|f| f.exists()) {
        let sentence = format!("`{}` was left behind", left.display());
        return Err(io::Error::other(sentence));
    }
    File::open(incoming)?.sync_all()
}

/// A store that was opened for the preparation has made one, which nobody needs.
fn forget_reserve(incoming: &Path) {
    let _ = fs::remove_file(beside(incoming, RESERVE_SUFFIX));
}

fn remove(incoming: &Path) {
    let _ = fs::remove_file(incoming);
    forget_reserve(incoming);
    for companion in COMPANIONS {
        let _ = fs::remove_file(beside(incoming, companion));
    }
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

/// Has a database take over what stands in its log, so that the file is all there is of it.
///
/// # Errors
/// When SQLite cannot.
pub fn take_over_log(database: &Path) -> rusqlite::Result<()> {
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
