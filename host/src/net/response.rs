//! Knows how a service is called for one request and when its answer is complete.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use super::progress::{Phase, Progress};
use super::request_body::RequestBody;
use super::{Limits, Peer};
use http::{HeaderValue, Request, Response, header};
use http_body::{Body, Frame, SizeHint};
use hyper::{body::Incoming, service::Service};
use pin_project_lite::pin_project;

/// The service of one connection: gives each request's body its peer and its time limit.
pub(super) struct PerConnection<S> {
    pub(super) service: S,
    pub(super) peer: Peer,
    pub(super) progress: Arc<Progress>,
    pub(super) limits: Arc<Limits>,
}

impl<S, B> Service<Request<Incoming>> for PerConnection<S>
where
    S: Service<Request<RequestBody>, Response = Response<B>>,
{
    type Response = Response<Tracked<B>>;
    type Error = S::Error;
    type Future = Answer<S::Future>;

    fn call(&self, request: Request<Incoming>) -> Self::Future {
        self.progress.enter(Phase::Busy);
        let request = RequestBody::wrap(request, &self.progress, self.peer, self.limits.body);
        Answer { inner: self.service.call(request), progress: Some(Arc::clone(&self.progress)) }
    }
}

pin_project! {
    /// Waits for the service's answer.
    pub(super) struct Answer<F> {
        #[pin]
        inner: F,
        progress: Option<Arc<Progress>>,
    }
}

impl<F, B, E> Future for Answer<F>
where
    F: Future<Output = Result<Response<B>, E>>,
{
    type Output = Result<Response<Tracked<B>>, E>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let mut response = ready!(this.inner.poll(cx))?;
        let progress = this.progress.take();
        if progress.as_ref().is_some_and(|progress| progress.is_body_open()) {
            // The rest of the body stands where the next request would begin.
            response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        Poll::Ready(Ok(response.map(|inner| Tracked { inner, _complete: Complete { progress } })))
    }
}

pin_project! {
    /// A response's body that tells when it is done with.
    pub(super) struct Tracked<B> {
        #[pin]
        inner: B,
        _complete: Complete,
    }
}

struct Complete {
    progress: Option<Arc<Progress>>,
}

impl Drop for Complete {
    fn drop(&mut self) {
        if let Some(progress) = &self.progress {
            progress.enter(Phase::Idle);
        }
    }
}

impl<B: Body> Body for Tracked<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        self.project().inner.poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
