//! Answers of the routes that are asked before each export: a body that is there at once.

use axum::body::Bytes;
use exportgate_core::code::Code;
use http::{HeaderValue, Response, header};
use http_body_util::Full;
use serde::Serialize;

use super::problem::Problem;

/// An answer whose whole body is there.
pub type Answer = Response<Full<Bytes>>;

/// Room for the answer of every validation, so that writing it does not move it.
const USUAL_BYTES: usize = 512;

/// A JSON document as the answer.
///
/// # Errors
/// `internal`: the document cannot be written.
pub fn json(document: &impl Serialize) -> Result<Answer, Problem> {
    let mut body = Vec::with_capacity(USUAL_BYTES);
    serde_json::to_writer(&mut body, document)
        .map_err(|error| Problem::new(Code::Internal, error.to_string()))?;
    let mut answer = Response::new(Full::new(Bytes::from(body)));
    let media_type = HeaderValue::from_static("application/json");
    answer.headers_mut().insert(header::CONTENT_TYPE, media_type);
    Ok(answer)
}
