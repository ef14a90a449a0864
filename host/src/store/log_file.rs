//! The write-ahead log as a file: how much of it is known to be on the disk.
//!
//! A sync that failed is not over when the next one succeeds. The kernel takes the pages of the
//! failed one for written, and ext4 keeps the blocks that it had just given them marked as never
//! written, whatever is written there later: after a power cut they are zeros, and everything in
//! the log behind them is lost. So nothing is ever written again where a sync has failed: the file
//! is cut back, and gets other blocks when it grows.

use std::{
    fs::{self, OpenOptions},
    io,
    path::{Path, PathBuf},
};

use super::connection::with_suffix;

pub(super) struct LogFile {
    file: PathBuf,
    /// So long was it when it was last synced, with no error.
    synced_bytes: u64,
    /// An earlier host's end is not known, nor is ours after a failure that could not be cut off.
    is_doubtful: bool,
}

impl LogFile {
    pub fn of(database: &Path) -> Self {
        let mut log =
            Self { file: with_suffix(database, "-wal"), synced_bytes: 0, is_doubtful: false };
        log.synced_bytes = log.bytes();
        log.is_doubtful = log.synced_bytes > 0;
        log
    }

    /// Whether it has to be copied into the database, and be emptied, before anything else.
    pub fn is_doubtful(&self) -> bool {
        self.is_doubtful
    }

    /// All of it is on the disk.
    pub fn synced(&mut self) {
        self.synced_bytes = self.bytes();
    }

    /// All of it is in the database, and it is empty.
    pub fn emptied(&mut self) {
        self.is_doubtful = false;
        self.synced();
    }

    /// Takes away what was written since it was synced. SQLite has forgotten it already.
    ///
    /// # Errors
    /// That is not possible; then it is doubtful.
    pub fn cut(&mut self) -> io::Result<()> {
        if self.bytes() <= self.synced_bytes {
            return Ok(());
        }
        let cut = OpenOptions::new()
            .write(true)
            .open(&self.file)
            .and_then(|file| file.set_len(self.synced_bytes));
        self.is_doubtful |= cut.is_err();
        cut
    }

    fn bytes(&self) -> u64 {
        fs::metadata(&self.file).map_or(0, |found| found.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_since_the_last_sync_is_cut_off_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("exportgate.db");
        let file = folder.path().join("exportgate.db-wal");
        let mut log = LogFile::of(&database);
        assert!(!log.is_doubtful(), "a new database has no log");
        fs::write(&file, [1; 100]).unwrap();
        log.synced();
        fs::write(&file, [1; 300]).unwrap();
        log.cut().unwrap();
        assert_eq!(fs::read(&file).unwrap(), [1; 100]);
        // One of an earlier host has an end that nobody vouches for.
        assert!(LogFile::of(&database).is_doubtful());
        fs::write(&file, []).unwrap();
        log.emptied();
        assert!(!log.is_doubtful() && !LogFile::of(&database).is_doubtful());
        fs::write(&file, [1; 300]).unwrap();
        fs::remove_file(&file).unwrap();
        fs::create_dir(&file).unwrap();
        log.synced_bytes = 0;
        assert!(log.cut().is_err() && log.is_doubtful(), "what cannot be cut off is doubtful");
    }
}
