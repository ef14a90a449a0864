//! A database to read as a whole: the data folder's own, or, while a host holds it, a copy that
//! the host makes.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags};

use crate::{
    cli::{Failure, Global},
    command::backup,
    data,
    lock::{Lock, LockError},
    store::StoreError,
};

/// A database that nobody changes as long as this is held.
pub struct Snapshot {
    file: PathBuf,
    /// No host can start on the folder meanwhile.
    _lock: Option<Lock>,
    is_copy: bool,
}

impl Snapshot {
    /// Takes the database that the data folder's configuration, or the one in `config_file`, names.
    ///
    /// # Errors
    /// When there is none, or the host that holds it makes no copy.
    pub fn take(global: &Global, config_file: Option<&Path>) -> Result<Self, Failure> {
        let database = data::database(&global.data, config_file).map_err(Failure::failed)?;
        if !database.exists() {
            let sentence = format!("there is no database `{}`", database.display());
            return Err(Failure::failed(sentence));
        }
        match Lock::acquire(&global.data) {
            Ok(lock) => return Ok(Self { file: database, _lock: Some(lock), is_copy: false }),
            Err(LockError::InUse { .. }) => {}
            Err(error) => return Err(Failure::failed(error)),
        }
        let name = format!(".check-{}.db", std::process::id());
        let folder = std::path::absolute(&global.data).map_err(Failure::failed)?;
        let copy = Self { file: folder.join(name), _lock: None, is_copy: true };
        let file = copy.file.to_str().ok_or_else(|| Failure::usage("the path is not UTF-8"))?;
        backup::request(file, global)?;
        Ok(copy)
    }

    /// Opens it.
    ///
    /// # Errors
    /// When SQLite cannot.
    pub fn open(&self) -> Result<Connection, Failure> {
        // Writing is for what a host that was killed has left in the log.
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let opened = Connection::open_with_flags(&self.file, flags).and_then(|connection| {
            connection.execute_batch("PRAGMA locking_mode = EXCLUSIVE")?;
            Ok(connection)
        });
        opened.map_err(|error| self.unreadable(error.into()))
    }

    /// The failure that it cannot be read on.
    #[must_use]
    pub fn unreadable(&self, error: StoreError) -> Failure {
        let file = self.file.display();
        Failure::failed(format!("the database `{file}` cannot be read: {error}"))
    }
}

impl Drop for Snapshot {
    fn drop(&mut self) {
        if self.is_copy {
            // Nothing depends on it; what is left behind has a name that says what it was.
            let _ = std::fs::remove_file(&self.file);
        }
    }
}
