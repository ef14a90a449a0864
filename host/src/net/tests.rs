//! Knows how to start a small listener and to speak to it byte by byte.

mod bodies;
mod connections;
mod slow;
mod stopping;
mod tls;
mod unix;

use std::net::SocketAddr;
use std::time::Duration;

use axum::body::to_bytes;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::routing::{get, post};
use axum::{Extension, Router};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::{Limits, Listener, Peer, Routed, serve, was_too_slow};

const GET: &[u8] = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n";
/// The body limit of the test service.
const LIMIT: usize = 64 * 1024;

/// Limits that make a test short: each phase its own time, to tell them apart.
fn quick() -> Limits {
    Limits {
        first_byte: Duration::from_millis(300),
        head: Duration::from_millis(400),
        idle: Duration::from_millis(1500),
        body: Duration::from_millis(500),
        unread_answer: Duration::from_millis(500),
        linger: Duration::from_millis(1000),
        stop: Duration::from_millis(800),
        certificate_check: Duration::from_millis(50),
        ..Limits::default()
    }
}

fn router() -> Router {
    Router::new()
        .route("/", get(|| async { "hello" }))
        .route("/peer", get(|Extension(peer): Extension<Peer>| async move { format!("{peer:?}") }))
        .route("/unread", post(|| async { (StatusCode::UNAUTHORIZED, "who are you") }))
        .route("/panic", get(panics))
        .route(
            "/slow",
            get(|| async {
                sleep(Duration::from_millis(400)).await;
                "finished"
            }),
        )
        .route("/stuck", get(std::future::pending::<()>))
        .route("/large", get(|| async { vec![b'x'; 32 * 1024 * 1024] }))
        .route("/body", post(read_body))
}

async fn panics() {
    panic!("planted");
}

async fn read_body(request: Request) -> impl IntoResponse {
    match to_bytes(request.into_body(), LIMIT).await {
        Ok(bytes) => (StatusCode::OK, format!("{} bytes", bytes.len())),
        Err(error) if was_too_slow(&error) => (StatusCode::REQUEST_TIMEOUT, "too slow".into()),
        Err(_) => (StatusCode::PAYLOAD_TOO_LARGE, "too large".into()),
    }
}

struct Host {
    address: SocketAddr,
    shutdown: CancellationToken,
    handle: JoinHandle<()>,
}

impl Host {
    fn start(limits: Limits) -> Self {
        Self::start_on(Listener::tcp("127.0.0.1:0".parse().unwrap()).unwrap(), limits)
    }

    fn start_on(listener: Listener, limits: Limits) -> Self {
        let address = listener.local_address().unwrap();
        let shutdown = CancellationToken::new();
        let handle = serve(listener, Routed(router()), limits, shutdown.clone());
        Self { address, shutdown, handle }
    }

    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }
}

/// Everything until the other side closes.
async fn read_to_close(stream: &mut (impl AsyncRead + Unpin)) -> String {
    let mut bytes = Vec::new();
    let _ = timeout(Duration::from_secs(10), stream.read_to_end(&mut bytes))
        .await
        .expect("the host closes");
    String::from_utf8_lossy(&bytes).into_owned()
}

/// One answer with a known ending, the connection staying open.
async fn read_until(stream: &mut (impl AsyncRead + Unpin), ending: &str) -> String {
    let mut text = String::new();
    let mut bytes = [0; 4096];
    while !text.ends_with(ending) {
        let n = timeout(Duration::from_secs(10), stream.read(&mut bytes)).await.unwrap().unwrap();
        assert!(n > 0, "closed after {text:?}");
        text.push_str(std::str::from_utf8(&bytes[..n]).unwrap());
    }
    text
}

/// Sends bytes and measures how long the host keeps the connection after that.
async fn check_closed_within(host: &Host, bytes: &[u8], at_least: u64, at_most: u64) -> String {
    let mut stream = host.connect().await;
    stream.write_all(bytes).await.unwrap();
    let sent = Instant::now();
    let text = read_to_close(&mut stream).await;
    let millis = u64::try_from(sent.elapsed().as_millis()).unwrap();
    assert!((at_least..at_most).contains(&millis), "closed after {millis} ms: {text:?}");
    text
}
