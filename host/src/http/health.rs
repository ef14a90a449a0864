//! Whether the host is up, whether it can answer, and its counters.

use std::sync::Arc;

use axum::{Json, extract::State, response::IntoResponse};
use http::header;
use serde::Serialize;
use utoipa::ToSchema;

use super::problem::Problem;
use crate::http::refusals::ByStoreOrEngine;
use crate::{app::App, store::StoreError, usecase::Failure};
use exportgate_core::validate_export::{Facts, Reason};

/// That the process is up.
#[derive(Serialize, ToSchema)]
pub struct Alive {
    /// Always `ok`.
    status: &'static str,
}

/// That store and engine can answer.
#[derive(Serialize, ToSchema)]
pub struct Ready {
    /// Always `ok`.
    status: &'static str,
    /// The version of the host.
    version: &'static str,
    /// SHA-256 of the engine component that decides, in hexadecimal.
    engine: &'static str,
    /// What became of the machine's clock: `followed`, `behind` (time stands still until it has
    /// caught up) or `ahead` (it jumped, and time goes on without it).
    clock: &'static str,
}

/// The process is up.
#[utoipa::path(get, path = "/livez", tag = "health", responses((status = 200, body = Alive)))]
pub async fn livez() -> Json<Alive> {
    Json(Alive { status: "ok" })
}

/// Store and engine can answer.
#[utoipa::path(get, path = "/readyz", tag = "health", responses(
    (status = 200, body = Ready),
    ByStoreOrEngine,
))]
pub async fn readyz(State(app): State<Arc<App>>) -> Result<Json<Ready>, Problem> {
    app.store
        .read(|connection| Ok(connection.query_row("SELECT 1 FROM store", [], |_| Ok(()))?))
        .await
        .map_err(|error: StoreError| Failure::Store(error))?;
    // A question whose answer is known: a request without any fact is malformed.
    let reason = app.engine.decide(Facts::default(), None, None, app.clock.now());
    if reason.map_err(Failure::Engine)? != Reason::Malformed {
        let detail = "the engine gives a wrong answer";
        return Err(Problem::new(exportgate_core::code::Code::EngineUnavailable, detail));
    }
    let version = env!("CARGO_PKG_VERSION");
    Ok(Json(Ready {
        status: "ok",
        version,
        engine: app.engine.sha256(),
        clock: app.clock.health().as_str(),
    }))
}

/// The counters, as OpenMetrics text.
#[utoipa::path(get, path = "/metrics", tag = "health", responses(
    (status = 200, description = "OpenMetrics", body = String, content_type = "application/openmetrics-text"),
))]
pub async fn metrics(State(app): State<Arc<App>>) -> impl IntoResponse {
    let media_type = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    ([(header::CONTENT_TYPE, media_type)], app.metrics.text())
}
