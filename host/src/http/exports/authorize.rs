//! `/v1/exports/authorize`: for proxies that ask before they pass a request on.
//!
//! nginx, Caddy and Traefik ask with GET and say the client's path in a header. Envoy's HTTP
//! `ext_authz` asks with the client's own method and appends the client's path to ours.

use std::{borrow::Cow, sync::Arc};

use axum::{
    body::Body,
    extract::{Request, State},
    response::Response,
};
use exportgate_core::{
    code::Code,
    id::{OrgId, TOKEN_ID_LENGTH},
    name::Name,
    token::Owner,
    validate_export::Reason,
};
use http::{HeaderMap, HeaderName, HeaderValue, Uri, header};
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use super::data_source;
use crate::http::refusals::{ByStoreOrEngine, OfQuery, ToGuessers};
use crate::{
    app::App,
    data::DEFAULT_ORGANIZATION,
    http::{
        actor::{self, Credential},
        answer::Answer,
        caller::Caller,
        client_address,
        finish::API_HEADERS,
        problem::{Problem, ProblemBody},
    },
    usecase::validate_export::{Asker, Decision, Judged, Presented, judge},
};

/// Where it is asked.
pub const AUTHORIZE: &str = "/v1/exports/authorize";
/// In which a proxy presents its service key: `Authorization` is the client's.
pub const SERVICE_HEADER: &str = "x-exportgate-service";
/// In which a proxy may say what is to be exported.
const DATA_SOURCE_HEADER: &str = "x-exportgate-data-source";

const X_USER: HeaderName = HeaderName::from_static("x-exportgate-user");
const X_USER_NAME: HeaderName = HeaderName::from_static("x-exportgate-user-name");
const X_ORGANIZATION: HeaderName = HeaderName::from_static("x-exportgate-organization");
const X_TOKEN: HeaderName = HeaderName::from_static("x-exportgate-token");
const X_REASON: HeaderName = HeaderName::from_static("x-exportgate-reason");

/// Answers 200 or 401 for the client's `Authorization`.
#[utoipa::path(get, path = "/v1/exports/authorize", tag = "exports", security(("proxy_service_key" = [])),
    params(
        ("X-Exportgate-Data-Source" = Option<String>, Header, description = "what is to be exported"),
        ("X-Forwarded-For" = Option<String>, Header, description = "the client's address, last in the list"),
    ),
    responses(
    (status = 200, description = "the export may run", headers(
        ("X-Exportgate-User" = String, description = "the owner's user id"),
        ("X-Exportgate-User-Name" = String, description = "the owner's user name, percent-encoded UTF-8"),
        ("X-Exportgate-Organization" = String), ("X-Exportgate-Token" = String, description = "the token's id"))),
    (status = 401, description = "`credential.missing`, `credential.invalid`", body = ProblemBody, content_type = "application/problem+json",
        headers(("X-Exportgate-Reason" = String, description = "why, for programs"))),
    (status = 403, description = "`actor.not_permitted`", body = ProblemBody, content_type = "application/problem+json"),
    OfQuery, ToGuessers, ByStoreOrEngine,
))]
pub async fn authorize(State(app): State<Arc<App>>, request: Request) -> Result<Response, Problem> {
    // What Envoy sends along of the client's body is not read.
    let (parts, _) = request.into_parts();
    let decision = judged(&app, (&parts).into(), &parts.uri)?.stored(&app).await?;
    answer(&decision).map(|answer| answer.map(Body::new))
}

/// What is decided about the client's request.
///
/// # Errors
/// The proxy may not ask, the client presented nothing, or the host cannot decide.
pub fn judged(app: &App, caller: Caller<'_>, uri: &Uri) -> Result<Judged, Problem> {
    let headers = caller.headers;
    let asker = asker(app, caller)?;
    let (secret, user_name) = match Credential::authorization(headers) {
        Ok(Credential::Bearer(secret)) => (Cow::from(secret), None),
        // An empty name is a presented one, and nobody's: when in doubt the answer is no.
        Ok(Credential::Basic { name, password }) => (password.into(), Some(name)),
        Ok(Credential::None | Credential::Session(_)) => return Err(challenge_only()),
        // What cannot be read holds no secret.
        Err(_) => ("".into(), None),
    };
    let data_source = match text(headers, DATA_SOURCE_HEADER) {
        Some(named) => data_source(named),
        None => appended_path(uri),
    };
    let presented = Presented {
        secret: &secret,
        user_name: user_name.as_deref(),
        data_source: data_source.as_deref(),
        client_address: client_address::forwarded(headers, |address| app.trusts(address)),
        asker: &asker,
    };
    Ok(judge(app, &presented)?)
}

/// Which proxy asks.
fn asker(app: &App, caller: Caller<'_>) -> Result<Asker, Problem> {
    match text(caller.headers, SERVICE_HEADER) {
        Some(key) => Ok(Asker::Service(actor::service(app, caller, key, None)?)),
        // Without a key nobody says for which organization.
        None if caller.peer_address().is_some_and(|peer| app.trusts(peer)) => {
            let org_id = OrgId::parse(DEFAULT_ORGANIZATION)
                .map_err(|error| Problem::new(Code::Internal, error.to_string()))?;
            Ok(Asker::TrustedProxy(org_id))
        }
        None => {
            let detail = "the proxy must present its service key in `X-Exportgate-Service`, or \
                          call from a trusted address";
            Err(Problem::new(Code::CredentialMissing, detail))
        }
    }
}

/// What the proxy is told.
///
/// # Errors
/// The export may not run: for proxies that is a status.
pub fn answer(decision: &Decision) -> Result<Answer, Problem> {
    match (&decision.token, decision.reason) {
        (Some(token), Reason::Allowed) => {
            let mut answer = Answer::default();
            *answer.headers_mut() = token.user.headers(headers_of);
            // An id is visible ASCII.
            if let Ok(id) = HeaderValue::from_str(token.token_id.text(&mut [0; TOKEN_ID_LENGTH])) {
                answer.headers_mut().insert(X_TOKEN, id);
            }
            Ok(answer)
        }
        _ => Err(denied(decision)),
    }
}

/// The client's path behind ours, where it may go into the history as it is.
fn appended_path(uri: &Uri) -> Option<String> {
    let path = uri.path().strip_prefix(AUTHORIZE).filter(|path| path.len() > 1)?;
    let path = percent_decode_str(path).decode_utf8().ok()?;
    if actor::is_harmless(&path) { data_source(&path) } else { None }
}

/// What the answers for all tokens of one owner begin with.
fn headers_of(owner: &Owner) -> HeaderMap {
    let mut headers = API_HEADERS.clone();
    for (name, value) in [
        (X_USER, owner.user_id.as_str()),
        (X_USER_NAME, &encoded(&owner.user_name)),
        (X_ORGANIZATION, owner.org_id.as_str()),
    ] {
        // Ids and encoded names are visible ASCII.
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(name, value);
        }
    }
    // Its place; the value is the token's.
    headers.insert(X_TOKEN, HeaderValue::from_static(""));
    headers
}

/// A user name may hold characters that no header can.
fn encoded(user_name: &Name) -> String {
    const KEPT: percent_encoding::AsciiSet =
        NON_ALPHANUMERIC.remove(b'.').remove(b'-').remove(b'_').remove(b'@');
    utf8_percent_encode(user_name.as_str(), &KEPT).to_string()
}

/// Nothing was presented: the challenge carries no error (RFC 6750 section 3.1).
fn challenge_only() -> Problem {
    const CHALLENGE: &str =
        "Basic realm=\"Exportgate\", charset=\"UTF-8\", Bearer realm=\"Exportgate\"";
    let detail = "this export needs a user name and an access token";
    let code = Code::CredentialMissing;
    Problem::new(code, detail)
        .with_reason(code.as_str())
        .with_header(header::WWW_AUTHENTICATE, HeaderValue::from_static(CHALLENGE))
        .with_header(X_REASON, HeaderValue::from_static(code.as_str()))
}

fn denied(decision: &Decision) -> Problem {
    let (reason, message) = (decision.reason.told().as_str(), decision.message());
    // Our messages quote words with grave accents, so nothing in them ends the quoted string.
    let challenge = format!(
        "Basic realm=\"Exportgate\", charset=\"UTF-8\", Bearer realm=\"Exportgate\", \
         error=\"invalid_token\", error_description=\"{message}\""
    );
    let challenge = HeaderValue::from_str(&challenge)
        .unwrap_or_else(|_| HeaderValue::from_static("Bearer realm=\"Exportgate\""));
    Problem::new(Code::CredentialInvalid, message)
        .with_reason(reason)
        .with_header(header::WWW_AUTHENTICATE, challenge)
        .with_header(X_REASON, HeaderValue::from_static(reason))
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}
