//! `POST /v1/exports/validate`.

use std::{net::IpAddr, sync::Arc};

use axum::{Json, extract::State};
use exportgate_core::{time::Timestamp, wire::NamedUserRecord};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::data_source;
use crate::http::refusals::{ByStoreOrEngine, OfBody, ToGuessers, ToStrangers};
use crate::{
    app::App,
    http::{actor::AskingService, body::JsonBody, problem::Problem},
    index::{LiveId, LiveLabel, LiveToken},
    usecase::validate_export::{Asker, Presented, validate_export},
};

/// What Power BI presented. It has no `Debug`: it holds a secret.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ExportRequest {
    /// The text that should be a secret.
    secret: String,
    /// The user name, if one was presented.
    #[serde(default)]
    user_name: Option<String>,
    /// What is to be exported, in the export service's words.
    #[serde(default)]
    data_source: Option<String>,
    /// The client's IP address.
    #[serde(default)]
    client_address: Option<String>,
}

/// May the export run?
#[derive(Serialize, ToSchema)]
pub struct Validated {
    /// `allow` or `deny`.
    decision: &'static str,
    /// Why, for programs.
    reason: &'static str,
    /// Why, for people.
    message: String,
    /// Only when the secret matched a token.
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<MatchedToken>,
}

/// The token whose secret was presented.
#[derive(Serialize, ToSchema)]
pub struct MatchedToken {
    #[schema(value_type = String)]
    token_id: LiveId,
    #[schema(value_type = String)]
    label: LiveLabel,
    owner: NamedUserRecord,
    #[schema(required = true, value_type = Option<String>, format = DateTime)]
    expires_at: Option<Timestamp>,
}

impl From<&LiveToken> for MatchedToken {
    fn from(token: &LiveToken) -> Self {
        Self {
            token_id: token.token_id.clone(),
            label: token.label.clone(),
            owner: (&token.user.named()).into(),
            expires_at: token.expires_at,
        }
    }
}

/// Validates an export request. Deny is an answer, not an error.
#[utoipa::path(post, path = "/v1/exports/validate", tag = "exports", security(("service_key" = []), ("service_basic" = [])), request_body = ExportRequest, responses(
    (status = 200, body = Validated),
    ToStrangers, OfBody, ToGuessers, ByStoreOrEngine,
))]
pub async fn validate(
    State(app): State<Arc<App>>,
    AskingService(service): AskingService,
    JsonBody(request): JsonBody<ExportRequest>,
) -> Result<Json<Validated>, Problem> {
    let client_address: Option<IpAddr> =
        request.client_address.map(|text| text.parse()).transpose().map_err(|_| {
            Problem::malformed("`client_address` is an IP address, such as `203.0.113.7`")
        })?;
    let data_source = request.data_source.as_deref().and_then(data_source);
    let presented = Presented {
        secret: &request.secret,
        user_name: request.user_name.as_deref(),
        data_source: data_source.as_deref(),
        client_address,
        asker: &Asker::Service(service),
    };
    let decision = validate_export(&app, &presented).await?;
    Ok(Json(Validated {
        decision: decision.reason.decision(),
        reason: decision.reason.told().as_str(),
        message: decision.message().into(),
        token: decision.token.as_ref().map(Into::into),
    }))
}
