//! Knows how connections are accepted, and how all of them come to an end.

use std::fs;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use http::{Request, Response};
use http_body::Body;
use hyper::service::Service;
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::connection::serve_connection;
use super::listener::{Accepted, Kind};
use super::request_body::RequestBody;
use super::slots::{Full, Slot, Slots};
use super::stop::{Stage, Stop};
use super::{BoxError, Limits, Listener, Tls};

/// Pause after an accept that failed for want of something (files, memory): time for
/// connections to end.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);
/// The same trouble is logged once in this time, not once for each connection.
const LOG_PAUSE: Duration = Duration::from_secs(10);
/// Abandoned connections end at their next poll; one that never yields is not waited for longer.
const ABANDON: Duration = Duration::from_millis(500);

/// Who is at the other end of a connection; each request's body knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Peer {
    /// Where a TCP connection comes from: a client, or a proxy in front of it. An IPv4 address is
    /// one, also when it came through an IPv6 socket.
    pub address: Option<SocketAddr>,
    /// The connection came through the Unix socket of the data folder: the operator.
    pub local_socket: bool,
}

/// Serves requests on a listener until `shutdown`, then finishes what runs; the handle ends when
/// all connections have ended, [`Limits::stop`] and half a second after `shutdown` at the latest.
///
/// HTTP/1.1 only. The service is cloned for each connection. When a client goes away, the future that answers it is dropped at its next await;
/// what must be finished all the same belongs into a task of its own.
pub fn serve<S, B>(
    listener: Listener,
    service: S,
    limits: Limits,
    shutdown: CancellationToken,
) -> JoinHandle<()>
where
    S: Service<Request<RequestBody>, Response = Response<B>> + Clone + Send + Sync + 'static,
    S::Error: Into<BoxError>,
    S::Future: Send,
    B: Body + Send + 'static,
    B::Data: Send,
    B::Error: Into<BoxError>,
{
    let limits = Arc::new(limits);
    let stop = Arc::new(Stop::new());
    tokio::spawn(async move {
        let tasks = TaskTracker::new();
        if let Kind::TcpTls(_, tls) = &listener.kind {
            let every = limits.certificate_check;
            let (tls, stop) = (tls.clone(), Arc::clone(&stop));
            tasks.spawn(async move {
                tokio::select! {
                    () = tls.follow_files(every) => {}
                    () = stop.wait() => {}
                }
            });
        }
        tokio::select! {
            biased;
            () = shutdown.cancelled() => {}
            () = accept_all(&listener, &service, &limits, &stop, &tasks) => {}
        }
        close(listener);
        tasks.close();
        stop.enter(Stage::Finishing);
        if timeout(limits.stop, tasks.wait()).await.is_err() {
            tracing::warn!(n_connections = tasks.len(), "requests did not finish in time");
            stop.enter(Stage::Abandoning);
            let _ = timeout(ABANDON, tasks.wait()).await;
        }
    })
}

fn close(listener: Listener) {
    if let Kind::Unix(socket, path) = listener.kind {
        drop(socket);
        // A socket that stays is replaced at the next start.
        let _ = fs::remove_file(path);
    }
}

async fn accept_all<S, B>(
    listener: &Listener,
    service: &S,
    limits: &Arc<Limits>,
    stop: &Arc<Stop>,
    tasks: &TaskTracker,
) where
    S: Service<Request<RequestBody>, Response = Response<B>> + Clone + Send + Sync + 'static,
    S::Error: Into<BoxError>,
    S::Future: Send,
    B: Body + Send + 'static,
    B::Data: Send,
    B::Error: Into<BoxError>,
{
    let slots = Slots::new(Arc::clone(limits));
    let mut refused = Sometimes::default();
    let mut failed = Sometimes::default();
    loop {
        let accepted = match listener.accept().await {
            Ok(accepted) => accepted,
            Err(error) if concerns_one_client(&error) => continue,
            Err(error) => {
                if let Some(n_times) = failed.count() {
                    tracing::error!(%error, n_times, "cannot accept connections");
                }
                sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        let (limits, stop, service) = (Arc::clone(limits), Arc::clone(stop), service.clone());
        let mut take_slot = |peer: &Peer| match slots.take(peer.address.map(|it| it.ip())) {
            Ok(slot) => Some(slot),
            Err(full) => {
                report_refused(&mut refused, full);
                None
            }
        };
        // Without a slot the stream is dropped, which closes it.
        match accepted {
            Accepted::Tcp(stream, address) => {
                let address = SocketAddr::new(address.ip().to_canonical(), address.port());
                let peer = Peer { address: Some(address), local_socket: false };
                let Some(slot) = take_slot(&peer) else { continue };
                if let Kind::TcpTls(_, tls) = &listener.kind {
                    let tls = tls.clone();
                    tasks.spawn(serve_tls(stream, tls, service, peer, limits, stop, slot));
                } else {
                    tasks.spawn(async move {
                        let _slot = slot;
                        serve_connection(stream, service, peer, limits, stop).await;
                    });
                }
            }
            Accepted::Unix(stream) => {
                let peer = Peer { address: None, local_socket: true };
                let Some(slot) = take_slot(&peer) else { continue };
                tasks.spawn(async move {
                    let _slot = slot;
                    serve_connection(stream, service, peer, limits, stop).await;
                });
            }
        }
    }
}

async fn serve_tls<S, B>(
    stream: TcpStream,
    tls: Tls,
    service: S,
    peer: Peer,
    limits: Arc<Limits>,
    stop: Arc<Stop>,
    _slot: Slot,
) where
    S: Service<Request<RequestBody>, Response = Response<B>>,
    S::Error: Into<BoxError>,
    B: Body + 'static,
    B::Error: Into<BoxError>,
{
    let shaken = tokio::select! {
        shaken = timeout(limits.first_byte, tls.acceptor().accept(stream)) => shaken,
        () = stop.wait() => return,
    };
    match shaken {
        Ok(Ok(stream)) => serve_connection(stream, service, peer, limits, stop).await,
        Ok(Err(error)) => tracing::debug!(%error, "TLS handshake failed"),
        Err(_) => tracing::debug!("TLS handshake took too long"),
    }
}

fn report_refused(refused: &mut Sometimes, full: Full) {
    if let Some(n_connections) = refused.count() {
        let limit = match full {
            Full::InAll => "in all",
            Full::ForAddress => "for one address",
        };
        tracing::warn!(limit, n_connections, "connections refused: too many");
    }
}

/// The client was gone before it was accepted; the next one may be fine.
fn concerns_one_client(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset, Interrupted};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset | Interrupted)
}

/// Counts repeated trouble and tells the number when it is time to log it.
#[derive(Debug, Default)]
struct Sometimes {
    n_times: u64,
    told: Option<Instant>,
}

impl Sometimes {
    fn count(&mut self) -> Option<u64> {
        self.n_times += 1;
        if self.told.is_some_and(|told| told.elapsed() < LOG_PAUSE) {
            return None;
        }
        self.told = Some(Instant::now());
        Some(std::mem::take(&mut self.n_times))
    }
}
