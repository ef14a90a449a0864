//! A file of the database, and how much of it is known to be on the disk.
//!
//! A sync that failed is not over when the next one succeeds. The kernel takes the pages of the
//! failed one for written, and ext4 keeps the blocks that it had just given them marked as never
//! written, whatever is written there later: after a power cut they are zeros. So nothing is ever
//! written again where a sync has failed: the file is cut back, and gets other blocks when it
//! grows.

use std::{
    fs::{self, OpenOptions},
    io,
    path::PathBuf,
};

pub(super) struct SyncedFile {
    file: PathBuf,
    /// So long was it when it was last synced, with no error.
    synced_bytes: u64,
    /// Whether more was written since, and could not be cut off.
    is_overlong: bool,
}

impl SyncedFile {
    /// Takes all that there is for synced.
    pub fn of(file: PathBuf) -> Self {
        let mut file = Self { file, synced_bytes: 0, is_overlong: false };
        file.synced();
        file
    }

    /// All of it is on the disk.
    pub fn synced(&mut self) {
        self.synced_to(self.bytes());
    }

    /// So much of it is on the disk; what follows nobody needs.
    pub fn synced_to(&mut self, bytes: u64) {
        self.synced_bytes = bytes;
    }

    /// Takes away what is not known to be on the disk, after something failed. SQLite does not
    /// count it.
    ///
    /// # Errors
    /// That is not possible; then it has to be done before anything is written.
    pub fn cut(&mut self) -> io::Result<()> {
        let cut = if self.bytes() > self.synced_bytes {
            OpenOptions::new()
                .write(true)
                .open(&self.file)
                .and_then(|file| file.set_len(self.synced_bytes))
        } else {
            Ok(())
        };
        self.is_overlong = cut.is_err();
        cut
    }

    /// Makes up for a cut that was not possible.
    ///
    /// # Errors
    /// It still is not.
    pub fn make_good(&mut self) -> io::Result<()> {
        if self.is_overlong { self.cut() } else { Ok(()) }
    }

    pub fn bytes(&self) -> u64 {
        fs::metadata(&self.file).map_or(0, |found| found.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_since_the_last_sync_is_cut_off_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("exportgate.db-wal");
        let mut log = SyncedFile::of(file.clone());
        fs::write(&file, [1; 100]).unwrap();
        log.synced();
        fs::write(&file, [1; 300]).unwrap();
        log.make_good().unwrap();
        assert_eq!(log.bytes(), 300, "nothing has failed");
        log.cut().unwrap();
        assert_eq!(fs::read(&file).unwrap(), [1; 100]);
        log.synced_to(50);
        log.cut().unwrap();
        assert_eq!(fs::read(&file).unwrap(), [1; 50]);
    }

    #[test]
    fn what_cannot_be_cut_off_is_cut_off_later() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("exportgate.db");
        let mut database = SyncedFile::of(file.clone());
        fs::create_dir(&file).unwrap();
        assert!(database.cut().is_err() && database.make_good().is_err());
        fs::remove_dir(&file).unwrap();
        fs::write(&file, [1; 10]).unwrap();
        database.make_good().unwrap();
        assert_eq!(database.bytes(), 0);
    }
}
