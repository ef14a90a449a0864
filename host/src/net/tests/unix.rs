//! The Unix socket: only for its owner, and never in the way of the next start.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use tokio::net::UnixStream;

use super::super::ListenError;
use super::*;

#[tokio::test]
async fn the_socket_is_for_its_owner_only_and_its_requests_come_from_the_operator() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("exportgate.sock");
    // Left by a host that was killed.
    drop(std::os::unix::net::UnixListener::bind(&path).unwrap());
    fs::create_dir(folder.path().join(".sock")).unwrap();
    fs::write(folder.path().join(".sock/s"), "").unwrap();

    let listener = Listener::unix(&path).unwrap();
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(!folder.path().join(".sock").exists());
    let shutdown = CancellationToken::new();
    let handle = serve(listener, Routed(router()), quick(), shutdown.clone());
    let mut stream = UnixStream::connect(&path).await.unwrap();
    stream.write_all(b"GET /peer HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    let text = read_until(&mut stream, "}").await;
    assert!(text.ends_with("Peer { address: None, local_socket: true }"), "{text}");

    shutdown.cancel();
    handle.await.unwrap();
    assert!(!path.exists());
}

#[tokio::test]
async fn a_file_that_is_not_a_socket_is_not_replaced() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("exportgate.sock");
    fs::write(&path, "precious").unwrap();
    assert!(matches!(Listener::unix(&path), Err(ListenError::NotASocket { .. })));
    assert_eq!(fs::read_to_string(&path).unwrap(), "precious");
}

#[tokio::test]
async fn a_path_that_is_too_long_for_a_socket_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a".repeat(100)).join("exportgate.sock");
    assert!(matches!(Listener::unix(&path), Err(ListenError::PathTooLong { .. })));
}

#[tokio::test]
async fn the_path_may_lead_through_an_open_folder_and_the_socket_is_removed_all_the_same() {
    let data = tempfile::tempdir().unwrap();
    let deep = data.path().join("a".repeat(100)).join("b".repeat(100));
    fs::create_dir_all(&deep).unwrap();
    let folder = fs::File::open(&deep).unwrap();
    let number = std::os::fd::AsRawFd::as_raw_fd(&folder);
    let path = format!("/proc/self/fd/{number}/exportgate.sock");
    let listener = Listener::unix(path.as_ref()).unwrap();
    drop(folder);
    assert!(deep.join("exportgate.sock").exists());
    let shutdown = CancellationToken::new();
    let handle = serve(listener, Routed(router()), quick(), shutdown.clone());
    shutdown.cancel();
    handle.await.unwrap();
    assert!(!deep.join("exportgate.sock").exists());
}
