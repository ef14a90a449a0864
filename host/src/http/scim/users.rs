//! `/scim/v2/Users`: a directory adds, reads, changes, deactivates and removes people.

use std::sync::Arc;

use axum::extract::{Path, State};
use exportgate_core::id::UserId;
use http::StatusCode;
use serde_json::Value;
use utoipa::ToSchema;

use super::{
    BASE,
    actor::Provisioner,
    message::{Created, ScimBody, ScimJson, Wanted},
};
use crate::{
    app::App,
    http::{
        problem::Problem,
        refusals::{OfLength, OfScimBody, OfScimId, OfScimName, OfScimQuery, ToDirectories},
    },
    scim::{ScimError, discovery, filter, patch, profile::Profile},
    store::ScimUser,
    usecase::provision_users,
};

/// A user of SCIM (RFC 7643 section 4.1): what is kept. Other attributes are ignored.
#[derive(ToSchema)]
#[schema(as = ScimUser, rename_all = "camelCase")]
#[expect(dead_code, reason = "for the contract; bodies are read without it")]
pub struct UserResource {
    /// `urn:ietf:params:scim:schemas:core:2.0:User`, and the enterprise extension, which is
    /// ignored.
    schemas: Vec<String>,
    /// The name for sign-in and for Power BI. Requests need it; an answer lacks it where other
    /// `attributes` were asked for.
    #[schema(required = false)]
    user_name: String,
    /// The directory's own id.
    external_id: Option<String>,
    /// The name for people.
    display_name: Option<String>,
    /// `false` stops all of the person's tokens at once.
    active: Option<bool>,
    /// `formatted`, `familyName`, `givenName`.
    #[schema(value_type = Option<Object>)]
    name: Option<Value>,
    /// Each with `value`, `type`, `primary`.
    #[schema(value_type = Option<Vec<Object>>)]
    emails: Option<Vec<Value>>,
}

/// Changes to a user (RFC 7644 section 3.5.2).
#[derive(ToSchema)]
#[schema(as = ScimPatch)]
#[expect(dead_code, reason = "for the contract; bodies are read without it")]
pub struct PatchMessage {
    /// `urn:ietf:params:scim:api:messages:2.0:PatchOp`.
    schemas: Vec<String>,
    /// 1 to 100 of them, each with `op` and, as it needs, `path` and `value`.
    #[schema(rename = "Operations", value_type = Vec<Object>)]
    operations: Vec<Value>,
}

fn shown(app: &App, found: &ScimUser) -> Value {
    let id = found.user.user_id.as_str();
    provision_users::profile_of(found).document(
        id,
        &found.created_at.to_string(),
        &found.modified_at.to_string(),
        &format!("{}{BASE}/Users/{id}", app.public_url),
    )
}

/// What is no id answers like an id that nobody has.
fn parse_id(text: &str) -> Result<UserId, Problem> {
    UserId::parse(text).map_err(|_| ScimError::not_found().into())
}

/// Lists users, or finds them by userName, externalId, id, emails or active.
#[utoipa::path(get, path = "/scim/v2/Users", tag = "scim", operation_id = "scim_list_users", security(("scim_key" = [])), params(
    ("filter" = Option<String>, Query, description = "`attribute eq value`, several joined by `and`"),
    ("startIndex" = Option<i64>, Query, description = "the first one, from 1 on"),
    ("count" = Option<i64>, Query, description = "at most so many; never more than 200; default 100"),
    ("attributes" = Option<String>, Query, description = "only these"),
    ("excludedAttributes" = Option<String>, Query, description = "all but these"),
), responses(
    (status = 200, body = Object, content_type = "application/scim+json"),
    ToDirectories, OfScimQuery, OfLength,
))]
pub async fn list(
    State(app): State<Arc<App>>,
    directory: Provisioner,
    wanted: Wanted,
) -> Result<ScimJson, Problem> {
    const DEFAULT_COUNT: i64 = 100;
    let filters = wanted.filter.as_deref().map(filter::of_users).transpose()?.unwrap_or_default();
    let count = wanted.count.unwrap_or(DEFAULT_COUNT).min(discovery::MAXIMUM_RESULTS);
    let (n_all, users) =
        provision_users::list(&app, directory.org_id(), filters, wanted.start - 1, count).await?;
    let users = users.iter().map(|user| wanted.of(shown(&app, user))).collect();
    Ok(ScimJson(discovery::list(n_all, wanted.start, users)))
}

/// Adds a user.
#[utoipa::path(post, path = "/scim/v2/Users", tag = "scim", operation_id = "scim_create_user", security(("scim_key" = [])),
    request_body(content = UserResource, content_type = "application/scim+json"), responses(
    (status = 201, body = UserResource, content_type = "application/scim+json"),
    ToDirectories, OfScimBody, OfScimName,
))]
pub async fn create(
    State(app): State<Arc<App>>,
    directory: Provisioner,
    wanted: Wanted,
    ScimBody(body): ScimBody,
) -> Result<Created, Problem> {
    let profile = Profile::read(&body, true)?;
    let added = provision_users::add(&app, &directory.0, profile).await?;
    Ok(Created(wanted.of(shown(&app, &added))))
}

/// One user.
#[utoipa::path(get, path = "/scim/v2/Users/{user_id}", tag = "scim", operation_id = "scim_read_user", security(("scim_key" = [])), params(
    ("user_id" = String, Path),
    ("attributes" = Option<String>, Query, description = "only these"),
    ("excludedAttributes" = Option<String>, Query, description = "all but these"),
), responses(
    (status = 200, body = UserResource, content_type = "application/scim+json"),
    ToDirectories, OfScimQuery, OfScimId, OfLength,
))]
pub async fn read(
    State(app): State<Arc<App>>,
    directory: Provisioner,
    wanted: Wanted,
    Path(user_id): Path<String>,
) -> Result<ScimJson, Problem> {
    let found = provision_users::read(&app, directory.org_id(), parse_id(&user_id)?).await?;
    Ok(ScimJson(wanted.of(shown(&app, &found))))
}

/// Replaces everything that a directory says of a user. Without `active` the account stays as it
/// is.
#[utoipa::path(put, path = "/scim/v2/Users/{user_id}", tag = "scim", operation_id = "scim_replace_user", security(("scim_key" = [])), params(("user_id" = String, Path)),
    request_body(content = UserResource, content_type = "application/scim+json"), responses(
    (status = 200, body = UserResource, content_type = "application/scim+json"),
    ToDirectories, OfScimBody, OfScimId, OfScimName,
))]
pub async fn replace(
    State(app): State<Arc<App>>,
    directory: Provisioner,
    wanted: Wanted,
    Path(user_id): Path<String>,
    ScimBody(body): ScimBody,
) -> Result<ScimJson, Problem> {
    // Read before anybody is looked up: a bad body is told as such, whoever is meant.
    Profile::read(&body, true)?;
    let change = move |profile: &mut Profile| {
        *profile = Profile::read(&body, profile.active)?;
        Ok(())
    };
    let user_id = parse_id(&user_id)?;
    let changed = provision_users::change(&app, &directory.0, user_id, change).await?;
    Ok(ScimJson(wanted.of(shown(&app, &changed))))
}

/// Changes parts of a user: all operations or none.
#[utoipa::path(patch, path = "/scim/v2/Users/{user_id}", tag = "scim", operation_id = "scim_patch_user", security(("scim_key" = [])), params(("user_id" = String, Path)),
    request_body(content = PatchMessage, content_type = "application/scim+json"), responses(
    (status = 200, body = UserResource, content_type = "application/scim+json"),
    ToDirectories, OfScimBody, OfScimId, OfScimName,
))]
pub async fn modify(
    State(app): State<Arc<App>>,
    directory: Provisioner,
    wanted: Wanted,
    Path(user_id): Path<String>,
    ScimBody(body): ScimBody,
) -> Result<ScimJson, Problem> {
    let operations = patch::read(&body)?;
    let change =
        move |profile: &mut Profile| operations.iter().try_for_each(|one| one.apply(profile));
    let user_id = parse_id(&user_id)?;
    let changed = provision_users::change(&app, &directory.0, user_id, change).await?;
    Ok(ScimJson(wanted.of(shown(&app, &changed))))
}

/// Removes a user: deactivated for ever, and unknown from now on. Tokens stay refused and the
/// history stays.
#[utoipa::path(delete, path = "/scim/v2/Users/{user_id}", tag = "scim", operation_id = "scim_delete_user", security(("scim_key" = [])), params(("user_id" = String, Path)), responses(
    (status = 204), ToDirectories, OfScimId, OfLength,
))]
pub async fn remove(
    State(app): State<Arc<App>>,
    directory: Provisioner,
    Path(user_id): Path<String>,
) -> Result<StatusCode, Problem> {
    provision_users::remove(&app, &directory.0, parse_id(&user_id)?).await?;
    Ok(StatusCode::NO_CONTENT)
}
