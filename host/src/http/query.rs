//! Query parameters: unknown ones are refused, empty ones count as absent.

use axum::extract::FromRequestParts;
use http::request::Parts;
use serde::{Deserialize, Deserializer, de::DeserializeOwned};

use super::problem::Problem;

/// The most rows of one page.
pub const MAXIMUM_LIMIT: u32 = 200;
/// The rows of one page where nobody says.
pub const DEFAULT_LIMIT: u32 = 50;

/// The query of type `T`.
pub struct Query<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let query = parts.uri.query().unwrap_or_default();
        serde_urlencoded::from_str(query)
            .map(Self)
            .map_err(|error| Problem::malformed(format!("the query cannot be read: {error}")))
    }
}

/// Reads `name=` as if it were not there.
pub fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(Option::<String>::deserialize(deserializer)?.filter(|text| !text.is_empty()))
}

/// Reads the size of a page.
///
/// # Errors
/// `request.malformed` unless it is 1 to 200.
pub fn parse_limit(limit: Option<&str>) -> Result<u32, Problem> {
    let Some(text) = limit else { return Ok(DEFAULT_LIMIT) };
    let limit = text.parse().ok().filter(|limit| (1..=MAXIMUM_LIMIT).contains(limit));
    limit.ok_or_else(|| Problem::malformed(format!("`limit` is 1 to {MAXIMUM_LIMIT}")))
}
