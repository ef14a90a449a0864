//! `GET /scim/v2/ServiceProviderConfig`, `/ResourceTypes`, `/Schemas`: what is supported.

use std::sync::Arc;

use axum::extract::{Path, State};

use super::{BASE, actor::Provisioner, message::ScimJson};
use crate::{
    app::App,
    http::{
        problem::{Problem, ScimErrorBody},
        refusals::{OfLength, ToDirectories},
    },
    scim::{ScimError, USER_SCHEMA, discovery},
};

fn base(app: &App) -> String {
    format!("{}{BASE}", app.public_url)
}

fn nothing() -> Problem {
    ScimError { status: 404, scim_type: None, detail: "there is no such resource".to_owned() }
        .into()
}

/// The features of SCIM that are supported.
#[utoipa::path(get, path = "/scim/v2/ServiceProviderConfig", tag = "scim", operation_id = "scim_service_provider_config", security(("scim_key" = [])), responses(
    (status = 200, body = Object, content_type = "application/scim+json"), ToDirectories, OfLength,
))]
pub async fn service_provider_config(State(app): State<Arc<App>>, _: Provisioner) -> ScimJson {
    ScimJson(discovery::service_provider_config(&base(&app)))
}

/// The kinds of resources: users.
#[utoipa::path(get, path = "/scim/v2/ResourceTypes", tag = "scim", operation_id = "scim_resource_types", security(("scim_key" = [])), responses(
    (status = 200, body = Object, content_type = "application/scim+json"), ToDirectories, OfLength,
))]
pub async fn resource_types(State(app): State<Arc<App>>, _: Provisioner) -> ScimJson {
    ScimJson(discovery::list(1, 1, vec![discovery::user_type(&base(&app))]))
}

/// One kind of resources.
#[utoipa::path(get, path = "/scim/v2/ResourceTypes/{name}", tag = "scim", operation_id = "scim_resource_type", security(("scim_key" = [])), params(("name" = String, Path)), responses(
    (status = 200, body = Object, content_type = "application/scim+json"), (status = 404, body = ScimErrorBody, content_type = "application/scim+json"), ToDirectories, OfLength,
))]
pub async fn resource_type(
    State(app): State<Arc<App>>,
    _: Provisioner,
    Path(name): Path<String>,
) -> Result<ScimJson, Problem> {
    if name == "User" { Ok(ScimJson(discovery::user_type(&base(&app)))) } else { Err(nothing()) }
}

/// The attributes of resources that are kept.
#[utoipa::path(get, path = "/scim/v2/Schemas", tag = "scim", operation_id = "scim_schemas", security(("scim_key" = [])), responses(
    (status = 200, body = Object, content_type = "application/scim+json"), ToDirectories, OfLength,
))]
pub async fn schemas(State(app): State<Arc<App>>, _: Provisioner) -> ScimJson {
    ScimJson(discovery::list(1, 1, vec![discovery::user_schema(&base(&app))]))
}

/// One schema.
#[utoipa::path(get, path = "/scim/v2/Schemas/{name}", tag = "scim", operation_id = "scim_schema", security(("scim_key" = [])), params(("name" = String, Path)), responses(
    (status = 200, body = Object, content_type = "application/scim+json"), (status = 404, body = ScimErrorBody, content_type = "application/scim+json"), ToDirectories, OfLength,
))]
pub async fn schema(
    State(app): State<Arc<App>>,
    _: Provisioner,
    Path(name): Path<String>,
) -> Result<ScimJson, Problem> {
    if name.eq_ignore_ascii_case(USER_SCHEMA) {
        Ok(ScimJson(discovery::user_schema(&base(&app))))
    } else {
        Err(nothing())
    }
}
