//! `/oauth2`: introspection (RFC 7662) and revocation (RFC 7009) for software that knows OAuth.

use std::sync::Arc;

use axum::{Json, extract::State};
use exportgate_core::{
    secret::{Secret, SecretKind},
    time::Timestamp,
};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{actor::AskingService, body::FormBody, problem::Problem};
use crate::http::refusals::{ByStoreOrEngine, OfBody, ToGuessers, ToStrangers};
use crate::{
    app::App,
    usecase::{
        revoke_tokens::revoke_reported,
        validate_export::{Asker, Presented, validate_export},
    },
};

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
pub struct Introspection {
    active: bool,
    /// The owner's user id.
    #[serde(skip_serializing_if = "Option::is_none")]
    sub: Option<String>,
    /// The owner's user name.
    #[serde(skip_serializing_if = "Option::is_none")]
    username: Option<String>,
    /// When it was created, in seconds since 1970-01-01T00:00:00Z.
    #[serde(skip_serializing_if = "Option::is_none")]
    iat: Option<i64>,
    /// When it expires, likewise; absent for a token without expiry.
    #[serde(skip_serializing_if = "Option::is_none")]
    exp: Option<i64>,
    /// The host's public URL.
    #[serde(skip_serializing_if = "Option::is_none")]
    iss: Option<String>,
    /// The token's id: it stands for the Power BI data source that uses the token.
    #[serde(skip_serializing_if = "Option::is_none")]
    client_id: Option<String>,
}

/// Tells whether a secret can be used now. Counts as a use.
#[utoipa::path(post, path = "/oauth2/introspect", tag = "oauth2", security(("service_key" = []), ("service_basic" = [])),
    request_body(content = TokenForm, content_type = "application/x-www-form-urlencoded"), responses(
    (status = 200, body = Introspection),
    ToStrangers, OfBody, ToGuessers, ByStoreOrEngine,
))]
pub async fn introspect(
    State(app): State<Arc<App>>,
    AskingService(service): AskingService,
    FormBody(form): FormBody<TokenForm>,
) -> Result<Json<Introspection>, Problem> {
    let presented = Presented {
        secret: &form.token,
        user_name: None,
        data_source: None,
        client_address: None,
        asker: &Asker::Service(service),
    };
    let decision = validate_export(&app, &presented).await?;
    let token = decision.token.filter(|_| decision.reason.is_allowed());
    Ok(Json(token.map_or_else(Introspection::default, |token| Introspection {
        active: true,
        sub: Some(token.user.owner().user_id.to_string()),
        username: Some(token.user.owner().user_name.to_string()),
        iat: Some(token.created_at.unix_seconds()),
        exp: token.expires_at.map(Timestamp::unix_seconds),
        iss: Some(app.public_url.clone()),
        client_id: Some(token.token_id.to_string()),
    })))
}

/// Revokes the token of the presented secret; answers 200 whether or not it was known (RFC 7009
/// section 2.2).
#[utoipa::path(post, path = "/oauth2/revoke", tag = "oauth2",
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
