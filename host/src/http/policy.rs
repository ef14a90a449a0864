//! `/v1/policy`: an organization's policy is read, changed, previewed and applied.

use std::sync::Arc;

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use exportgate_core::{
    time::Timestamp,
    wire::{ActorRecord, PolicyPreview, PolicyRecord},
};
use http::{HeaderMap, HeaderValue, header};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    actor::{Administrator, SignedIn},
    body::JsonBody,
    if_match,
    problem::Problem,
};
use crate::http::refusals::{
    ByStore, ByStoreOrEngine, OfApplication, OfBody, OfPolicy, OfVersion, ToStrangers,
};
use crate::{
    app::App,
    usecase::{
        apply_policy,
        change_policy::{self, PolicyView},
        preview_policy,
    },
};

/// An organization's policy.
#[derive(Serialize, ToSchema)]
pub struct PolicyBody {
    /// No new token may expire more than so many UTC days after its creation, 1 to 3650.
    #[schema(required = true)]
    maximum_expiry_days: Option<i64>,
    /// Whether a token that is created without a date expires at the latest allowed instant.
    automatic_expiration: bool,
    /// How many active tokens a user may have, 1 to 1000.
    #[schema(required = true)]
    maximum_active_tokens: Option<i64>,
    /// Grows by one at each change; `If-Match` of a change names it.
    version: u64,
    /// When it was last changed.
    #[schema(required = true, value_type = Option<String>, format = DateTime)]
    updated_at: Option<Timestamp>,
    /// Who changed it.
    #[schema(required = true, value_type = Option<Object>)]
    updated_by: Option<ActorRecord>,
}

impl From<PolicyView> for PolicyBody {
    fn from(view: PolicyView) -> Self {
        let PolicyRecord { maximum_expiry_days, automatic_expiration, maximum_active_tokens } =
            view.policy.policy.into();
        Self {
            maximum_expiry_days,
            automatic_expiration,
            maximum_active_tokens,
            version: view.policy.version,
            updated_at: view.updated_at,
            updated_by: view.updated_by,
        }
    }
}

impl IntoResponse for PolicyBody {
    fn into_response(self) -> Response {
        let version = format!("\"{}\"", self.version);
        let mut response = Json(self).into_response();
        if let Ok(version) = HeaderValue::from_str(&version) {
            response.headers_mut().insert(header::ETAG, version);
        }
        response
    }
}

/// A policy to preview.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PreviewRequest {
    #[serde(deserialize_with = "given")]
    #[schema(required = true, minimum = 1, maximum = 3650)]
    maximum_expiry_days: Option<i64>,
    automatic_expiration: bool,
    #[serde(deserialize_with = "given")]
    #[schema(required = true, minimum = 1, maximum = 1000)]
    maximum_active_tokens: Option<i64>,
    /// How many days have to pass before an applied policy ends any token, 0 to 365; default 7.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 365)]
    notice_days: Option<i64>,
}

/// May be `null`, but not absent, as in [`PolicyRecord`].
fn given<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    Option::deserialize(deserializer)
}

impl PreviewRequest {
    /// The policy and the notice period.
    pub fn parts(self) -> (PolicyRecord, Option<i64>) {
        let Self { maximum_expiry_days, automatic_expiration, maximum_active_tokens, .. } = self;
        let policy =
            PolicyRecord { maximum_expiry_days, automatic_expiration, maximum_active_tokens };
        (policy, self.notice_days)
    }
}

/// How to apply the policy.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ApplyRequest {
    /// How many days have to pass before it ends any token, 0 to 365; default 7.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 365)]
    pub notice_days: Option<i64>,
}

/// How many tokens end earlier.
#[derive(Serialize, ToSchema)]
pub struct Applied {
    pub n_changed: u64,
}

/// The policy of the user's organization.
#[utoipa::path(get, path = "/v1/policy", operation_id = "read_policy", tag = "policy", security(("session" = []), ("assertion" = [])), responses(
    (status = 200, body = PolicyBody, headers(("etag" = String, description = "the version in quotation marks"))),
    ToStrangers, ByStore,
))]
pub async fn read(State(app): State<Arc<App>>, signed_in: SignedIn) -> Result<PolicyBody, Problem> {
    let org_id = signed_in.user.owner().org_id.clone();
    Ok(change_policy::read_policy(&app, org_id).await?.into())
}

/// Changes the policy. It binds new tokens only.
#[utoipa::path(put, path = "/v1/policy", tag = "policy", security(("session" = []), ("assertion" = [])), request_body = PolicyRecord,
    params(("if-match" = String, Header, description = "the version that the caller saw, in quotation marks")), responses(
    (status = 200, body = PolicyBody),
    ToStrangers, OfBody, OfVersion, OfPolicy, ByStoreOrEngine,
))]
pub async fn change(
    State(app): State<Arc<App>>,
    administrator: Administrator,
    headers: HeaderMap,
    JsonBody(wish): JsonBody<PolicyRecord>,
) -> Result<PolicyBody, Problem> {
    let expected = if_match::required(&headers)?;
    let (org_id, actor) = (administrator.org_id(), administrator.as_actor());
    Ok(change_policy::change_policy(&app, org_id, expected, wish, actor).await?.into())
}

/// Tells what a policy would change now. Nothing is changed.
#[utoipa::path(post, path = "/v1/policy/preview", tag = "policy", security(("session" = []), ("assertion" = [])), request_body = PreviewRequest, responses(
    (status = 200, body = PolicyPreview),
    ToStrangers, OfBody, OfPolicy, ByStoreOrEngine,
))]
pub async fn preview(
    State(app): State<Arc<App>>,
    administrator: Administrator,
    JsonBody(request): JsonBody<PreviewRequest>,
) -> Result<Json<PolicyPreview>, Problem> {
    let (policy, notice_days) = request.parts();
    let org_id = administrator.org_id();
    Ok(Json(preview_policy::preview_policy(&app, org_id, policy, notice_days).await?))
}

/// Applies the policy's maximum to existing tokens, as the preview shows it.
#[utoipa::path(post, path = "/v1/policy/apply-to-existing", tag = "policy", security(("session" = []), ("assertion" = [])), request_body = ApplyRequest,
    params(("if-match" = String, Header, description = "the version that the caller saw, in quotation marks")), responses(
    (status = 200, body = Applied),
    ToStrangers, OfBody, OfVersion, OfApplication, ByStoreOrEngine,
))]
pub async fn apply_to_existing(
    State(app): State<Arc<App>>,
    administrator: Administrator,
    headers: HeaderMap,
    JsonBody(request): JsonBody<ApplyRequest>,
) -> Result<Json<Applied>, Problem> {
    let expected = if_match::required(&headers)?;
    let (org_id, actor) = (administrator.org_id(), administrator.as_actor());
    let notice_days = request.notice_days;
    let n_changed = apply_policy::apply_policy(&app, org_id, expected, notice_days, actor).await?;
    Ok(Json(Applied { n_changed }))
}
