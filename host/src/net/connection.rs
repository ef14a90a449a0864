//! Knows the life of one connection, from accept to close.

use std::error::Error as _;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::task::{Poll, Waker};
use std::time::Duration;

use http::{Request, Response};
use http_body::Body;
use hyper::{server::conn::http1, service::Service};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::{Instant, sleep_until};

use super::progress::Progress;
use super::request_body::RequestBody;
use super::response::PerConnection;
use super::stop::{Stage, Stop};
use super::watched::Watched;
use super::{BoxError, Limits, Peer};

/// Where nothing is timed, the timer still wants a time to look again.
const NOT_TIMED: Duration = Duration::from_secs(60);

/// How a connection came to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Closed,
    TimedOut,
    Abandoned,
}

/// Serves all requests of one connection and returns when it is closed.
pub(super) async fn serve_connection<T, S, B>(
    stream: T,
    service: S,
    peer: Peer,
    limits: Arc<Limits>,
    stop: Arc<Stop>,
) where
    T: AsyncRead + AsyncWrite + Unpin,
    S: Service<Request<RequestBody>, Response = Response<B>>,
    S::Error: Into<BoxError>,
    B: Body + 'static,
    B::Error: Into<BoxError>,
{
    let progress = Arc::new(Progress::new());
    let io = Watched::new(stream, Arc::clone(&progress), limits.linger_bytes);
    let service = PerConnection {
        service,
        peer,
        progress: Arc::clone(&progress),
        limits: Arc::clone(&limits),
    };
    let connection = http1::Builder::new()
        // Hyper's own timer starts with the answer before, so it cannot tell an idle connection
        // from a slow one, and it costs an allocation for each request.
        .header_read_timeout(None)
        .max_header_size(limits.head_bytes)
        .serve_connection(TokioIo::new(io), service);
    let end = drive(connection, &progress, &limits, &stop).await;
    tracing::trace!(?end, phase = ?progress.phase(), "connection ended");
}

/// Polls hyper's connection, and ends it when its phase lasts too long or the host stops.
///
/// The timer and the stop are polled only when they have to learn a new waker or time. Otherwise
/// each request would pay for them although they tell nothing new.
async fn drive<I, S, B>(
    connection: http1::Connection<I, S>,
    progress: &Progress,
    limits: &Limits,
    stop: &Stop,
) -> End
where
    I: hyper::rt::Read + hyper::rt::Write + Unpin,
    S: hyper::service::HttpService<hyper::body::Incoming, ResBody = B>,
    S::Error: Into<BoxError>,
    B: Body + 'static,
    B::Error: Into<BoxError>,
{
    let mut connection = pin!(connection);
    let mut changed = pin!(stop.changed());
    let mut timer = pin!(sleep_until(Instant::now() + limits.first_byte));
    let mut stage = Stage::Running;
    let mut known: Option<Waker> = None;

    poll_fn(|cx| {
        if !known.as_ref().is_some_and(|waker| waker.will_wake(cx.waker())) {
            known = Some(cx.waker().clone());
            // Both results are read below, by `stage()` and `is_elapsed()`.
            let _ = changed.as_mut().poll(cx);
            let _ = timer.as_mut().poll(cx);
        }
        while stop.stage() != stage {
            stage = stop.stage();
            if stage == Stage::Abandoning {
                return Poll::Ready(End::Abandoned);
            }
            connection.as_mut().graceful_shutdown();
            changed.set(stop.changed());
            let _ = changed.as_mut().poll(cx);
        }
        if let Poll::Ready(result) = connection.as_mut().poll(cx) {
            if let Err(error) = result {
                let cause = error.source().map(ToString::to_string);
                tracing::debug!(%error, cause, "connection broke");
            }
            return Poll::Ready(End::Closed);
        }
        loop {
            let deadline = progress.deadline(limits);
            if deadline.is_some_and(|deadline| deadline < timer.deadline()) || timer.is_elapsed() {
                let now = Instant::now();
                if deadline.is_some_and(|deadline| deadline <= now) {
                    return Poll::Ready(End::TimedOut);
                }
                timer.as_mut().reset(deadline.unwrap_or(now + NOT_TIMED));
                if timer.as_mut().poll(cx).is_ready() {
                    continue;
                }
            }
            return Poll::Pending;
        }
    })
    .await
}
