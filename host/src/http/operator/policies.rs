//! The operator's routes about policies: as `/v1/policy`, for any organization.

use std::sync::Arc;

use axum::{Json, extract::State};
use exportgate_core::{
    history::Actor,
    wire::{ActorRecord, PolicyPreview, PolicyRecord},
};
use http::HeaderMap;

use super::OrgQuery;
use crate::{
    app::App,
    http::{
        actor::Operator,
        body::JsonBody,
        if_match,
        policy::{Applied, ApplyRequest, PolicyBody, PreviewRequest},
        problem::Problem,
        query::Query,
    },
    usecase::{apply_policy, change_policy, preview_policy},
};

fn operator() -> ActorRecord {
    ActorRecord::from(&Actor::Operator)
}

/// The policy of an organization.
pub async fn read(
    State(app): State<Arc<App>>,
    _: Operator,
    Query(query): Query<OrgQuery>,
) -> Result<PolicyBody, Problem> {
    Ok(change_policy::read_policy(&app, query.or_default()?).await?.into())
}

/// Changes the policy; without `If-Match` whatever holds now.
pub async fn change(
    State(app): State<Arc<App>>,
    _: Operator,
    Query(query): Query<OrgQuery>,
    headers: HeaderMap,
    JsonBody(wish): JsonBody<PolicyRecord>,
) -> Result<PolicyBody, Problem> {
    let (org_id, expected) = (query.or_default()?, if_match::optional(&headers)?.flatten());
    Ok(change_policy::change_policy(&app, org_id, expected, wish, operator()).await?.into())
}

/// Tells what a policy would change now.
pub async fn preview(
    State(app): State<Arc<App>>,
    _: Operator,
    Query(query): Query<OrgQuery>,
    JsonBody(request): JsonBody<PreviewRequest>,
) -> Result<Json<PolicyPreview>, Problem> {
    let (policy, notice_days) = request.parts();
    let org_id = query.or_default()?;
    Ok(Json(preview_policy::preview_policy(&app, org_id, policy, notice_days).await?))
}

/// Applies the policy's maximum to existing tokens.
pub async fn apply_to_existing(
    State(app): State<Arc<App>>,
    _: Operator,
    Query(query): Query<OrgQuery>,
    headers: HeaderMap,
    JsonBody(request): JsonBody<ApplyRequest>,
) -> Result<Json<Applied>, Problem> {
    let (org_id, expected) = (query.or_default()?, if_match::optional(&headers)?.flatten());
    let notice = request.notice_days;
    let n_changed = apply_policy::apply_policy(&app, org_id, expected, notice, operator()).await?;
    Ok(Json(Applied { n_changed }))
}
