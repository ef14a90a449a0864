//! Bodies and parameters of SCIM: `application/scim+json`, and which attributes are wanted.

use axum::{
    extract::{FromRequest, FromRequestParts, Request},
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header, request::Parts};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::{
    http::{body, problem::Problem},
    scim::{ScimError, is_name, json, own_name},
};

/// The media type of SCIM (RFC 7644 section 3.1).
pub const MEDIA_TYPE: &str = "application/scim+json";

/// A JSON object in which nothing is said twice.
pub struct ScimBody(pub Map<String, Value>);

impl<S: Send + Sync> FromRequest<S> for ScimBody {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        let bytes = body::read(&parts.headers, body, &[MEDIA_TYPE, "application/json"]).await?;
        Ok(Self(json::object(&bytes)?))
    }
}

/// An answer.
pub struct ScimJson(pub Value);

impl IntoResponse for ScimJson {
    fn into_response(self) -> Response {
        let media_type = HeaderValue::from_static("application/scim+json; charset=utf-8");
        ([(header::CONTENT_TYPE, media_type)], self.0.to_string()).into_response()
    }
}

/// A new resource, and where it is.
pub struct Created(pub Value);

impl IntoResponse for Created {
    fn into_response(self) -> Response {
        let location = self.0.pointer("/meta/location").and_then(Value::as_str);
        let location = location.and_then(|location| HeaderValue::from_str(location).ok());
        let mut response = (StatusCode::CREATED, ScimJson(self.0)).into_response();
        if let Some(location) = location {
            response.headers_mut().insert(header::LOCATION, location);
        }
        response
    }
}

/// Query parameters as they come. Unknown ones are ignored, since directories send such as
/// `sortBy`, which RFC 7644 allows to ignore.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Parameters {
    filter: Option<String>,
    start_index: Option<String>,
    count: Option<String>,
    attributes: Option<String>,
    excluded_attributes: Option<String>,
}

/// What a request wants to be shown.
#[derive(Debug)]
pub struct Wanted {
    /// The filter, unread.
    pub filter: Option<String>,
    /// The first of the list, from 1 on.
    pub start: i64,
    /// How many at most.
    pub count: Option<i64>,
    shape: Shape,
}

#[derive(Debug)]
enum Shape {
    All,
    Only(Vec<String>),
    Without(Vec<String>),
}

impl<S: Send + Sync> FromRequestParts<S> for Wanted {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let query = parts.uri.query().unwrap_or_default();
        let parameters: Parameters = serde_urlencoded::from_str(query)
            .map_err(|_| ScimError::value("a parameter is given twice"))?;
        let number = |name: &str, text: Option<&String>| match text {
            None => Ok(None),
            Some(text) => text
                .parse::<i64>()
                .map(Some)
                .map_err(|_| ScimError::value(format!("`{name}` is a number"))),
        };
        let shape = match (&parameters.attributes, &parameters.excluded_attributes) {
            (Some(only), _) => Shape::Only(names(only)?),
            (None, Some(without)) => Shape::Without(names(without)?),
            (None, None) => Shape::All,
        };
        Ok(Self {
            // Below 1 counts as 1, below 0 as 0 (RFC 7644 section 3.4.2.4).
            start: number("startIndex", parameters.start_index.as_ref())?.unwrap_or(1).max(1),
            count: number("count", parameters.count.as_ref())?.map(|count| count.max(0)),
            filter: parameters.filter,
            shape,
        })
    }
}

fn names(text: &str) -> Result<Vec<String>, ScimError> {
    let unreadable = || ScimError::value("`attributes` are names joined by commas");
    let mut names = Vec::new();
    for name in text.split(',').map(str::trim).filter(|name| !name.is_empty()) {
        // Nothing of the extension is kept: there is nothing to show or hide.
        let Some(own) = own_name(name).map_err(|_| unreadable())? else { continue };
        if !own.split('.').all(is_name) {
            return Err(unreadable());
        }
        names.push(own.to_ascii_lowercase());
    }
    Ok(names)
}

impl Wanted {
    /// Leaves of a resource what is wanted. `schemas` and `id` are always shown.
    #[must_use]
    pub fn of(&self, mut resource: Value) -> Value {
        let Some(members) = resource.as_object_mut() else { return resource };
        members.retain(|name, value| {
            let name = name.to_ascii_lowercase();
            if matches!(name.as_str(), "id" | "schemas") {
                return true;
            }
            match &self.shape {
                Shape::All => true,
                Shape::Only(names) => {
                    names.contains(&name)
                        || keep_parts(value, &|part| names.contains(&format!("{name}.{part}")))
                }
                Shape::Without(names) => {
                    !names.contains(&name)
                        && keep_parts(value, &|part| !names.contains(&format!("{name}.{part}")))
                }
            }
        });
        resource
    }
}

/// Leaves of a complex value the wanted parts; says whether anything is left.
fn keep_parts(value: &mut Value, wanted: &dyn Fn(&str) -> bool) -> bool {
    match value {
        Value::Object(parts) => {
            parts.retain(|part, _| wanted(&part.to_ascii_lowercase()));
            !parts.is_empty()
        }
        Value::Array(values) => {
            values.retain_mut(|value| keep_parts(value, wanted));
            !values.is_empty()
        }
        // A simple value has no parts: `wanted` is asked for a part that no name can have.
        _ => wanted(""),
    }
}
