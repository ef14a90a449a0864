//! Knows who holds the data folder: one process at a time.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process;

use serde::{Deserialize, Serialize};
use thiserror::Error;
use tracing::warn;

use crate::clock::Clock;

/// The lock file's name in the data folder.
pub const LOCK_NAME: &str = "exportgate.lock";

/// More than any holder writes; a larger file is not one of ours.
const MAX_HOLDER_BYTES: u64 = 4096;

/// Why the data folder cannot be held.
#[derive(Debug, Error)]
pub enum LockError {
    /// Another process holds it.
    #[error("data folder `{folder}` is in use by {holder}")]
    InUse {
        /// The data folder.
        folder: PathBuf,
        /// Process, address and start of the other, in words.
        holder: String,
    },
    /// The lock file cannot be made or locked.
    #[error("{}", unusable(file, cause))]
    Unusable {
        /// The lock file.
        file: PathBuf,
        /// What the system says.
        cause: io::Error,
    },
}

/// The right to the data folder, until it is dropped or the process ends in any way.
///
/// The system keeps the lock, the file only tells who has it. The file is never deleted: between
/// the deleting and a new lock on a new file of the same name, two processes could each hold one.
#[derive(Debug)]
pub struct Lock {
    file: File,
    holder: Holder,
}

/// What the file tells about its holder.
#[derive(Debug, Serialize, Deserialize)]
struct Holder {
    pid: u32,
    listening: Option<String>,
    started_at: String,
}

impl Lock {
    /// Takes the data folder, which must exist, for a host or for a command that must be alone.
    ///
    /// # Errors
    /// [`LockError`]
    pub fn acquire(data: &Path) -> Result<Self, LockError> {
        let path = data.join(LOCK_NAME);
        let unusable = |cause| LockError::Unusable { file: path.clone(), cause };
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            // Only who has the lock may change what the holder wrote.
            .truncate(false)
            .mode(0o600)
            .open(&path)
            .map_err(unusable)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let holder = describe_holder(&mut file);
                return Err(LockError::InUse { folder: data.to_owned(), holder });
            }
            Err(TryLockError::Error(cause)) => return Err(unusable(cause)),
        }
        let started_at = Clock::System.now().to_string();
        let holder = Holder { pid: process::id(), listening: None, started_at };
        let lock = Self { file, holder };
        lock.tell();
        Ok(lock)
    }

    /// Tells others where this host listens, once it does.
    pub fn announce(&mut self, listening: &str) {
        self.holder.listening = Some(listening.to_owned());
        self.tell();
    }

    /// Writes who holds the lock. Where the disk has no room for that, others hear less; the lock
    /// holds all the same, and a full disk must not keep a host from validating.
    fn tell(&self) {
        let write = || -> io::Result<()> {
            let mut text = serde_json::to_vec(&self.holder)?;
            text.push(b'\n');
            let mut file = &self.file;
            file.set_len(0)?;
            file.rewind()?;
            file.write_all(&text)
        };
        if let Err(error) = write() {
            warn!(%error, "the lock file cannot tell who holds it");
        }
    }
}

fn unusable(file: &Path, cause: &io::Error) -> String {
    let folder = file.parent().unwrap_or(file).display();
    match cause.kind() {
        io::ErrorKind::ReadOnlyFilesystem => {
            format!("the data folder `{folder}` is read-only; the host must write into it")
        }
        io::ErrorKind::StorageFull => {
            format!("the disk of the data folder `{folder}` is full; make room on it")
        }
        _ => format!("the lock file `{}` cannot be used: {cause}", file.display()),
    }
}

/// Who holds the file, as far as it tells: it is written after it is locked.
fn describe_holder(file: &mut File) -> String {
    let mut text = String::new();
    let read = file.take(MAX_HOLDER_BYTES).read_to_string(&mut text);
    let holder = read.ok().and_then(|_| serde_json::from_str::<Holder>(&text).ok());
    let Some(Holder { pid, listening, started_at }) = holder else {
        return "another exportgate process".to_owned();
    };
    match listening {
        Some(url) => {
            format!("exportgate process {pid}, listening on {url}, since {started_at}")
        }
        None => format!("exportgate process {pid}, since {started_at}"),
    }
}

#[cfg(test)]
mod tests;
