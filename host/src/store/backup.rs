//! A consistent copy of the database while the host runs.

use std::{
    fs, io,
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

use rusqlite::{
    Connection,
    backup::{Backup, StepResult},
};

use super::{Store, StoreError};

/// How many pages are copied before waiting changes get their turn: 4 MiB.
const PAGES_PER_STEP: i32 = 1024;

/// Why there is no backup.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "each variant carries its sentence")]
pub enum BackupError {
    #[error("the backup file `{}` exists already, and is left as it is", file.display())]
    Exists { file: PathBuf },
    #[error("the backup file `{}` cannot be created: {source}", file.display())]
    Create { file: PathBuf, source: io::Error },
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Store {
    /// Copies the database into a new file, readable by its owner only, and returns the file's
    /// size in bytes. Changes go on meanwhile; the copy holds all that was acknowledged before
    /// the call.
    ///
    /// # Errors
    /// The file exists or cannot be written, or a failure of the store.
    pub async fn back_up(&self, file: &Path) -> Result<u64, BackupError> {
        let create = |source: io::Error| {
            let file = file.to_path_buf();
            match source.kind() {
                io::ErrorKind::AlreadyExists => BackupError::Exists { file },
                _ => BackupError::Create { file, source },
            }
        };
        fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(file)
            .map_err(create)?;
        let copied = self.copy_into(file).await;
        if copied.is_err() {
            // A half copy would look like a backup.
            let _ = fs::remove_file(file);
        }
        copied?;
        Ok(fs::metadata(file).map_err(create)?.len())
    }

    async fn copy_into(&self, file: &Path) -> Result<(), BackupError> {
        let target = file.to_path_buf();
        // One job, in steps that start anew when a change came in between would never end under
        // load; the copy of one snapshot takes about a second per gigabyte.
        self.read(move |source| {
            let mut copy = Connection::open(&target)?;
            let backup = Backup::new(source, &mut copy)?;
            while backup.step(PAGES_PER_STEP)? == StepResult::More {}
            drop(backup);
            copy.execute_batch("PRAGMA journal_mode = DELETE; PRAGMA synchronous = FULL;")?;
            drop(copy);
            fs::File::open(&target)
                .and_then(|file| file.sync_all())
                .map_err(|error| StoreError::Unreadable(format!("backup: {error}")))?;
            Ok(())
        })
        .await?;
        Ok(())
    }
}
