//! The write-ahead log: how much of it is on the disk, and when it is copied into the database.

use std::{
    ops::RangeInclusive,
    path::Path,
    time::{Duration, Instant},
};

use rusqlite::{Connection, ErrorCode};
use tracing::{error, warn};

use super::{connection::with_suffix, synced_file::SyncedFile};

/// After so many commits the log is copied into the database, and written from its start again:
/// often where the next commit would wait long for it, seldom where each sync takes long.
const COPIED_AFTER_COMMITS: RangeInclusive<u32> = 8..=64;
/// A copy that takes as long as so many commits is too long for whoever waits behind it.
const LONG_IN_COMMITS: u32 = 3;
/// After so many pages it is copied, however few commits they are of: 32 MiB.
const COPIED_AFTER_PAGES: u64 = 8_000;
/// What SQLite writes before the first page, and before each (<https://sqlite.org/fileformat2.html>,
/// "The Write-Ahead Log").
const HEADER_BYTES: u64 = 32;
const PAGE_HEADER_BYTES: u64 = 24;

pub(super) struct Log {
    file: SyncedFile,
    database: SyncedFile,
    page_bytes: u64,
    /// What is not copied into the database yet.
    n_pages: u64,
    n_commits: u32,
    /// How long these took together.
    commit_time: Duration,
    /// After how many commits it is copied next.
    copied_after: u32,
    /// Nobody vouches for what is in it: an earlier host wrote it, or a fault was not made good.
    is_doubtful: bool,
}

/// What came of copying the log into the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Copied {
    Whole,
    /// The disk is full, which says nothing against the log: what ends access is still written.
    NoSpace,
    Failed,
}

/// What becomes of the log's own blocks once all of it is copied.
#[derive(Clone, Copy)]
enum Then {
    /// They are written again, which is faster than to get new ones.
    Reuse,
    GiveBack,
}

impl Log {
    /// The log of the database in `file`, as the connection found it.
    ///
    /// # Errors
    /// The database cannot be read.
    pub fn of(connection: &Connection, file: &Path) -> rusqlite::Result<Self> {
        let page_bytes: u32 = connection.pragma_query_value(None, "page_size", |row| row.get(0))?;
        let log = SyncedFile::of(with_suffix(file, "-wal"));
        let is_doubtful = log.bytes() > 0;
        Ok(Self {
            file: log,
            database: SyncedFile::of(file.to_path_buf()),
            page_bytes: page_bytes.into(),
            n_pages: 0,
            n_commits: 0,
            commit_time: Duration::ZERO,
            copied_after: *COPIED_AFTER_COMMITS.end(),
            is_doubtful,
        })
    }

    /// Notes that a commit was synced, and how long it took.
    pub fn committed(&mut self, connection: &Connection, time: Duration) {
        match pages(connection, COUNT) {
            Ok(Pages { written, copied }) => {
                self.n_pages = written - copied;
                self.n_commits += 1;
                self.commit_time += time;
                let page_bytes = PAGE_HEADER_BYTES + self.page_bytes;
                self.file.synced_to(HEADER_BYTES + written * page_bytes);
            }
            Err(error) => {
                warn!(%error, "the length of the log is not known");
                self.is_doubtful = true;
                // Nothing that was acknowledged may be cut off.
                self.file.synced();
            }
        }
    }

    /// Takes away what a commit that failed has written.
    pub fn cut(&mut self) {
        if let Err(error) = self.file.cut() {
            error!(%error, "what was not committed stays in the log");
            self.is_doubtful = true;
        }
    }

    /// Makes good what may not be on the disk as it is read: before anything is told or written.
    pub fn settle(&mut self, connection: &Connection) -> Copied {
        if self.is_doubtful { self.empty(connection) } else { Copied::Whole }
    }

    /// Copies it if it has grown enough, so that a start never has much to read.
    pub fn copy_if_due(&mut self, connection: &Connection) {
        if self.n_commits < self.copied_after && self.n_pages < COPIED_AFTER_PAGES {
            return;
        }
        let started = Instant::now();
        let commit_time = self.commit_time / self.n_commits.max(1);
        if self.copy(connection, Then::Reuse) == Copied::Whole {
            self.copied_after = pace(self.copied_after, started.elapsed(), commit_time);
        }
    }

    /// Copies it, and gives its space back to the disk.
    pub fn empty(&mut self, connection: &Connection) -> Copied {
        self.copy(connection, Then::GiveBack)
    }

    fn copy(&mut self, connection: &Connection, then: Then) -> Copied {
        // A copy that fails is not tried again at each commit.
        (self.n_commits, self.commit_time, self.n_pages) = (0, Duration::ZERO, 0);
        if let Err(error) = self.database.make_good() {
            warn!(%error, "the database's file cannot be cut back to what is on the disk");
            return Copied::Failed;
        }
        let tried = pages(connection, "PRAGMA wal_checkpoint(PASSIVE)");
        // Whatever was said: only what SQLite counts as copied was synced, too.
        match pages(connection, COUNT) {
            Ok(Pages { written, copied }) if written == copied => self.database.synced(),
            Ok(_) => {
                if let Err(error) = self.database.cut() {
                    warn!(%error, "the database's file cannot be cut back to what is on the disk");
                }
                return failed(&tried);
            }
            Err(_) => {
                // It may be whole, and then nothing else has what it has grown by.
                self.database.synced();
                return failed(&tried);
            }
        }
        // The next commit begins at the log's start.
        self.file.synced_to(0);
        if let Then::GiveBack = then {
            let emptied = pages(connection, "PRAGMA wal_checkpoint(TRUNCATE)");
            if emptied.is_err() {
                return failed(&emptied);
            }
        }
        self.is_doubtful = false;
        Copied::Whole
    }
}

/// After how many commits to copy the next time. What a copy of many pages takes shrinks with them;
/// what its syncs take does not.
fn pace(copied_after: u32, copy_time: Duration, commit_time: Duration) -> u32 {
    if copy_time > commit_time * LONG_IN_COMMITS {
        (copied_after / 2).max(*COPIED_AFTER_COMMITS.start())
    } else {
        (copied_after * 2).min(*COPIED_AFTER_COMMITS.end())
    }
}

/// How many pages are in the log, and how many of them in the database, too.
#[derive(Debug)]
struct Pages {
    written: u64,
    copied: u64,
}

/// Does nothing else than to count.
const COUNT: &str = "PRAGMA wal_checkpoint(NOOP)";

fn pages(connection: &Connection, pragma: &str) -> rusqlite::Result<Pages> {
    connection
        .prepare_cached(pragma)?
        .query_row([], |row| Ok(Pages { written: row.get(1)?, copied: row.get(2)? }))
}

/// Nothing is lost: the changes are in the log, and the next copy tries again.
fn failed(tried: &rusqlite::Result<Pages>) -> Copied {
    warn!(?tried, "the write-ahead log could not be copied into the database");
    match tried {
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::DiskFull) => Copied::NoSpace,
        Ok(_) | Err(_) => Copied::Failed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// After how many commits a host copies on such a disk: a copy of `n` commits takes this long.
    fn settled(copy_micros: impl Fn(u32) -> u64, commit_micros: u64) -> u32 {
        (0..8).fold(64, |n, _| {
            pace(n, Duration::from_micros(copy_micros(n)), Duration::from_micros(commit_micros))
        })
    }

    #[test]
    fn a_copy_is_kept_short_where_that_is_possible() {
        // Pages are what takes long: few at once.
        assert!(settled(|n| 500 + 60 * u64::from(n), 350) <= 16);
        // Syncs are what takes long, for a copy as for a commit: nothing is won by more of them.
        assert_eq!(settled(|n| 8_000 + 10 * u64::from(n), 4_500), 64);
    }

    #[test]
    fn its_length_is_counted_in_pages_and_its_blocks_are_used_again() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("exportgate.db");
        let connection = super::super::connection::open(&file).unwrap();
        let mut log = Log::of(&connection, &file).unwrap();
        assert!(log.is_doubtful, "an earlier connection wrote it");
        assert_eq!(log.settle(&connection), Copied::Whole);
        assert_eq!(log.file.bytes(), 0, "its space is given back");
        let commit = |log: &mut Log, n: u32| {
            for _ in 0..n {
                connection.execute_batch("UPDATE store SET clock_mark = clock_mark + 1").unwrap();
                log.committed(&connection, Duration::from_secs(1));
            }
        };
        commit(&mut log, 5);
        let bytes = log.file.bytes();
        assert_eq!(bytes, 32 + 5 * (24 + 4096));
        // Nothing after the last commit is kept.
        log.cut();
        assert_eq!(log.file.bytes(), bytes);
        commit(&mut log, 59);
        let bytes = log.file.bytes();
        log.copy_if_due(&connection);
        assert_eq!((log.n_pages, log.file.bytes()), (0, bytes), "copied, and its space kept");
        commit(&mut log, 1);
        assert_eq!((log.n_pages, log.file.bytes()), (1, bytes), "written from its start");
        log.cut();
        assert_eq!(log.file.bytes(), 32 + 24 + 4096, "old pages are no loss");
    }
}
