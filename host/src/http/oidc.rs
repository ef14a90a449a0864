//! `/v1/sign-in/oidc`: sign-in with OpenID providers, and their back-channel logout.

use std::sync::Arc;

use axum::{
    Json,
    extract::{FromRequestParts, Path, State},
    response::{IntoResponse, Redirect, Response},
};
use exportgate_core::{code::Code, id::UserId};
use http::{HeaderMap, HeaderValue, StatusCode, header, request::Parts};
use serde::{Deserialize, Serialize};
use tracing::{info, warn};
use utoipa::ToSchema;

use super::{
    body::FormBody,
    client_address,
    cookie::{self, SameSite},
    problem::Problem,
    query::Query,
    session::session_cookie,
};
use crate::http::refusals::{
    ByProvider, ByStore, OfBody, OfLength, OfProvider, OfProviderSignIn, OfQuery, ToGuessers,
};
use crate::{
    app::App,
    entropy::random_bytes,
    oidc::{
        Callback, Provider, SignInError,
        attempt::{Attempt, SIGN_IN_COOKIE, SIGN_IN_SECS},
    },
    usecase::{
        Failure,
        recognise_person::NotRecognised,
        sign_in_with_provider::{end_sessions, sign_in_with_provider},
    },
};

/// Where the page tells people why they were not signed in.
const FAILED: &str = "/#sign-in-failed=";

/// How one can sign in.
#[derive(Serialize, ToSchema)]
pub struct SignInOptions {
    /// OpenID providers, in the order of the configuration.
    providers: Vec<SignInProvider>,
}

/// An OpenID provider.
#[derive(Serialize, ToSchema)]
pub struct SignInProvider {
    /// Its name in routes; the one without has none.
    name: Option<String>,
    /// Its name for people.
    display_name: String,
    /// Where signing in begins.
    url: String,
}

/// How one can sign in, beside a code.
#[utoipa::path(get, path = "/v1/sign-in", tag = "session", responses(
    (status = 200, body = SignInOptions),
    OfLength,
))]
pub async fn options(State(app): State<Arc<App>>) -> Json<SignInOptions> {
    let provider = |provider: &Arc<Provider>| SignInProvider {
        name: provider.name().map(str::to_owned),
        display_name: provider.display_name().to_owned(),
        url: provider.sign_in_url(),
    };
    Json(SignInOptions { providers: app.providers.listed().map(provider).collect() })
}

/// The provider that a path names; without a name the one that has none.
pub struct Named(Arc<Provider>);

impl FromRequestParts<Arc<App>> for Named {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        let nobody = || Problem::new(Code::RouteNotFound, "there is no such OpenID provider");
        // A name that cannot be read is not the absence of one.
        let name = Option::<Path<String>>::from_request_parts(parts, app).await;
        let name = name.map_err(|_| nobody())?.map(|Path(name)| name);
        app.providers.find(name.as_deref()).map(|found| Self(Arc::clone(found))).ok_or_else(nobody)
    }
}

/// No parameters: what a stranger's link says must not lead anybody anywhere.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoQuery {}

/// What the provider sends along. Others are ignored (RFC 6749 section 4.1.2).
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct CallbackQuery {
    /// The authorization code.
    code: Option<String>,
    /// What the sign-in began with.
    state: Option<String>,
    /// The provider (RFC 9207).
    iss: Option<String>,
    /// Why there is no code (RFC 6749 section 4.1.2.1).
    error: Option<String>,
}

/// Where a request comes from, and whether a person looks at the answer.
pub struct Visitor {
    address: Option<std::net::IpAddr>,
    is_browser: bool,
}

impl FromRequestParts<Arc<App>> for Visitor {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        let accepted = parts.headers.get_all(header::ACCEPT).iter();
        let is_browser = accepted
            .filter_map(|value| value.to_str().ok())
            .any(|value| value.contains("text/html"));
        Ok(Self { address: client_address::client((&*parts).into(), app), is_browser })
    }
}

/// A logout token (OpenID Connect Back-Channel Logout 1.0 section 2.5).
#[derive(Deserialize, ToSchema)]
pub struct LogoutForm {
    /// Signed by the provider.
    logout_token: String,
}

/// Sends the browser to the provider without a name.
#[utoipa::path(get, path = "/v1/sign-in/oidc", tag = "session", responses(
    (status = 303, description = "to the provider, with a cookie for the way back"),
    OfProvider, OfQuery, OfLength, ByProvider,
))]
pub async fn begin(
    state: State<Arc<App>>,
    provider: Named,
    visitor: Visitor,
    query: Query<NoQuery>,
) -> Result<Response, Problem> {
    begin_with(state, provider, visitor, query).await
}

/// Sends the browser to a provider.
#[utoipa::path(get, path = "/v1/sign-in/oidc/{name}", tag = "session",
    params(("name" = String, Path, description = "the provider's name")), responses(
    (status = 303, description = "to the provider, with a cookie for the way back"),
    OfProvider, OfQuery, OfLength, ByProvider,
))]
pub async fn begin_with(
    State(app): State<Arc<App>>,
    Named(provider): Named,
    visitor: Visitor,
    Query(NoQuery {}): Query<NoQuery>,
) -> Result<Response, Problem> {
    let attempt = Attempt::begin(provider.issuer(), app.clock.now()).map_err(Failure::from)?;
    let url = provider.begin(&attempt).await.map_err(|error| refused(&error, &visitor))?;
    let cookie = [(header::SET_COOKIE, sign_in_cookie(Some(&attempt))?)];
    Ok((cookie, Redirect::to(url.as_str())).into_response())
}

/// Signs in whoever comes back from the provider without a name.
#[utoipa::path(get, path = "/v1/sign-in/oidc/callback", tag = "session", params(CallbackQuery), responses(
    (status = 303, description = "to the page, signed in; browsers also when it failed, with \
                                  `#sign-in-failed=<code>&request_id=<id>`"),
    OfProvider, OfProviderSignIn, OfQuery, OfLength, ToGuessers, ByProvider, ByStore,
))]
pub async fn finish(
    state: State<Arc<App>>,
    provider: Named,
    visitor: Visitor,
    headers: HeaderMap,
    query: Query<CallbackQuery>,
) -> Result<Response, Problem> {
    finish_with(state, provider, visitor, headers, query).await
}

/// Signs in whoever comes back from a provider.
#[utoipa::path(get, path = "/v1/sign-in/oidc/callback/{name}", tag = "session",
    params(("name" = String, Path, description = "the provider's name"), CallbackQuery), responses(
    (status = 303, description = "to the page, signed in; browsers also when it failed, with \
                                  `#sign-in-failed=<code>&request_id=<id>`"),
    OfProvider, OfProviderSignIn, OfQuery, OfLength, ToGuessers, ByProvider, ByStore,
))]
pub async fn finish_with(
    State(app): State<Arc<App>>,
    Named(provider): Named,
    visitor: Visitor,
    headers: HeaderMap,
    Query(query): Query<CallbackQuery>,
) -> Result<Response, Problem> {
    match signed_in(&app, &provider, &headers, query).await {
        Ok(response) => Ok(response),
        Err(NotSignedIn::Failed(failure)) => Err(Problem::from(failure).shown(visitor.is_browser)),
        Err(NotSignedIn::Refused(error)) => {
            if matches!(error, SignInError::NotStarted | SignInError::NotAccepted(_)) {
                let limited = app.limiter.failure(visitor.address);
                limited.map_err(|limited| Problem::from(limited).shown(visitor.is_browser))?;
            }
            Err(refused(&error, &visitor))
        }
    }
}

enum NotSignedIn {
    Refused(SignInError),
    Failed(Failure),
}

impl From<SignInError> for NotSignedIn {
    fn from(error: SignInError) -> Self {
        Self::Refused(error)
    }
}

async fn signed_in(
    app: &Arc<App>,
    provider: &Provider,
    headers: &HeaderMap,
    query: CallbackQuery,
) -> Result<Response, NotSignedIn> {
    let attempt = cookie::read(headers, SIGN_IN_COOKIE)
        .and_then(|cookie| Attempt::resume(cookie, provider.issuer(), app.clock.now()))
        .ok_or(SignInError::NotStarted)?;
    let user_id = random_bytes().map_err(|error| NotSignedIn::Failed(error.into()))?;
    let user_id = UserId::from_random(user_id);
    let CallbackQuery { code, state, iss, error } = query;
    let callback = Callback { code, state, issuer: iss, error };
    let (person, signed_in_at) = provider.finish(&attempt, callback, user_id).await?;
    let signed_in = sign_in_with_provider(app, person, signed_in_at).await;
    let (_, ticket) = signed_in.map_err(|error| match error {
        NotRecognised::Failed(failure) => NotSignedIn::Failed(failure),
        NotRecognised::Refused(refusal) => SignInError::NotPermitted(refusal.name()).into(),
    })?;
    let cookies = [session_cookie(Some(ticket.expose())), sign_in_cookie(None)];
    let mut response = Redirect::to("/").into_response();
    for cookie in cookies {
        let cookie = cookie.map_err(|_| SignInError::NotAccepted("cookie_malformed"))?;
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

/// A refusal; browsers show it on the page. The sign-in is over, so its cookie goes, unless it may
/// be that of another one that is still under way.
fn refused(error: &SignInError, visitor: &Visitor) -> Problem {
    match error {
        SignInError::Unavailable(cause) => warn!(cause, "an OpenID provider cannot be asked"),
        error => info!(reason = error.reason(), "a sign-in is refused"),
    }
    let problem = Problem::new(error.code(), error.detail()).shown(visitor.is_browser);
    match (error, sign_in_cookie(None)) {
        (SignInError::NotStarted, _) | (_, Err(_)) => problem,
        (_, Ok(cookie)) => problem.with_header(header::SET_COOKIE, cookie),
    }
}

/// Ends sessions that the provider without a name ended.
#[utoipa::path(post, path = "/v1/sign-in/oidc/backchannel-logout", tag = "session",
    request_body(content = LogoutForm, content_type = "application/x-www-form-urlencoded"), responses(
    (status = 200, description = "the sessions are over"),
    OfProvider, OfBody, ToGuessers, ByStore,
))]
pub async fn logout(
    state: State<Arc<App>>,
    provider: Named,
    visitor: Visitor,
    form: FormBody<LogoutForm>,
) -> Result<Response, Problem> {
    logout_with(state, provider, visitor, form).await
}

/// Ends sessions that a provider ended.
#[utoipa::path(post, path = "/v1/sign-in/oidc/backchannel-logout/{name}", tag = "session",
    params(("name" = String, Path, description = "the provider's name")),
    request_body(content = LogoutForm, content_type = "application/x-www-form-urlencoded"), responses(
    (status = 200, description = "the sessions are over"),
    OfProvider, OfBody, ToGuessers, ByStore,
))]
pub async fn logout_with(
    State(app): State<Arc<App>>,
    Named(provider): Named,
    visitor: Visitor,
    FormBody(form): FormBody<LogoutForm>,
) -> Result<Response, Problem> {
    match provider.judge_logout(&form.logout_token, app.clock.now()).await {
        Ok(logout) => {
            end_sessions(&app, &provider, logout).await?;
            Ok(StatusCode::OK.into_response())
        }
        Err(reason) => {
            app.limiter.failure(visitor.address)?;
            info!(reason, "a logout token is refused");
            Err(Problem::malformed(format!("the logout token is refused: {reason}")))
        }
    }
}

/// Where a browser is told that it was not signed in.
pub fn failed_location(code: Code, request_id: &str) -> String {
    format!("{FAILED}{code}&request_id={request_id}")
}

/// The cookie of a sign-in; without an attempt it goes. `Lax`: the provider's page, not ours,
/// sends the browser back.
fn sign_in_cookie(attempt: Option<&Attempt>) -> Result<HeaderValue, Problem> {
    let seconds = if attempt.is_some() { SIGN_IN_SECS } else { 0 };
    let value = attempt.map(Attempt::cookie).unwrap_or_default();
    cookie::set(SIGN_IN_COOKIE, &value, seconds, SameSite::Lax)
}
