//! TLS: the certificate follows its files, and a broken file changes nothing.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::super::{Tls, TlsError};
use super::*;

/// Writes a new certificate and key, and returns the certificate in PEM.
fn write_certificate(folder: &Path) -> String {
    let CertifiedKey { cert, signing_key } =
        generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    fs::write(folder.join("cert.pem"), cert.pem()).unwrap();
    fs::write(folder.join("key.pem"), signing_key.serialize_pem()).unwrap();
    cert.pem()
}

fn load(folder: &Path) -> Result<Tls, TlsError> {
    Tls::load(&folder.join("cert.pem"), &folder.join("key.pem"))
}

fn start(folder: &Path) -> Host {
    let address = "127.0.0.1:0".parse().unwrap();
    Host::start_on(Listener::tcp_tls(address, load(folder).unwrap()).unwrap(), quick())
}

/// Connects as a client that trusts one certificate only.
async fn connect(host: &Host, trusted: &str) -> std::io::Result<TlsStream<TcpStream>> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(trusted.as_bytes()).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    let name = ServerName::try_from("localhost").unwrap();
    TlsConnector::from(Arc::new(config)).connect(name, host.connect().await).await
}

async fn check_served(host: &Host, trusted: &str) {
    let mut stream = connect(host, trusted).await.expect("the certificate is the expected one");
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"http/1.1"[..]));
    stream.write_all(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await.unwrap();
    let text = read_to_close(&mut stream).await;
    assert!(text.ends_with("hello"), "{text}");
}

#[tokio::test]
async fn a_changed_certificate_is_taken_and_a_broken_one_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let first = write_certificate(folder.path());
    let host = start(folder.path());
    check_served(&host, &first).await;

    let second = write_certificate(folder.path());
    sleep(Duration::from_millis(300)).await;
    check_served(&host, &second).await;
    assert!(connect(&host, &first).await.is_err());

    for broken in ["", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", &first] {
        fs::write(folder.path().join("cert.pem"), broken).unwrap();
        sleep(Duration::from_millis(300)).await;
        check_served(&host, &second).await;
    }
    fs::remove_file(folder.path().join("key.pem")).unwrap();
    sleep(Duration::from_millis(300)).await;
    check_served(&host, &second).await;

    let third = write_certificate(folder.path());
    sleep(Duration::from_millis(300)).await;
    check_served(&host, &third).await;
}

#[tokio::test]
async fn a_client_that_does_not_shake_hands_is_closed() {
    let folder = tempfile::tempdir().unwrap();
    write_certificate(folder.path());
    let host = start(folder.path());
    check_closed_within(&host, b"", 250, 700).await;
    check_closed_within(&host, b"\x16\x03\x01\x02\x00", 250, 700).await;
    // Plain HTTP is refused at once.
    check_closed_within(&host, GET, 0, 250).await;
}

#[tokio::test]
async fn a_client_that_is_silent_after_the_handshake_is_closed() {
    let folder = tempfile::tempdir().unwrap();
    let trusted = write_certificate(folder.path());
    let host = start(folder.path());
    let mut stream = connect(&host, &trusted).await.unwrap();
    let began = Instant::now();
    read_to_close(&mut stream).await;
    assert!(began.elapsed() < Duration::from_millis(700));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_over_the_limit_gets_its_answer_through_tls_too() {
    let folder = tempfile::tempdir().unwrap();
    let trusted = write_certificate(folder.path());
    let host = start(folder.path());
    let mut stream = connect(&host, &trusted).await.unwrap();
    let n_bytes = 10 * 1024 * 1024;
    let head = format!("POST /body HTTP/1.1\r\nHost: x\r\nContent-Length: {n_bytes}\r\n\r\n");
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(&vec![b'a'; n_bytes]).await.unwrap();
    let text = read_to_close(&mut stream).await;
    assert!(text.starts_with("HTTP/1.1 413 "), "{text}");
}

#[test]
fn files_that_cannot_be_used_are_told_in_a_sentence() {
    let folder = tempfile::tempdir().unwrap();
    assert!(matches!(load(folder.path()), Err(TlsError::Unreadable { .. })));
    let first = write_certificate(folder.path());
    write_certificate(folder.path());
    fs::write(folder.path().join("cert.pem"), &first).unwrap();
    assert!(matches!(load(folder.path()), Err(TlsError::Unusable { .. })));
    fs::write(folder.path().join("cert.pem"), "no").unwrap();
    assert!(matches!(load(folder.path()), Err(TlsError::NoCertificate { .. })));
    fs::write(folder.path().join("cert.pem"), &first).unwrap();
    fs::write(folder.path().join("key.pem"), "no").unwrap();
    let error = load(folder.path()).unwrap_err().to_string();
    assert!(error.ends_with("key.pem` holds no private key in PEM form"), "{error}");
}
