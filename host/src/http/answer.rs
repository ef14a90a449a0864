//! Answers of the routes that are asked before each export: a body that is there at once.

use std::sync::LazyLock;

use axum::body::Bytes;
use exportgate_core::code::Code;
use http::{HeaderMap, HeaderValue, Response, header};
use http_body_util::Full;
use serde::Serialize;

use super::{finish::API_HEADERS, problem::Problem};

/// An answer whose whole body is there.
pub type Answer = Response<Full<Bytes>>;

/// Room for the answer of every validation, so that writing it does not move it.
const USUAL_BYTES: usize = 512;

static JSON_HEADERS: LazyLock<HeaderMap> = LazyLock::new(|| {
    let mut headers = API_HEADERS.clone();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers
});

/// A JSON document as the answer.
///
/// # Errors
/// `internal`: the document cannot be written.
pub fn json(document: &impl Serialize) -> Result<Answer, Problem> {
    let mut body = Vec::with_capacity(USUAL_BYTES);
    serde_json::to_writer(&mut body, document)
        .map_err(|error| Problem::new(Code::Internal, error.to_string()))?;
    let mut answer = Response::new(Full::new(Bytes::from(body)));
    answer.headers_mut().clone_from(&JSON_HEADERS);
    Ok(answer)
}
