//! The write-ahead log: how much of it is on the disk, and when it is copied into the database.

use std::path::Path;

use rusqlite::{Connection, ErrorCode};
use tracing::{error, warn};

use super::{connection::with_suffix, synced_file::SyncedFile};

/// After so many commits the log is copied into the database, and written from its start again. The
/// next commit waits for that: with so few it takes about as long as two or three of them.
const COPIED_AFTER_COMMITS: u32 = 64;
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
            is_doubtful,
        })
    }

    /// Notes that a commit was synced.
    pub fn committed(&mut self, connection: &Connection) {
        match pages(connection, COUNT) {
            Ok(Pages { written, copied }) => {
                self.n_pages = written - copied;
                self.n_commits += 1;
                let page_bytes = PAGE_HEADER_BYTES + self.page_bytes;
                self.file.synced_to(HEADER_BYTES + written * page_bytes);
            }
            Err(error) => {
                warn!(%error, "the length of the log is not known");
                self.is_doubtful = true;
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
        if self.n_commits >= COPIED_AFTER_COMMITS || self.n_pages >= COPIED_AFTER_PAGES {
            self.copy(connection, Then::Reuse);
        }
    }

    /// Copies it, and gives its space back to the disk.
    pub fn empty(&mut self, connection: &Connection) -> Copied {
        self.copy(connection, Then::GiveBack)
    }

    fn copy(&mut self, connection: &Connection, then: Then) -> Copied {
        // A copy that fails is not tried again at each commit.
        (self.n_commits, self.n_pages) = (0, 0);
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
            Err(_) => return failed(&tried),
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
