//! Knows the form of `sessions.json`, and how it is changed so that nobody else reads it and a
//! crash leaves either the old or the new file.

use std::collections::BTreeMap;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::{Session, configuration_folder};
use crate::cli::failure::Failure;

/// Everything that is kept.
#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Kept {
    /// Where the user signed in last; the default address.
    pub last_url: Option<String>,
    /// A session per origin, such as `http://127.0.0.1:8080`.
    pub sessions: BTreeMap<String, Session>,
}

/// The file, which need not exist yet.
#[derive(Debug)]
pub struct SessionFile {
    folder: PathBuf,
}

/// Why sessions cannot be read or kept.
#[derive(Debug, Error)]
pub enum SessionError {
    /// None of the variables that name the folder is set.
    #[error("there is no folder to keep the session in: set HOME or EXPORTGATE_CONFIG_HOME")]
    NoFolder,
    /// The operating system refuses.
    #[error("cannot use the session file `{}`: {cause}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the operating system said.
        cause: io::Error,
    },
    /// Somebody else wrote it.
    #[error("the session file `{}` is damaged; delete it and sign in again", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
    },
}

impl From<SessionError> for Failure {
    fn from(error: SessionError) -> Self {
        Self::failed(error)
    }
}

impl SessionFile {
    /// The file of whoever runs this process.
    ///
    /// # Errors
    /// [`SessionError::NoFolder`] when the environment names no place for it.
    pub fn of_user() -> Result<Self, SessionError> {
        configuration_folder(|name| std::env::var_os(name).map(PathBuf::from))
            .map(Self::in_folder)
            .ok_or(SessionError::NoFolder)
    }

    /// The file in `folder`.
    #[must_use]
    pub fn in_folder(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// Reads what is kept; nothing, when there is no file yet.
    ///
    /// # Errors
    /// When the file cannot be read or is damaged.
    pub fn read(&self) -> Result<Kept, SessionError> {
        let path = self.path();
        match fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes).map_err(|_| SessionError::Damaged { path }),
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => Ok(Kept::default()),
            Err(cause) => Err(SessionError::Io { path, cause }),
        }
    }

    /// Keeps `session` for `origin`, which becomes the default address.
    ///
    /// # Errors
    /// When the file cannot be read or written; it is then as it was.
    pub fn keep(&self, origin: &str, session: Session) -> Result<(), SessionError> {
        self.change(|kept| {
            kept.last_url = Some(origin.to_owned());
            kept.sessions.insert(origin.to_owned(), session);
        })
    }

    /// Finds out whether a session could be kept, before a one-time code is spent on it.
    ///
    /// # Errors
    /// When the file cannot be read or written; it is then as it was.
    pub fn prepare(&self) -> Result<(), SessionError> {
        self.change(|_| {})
    }

    /// Forgets the session of `origin`.
    ///
    /// # Errors
    /// When the file cannot be read or written; it is then as it was.
    pub fn forget(&self, origin: &str) -> Result<(), SessionError> {
        self.change(|kept| {
            kept.sessions.remove(origin);
        })
    }

    /// The file's place.
    #[must_use]
    pub fn path(&self) -> PathBuf {
        self.folder.join("sessions.json")
    }

    fn change(&self, change: impl FnOnce(&mut Kept)) -> Result<(), SessionError> {
        let failed = |cause| SessionError::Io { path: self.path(), cause };
        // Only a folder that we create gets our mode: somebody else's may be shared on purpose.
        DirBuilder::new().recursive(true).mode(0o700).create(&self.folder).map_err(failed)?;
        // Two commands at the same time must not lose each other's session.
        let _lock = self.lock().map_err(failed)?;
        let mut kept = self.read()?;
        change(&mut kept);
        self.write(&kept).map_err(failed)
    }

    fn lock(&self) -> io::Result<File> {
        let path = self.folder.join("sessions.lock");
        let file =
            OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(path)?;
        file.lock()?;
        Ok(file)
    }

    fn write(&self, kept: &Kept) -> io::Result<()> {
        // Created with mode 0600, renamed over the old file once it is on the disk.
        let mut file = tempfile::Builder::new().prefix(".sessions-").tempfile_in(&self.folder)?;
        serde_json::to_writer_pretty(&mut file, kept)?;
        file.write_all(b"\n")?;
        file.as_file().sync_all()?;
        file.persist(self.path())?;
        File::open(&self.folder)?.sync_all()
    }
}
