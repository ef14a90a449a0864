//! The operator's routes about people.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State},
};
use exportgate_core::{code::Code, label::is_forbidden, name::Name, time::Timestamp, user::Role};
use http::StatusCode;
use serde::{Deserialize, Serialize};

use super::{OrgQuery, parse_org};
use crate::{
    app::App,
    data::DEFAULT_ORGANIZATION,
    directory::User,
    http::{actor::Operator, body::JsonBody, problem::Problem, query::Query},
    usecase::{Failure, issue_sign_in_code as sign_in_code, manage_users},
};

/// A person, as the operator sees one.
#[derive(Serialize)]
pub struct UserBody {
    user_id: String,
    user_name: String,
    display_name: String,
    email: Option<String>,
    org_id: String,
    role: &'static str,
    active: bool,
}

impl From<&User> for UserBody {
    fn from(user: &User) -> Self {
        Self {
            user_id: user.owner().user_id.to_string(),
            user_name: user.owner().user_name.to_string(),
            display_name: user.display_name().to_string(),
            email: user.email().map(|email| email.to_string()),
            org_id: user.owner().org_id.to_string(),
            role: user.role().as_str(),
            active: user.is_active(),
        }
    }
}

/// People.
#[derive(Serialize)]
pub struct UserList {
    items: Vec<UserBody>,
}

/// A person to add.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewUser {
    user_name: String,
    #[serde(default)]
    display_name: Option<String>,
    #[serde(default)]
    email: Option<String>,
    #[serde(default)]
    role: Option<String>,
    #[serde(default)]
    org_id: Option<String>,
}

/// A person's new role.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewRole {
    role: String,
}

/// Whom to make a sign-in code for.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CodeRequest {
    user_name: String,
    #[serde(default)]
    org_id: Option<String>,
}

/// A one-time sign-in code.
#[derive(Serialize)]
pub struct CodeBody {
    code: String,
    link: String,
    expires_at: Timestamp,
}

/// Lists people.
pub async fn list(
    State(app): State<Arc<App>>,
    _: Operator,
    Query(query): Query<OrgQuery>,
) -> Result<Json<UserList>, Problem> {
    let users = app.directory.users(query.named()?.as_ref());
    Ok(Json(UserList { items: users.iter().map(|user| (&**user).into()).collect() }))
}

/// Adds a person.
pub async fn add(
    State(app): State<Arc<App>>,
    _: Operator,
    JsonBody(new): JsonBody<NewUser>,
) -> Result<(StatusCode, Json<UserBody>), Problem> {
    let org_id = parse_org(new.org_id.as_deref().unwrap_or(DEFAULT_ORGANIZATION))?;
    let user_name = Name::parse(&new.user_name).map_err(|error| {
        Failure::mistake("/user_name", Code::UserNameMalformed, error.to_string())
    })?;
    let role = parse_role(new.role.as_deref().unwrap_or(Role::User.as_str()))?;
    let display_name = plain(new.display_name, "display_name")?;
    let email = plain(new.email, "email")?;
    let user = manage_users::add_user(&app, org_id, user_name, display_name, email, role).await?;
    Ok((StatusCode::CREATED, Json((&*user).into())))
}

/// Deactivates a person's account.
pub async fn deactivate(
    state: State<Arc<App>>,
    operator: Operator,
    path: Path<String>,
    query: Query<OrgQuery>,
) -> Result<Json<UserBody>, Problem> {
    set_active(state, operator, path, query, false).await
}

/// Activates a person's account again.
pub async fn reactivate(
    state: State<Arc<App>>,
    operator: Operator,
    path: Path<String>,
    query: Query<OrgQuery>,
) -> Result<Json<UserBody>, Problem> {
    set_active(state, operator, path, query, true).await
}

async fn set_active(
    State(app): State<Arc<App>>,
    _: Operator,
    Path(user_name): Path<String>,
    Query(query): Query<OrgQuery>,
    active: bool,
) -> Result<Json<UserBody>, Problem> {
    let (org_id, user_name) = (query.or_default()?, parse_name(&user_name)?);
    let user = manage_users::set_active(&app, &org_id, &user_name, active).await?;
    Ok(Json((&*user).into()))
}

/// Gives a person another role.
pub async fn set_role(
    State(app): State<Arc<App>>,
    _: Operator,
    Path(user_name): Path<String>,
    Query(query): Query<OrgQuery>,
    JsonBody(new): JsonBody<NewRole>,
) -> Result<Json<UserBody>, Problem> {
    let (org_id, user_name) = (query.or_default()?, parse_name(&user_name)?);
    let role = parse_role(&new.role)?;
    let user = manage_users::set_role(&app, &org_id, &user_name, role).await?;
    Ok(Json((&*user).into()))
}

/// Makes a one-time sign-in code.
pub async fn issue_sign_in_code(
    State(app): State<Arc<App>>,
    _: Operator,
    JsonBody(request): JsonBody<CodeRequest>,
) -> Result<(StatusCode, Json<CodeBody>), Problem> {
    let org_id = parse_org(request.org_id.as_deref().unwrap_or(DEFAULT_ORGANIZATION))?;
    let user_name = parse_name(&request.user_name)?;
    let code = sign_in_code::issue_sign_in_code(&app, &org_id, &user_name).await?;
    let link = code.link(&app.public_url);
    let body =
        CodeBody { code: code.ticket.expose().to_owned(), link, expires_at: code.expires_at };
    Ok((StatusCode::CREATED, Json(body)))
}

/// What is no name answers like a name that nobody has.
fn parse_name(text: &str) -> Result<Name, Problem> {
    Name::parse(text)
        .map_err(|_| Problem::new(Code::UserNotFound, format!("there is no user `{text}`")))
}

fn parse_role(text: &str) -> Result<Role, Problem> {
    Role::parse(text).ok_or_else(|| Problem::malformed("`role` is `user` or `administrator`"))
}

/// Text that is shown to people as it is.
fn plain(text: Option<String>, field: &str) -> Result<Option<String>, Problem> {
    const MAXIMUM_CHARACTERS: usize = 200;
    let Some(text) = text else { return Ok(None) };
    let bad = text.chars().any(is_forbidden) || text.chars().count() > MAXIMUM_CHARACTERS;
    if bad {
        let detail = format!(
            "`{field}` has control or bidirectional formatting characters, or more than \
             {MAXIMUM_CHARACTERS} characters"
        );
        return Err(Problem::malformed(detail));
    }
    Ok(Some(text))
}
