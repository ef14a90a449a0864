//! The operator's routes about histories: as `/v1/history`, for any organization.

use std::sync::Arc;

use axum::{extract::State, response::Response};
use http::HeaderMap;
use serde::Deserialize;

use super::OrgQuery;
use crate::{
    app::App,
    http::{
        actor::Operator,
        history::{FilterQuery, PageQuery, proofs::checkpoint_response, respond},
        problem::Problem,
        query::Query,
    },
    usecase::{prove_history, read_history::Scope},
};

/// Which events of which organization.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HistoryQuery {
    #[serde(flatten)]
    org: OrgQuery,
    #[serde(flatten)]
    filter: FilterQuery,
    #[serde(flatten)]
    page: PageQuery,
}

/// Reads events of an organization.
pub async fn read(
    State(app): State<Arc<App>>,
    _: Operator,
    headers: HeaderMap,
    Query(query): Query<HistoryQuery>,
) -> Result<Response, Problem> {
    let org_id = query.org.or_default()?;
    let reader = format!("operator {org_id}");
    respond(app, &headers, org_id, &Scope::All, &reader, query.filter, query.page).await
}

/// The checkpoint of an organization's history.
pub async fn checkpoint(
    State(app): State<Arc<App>>,
    _: Operator,
    headers: HeaderMap,
    Query(query): Query<OrgQuery>,
) -> Result<Response, Problem> {
    let signed = prove_history::checkpoint(&app, query.or_default()?).await?;
    Ok(checkpoint_response(signed, &headers))
}
