//! Knows how a request's body is read within its time, and what a body left unread means.

use std::error::Error;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, header};
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use thiserror::Error;
use tokio::time::Sleep;

use super::Peer;
use super::progress::Progress;

/// A small body that its handler did not read is complete after this many frames or never.
const MAX_FRAMES_AT_DROP: usize = 4;

/// Why a request's body could not be read.
#[derive(Debug, Error)]
pub enum BodyError {
    /// The client did not send the whole body in time.
    #[error("the body of the request did not arrive in time")]
    TooSlow,
    /// The client sent a broken body or went away.
    #[error("the body of the request is broken: {0}")]
    Broken(#[from] hyper::Error),
}

/// Tells whether [`BodyError::TooSlow`] is somewhere in the causes of an error, for handlers that
/// meet it wrapped in errors of axum.
#[must_use]
pub fn was_too_slow(error: &(dyn Error + 'static)) -> bool {
    let mut next = Some(error);
    while let Some(error) = next {
        if matches!(error.downcast_ref(), Some(BodyError::TooSlow)) {
            return true;
        }
        next = error.source();
    }
    false
}

/// The body of a request: hyper's, with a time limit on the whole of it.
///
/// A handler may drop it unread: the answer says `Connection: close` then, and still arrives.
#[derive(Debug)]
pub struct RequestBody {
    inner: Incoming,
    progress: Arc<Progress>,
    peer: Peer,
    limit: Duration,
    /// Exists once the body had to be waited for; most bodies come with their head.
    timer: Option<Pin<Box<Sleep>>>,
    /// The client waits for `100 Continue`, which polling would send.
    client_waits: bool,
    late: bool,
}

impl RequestBody {
    pub(super) fn wrap(
        request: Request<Incoming>,
        progress: &Arc<Progress>,
        peer: Peer,
        limit: Duration,
    ) -> Request<Self> {
        let has_body = !request.body().is_end_stream();
        let client_waits = has_body && request.headers().contains_key(header::EXPECT);
        progress.body_begins(has_body);
        request.map(|inner| Self {
            inner,
            progress: Arc::clone(progress),
            peer,
            limit,
            timer: None,
            client_waits,
            late: false,
        })
    }

    /// Who sends it.
    #[must_use]
    pub const fn peer(&self) -> Peer {
        self.peer
    }

    fn is_late(&mut self, cx: &mut Context<'_>) -> bool {
        let limit = self.limit;
        let timer = self.timer.get_or_insert_with(|| Box::pin(tokio::time::sleep(limit)));
        self.late = timer.as_mut().poll(cx).is_ready();
        self.late
    }
}

impl Body for RequestBody {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        if self.late {
            return Poll::Ready(None);
        }
        self.client_waits = false;
        // A client that sends a byte now and then is never waited for long, so the timer is
        // asked before the body.
        if self.timer.is_some() && self.is_late(cx) {
            self.progress.body_is_late();
            return Poll::Ready(Some(Err(BodyError::TooSlow)));
        }
        match Pin::new(&mut self.inner).poll_frame(cx) {
            Poll::Ready(Some(Ok(frame))) => Poll::Ready(Some(Ok(frame))),
            Poll::Ready(Some(Err(error))) => Poll::Ready(Some(Err(error.into()))),
            Poll::Ready(None) => {
                self.progress.body_ends();
                Poll::Ready(None)
            }
            Poll::Pending if self.timer.is_none() && self.is_late(cx) => {
                self.progress.body_is_late();
                Poll::Ready(Some(Err(BodyError::TooSlow)))
            }
            Poll::Pending => Poll::Pending,
        }
    }

    fn is_end_stream(&self) -> bool {
        self.late || self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

impl Drop for RequestBody {
    fn drop(&mut self) {
        if self.late || !self.progress.is_body_open() {
            return;
        }
        // A small body has come together with its head. Taking it here keeps the connection
        // open for the next request although the handler had no use for the body.
        let mut cx = Context::from_waker(Waker::noop());
        for _ in 0..MAX_FRAMES_AT_DROP {
            if self.inner.is_end_stream() {
                self.progress.body_ends();
                return;
            }
            if self.client_waits {
                return;
            }
            match Pin::new(&mut self.inner).poll_frame(&mut cx) {
                Poll::Ready(Some(Ok(_))) => {}
                Poll::Ready(None) => {
                    self.progress.body_ends();
                    return;
                }
                Poll::Ready(Some(Err(_))) | Poll::Pending => return,
            }
        }
    }
}
