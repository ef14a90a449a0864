//! Request bodies: at most 64 KiB on every route; JSON or a form where a route reads one.

use axum::{
    body::{Body, Bytes, HttpBody},
    extract::{FromRequest, Request},
};
use exportgate_core::code::Code;
use http::{HeaderMap, header};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use serde::de::DeserializeOwned;

use super::problem::Problem;

/// The longest body, in bytes.
pub const MAXIMUM_BODY_BYTES: usize = 64 * 1024;

/// A JSON body of type `T`.
pub struct JsonBody<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for JsonBody<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        json(&parts.headers, body).await.map(Self)
    }
}

/// Reads a JSON body.
///
/// # Errors
/// `request.unsupported_media_type`, `request.malformed`.
pub async fn json<T: DeserializeOwned>(
    headers: &HeaderMap,
    body: impl HttpBody<Data = Bytes>,
) -> Result<T, Problem> {
    let bytes = read(headers, body, &["application/json"]).await?;
    // Serde would also take a list of the fields' values, in an order that nobody promised.
    if bytes.trim_ascii_start().first() != Some(&b'{') {
        return Err(Problem::malformed("the body is not a JSON object"));
    }
    serde_json::from_slice(&bytes).map_err(|error| {
        Problem::malformed(format!("the body is not the JSON that this route reads: {error}"))
    })
}

/// A form-encoded body of type `T`.
pub struct FormBody<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for FormBody<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        form(&parts.headers, body).await.map(Self)
    }
}

/// Reads a form-encoded body.
///
/// # Errors
/// `request.unsupported_media_type`, `request.malformed`.
pub async fn form<T: DeserializeOwned>(
    headers: &HeaderMap,
    body: impl HttpBody<Data = Bytes>,
) -> Result<T, Problem> {
    let bytes = read(headers, body, &["application/x-www-form-urlencoded"]).await?;
    serde_urlencoded::from_bytes(&bytes).map_err(|error| {
        Problem::malformed(format!("the body is not the form that this route reads: {error}"))
    })
}

/// Reads a body of one of these media types.
///
/// # Errors
/// `request.unsupported_media_type`, `request.malformed`.
pub(super) async fn read(
    headers: &HeaderMap,
    body: impl HttpBody<Data = Bytes>,
    media_types: &[&str],
) -> Result<Bytes, Problem> {
    if !media_types.iter().any(|wanted| has_media_type(headers, wanted)) {
        let detail = format!("this route reads `{}`", media_types.join("` or `"));
        return Err(Problem::new(Code::RequestUnsupportedMediaType, detail));
    }
    // Not too long: `limit` has seen to it.
    Ok(body.collect().await.map_err(|_| broken())?.to_bytes())
}

/// Lets a request through whose body is short enough, for every route alike: also those that read
/// no body must not do anything for a request that is refused.
///
/// A declared length is believed, since no more than that is read (RFC 9112 section 6.3). A body
/// without one, sent in chunks, is read here.
///
/// # Errors
/// `request.too_large`; `request.malformed` for chunks that break off.
pub async fn limit(request: Request) -> Result<Request, Problem> {
    match request.body().size_hint().upper() {
        Some(length) if length <= MAXIMUM_BODY_BYTES as u64 => return Ok(request),
        // What is still coming is read and thrown away behind the answer (`net`), so that a
        // client that sends all of a body before it looks for the answer finds it.
        Some(_) => return Err(too_large()),
        None => {}
    }
    let (parts, body) = request.into_parts();
    match Limited::new(body, MAXIMUM_BODY_BYTES).collect().await {
        Ok(collected) => Ok(Request::from_parts(parts, Body::from(collected.to_bytes()))),
        Err(error) if error.is::<LengthLimitError>() => Err(too_large()),
        Err(_) => Err(broken()),
    }
}

fn broken() -> Problem {
    Problem::malformed("the body ended early or came too slowly")
}

fn too_large() -> Problem {
    Problem::new(
        Code::RequestTooLarge,
        format!("the body is longer than {MAXIMUM_BODY_BYTES} bytes"),
    )
}

fn has_media_type(headers: &HeaderMap, wanted: &str) -> bool {
    let value = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = value.and_then(|value| value.split(';').next()).map(str::trim);
    essence.is_some_and(|essence| essence.eq_ignore_ascii_case(wanted))
}
