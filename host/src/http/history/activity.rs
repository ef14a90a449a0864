//! `/v1/history/activity`: exports per UTC day.
#![allow(unused_qualifications, reason = "`utoipa::path` writes one around the queries")]

use std::sync::Arc;

use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{FilterQuery, ScopeQuery};
use crate::{
    app::App,
    http::{
        actor::SignedIn,
        problem::Problem,
        query::Query,
        refusals::{ByStore, OfQuery, ToStrangers},
        uses::DayOfUses,
    },
    usecase::{read_history::Question, show_activity::show_activity},
};

/// Which exports to add up.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ActivityQuery {
    #[serde(flatten)]
    scope: ScopeQuery,
    #[serde(flatten)]
    filter: FilterQuery,
}

/// Exports per UTC day.
#[derive(Serialize, ToSchema)]
pub struct Activity {
    /// Every day of the period, oldest first.
    days: Vec<DayOfUses>,
}

/// Adds up exports per UTC day. The days of `from` and `to` count whole; without `from` it is the
/// last 28 days up to `to`, without `to` up to today; at most 366 days. Exports whose events were
/// removed after `keep_days` still count.
#[utoipa::path(get, path = "/v1/history/activity", operation_id = "read_activity", tag = "history", security(("session" = []), ("assertion" = [])), params(ScopeQuery, FilterQuery), responses(
    (status = 200, body = Activity),
    ToStrangers, OfQuery, ByStore,
))]
pub async fn read(
    State(app): State<Arc<App>>,
    signed_in: SignedIn,
    Query(query): Query<ActivityQuery>,
) -> Result<Json<Activity>, Problem> {
    let scope = query.scope.of(&signed_in)?;
    let org_id = signed_in.user.owner().org_id.clone();
    let question = Question::new(org_id, &scope, query.filter.filter()?)?;
    let days = show_activity(&app, question).await?;
    Ok(Json(Activity { days: days.iter().map(DayOfUses::from).collect() }))
}
