//! The operator's routes about export services and SCIM keys, which differ in their kind alone.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State},
};
use exportgate_core::{code::Code, name::Name, time::Timestamp};
use http::StatusCode;
use serde::{Deserialize, Serialize};

use super::{OrgQuery, parse_org};
use crate::{
    app::App,
    data::DEFAULT_ORGANIZATION,
    http::{actor::Operator, body::JsonBody, problem::Problem, query::Query},
    store::{ServiceKind, StoredService},
    usecase::{Failure, manage_services},
};

/// An export service, as the operator sees one.
#[derive(Serialize)]
pub struct ServiceBody {
    service_id: String,
    name: String,
    org_id: String,
    created_at: Timestamp,
    revoked_at: Option<Timestamp>,
}

impl From<&StoredService> for ServiceBody {
    fn from(stored: &StoredService) -> Self {
        Self {
            service_id: stored.service_id.to_string(),
            name: stored.name.to_string(),
            org_id: stored.org_id.to_string(),
            created_at: stored.created_at,
            revoked_at: stored.revoked_at,
        }
    }
}

/// Export services.
#[derive(Serialize)]
pub struct ServiceList {
    items: Vec<ServiceBody>,
}

/// An export service to add.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewService {
    name: String,
    #[serde(default)]
    org_id: Option<String>,
}

/// A new export service with its key, shown once.
#[derive(Serialize)]
pub struct AddedService {
    service_id: String,
    name: String,
    org_id: String,
    key: String,
}

/// Lists export services.
pub async fn list(
    app: State<Arc<App>>,
    operator: Operator,
    query: Query<OrgQuery>,
) -> Result<Json<ServiceList>, Problem> {
    list_of(ServiceKind::Export, app, operator, query).await
}

/// Lists SCIM keys.
pub async fn list_scim_keys(
    app: State<Arc<App>>,
    operator: Operator,
    query: Query<OrgQuery>,
) -> Result<Json<ServiceList>, Problem> {
    list_of(ServiceKind::Scim, app, operator, query).await
}

async fn list_of(
    kind: ServiceKind,
    State(app): State<Arc<App>>,
    _: Operator,
    Query(query): Query<OrgQuery>,
) -> Result<Json<ServiceList>, Problem> {
    let org_id = query.named()?;
    let services = manage_services::list_services(&app, kind).await?;
    let wanted = |stored: &&StoredService| org_id.as_ref().is_none_or(|id| stored.org_id == *id);
    Ok(Json(ServiceList { items: services.iter().filter(wanted).map(Into::into).collect() }))
}

/// Adds an export service.
pub async fn add(
    app: State<Arc<App>>,
    operator: Operator,
    body: JsonBody<NewService>,
) -> Result<(StatusCode, Json<AddedService>), Problem> {
    add_of(ServiceKind::Export, app, operator, body).await
}

/// Adds a SCIM key.
pub async fn add_scim_key(
    app: State<Arc<App>>,
    operator: Operator,
    body: JsonBody<NewService>,
) -> Result<(StatusCode, Json<AddedService>), Problem> {
    add_of(ServiceKind::Scim, app, operator, body).await
}

async fn add_of(
    kind: ServiceKind,
    State(app): State<Arc<App>>,
    _: Operator,
    JsonBody(new): JsonBody<NewService>,
) -> Result<(StatusCode, Json<AddedService>), Problem> {
    let org_id = parse_org(new.org_id.as_deref().unwrap_or(DEFAULT_ORGANIZATION))?;
    let name = Name::parse(&new.name).map_err(|error| {
        Failure::mistake("/name", Code::ServiceNameMalformed, error.to_string())
    })?;
    let (stored, key) = manage_services::add_service(&app, kind, org_id, name).await?;
    let body = AddedService {
        service_id: stored.service_id.to_string(),
        name: stored.name.to_string(),
        org_id: stored.org_id.to_string(),
        key: key.expose().to_owned(),
    };
    Ok((StatusCode::CREATED, Json(body)))
}

/// Ends an export service's key.
pub async fn revoke(
    app: State<Arc<App>>,
    operator: Operator,
    name: Path<String>,
    query: Query<OrgQuery>,
) -> Result<Json<ServiceBody>, Problem> {
    revoke_of(ServiceKind::Export, app, operator, name, query).await
}

/// Ends a SCIM key.
pub async fn revoke_scim_key(
    app: State<Arc<App>>,
    operator: Operator,
    name: Path<String>,
    query: Query<OrgQuery>,
) -> Result<Json<ServiceBody>, Problem> {
    revoke_of(ServiceKind::Scim, app, operator, name, query).await
}

async fn revoke_of(
    kind: ServiceKind,
    State(app): State<Arc<App>>,
    _: Operator,
    Path(name): Path<String>,
    Query(query): Query<OrgQuery>,
) -> Result<Json<ServiceBody>, Problem> {
    let org_id = query.or_default()?;
    let name = Name::parse(&name).map_err(|_| {
        Problem::new(Code::ServiceNotFound, format!("there is nothing live called `{name}`"))
    })?;
    let stored = manage_services::revoke_service(&app, kind, org_id, name).await?;
    Ok(Json((&stored).into()))
}
