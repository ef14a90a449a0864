//! `POST /v1/sign-in`, `POST /v1/sign-out`, `GET /v1/me`.

use std::sync::Arc;

use axum::{
    Json,
    extract::{FromRequestParts, State},
    response::{IntoResponse, Response},
};
use exportgate_core::code::Code;
use http::{HeaderValue, StatusCode, header, request::Parts};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    actor::{SESSION_COOKIE, SignedIn},
    body::JsonBody,
    client_address,
    cookie::{self, SameSite},
    problem::Problem,
};
use crate::http::refusals::{
    ByStore, ByStoreOrEngine, OfBody, OfLength, OfSignInCode, ToGuessers, ToStrangers,
};
use crate::{
    app::App,
    directory::User,
    session::{SESSION_SECS, SignedInAt},
    usecase::{Failure, sign_in as usecase},
};

/// A one-time sign-in code.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignIn {
    /// As the operator printed it.
    code: String,
}

/// The signed-in person.
#[derive(Serialize, ToSchema)]
pub struct Me {
    /// Names the person within the organization.
    user_id: String,
    /// The name for sign-in and HTTP Basic.
    user_name: String,
    /// The name for people.
    display_name: String,
    /// The person's organization.
    org_id: String,
    /// `user` or `administrator`.
    role: &'static str,
}

impl Me {
    fn new(user: &User) -> Self {
        Self {
            user_id: user.owner().user_id.to_string(),
            user_name: user.owner().user_name.to_string(),
            display_name: user.display_name().to_string(),
            org_id: user.owner().org_id.to_string(),
            role: user.role().as_str(),
        }
    }
}

/// Where a sign-in comes from.
pub struct SignInOrigin(Option<std::net::IpAddr>);

impl FromRequestParts<Arc<App>> for SignInOrigin {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        // A foreign page must not be able to sign a browser in as somebody of its choice.
        if parts.headers.contains_key("sec-fetch-site") {
            super::actor::check_same_origin((&*parts).into(), &app.own_origin)?;
        }
        Ok(Self(client_address::client((&*parts).into(), app)))
    }
}

/// Makes a session out of a one-time code.
#[utoipa::path(post, path = "/v1/sign-in", tag = "session", request_body = SignIn, responses(
    (status = 200, body = Me),
    OfSignInCode, OfBody, ToGuessers, ByStoreOrEngine,
))]
pub async fn sign_in(
    State(app): State<Arc<App>>,
    SignInOrigin(address): SignInOrigin,
    JsonBody(body): JsonBody<SignIn>,
) -> Result<Response, Problem> {
    let signed_in = usecase::sign_in(&app, body.code.trim()).await;
    if let Err(Failure::Refused(Code::CredentialInvalid, _)) = &signed_in {
        app.limiter.failure(address)?;
    }
    let (user, ticket) = signed_in?;
    let cookie = session_cookie(Some(ticket.expose()))?;
    Ok(([(header::SET_COOKIE, cookie)], Json(Me::new(&user))).into_response())
}

/// Where else the browser is still signed in.
#[derive(Serialize, ToSchema)]
pub struct SignedOut {
    /// Where the browser signs out at the OpenID provider; from there it comes back to the page.
    provider_sign_out_url: String,
}

/// Ends the session on the server.
#[utoipa::path(post, path = "/v1/sign-out", tag = "session", security(("session" = [])), responses(
    (status = 200, body = SignedOut, description = "the session is over, and the one at the \
                                                    OpenID provider is not yet"),
    (status = 204, description = "the session is over"),
    ToStrangers, OfLength, ByStore,
))]
pub async fn sign_out(
    State(app): State<Arc<App>>,
    signed_in: SignedIn,
) -> Result<Response, Problem> {
    let session = signed_in.session.ok_or_else(|| {
        let detail = "there is no session to end: an assertion is good for one request";
        Problem::new(Code::ActorNotPermitted, detail)
    })?;
    let signed_in_at = app.sessions.signed_in_at(&session);
    usecase::sign_out(&app, session).await?;
    let over = [(header::SET_COOKIE, session_cookie(None)?)];
    Ok(match provider_sign_out_url(&app, signed_in_at).await {
        Some(provider_sign_out_url) => {
            (over, Json(SignedOut { provider_sign_out_url })).into_response()
        }
        None => (StatusCode::NO_CONTENT, over).into_response(),
    })
}

async fn provider_sign_out_url(app: &App, signed_in_at: Option<SignedInAt>) -> Option<String> {
    let signed_in_at = signed_in_at?;
    let provider = app.providers.of_issuer(&signed_in_at.session.issuer)?;
    provider.sign_out_url(&signed_in_at).await.map(String::from)
}

/// Who is signed in.
#[utoipa::path(get, path = "/v1/me", tag = "session", security(("session" = []), ("assertion" = [])), responses(
    (status = 200, body = Me),
    ToStrangers,
))]
pub async fn me(signed_in: SignedIn) -> Json<Me> {
    Json(Me::new(&signed_in.user))
}

/// The session's cookie; without a ticket it goes.
pub(super) fn session_cookie(ticket: Option<&str>) -> Result<HeaderValue, Problem> {
    let seconds = if ticket.is_some() { SESSION_SECS } else { 0 };
    cookie::set(SESSION_COOKIE, ticket.unwrap_or_default(), seconds, SameSite::Strict)
}
