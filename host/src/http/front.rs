//! The front of the routes: the three that are asked before each export are answered here, all
//! others by the router behind.
//!
//! They are the same functions that the router calls, and what every answer has in common comes
//! from the same place (`finish`). What is saved is the way through the router and its layers,
//! which costs more than the answer (`tests/bench/README.md`).

use std::{
    convert::Infallible,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use axum::body::{Body, Bytes, HttpBody as _};
use futures_util::{
    FutureExt as _, TryFutureExt as _,
    future::{self, BoxFuture, Ready},
};
use http::{Method, Request, Response};
use http_body_util::{Either, Full};
use hyper::service::Service;
use tracing::Instrument as _;

use super::{
    answer::Answer,
    body::MAXIMUM_BODY_BYTES,
    caller::Caller,
    exports::{self, AUTHORIZE, VALIDATE},
    finish::{self, RequestId},
    oauth2::{self, INTROSPECT},
    problem::Problem,
};
use crate::{
    app::App,
    net::{RequestBody, Routed},
    usecase::validate_export::Judged,
};

/// The body of an answer from here, or of one from the router.
pub type AnswerBody = Either<Full<Bytes>, Body>;
type Answered = Result<Response<AnswerBody>, Infallible>;
/// An answer that is there, or one that the router works on, or that needs the request's body or
/// the disk. In a box, since the larger one would make both large.
pub type Answering = future::Either<Ready<Answered>, BoxFuture<'static, Answered>>;

const LONGEST_BODY: u64 = MAXIMUM_BODY_BYTES as u64;

/// All routes of a listener.
#[derive(Clone)]
pub struct Front {
    app: Arc<App>,
    router: Routed,
}

/// The routes that are answered here.
#[derive(Clone, Copy)]
enum Asked {
    Authorize,
    WithBody(AskedWithBody),
}

#[derive(Clone, Copy)]
enum AskedWithBody {
    Introspect,
    Validate,
}

impl Asked {
    /// Which route a request is for. Whatever is unusual about one is left to the router: a query,
    /// a body that is long or of unknown length, no `Host` or two.
    fn of(request: &Request<RequestBody>) -> Option<Self> {
        let path = request.uri().path_and_query()?.as_str();
        let (asked, method, longest) = match path {
            AUTHORIZE => (Self::Authorize, Method::GET, 0),
            INTROSPECT => (Self::WithBody(AskedWithBody::Introspect), Method::POST, LONGEST_BODY),
            VALIDATE => (Self::WithBody(AskedWithBody::Validate), Method::POST, LONGEST_BODY),
            _ => return None,
        };
        let length = request.body().size_hint().upper()?;
        let is_usual = *request.method() == method
            && length <= longest
            && finish::names_one_host(request.version(), request.headers());
        is_usual.then_some(asked)
    }
}

impl Front {
    /// Puts the front before a router.
    pub fn new(app: &Arc<App>, router: axum::Router) -> Self {
        Self { app: Arc::clone(app), router: Routed(router) }
    }

    /// Answers at once what needs no body and, as a rule, no disk.
    fn authorize(&self, request: &Request<RequestBody>) -> Answering {
        let request_id = RequestId::next();
        let span = finish::span(&request_id, request.method(), AUTHORIZE);
        let judged = span.in_scope(|| {
            caught(|| exports::authorize::judged(&self.app, Caller::from(request), request.uri()))
        });
        let answer = match judged.map(Judged::at_once) {
            Ok(Ok(decision)) => exports::authorize::answer(&decision),
            Ok(Err(judged)) => {
                let app = Arc::clone(&self.app);
                return self.later(request_id, span, async move {
                    exports::authorize::answer(&judged.stored(&app).await?)
                });
            }
            Err(problem) => Err(problem),
        };
        Answering::Left(future::ready(Ok(finish::finished(&self.app, request_id, answer))))
    }

    fn with_body(&self, asked: AskedWithBody, request: Request<RequestBody>) -> Answering {
        let request_id = RequestId::next();
        // One of ours, so that the path is the route.
        let span = finish::span(&request_id, request.method(), request.uri().path());
        let app = Arc::clone(&self.app);
        self.later(request_id, span, async move {
            let (parts, body) = request.into_parts();
            let caller =
                Caller { method: &parts.method, headers: &parts.headers, peer: Some(body.peer()) };
            match asked {
                AskedWithBody::Introspect => oauth2::answer(&app, caller, body).await,
                AskedWithBody::Validate => exports::validate::answer(&app, caller, body).await,
            }
        })
    }

    fn later(
        &self,
        request_id: RequestId,
        span: tracing::Span,
        answer: impl Future<Output = Result<Answer, Problem>> + Send + 'static,
    ) -> Answering {
        let app = Arc::clone(&self.app);
        Answering::Right(Box::pin(async move {
            let answer = AssertUnwindSafe(answer.instrument(span)).catch_unwind().await;
            let answer = answer.unwrap_or_else(|panic| Err(finish::panicked(&*panic)));
            Ok(finish::finished(&app, request_id, answer))
        }))
    }
}

/// A fault of ours is a problem like any other.
fn caught<T>(judge: impl FnOnce() -> Result<T, Problem>) -> Result<T, Problem> {
    catch_unwind(AssertUnwindSafe(judge)).unwrap_or_else(|panic| Err(finish::panicked(&*panic)))
}

impl Service<Request<RequestBody>> for Front {
    type Response = Response<AnswerBody>;
    type Error = Infallible;
    type Future = Answering;

    fn call(&self, request: Request<RequestBody>) -> Answering {
        match Asked::of(&request) {
            Some(Asked::Authorize) => self.authorize(&request),
            Some(Asked::WithBody(asked)) => self.with_body(asked, request),
            None => {
                let answer = self.router.call(request);
                Answering::Right(Box::pin(answer.map_ok(|answer| answer.map(Either::Right))))
            }
        }
    }
}

#[cfg(test)]
mod tests;
