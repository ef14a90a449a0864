//! `POST /v1/exports/validate`.

use std::{borrow::Cow, net::IpAddr, sync::Arc};

use axum::{
    body::{Body, Bytes, HttpBody},
    extract::{Request, State},
    response::Response,
};
use exportgate_core::{id::UserId, name::Name, time::Timestamp, wire::NamedUserRecord};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::data_source;
use crate::http::refusals::{ByStoreOrEngine, OfBody, ToGuessers, ToStrangers};
use crate::{
    app::App,
    http::{
        actor,
        answer::{self, Answer},
        body,
        caller::Caller,
        problem::Problem,
    },
    index::{LiveId, LiveLabel},
    usecase::validate_export::{Asker, Presented, validate_export},
};

/// Where it is asked.
pub const VALIDATE: &str = "/v1/exports/validate";

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
pub struct Validated<'a> {
    /// `allow` or `deny`.
    decision: &'static str,
    /// Why, for programs.
    reason: &'static str,
    /// Why, for people.
    #[schema(value_type = String)]
    message: Cow<'static, str>,
    /// Only when the secret matched a token.
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<MatchedToken<'a>>,
}

/// The token whose secret was presented.
#[derive(Serialize, ToSchema)]
pub struct MatchedToken<'a> {
    #[schema(value_type = String)]
    token_id: &'a LiveId,
    #[schema(value_type = String)]
    label: &'a LiveLabel,
    #[schema(value_type = NamedUserRecord)]
    owner: MatchedOwner<'a>,
    #[schema(required = true, value_type = Option<String>, format = DateTime)]
    expires_at: Option<Timestamp>,
}

/// [`NamedUserRecord`] without copies.
#[derive(Serialize)]
struct MatchedOwner<'a> {
    user_id: &'a UserId,
    user_name: &'a Name,
}

/// Validates an export request. Deny is an answer, not an error.
#[utoipa::path(post, path = "/v1/exports/validate", tag = "exports", security(("service_key" = []), ("service_basic" = [])), request_body = ExportRequest, responses(
    (status = 200, body = Validated<'static>),
    ToStrangers, OfBody, ToGuessers, ByStoreOrEngine,
))]
pub async fn validate(State(app): State<Arc<App>>, request: Request) -> Result<Response, Problem> {
    let (parts, body) = request.into_parts();
    answer(&app, (&parts).into(), body).await.map(|answer| answer.map(Body::new))
}

/// The route itself, with or without the router in front of it.
///
/// # Errors
/// A problem with the request or the host; deny is an answer.
pub async fn answer(
    app: &App,
    caller: Caller<'_>,
    body: impl HttpBody<Data = Bytes>,
) -> Result<Answer, Problem> {
    let service = actor::asking_service(caller, app).await?;
    let request: ExportRequest = body::json(caller.headers, body).await?;
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
    let decision = validate_export(app, &presented).await?;
    let owner = decision.token.as_ref().map(|token| token.user.owner());
    let token = decision.token.as_ref().zip(owner.as_deref()).map(|(token, owner)| MatchedToken {
        token_id: &token.token_id,
        label: &token.label,
        owner: MatchedOwner { user_id: &owner.user_id, user_name: &owner.user_name },
        expires_at: token.expires_at,
    });
    answer::json(&Validated {
        decision: decision.reason.decision(),
        reason: decision.reason.told().as_str(),
        message: decision.message(),
        token,
    })
}
