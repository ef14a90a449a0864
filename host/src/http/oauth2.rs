//! `/oauth2`: introspection (RFC 7662) and revocation (RFC 7009) for software that knows OAuth.

use std::sync::Arc;

use axum::{
    body::{Body, Bytes, HttpBody},
    extract::{Request, State},
    response::Response,
};
use exportgate_core::{
    id::TOKEN_ID_LENGTH,
    secret::{Secret, SecretKind},
    time::Timestamp,
};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    actor,
    answer::{self, Answer},
    body::{self, FormBody},
    caller::Caller,
    problem::Problem,
};
use crate::http::refusals::{ByStoreOrEngine, OfBody, ToGuessers, ToStrangers};
use crate::{
    app::App,
    usecase::{
        revoke_tokens::revoke_reported,
        validate_export::{Asker, Presented, validate_export},
    },
};

/// Where introspection is asked.
pub const INTROSPECT: &str = "/oauth2/introspect";

/// The form of both requests. It has no `Debug`: it holds a secret.
///
/// Parameters that we do not know are ignored, since OAuth clients send `client_id`, `resource`
/// and more (RFC 6749 section 3.2). One of ours that comes twice is refused (likewise).
#[derive(Deserialize, ToSchema)]
pub struct TokenForm {
    /// The secret.
    token: String,
    /// Read and not needed: the secret itself says what it is.
    #[serde(default, rename = "token_type_hint")]
    #[schema(required = false)]
    _token_type_hint: String,
}

/// Whether a secret can be used (RFC 7662 section 2.2). An inactive one tells nothing else.
#[derive(Default, Serialize, ToSchema)]
pub struct Introspection<'a> {
    active: bool,
    /// The owner's user id.
    #[serde(skip_serializing_if = "Option::is_none")]
    sub: Option<&'a str>,
    /// The owner's user name.
    #[serde(skip_serializing_if = "Option::is_none")]
    username: Option<&'a str>,
    /// When it was created, in seconds since 1970-01-01T00:00:00Z.
    #[serde(skip_serializing_if = "Option::is_none")]
    iat: Option<i64>,
    /// When it expires, likewise; absent for a token without expiry.
    #[serde(skip_serializing_if = "Option::is_none")]
    exp: Option<i64>,
    /// The host's public URL.
    #[serde(skip_serializing_if = "Option::is_none")]
    iss: Option<&'a str>,
    /// The token's id: it stands for the Power BI data source that uses the token.
    #[serde(skip_serializing_if = "Option::is_none")]
    client_id: Option<&'a str>,
}

/// Tells whether a secret can be used now. Counts as a use.
#[utoipa::path(post, path = "/oauth2/introspect", tag = "oauth2", security(("service_key" = []), ("service_basic" = [])),
    request_body(content = TokenForm, content_type = "application/x-www-form-urlencoded"), responses(
    (status = 200, body = Introspection<'static>),
    ToStrangers, OfBody, ToGuessers, ByStoreOrEngine,
))]
pub async fn introspect(
    State(app): State<Arc<App>>,
    request: Request,
) -> Result<Response, Problem> {
    let (parts, body) = request.into_parts();
    answer(&app, (&parts).into(), body).await.map(|answer| answer.map(Body::new))
}

/// Introspection itself, with or without the router in front of it.
///
/// # Errors
/// A problem with the request or the host; an inactive secret is an answer.
pub async fn answer(
    app: &App,
    caller: Caller<'_>,
    body: impl HttpBody<Data = Bytes>,
) -> Result<Answer, Problem> {
    let service = actor::asking_service(caller, app).await?;
    let form: TokenForm = body::form(caller.headers, body).await?;
    let presented = Presented {
        secret: &form.token,
        user_name: None,
        data_source: None,
        client_address: None,
        asker: &Asker::Service(service),
    };
    let decision = validate_export(app, &presented).await?;
    let Some(token) = decision.token.filter(|_| decision.reason.is_allowed()) else {
        return answer::json(&Introspection::default());
    };
    let owner = token.user.owner();
    let mut place = [0; TOKEN_ID_LENGTH];
    answer::json(&Introspection {
        active: true,
        sub: Some(owner.user_id.as_str()),
        username: Some(owner.user_name.as_str()),
        iat: Some(token.created_at.unix_seconds()),
        exp: token.expires_at.map(Timestamp::unix_seconds),
        iss: Some(&app.public_url),
        client_id: Some(token.token_id.text(&mut place)),
    })
}

/// Revokes the token of the presented secret; answers 200 whether or not it was known (RFC 7009
/// section 2.2).
#[utoipa::path(post, path = "/oauth2/revoke", operation_id = "report_secret", tag = "oauth2",
    request_body(content = TokenForm, content_type = "application/x-www-form-urlencoded"), responses(
    (status = 200, description = "the secret cannot be used any more, if it ever could"),
    OfBody, ByStoreOrEngine,
))]
pub async fn revoke(
    State(app): State<Arc<App>>,
    FormBody(form): FormBody<TokenForm>,
) -> Result<StatusCode, Problem> {
    if let Ok(secret) = Secret::parse(SecretKind::AccessToken, &form.token) {
        revoke_reported(&app, secret.digest()).await?;
    }
    Ok(StatusCode::OK)
}
