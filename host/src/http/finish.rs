//! What every answer has in common: an id, headers, problems written out, no secret in a URL, no
//! long body.

use std::{
    borrow::Cow,
    sync::{
        Arc, LazyLock,
        atomic::{AtomicU64, Ordering},
    },
};

use axum::{
    extract::{MatchedPath, Request, State},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use exportgate_core::{code::Code, secret::contains_secret};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header};
use percent_encoding::percent_decode_str;
use tracing::{Instrument as _, debug, debug_span, error};

use super::{body, problem::Problem};
use crate::{app::App, entropy::random_bytes};

const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Wraps all routes.
pub async fn finish(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let request_id = next_request_id();
    let is_api = is_api(request.uri());
    let is_scim = request.uri().path().starts_with("/scim/");
    let span = debug_span!(
        "request",
        request_id,
        method = %request.method(),
        // The pattern, not the path: a path may hold anything.
        route = request.extensions().get::<MatchedPath>().map_or("none", MatchedPath::as_str),
    );
    let mut response = if url_has_secret(request.uri()) {
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
        response = if is_scim { problem.render_scim() } else { problem.render(&request_id) };
    }
    let status = response.status();
    // Not done here is no fault: `/scim/v2/Me` and such.
    if status.is_server_error() && status != StatusCode::NOT_IMPLEMENTED {
        error!(request_id, status = status.as_u16(), "request failed");
    } else {
        debug!(request_id, status = status.as_u16(), "answered");
    }
    app.metrics.answer(status.as_u16());
    add_headers(response.headers_mut(), &request_id, is_api);
    response
}

/// Turns a handler's panic into an answer; the connection and all others go on.
pub fn on_panic(panic: Box<dyn std::any::Any + Send + 'static>) -> Response {
    let cause = panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("unknown");
    error!(cause, "a handler panicked");
    Problem::new(Code::Internal, "a fault of the host; its operator finds the cause by the id")
        .into_response()
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

fn add_headers(headers: &mut HeaderMap, request_id: &str, is_api: bool) {
    if let Ok(value) = HeaderValue::from_str(request_id) {
        headers.insert(X_REQUEST_ID, value);
    }
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    if is_api {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
}

/// Unique within this run of the host by its counter, among runs by its random beginning.
fn next_request_id() -> String {
    static RUN: LazyLock<String> =
        LazyLock::new(|| hex::encode(random_bytes::<6>().unwrap_or_default()));
    static NEXT: AtomicU64 = AtomicU64::new(1);
    format!("{}-{:x}", *RUN, NEXT.fetch_add(1, Ordering::Relaxed))
}
