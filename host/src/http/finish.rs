//! What every answer has in common: an id, headers, problems written out, no secret in a URL, no
//! long body.

use std::{
    any::Any,
    borrow::Cow,
    fmt::Write as _,
    sync::{
        Arc, LazyLock,
        atomic::{AtomicU64, Ordering},
    },
};

use axum::{
    body::Bytes,
    extract::{MatchedPath, Request, State},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use exportgate_core::{code::Code, secret::contains_secret};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, Version, header};
use http_body_util::Either;
use percent_encoding::percent_decode_str;
use tracing::{Instrument as _, Span, debug, debug_span, error};

use super::{answer::Answer, body, front::AnswerBody, problem::Problem};
use crate::{app::App, entropy::random_bytes};

const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Finds a request in the host's log. Unique within this run of the host by its counter, among
/// runs by its random beginning.
pub struct RequestId(HeaderValue);

impl RequestId {
    /// The id of the next request.
    pub fn next() -> Self {
        static RUN: LazyLock<String> =
            LazyLock::new(|| hex::encode(random_bytes::<6>().unwrap_or_default()));
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let n = NEXT.fetch_add(1, Ordering::Relaxed);
        let n_digits = (u64::BITS - n.leading_zeros()).div_ceil(4) as usize;
        // Exactly as long as the text, so that the value takes it over as it is.
        let mut text = String::with_capacity(RUN.len() + 1 + n_digits);
        // Writing into a string does not fail.
        let _ = write!(text, "{}-{n:x}", *RUN);
        // Hexadecimal digits are a good value.
        let value = HeaderValue::from_maybe_shared(Bytes::from(text));
        Self(value.unwrap_or_else(|_| HeaderValue::from_static("0")))
    }

    /// The id as the log and problems tell it.
    pub fn as_str(&self) -> &str {
        self.0.to_str().unwrap_or_default()
    }
}

/// The span of a request, for the log; `route` is the pattern, not the path: a path may hold
/// anything.
pub fn span(request_id: &RequestId, method: &Method, route: &str) -> Span {
    debug_span!("request", request_id = request_id.as_str(), %method, route)
}

/// Wraps all routes that the router answers.
pub async fn finish(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let request_id = RequestId::next();
    let is_api = is_api(request.uri());
    let is_scim = request.uri().path().starts_with("/scim/");
    let route = request.extensions().get::<MatchedPath>().map_or("none", MatchedPath::as_str);
    let span = span(&request_id, request.method(), route);
    let mut response = if !names_one_host(request.version(), request.headers()) {
        Problem::malformed("`Host` must be there, and once").into_response()
    } else if url_has_secret(request.uri()) {
        let detail = "a secret in a URL is never accepted: it would end up in logs; treat it as \
                      known to others and revoke it";
        Problem::malformed(detail).into_response()
    } else {
        match body::limit(request).await {
            Ok(request) => next.run(request).instrument(span).await,
            Err(problem) => problem.into_response(),
        }
    };
    let problem = response.extensions_mut().remove::<Problem>();
    if let Some(problem) = problem.or_else(|| in_our_words(response.status())) {
        response =
            if is_scim { problem.render_scim() } else { problem.render(request_id.as_str()) };
    }
    note(&app, &request_id, response.status());
    add_headers(response.headers_mut(), is_api);
    if app.public_url.starts_with("https://") {
        response.headers_mut().insert(header::STRICT_TRANSPORT_SECURITY, OVER_TLS_ONLY);
    }
    response.headers_mut().insert(X_REQUEST_ID, request_id.0);
    response
}

/// For a year, no browser asks this name without TLS (RFC 6797). The names below it are perhaps
/// somebody else's, so nothing is said of them.
const OVER_TLS_ONLY: HeaderValue = HeaderValue::from_static("max-age=31536000");

/// The same for an answer to an export service, which the front gives without the router.
pub fn finished(
    app: &App,
    request_id: RequestId,
    answer: Result<Answer, Problem>,
) -> http::Response<AnswerBody> {
    let mut response = match answer {
        Ok(answer) => answer.map(Either::Left),
        Err(problem) => {
            let mut response = problem.render(request_id.as_str());
            add_headers(response.headers_mut(), true);
            response.map(Either::Right)
        }
    };
    note(app, &request_id, response.status());
    response.headers_mut().insert(X_REQUEST_ID, request_id.0);
    response
}

/// What answers of our routes begin with. Copying all of it costs less than adding the parts.
pub static API_HEADERS: LazyLock<HeaderMap> = LazyLock::new(|| {
    let mut headers = HeaderMap::new();
    // Its place; the value comes with the end.
    headers.insert(X_REQUEST_ID, HeaderValue::from_static("0"));
    add_headers(&mut headers, true);
    headers
});

fn add_headers(headers: &mut HeaderMap, is_api: bool) {
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    if is_api {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
}

/// Logs and counts an answer.
fn note(app: &App, request_id: &RequestId, status: StatusCode) {
    // Not done here is no fault: `/scim/v2/Me` and such.
    if status.is_server_error() && status != StatusCode::NOT_IMPLEMENTED {
        error!(request_id = request_id.as_str(), status = status.as_u16(), "request failed");
    } else {
        debug!(request_id = request_id.as_str(), status = status.as_u16(), "answered");
    }
    app.metrics.answer(status.as_u16());
}

/// Turns a handler's panic into an answer; the connection and all others go on.
pub fn on_panic(panic: Box<dyn Any + Send + 'static>) -> Response {
    panicked(&*panic).into_response()
}

/// The problem that a panic is.
pub fn panicked(panic: &(dyn Any + Send)) -> Problem {
    let cause = panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("unknown");
    error!(cause, "a handler panicked");
    Problem::new(Code::Internal, "a fault of the host; its operator finds the cause by the id")
}

/// The problem for a refusal that is not ours, such as axum's for a path that is no UTF-8.
fn in_our_words(status: StatusCode) -> Option<Problem> {
    match status {
        StatusCode::NOT_FOUND => Some(Problem::no_route()),
        StatusCode::METHOD_NOT_ALLOWED => {
            Some(Problem::new(Code::MethodNotAllowed, "this is not for that method"))
        }
        status if status.is_client_error() => {
            Some(Problem::malformed("the request cannot be read"))
        }
        _ => None,
    }
}

/// Whether a request says for which host it is, and says it once. Whatever lies on the way might
/// read another of two (RFC 9112, section 3.2).
pub fn names_one_host(version: Version, headers: &HeaderMap) -> bool {
    let mut names = headers.get_all(header::HOST).iter();
    let is_named = names.next().is_some() || version < Version::HTTP_11;
    is_named && names.next().is_none()
}

fn is_api(uri: &Uri) -> bool {
    let first = uri.path().split('/').nth(1);
    matches!(first, Some("v1" | "oauth2" | "scim"))
}

fn url_has_secret(uri: &Uri) -> bool {
    let text = uri.path_and_query().map_or("", |text| text.as_str());
    let text: Cow<'_, str> =
        if text.contains('%') { percent_decode_str(text).decode_utf8_lossy() } else { text.into() };
    contains_secret(&text)
}
