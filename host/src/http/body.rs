//! Request bodies: JSON or a form, at most 64 KiB, refused with a code otherwise.

use axum::{
    body::Bytes,
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
        let bytes = read(request, "application/json").await?;
        // Serde would also take a list of the fields' values, in an order that nobody promised.
        if bytes.trim_ascii_start().first() != Some(&b'{') {
            return Err(Problem::malformed("the body is not a JSON object"));
        }
        serde_json::from_slice(&bytes).map(Self).map_err(|error| {
            Problem::malformed(format!("the body is not the JSON that this route reads: {error}"))
        })
    }
}

/// A form-encoded body of type `T`.
pub struct FormBody<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for FormBody<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let bytes = read(request, "application/x-www-form-urlencoded").await?;
        serde_urlencoded::from_bytes(&bytes).map(Self).map_err(|error| {
            Problem::malformed(format!("the body is not the form that this route reads: {error}"))
        })
    }
}

async fn read(request: Request, media_type: &str) -> Result<Bytes, Problem> {
    if !has_media_type(request.headers(), media_type) {
        let detail = format!("this route reads `{media_type}`");
        return Err(Problem::new(Code::RequestUnsupportedMediaType, detail));
    }
    match Limited::new(request.into_body(), MAXIMUM_BODY_BYTES).collect().await {
        Ok(collected) => Ok(collected.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(too_large()),
        Err(_) => Err(Problem::malformed("the body ended early or came too slowly")),
    }
}

/// Refuses a body that says itself that it is too long, on routes that read none, too.
///
/// # Errors
/// `request.too_large`.
pub fn check_declared_length(headers: &HeaderMap) -> Result<(), Problem> {
    let length = headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok());
    let declared: Option<u64> = length.and_then(|length| length.parse().ok());
    // What is still coming is read and thrown away behind the answer (`net`), so that a client
    // that sends all of a body before it looks for the answer finds it.
    match declared {
        Some(length) if length > MAXIMUM_BODY_BYTES as u64 => Err(too_large()),
        _ => Ok(()),
    }
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
