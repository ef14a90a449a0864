//! `/v1/tokens`: a user's own tokens.
#![allow(unused_qualifications, reason = "`utoipa::path` writes one around `ListQuery`")]

use std::sync::Arc;

use axum::{
    Json,
    extract::{Path, State},
};
use exportgate_core::{
    id::TokenId,
    wire::{Draft, TokenView},
};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    actor::{EndingAccess, SignedIn},
    body::JsonBody,
    problem::Problem,
    query::{Query, parse_limit, present},
    uses::DayOfUses,
};
use crate::http::refusals::{
    ByStore, ByStoreOrEngine, OfBody, OfDraft, OfLabel, OfLength, OfQuery, OfTokenId, ToStrangers,
};
use crate::{
    app::App,
    store::{TokenFilter, uses::Days},
    usecase::{Failure, create_token, list_tokens, rename_token, revoke_tokens, show_uses},
};

/// A new token: the only answer that ever holds a secret.
#[derive(Serialize, ToSchema)]
pub struct Created {
    token: TokenView,
    /// Shown once; only its digest is kept.
    secret: String,
}

/// A page of own tokens, newest first.
#[derive(Serialize, ToSchema)]
pub struct TokenList {
    items: Vec<ListedToken>,
    /// For the next page; `null` on the last one.
    #[schema(required = true)]
    next_cursor: Option<String>,
    /// How many of the user's tokens are active, filtered or not.
    n_active: u32,
}

/// A token of a list.
#[derive(Serialize, ToSchema)]
pub struct ListedToken {
    #[serde(flatten)]
    token: TokenView,
    /// With `include=uses`: the days with an export among the last 28, oldest first. Days without
    /// one are left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    uses: Option<Vec<DayOfUses>>,
}

/// A new label.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Rename {
    /// 1 to 80 characters after trimming.
    label: String,
}

/// How many tokens were revoked.
#[derive(Serialize, ToSchema)]
pub struct RevokedAll {
    n_revoked: usize,
}

/// The uses of a token, per UTC day.
#[derive(Serialize, ToSchema)]
pub struct TokenUses {
    #[schema(value_type = String)]
    token_id: TokenId,
    /// 28 days, today the last.
    days: Vec<DayOfUses>,
}

/// Which tokens to list.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListQuery {
    /// `active`, `expired` or `revoked`.
    #[serde(default, deserialize_with = "present")]
    #[param(value_type = Option<String>, pattern = "^(active|expired|revoked)?$")]
    status: Option<String>,
    /// A part of the label, compared without case.
    #[serde(default, deserialize_with = "present")]
    #[param(value_type = Option<String>)]
    label: Option<String>,
    /// `uses`: each token with its uses of the last 28 UTC days, today the last.
    #[serde(default, deserialize_with = "present")]
    #[param(value_type = Option<String>, pattern = "^(uses)?$")]
    include: Option<String>,
    /// `next_cursor` of the page before.
    #[serde(default, deserialize_with = "present")]
    #[param(value_type = Option<String>)]
    cursor: Option<String>,
    /// 1 to 200, default 50.
    #[serde(default, deserialize_with = "present")]
    #[param(value_type = Option<u32>, minimum = 1, maximum = 200)]
    limit: Option<String>,
}

/// Creates a token.
#[utoipa::path(post, path = "/v1/tokens", tag = "tokens", security(("session" = []), ("assertion" = [])), request_body = Draft, responses(
    (status = 201, body = Created),
    ToStrangers, OfBody, OfDraft, ByStoreOrEngine,
))]
pub async fn create(
    State(app): State<Arc<App>>,
    signed_in: SignedIn,
    JsonBody(draft): JsonBody<Draft>,
) -> Result<(StatusCode, Json<Created>), Problem> {
    let (token, secret) = create_token::create_token(&app, &signed_in.user, draft).await?;
    Ok((StatusCode::CREATED, Json(Created { token, secret })))
}

/// Lists own tokens.
#[utoipa::path(get, path = "/v1/tokens", tag = "tokens", security(("session" = []), ("assertion" = [])), params(ListQuery), responses(
    (status = 200, body = TokenList),
    ToStrangers, OfQuery, ByStore,
))]
pub async fn list(
    State(app): State<Arc<App>>,
    signed_in: SignedIn,
    Query(query): Query<ListQuery>,
) -> Result<Json<TokenList>, Problem> {
    // A cursor belongs to one person's list with these filters.
    let list = format!(
        "tokens {} {} {}",
        signed_in.user.user_seq,
        query.status.as_deref().unwrap_or("*"),
        query.label.as_deref().unwrap_or("*"),
    );
    let with_uses = match query.include.as_deref() {
        None => false,
        Some("uses") => true,
        Some(_) => return Err(Problem::malformed("`include` is `uses`")),
    };
    let status = query.status.as_deref().map(list_tokens::parse_status).transpose();
    let before_seq = query.cursor.map(|cursor| app.cursors.open(&list, &cursor)).transpose();
    let filter = TokenFilter {
        status: status.map_err(Problem::malformed)?,
        label: query.label,
        before_seq: before_seq.map_err(|error| Problem::malformed(format!("`cursor`: {error}")))?,
        limit: parse_limit(query.limit.as_deref())?,
    };
    let listed = list_tokens::list_tokens(&app, &signed_in.user, filter, with_uses).await?;
    let item = |(token, days): (TokenView, Option<Days>)| ListedToken {
        token,
        uses: days.map(|days| days.used().map(DayOfUses::from).collect()),
    };
    Ok(Json(TokenList {
        items: listed.items.into_iter().map(item).collect(),
        next_cursor: listed.next_before_seq.map(|seq| app.cursors.seal(&list, seq)),
        n_active: listed.n_active,
    }))
}

/// One own token.
#[utoipa::path(get, path = "/v1/tokens/{token_id}", tag = "tokens", security(("session" = []), ("assertion" = [])), params(("token_id" = String, Path)), responses(
    (status = 200, body = TokenView),
    ToStrangers, OfTokenId, ByStore,
))]
pub async fn get(
    State(app): State<Arc<App>>,
    signed_in: SignedIn,
    Path(token_id): Path<String>,
) -> Result<Json<TokenView>, Problem> {
    Ok(Json(list_tokens::get_token(&app, &signed_in.user, parse(&token_id)?).await?))
}

/// Renames an own token.
#[utoipa::path(patch, path = "/v1/tokens/{token_id}", tag = "tokens", security(("session" = []), ("assertion" = [])), params(("token_id" = String, Path)), request_body = Rename, responses(
    (status = 200, body = TokenView),
    ToStrangers, OfBody, OfTokenId, OfLabel, ByStoreOrEngine,
))]
pub async fn rename(
    State(app): State<Arc<App>>,
    signed_in: SignedIn,
    Path(token_id): Path<String>,
    JsonBody(rename): JsonBody<Rename>,
) -> Result<Json<TokenView>, Problem> {
    let token_id = parse(&token_id)?;
    Ok(Json(rename_token::rename_token(&app, &signed_in.user, token_id, rename.label).await?))
}

/// Revokes an own token. Repeating it answers the same and adds no event.
#[utoipa::path(post, path = "/v1/tokens/{token_id}/revoke", tag = "tokens", security(("session" = []), ("assertion" = [])), params(("token_id" = String, Path)), responses(
    (status = 200, body = TokenView),
    ToStrangers, OfTokenId, OfLength, ByStoreOrEngine,
))]
pub async fn revoke(
    State(app): State<Arc<App>>,
    EndingAccess(signed_in): EndingAccess,
    Path(token_id): Path<String>,
) -> Result<Json<TokenView>, Problem> {
    Ok(Json(revoke_tokens::revoke_token(&app, &signed_in.user, parse(&token_id)?).await?))
}

/// Revokes all own active tokens in one commit.
#[utoipa::path(post, path = "/v1/tokens/revoke-all", tag = "tokens", security(("session" = []), ("assertion" = [])), responses(
    (status = 200, body = RevokedAll),
    ToStrangers, OfLength, ByStoreOrEngine,
))]
pub async fn revoke_all(
    State(app): State<Arc<App>>,
    EndingAccess(signed_in): EndingAccess,
) -> Result<Json<RevokedAll>, Problem> {
    let n_revoked = revoke_tokens::revoke_all(&app, &signed_in.user).await?;
    Ok(Json(RevokedAll { n_revoked }))
}

/// The uses of an own token over the last 28 UTC days.
#[utoipa::path(get, path = "/v1/tokens/{token_id}/uses", tag = "tokens", security(("session" = []), ("assertion" = [])), params(("token_id" = String, Path)), responses(
    (status = 200, body = TokenUses),
    ToStrangers, OfTokenId, ByStore,
))]
pub async fn uses(
    State(app): State<Arc<App>>,
    signed_in: SignedIn,
    Path(token_id): Path<String>,
) -> Result<Json<TokenUses>, Problem> {
    let token_id = parse(&token_id)?;
    let days = show_uses::show_uses(&app, &signed_in.user, token_id.clone()).await?;
    let days = days.iter().map(DayOfUses::from);
    Ok(Json(TokenUses { token_id, days: days.collect() }))
}

/// What is no id at all answers like an id that does not exist.
fn parse(token_id: &str) -> Result<TokenId, Problem> {
    TokenId::parse(token_id).map_err(|_| Failure::token_not_found().into())
}
