//! `/v1/exports/authorize`: for proxies that ask before they pass a request on.
//!
//! nginx, Caddy and Traefik ask with GET and say the client's path in a header. Envoy's HTTP
//! `ext_authz` asks with the client's own method and appends the client's path to ours.

use std::{net::IpAddr, sync::Arc};

use axum::{
    extract::{FromRequestParts, State},
    response::{IntoResponse, Response},
};
use exportgate_core::{
    code::Code,
    id::{OrgId, TOKEN_ID_LENGTH},
    name::Name,
    validate_export::Reason,
};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header, request::Parts};
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use super::data_source;
use crate::http::refusals::{ByStoreOrEngine, OfQuery, ToGuessers};
use crate::{
    app::App,
    data::DEFAULT_ORGANIZATION,
    directory::User,
    http::{
        actor::{self, Credential},
        client_address,
        problem::{Problem, ProblemBody},
    },
    usecase::validate_export::{Asker, Decision, Presented, validate_export},
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

/// The asking proxy, and the client's address as it says.
pub struct AskingProxy {
    asker: Asker,
    client_address: Option<IpAddr>,
}

impl FromRequestParts<Arc<App>> for AskingProxy {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        let peer = client_address::peer(parts);
        let asker = match text(&parts.headers, SERVICE_HEADER) {
            Some(key) => Asker::Service(actor::service(app, parts, key, None)?),
            // Without a key nobody says for which organization.
            None if peer.is_some_and(|peer| app.trusts(peer)) => {
                let org_id = OrgId::parse(DEFAULT_ORGANIZATION)
                    .map_err(|error| Problem::new(Code::Internal, error.to_string()))?;
                Asker::TrustedProxy(org_id)
            }
            None => {
                let detail = "the proxy must present its service key in `X-Exportgate-Service`, \
                              or call from a trusted address";
                return Err(Problem::new(Code::CredentialMissing, detail));
            }
        };
        let client_address =
            client_address::forwarded(&parts.headers, |address| app.trusts(address));
        Ok(Self { asker, client_address })
    }
}

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
pub async fn authorize(
    State(app): State<Arc<App>>,
    proxy: AskingProxy,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let (secret, user_name) = match Credential::authorization(&headers) {
        Ok(Credential::Bearer(secret)) => (secret.to_owned(), None),
        // An empty name is a presented one, and nobody's: when in doubt the answer is no.
        Ok(Credential::Basic { name, password }) => (password, Some(name)),
        Ok(Credential::None | Credential::Session(_)) => return Err(challenge_only()),
        // What cannot be read holds no secret.
        Err(_) => (String::new(), None),
    };
    let data_source = match text(&headers, DATA_SOURCE_HEADER) {
        Some(named) => data_source(named),
        None => appended_path(&uri),
    };
    let presented = Presented {
        secret: &secret,
        user_name: user_name.as_deref(),
        data_source: data_source.as_deref(),
        client_address: proxy.client_address,
        asker: &proxy.asker,
    };
    let decision = validate_export(&app, &presented).await?;
    match (&decision.token, decision.reason) {
        (Some(token), Reason::Allowed) => {
            let mut response = StatusCode::OK.into_response();
            let mut place = [0; TOKEN_ID_LENGTH];
            let token_id = token.token_id.text(&mut place);
            name_owner(response.headers_mut(), &token.user, token_id);
            Ok(response)
        }
        _ => Err(denied(&decision)),
    }
}

/// The client's path behind ours, where it may go into the history as it is.
fn appended_path(uri: &Uri) -> Option<String> {
    let path = uri.path().strip_prefix(AUTHORIZE).filter(|path| path.len() > 1)?;
    let path = percent_decode_str(path).decode_utf8().ok()?;
    if actor::is_harmless(&path) { data_source(&path) } else { None }
}

fn name_owner(headers: &mut HeaderMap, user: &User, token_id: &str) {
    let owner = &user.owner();
    for (name, value) in [
        (X_USER, owner.user_id.as_str()),
        (X_USER_NAME, &encoded(&owner.user_name)),
        (X_ORGANIZATION, owner.org_id.as_str()),
        (X_TOKEN, token_id),
    ] {
        // Ids and encoded names are visible ASCII.
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(name, value);
        }
    }
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
