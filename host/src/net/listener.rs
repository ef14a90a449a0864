//! Knows how a place to listen on is opened: TCP, TCP with TLS, or a Unix socket.

use std::fs;
use std::io;
use std::net::SocketAddr;
use std::os::unix::fs::{DirBuilderExt, FileTypeExt, PermissionsExt};
use std::path::{Path, PathBuf};

use thiserror::Error;
use tokio::net::{TcpListener, TcpSocket, TcpStream, UnixListener, UnixStream};

use super::Tls;

/// Clients that the kernel keeps until we accept them; it may lower this to its own maximum.
const BACKLOG: u32 = 4096;
/// Longest path of a Unix socket on Linux, without the final zero byte.
const MAX_SOCKET_PATH: usize = 107;
/// Folder beside the socket in which it is made before it gets its name; the name inside is one
/// byte, so that the longer path is never this one.
const NURSERY: &str = ".sock";

/// Why a place to listen on cannot be opened.
#[derive(Debug, Error)]
pub enum ListenError {
    /// The address is in use, not of this machine, or not permitted.
    #[error("cannot listen on `{address}`: {cause}")]
    Tcp {
        /// The address as asked for.
        address: SocketAddr,
        /// What the system says.
        cause: io::Error,
    },
    /// The socket cannot be made.
    #[error("cannot listen on the socket `{path}`: {cause}")]
    Unix {
        /// The socket's path.
        path: PathBuf,
        /// What the system says.
        cause: io::Error,
    },
    /// Paths of sockets are limited by the system.
    #[error(
        "the path of the socket `{path}` is longer than {MAX_SOCKET_PATH} bytes; choose a data folder with a shorter path"
    )]
    PathTooLong {
        /// The socket's path.
        path: PathBuf,
    },
    /// A file of another kind has the socket's name.
    #[error("`{path}` is in the way: it is not a socket")]
    NotASocket {
        /// The socket's path.
        path: PathBuf,
    },
}

/// An open place to listen on. Must be made inside a tokio runtime.
#[derive(Debug)]
pub struct Listener {
    pub(super) kind: Kind,
}

#[derive(Debug)]
pub(super) enum Kind {
    Tcp(TcpListener),
    TcpTls(TcpListener, Tls),
    Unix(UnixListener, PathBuf),
}

pub(super) enum Accepted {
    Tcp(TcpStream, SocketAddr),
    Unix(UnixStream),
}

impl Listener {
    /// Plain HTTP.
    ///
    /// # Errors
    /// [`ListenError::Tcp`]
    pub fn tcp(address: SocketAddr) -> Result<Self, ListenError> {
        Ok(Self { kind: Kind::Tcp(bind(address)?) })
    }

    /// HTTPS. [`super::serve()`] reads the certificate again when its files change.
    ///
    /// # Errors
    /// [`ListenError::Tcp`]
    pub fn tcp_tls(address: SocketAddr, tls: Tls) -> Result<Self, ListenError> {
        Ok(Self { kind: Kind::TcpTls(bind(address)?, tls) })
    }

    /// A socket that only the present user can open, from its first moment on. A socket that an
    /// earlier process left is replaced; the caller holds the lock of the data folder, so that
    /// it cannot be a living one. [`super::serve()`] removes it when it stops.
    ///
    /// # Errors
    /// [`ListenError::Unix`], [`ListenError::PathTooLong`], [`ListenError::NotASocket`]
    pub fn unix(path: &Path) -> Result<Self, ListenError> {
        let failed = |cause| ListenError::Unix { path: path.to_owned(), cause };
        if path.as_os_str().len() > MAX_SOCKET_PATH {
            return Err(ListenError::PathTooLong { path: path.to_owned() });
        }
        match fs::symlink_metadata(path) {
            Ok(found) if !found.file_type().is_socket() => {
                return Err(ListenError::NotASocket { path: path.to_owned() });
            }
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(error)),
            _ => {}
        }
        // A new socket has the mode that the umask leaves. Inside a folder that nobody else can
        // enter this does not matter; it gets its mode there and moves to its name after that.
        let nursery = path.with_file_name(NURSERY);
        remove_nursery(&nursery).map_err(failed)?;
        fs::DirBuilder::new().mode(0o700).create(&nursery).map_err(failed)?;
        let young = nursery.join("s");
        let made = UnixListener::bind(&young).and_then(|listener| {
            fs::set_permissions(&young, fs::Permissions::from_mode(0o600))?;
            fs::rename(&young, path)?;
            Ok(listener)
        });
        let removed = remove_nursery(&nursery);
        let listener = made.map_err(failed)?;
        removed.map_err(failed)?;
        // The path given may lead through a descriptor that is closed when the socket is removed.
        let path = fs::canonicalize(path).map_err(failed)?;
        Ok(Self { kind: Kind::Unix(listener, path) })
    }

    /// The address really bound, which matters for port 0; `None` for a Unix socket.
    #[must_use]
    pub fn local_address(&self) -> Option<SocketAddr> {
        match &self.kind {
            Kind::Tcp(listener) | Kind::TcpTls(listener, _) => listener.local_addr().ok(),
            Kind::Unix(..) => None,
        }
    }

    /// `https` with TLS, otherwise `http`.
    #[must_use]
    pub fn scheme(&self) -> &'static str {
        if matches!(self.kind, Kind::TcpTls(..)) { "https" } else { "http" }
    }

    pub(super) async fn accept(&self) -> io::Result<Accepted> {
        match &self.kind {
            Kind::Tcp(listener) | Kind::TcpTls(listener, _) => {
                let (stream, address) = listener.accept().await?;
                // Answers are written whole; waiting for more would only delay them.
                let _ = stream.set_nodelay(true);
                Ok(Accepted::Tcp(stream, address))
            }
            Kind::Unix(listener, _) => Ok(Accepted::Unix(listener.accept().await?.0)),
        }
    }
}

fn bind(address: SocketAddr) -> Result<TcpListener, ListenError> {
    let open = || {
        let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
        // A restart must not wait for the connections of the process before to be forgotten.
        socket.set_reuseaddr(true)?;
        socket.bind(address)?;
        socket.listen(BACKLOG)
    };
    open().map_err(|cause| ListenError::Tcp { address, cause })
}

/// Removes the folder and the socket that a process which was killed may have left in it.
fn remove_nursery(nursery: &Path) -> io::Result<()> {
    let gone = |result: io::Result<()>| match result {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    };
    gone(fs::remove_file(nursery.join("s")))?;
    gone(fs::remove_dir(nursery))
}
