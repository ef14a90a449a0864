//! Knows where the operator socket of a data folder is, however long the folder's path.

use std::fs::File;
use std::io;
use std::os::fd::AsRawFd;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// The operator socket's name in the data folder.
pub const SOCKET_NAME: &str = "exportgate.sock";

/// The kernel takes 108 bytes with the closing NUL for a Unix socket's path (unix(7)).
const PATH_LIMIT: usize = 107;

/// A path to the operator socket that the kernel takes; valid while this value lives.
#[derive(Debug)]
pub struct SocketPath {
    path: PathBuf,
    /// Held open because the path may lead through its descriptor.
    _folder: Option<File>,
}

impl SocketPath {
    /// Finds the socket of `data`; a path that is too long is replaced by one through the
    /// open folder.
    ///
    /// # Errors
    /// When the folder of an overlong path cannot be opened.
    pub fn of(data: &Path) -> io::Result<Self> {
        let path = data.join(SOCKET_NAME);
        if path.as_os_str().as_bytes().len() <= PATH_LIMIT {
            return Ok(Self { path, _folder: None });
        }
        let folder = File::open(data)?;
        let path = PathBuf::from(format!("/proc/self/fd/{}/{SOCKET_NAME}", folder.as_raw_fd()));
        Ok(Self { path, _folder: Some(folder) })
    }

    /// The path to bind or connect to.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}
