//! Every refusal over HTTP: RFC 9457 problem details with a stable code.

use axum::{
    Json,
    response::{IntoResponse, Redirect, Response},
};
use exportgate_core::{code::Code, time::Timestamp, wire::MistakeRecord};
use http::{HeaderName, HeaderValue, StatusCode, header};
use serde::Serialize;
use tracing::{error, warn};
use utoipa::ToSchema;

use super::oidc::failed_location;
use crate::{
    limiter::Limited,
    scim::{ERROR_SCHEMA, ScimError},
    usecase::{Failure, provision_users::Refused},
};

/// Why a request was not answered as wished. The layer around all routes adds the request's id
/// and writes it out ([`super::finish`]).
#[derive(Clone, Debug)]
pub struct Problem {
    status: StatusCode,
    code: Code,
    detail: String,
    errors: Vec<MistakeRecord>,
    reason: Option<&'static str>,
    scim_type: Option<&'static str>,
    headers: Vec<(HeaderName, HeaderValue)>,
    /// Whether a person is to see it on the page.
    is_shown: bool,
}

/// The body of a problem answer.
#[derive(Serialize, ToSchema)]
#[schema(as = Problem)]
pub struct ProblemBody {
    /// Always `about:blank`: `code` says more than a page could.
    r#type: &'static str,
    /// The status in words.
    title: String,
    /// The HTTP status.
    status: u16,
    /// What happened, for people.
    detail: String,
    /// What happened, for programs: `area.what`, stable for ever.
    code: String,
    /// Finds this request in the host's log.
    request_id: String,
    /// Everything that is wrong with the request.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<MistakeRecord>,
    /// With `expiry.beyond_maximum`: the latest instant that would have been allowed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    latest_allowed: Option<Timestamp>,
    /// Why an export was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
}

/// The body of a refusal below `/scim/v2` (RFC 7644 section 3.12).
#[derive(Serialize, ToSchema)]
#[schema(as = ScimError)]
pub struct ScimErrorBody {
    /// `urn:ietf:params:scim:api:messages:2.0:Error`.
    #[schema(value_type = Vec<String>)]
    schemas: [&'static str; 1],
    /// The HTTP status, as a text.
    status: String,
    /// What happened, for programs: a word of RFC 7644 table 9.
    #[serde(rename = "scimType", skip_serializing_if = "Option::is_none")]
    scim_type: Option<&'static str>,
    /// What happened, for people.
    detail: String,
}

impl Problem {
    /// A problem with the status that belongs to its code.
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Self {
            status: status_of(code),
            code,
            detail: detail.into(),
            errors: Vec::new(),
            reason: None,
            scim_type: None,
            headers: Vec::new(),
            is_shown: false,
        }
    }

    /// There is nothing at this path.
    pub fn no_route() -> Self {
        Self::new(Code::RouteNotFound, "there is no such route")
    }

    /// A request that cannot be read.
    pub fn malformed(detail: impl Into<String>) -> Self {
        Self::new(Code::RequestMalformed, detail)
    }

    /// Adds a header to the answer.
    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    /// Sends a browser to the page, which tells it to the person.
    #[must_use]
    pub fn shown(mut self, is_shown: bool) -> Self {
        self.is_shown = is_shown;
        self
    }

    /// Adds why an export was refused.
    #[must_use]
    pub fn with_reason(mut self, reason: &'static str) -> Self {
        self.reason = Some(reason);
        self
    }

    /// The answer for people and programs.
    pub(super) fn render(self, request_id: &str) -> Response {
        if self.is_shown {
            let location = failed_location(self.code, request_id);
            let mut response = Redirect::to(&location).into_response();
            response.headers_mut().extend(self.headers);
            return response;
        }
        let body = ProblemBody {
            r#type: "about:blank",
            title: self.status.canonical_reason().unwrap_or_default().to_owned(),
            status: self.status.as_u16(),
            detail: self.detail,
            code: self.code.to_string(),
            request_id: request_id.to_owned(),
            latest_allowed: self.errors.iter().find_map(|mistake| mistake.latest_allowed),
            errors: self.errors,
            reason: self.reason,
        };
        let response = (self.status, Json(body)).into_response();
        let media_type = HeaderValue::from_static("application/problem+json");
        finish(response, media_type, self.headers)
    }

    /// The answer in the words of SCIM (RFC 7644 section 3.12).
    pub(super) fn render_scim(self) -> Response {
        let body = ScimErrorBody {
            schemas: [ERROR_SCHEMA],
            status: self.status.as_str().to_owned(),
            scim_type: self.scim_type,
            detail: self.detail,
        };
        let response = (self.status, Json(body)).into_response();
        finish(response, HeaderValue::from_static("application/scim+json"), self.headers)
    }
}

/// What all refusals have in common, whatever words they are in.
fn finish(
    mut response: Response,
    media_type: HeaderValue,
    own: Vec<(HeaderName, HeaderValue)>,
) -> Response {
    let status = response.status();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, media_type);
    // It names one request; and a 404 that a cache kept would hide a route that came later.
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    for (name, value) in own {
        headers.append(name, value);
    }
    // Whoever is not known is told how to become it (RFC 9110 section 11.6.1). No `Basic`
    // here: browsers would ask people for a password that the page has no use for.
    if status == StatusCode::UNAUTHORIZED {
        headers
            .entry(header::WWW_AUTHENTICATE)
            .or_insert(HeaderValue::from_static("Bearer realm=\"Exportgate\""));
    }
    response
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

impl From<ScimError> for Problem {
    fn from(error: ScimError) -> Self {
        let code = match error.status {
            404 => Code::UserNotFound,
            409 => Code::UserNameTaken,
            _ => Code::RequestMalformed,
        };
        let status = StatusCode::from_u16(error.status).unwrap_or(StatusCode::BAD_REQUEST);
        Self { status, scim_type: error.scim_type, ..Self::new(code, error.detail) }
    }
}

impl From<Refused> for Problem {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Scim(error) => error.into(),
            Refused::Failure(failure) => failure.into(),
        }
    }
}

impl From<Failure> for Problem {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Mistakes(errors) => {
                let first = errors.first();
                let code = first.map_or(Code::RequestMalformed, |mistake| mistake.code);
                let detail = match errors.as_slice() {
                    [only] => only.detail.clone(),
                    several => format!("the request has {} mistakes", several.len()),
                };
                Self { errors, ..Self::new(code, detail) }
            }
            Failure::Refused(code, detail) => Self::new(code, detail),
            Failure::Store(cause) => {
                error!(%cause, "the store cannot answer");
                Self::new(
                    Code::StoreUnavailable,
                    "the store cannot answer now; nothing was changed",
                )
            }
            Failure::Engine(cause) => {
                error!(%cause, "the engine cannot answer");
                let detail = "the engine cannot answer now; nothing was changed";
                Self::new(Code::EngineUnavailable, detail)
            }
            Failure::Entropy(cause) => {
                error!(%cause, "no secret can be made");
                let detail = "no secret can be made now; nothing was changed";
                Self::new(Code::EngineUnavailable, detail)
            }
        }
    }
}

impl From<Limited> for Problem {
    fn from(limited: Limited) -> Self {
        warn!("too many failed attempts from one address");
        let wait = limited.retry_after_secs;
        Self::new(Code::RateLimited, format!("too many failed attempts; wait {wait} seconds"))
            .with_header(header::RETRY_AFTER, HeaderValue::from(wait))
    }
}

/// The status that belongs to a code.
pub(super) fn status_of(code: Code) -> StatusCode {
    match code {
        Code::RequestMalformed | Code::SignInNotStarted => StatusCode::BAD_REQUEST,
        Code::CredentialMissing
        | Code::CredentialInvalid
        | Code::SignInDeclined
        | Code::SignInNotAccepted => StatusCode::UNAUTHORIZED,
        Code::ActorNotPermitted | Code::SignInNotPermitted => StatusCode::FORBIDDEN,
        Code::TokenNotFound
        | Code::HistoryEventNotFound
        | Code::RouteNotFound
        | Code::UserNotFound
        | Code::ServiceNotFound => StatusCode::NOT_FOUND,
        Code::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
        Code::UserNameTaken
        | Code::UserInactive
        | Code::ServiceNameTaken
        | Code::BackupFileRefused => StatusCode::CONFLICT,
        Code::PolicyVersionConflict => StatusCode::PRECONDITION_FAILED,
        Code::RequestTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        Code::RequestUnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        Code::LabelEmpty
        | Code::LabelTooLong
        | Code::LabelControlCharacter
        | Code::ExpiryInThePast
        | Code::ExpiryBeyondMaximum
        | Code::ExpiryMalformed
        | Code::PolicyMaximumOutOfRange
        | Code::PolicyMaximumRequired
        | Code::TokenLimitReached
        | Code::UserNameMalformed
        | Code::ServiceNameMalformed => StatusCode::UNPROCESSABLE_ENTITY,
        Code::PolicyVersionRequired => StatusCode::PRECONDITION_REQUIRED,
        Code::RateLimited => StatusCode::TOO_MANY_REQUESTS,
        Code::Internal | Code::BackupFileUnwritable => StatusCode::INTERNAL_SERVER_ERROR,
        Code::StoreUnavailable | Code::EngineUnavailable | Code::SignInProviderUnavailable => {
            StatusCode::SERVICE_UNAVAILABLE
        }
    }
}
