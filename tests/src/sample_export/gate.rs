//! Knows how a program that delivers data asks Exportgate before every request, and that it
//! delivers nothing when there is no clear yes.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use http::header::{
    AUTHORIZATION, CONTENT_TYPE, HOST, HeaderName, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE,
};
use http::{StatusCode, Uri};
use http_body_util::{BodyExt as _, Empty};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

/// Route of the host that answers whether an export may run.
const AUTHORIZE_PATH: &str = "/v1/exports/authorize";
/// A validation takes well under a millisecond; who waits longer than this will not be answered.
const PATIENCE: Duration = Duration::from_secs(5);

const SERVICE: HeaderName = HeaderName::from_static("x-exportgate-service");
const DATA_SOURCE: HeaderName = HeaderName::from_static("x-exportgate-data-source");
const REASON: HeaderName = HeaderName::from_static("x-exportgate-reason");
const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The way to the host, with the key of this export service.
#[derive(Clone)]
pub struct Gate {
    authority: String,
    path: String,
    key: HeaderValue,
}

/// Why a gate cannot be built.
#[derive(Debug, thiserror::Error)]
pub enum GateError {
    /// Only plain HTTP, as over loopback, is spoken here.
    #[error("`{0}` is no address of the form http://HOST:PORT")]
    Address(String),
    /// The key is not quoted here, it is a secret.
    #[error("the service key holds characters that no header can carry")]
    Key,
}

impl Gate {
    /// A gate at `url`, which is the host's own address or the whole address of its route.
    ///
    /// # Errors
    ///
    /// [`GateError`] when the address or the key cannot be used.
    pub fn new(url: &str, key: &str) -> Result<Self, GateError> {
        let malformed = || GateError::Address(url.to_owned());
        let uri: Uri = url.parse().map_err(|_| malformed())?;
        let authority = uri.authority().filter(|_| uri.scheme_str() == Some("http"));
        let path = if uri.path() == "/" { AUTHORIZE_PATH } else { uri.path() };
        let mut key = HeaderValue::from_str(key).map_err(|_| GateError::Key)?;
        // Keeps the key out of whatever prints headers.
        key.set_sensitive(true);
        Ok(Self {
            authority: authority.ok_or_else(malformed)?.as_str().to_owned(),
            path: path.to_owned(),
            key,
        })
    }

    /// Puts the gate before every route of `router`, including those it does not have.
    pub fn protect(self, router: Router) -> Router {
        router
            .fallback(async || StatusCode::NOT_FOUND)
            .layer(from_fn_with_state(Arc::new(self), pass))
    }

    /// Asks the host about one request.
    async fn ask(&self, request: &Question) -> Result<http::Response<Bytes>, Unanswered> {
        let stream = TcpStream::connect(&self.authority).await?;
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
        // The connection ends with the answer: `sender` is dropped when this function returns.
        tokio::spawn(connection);
        let mut question = http::Request::get(&self.path)
            .header(HOST, &self.authority)
            .header(SERVICE, &self.key)
            .header(DATA_SOURCE, &request.data_source)
            .header(FORWARDED_FOR, &request.client_address);
        // The client's own words, untouched; this program does not understand them.
        if let Some(authorization) = &request.authorization {
            question = question.header(AUTHORIZATION, authorization);
        }
        let answer = sender.send_request(question.body(Empty::<Bytes>::new())?).await?;
        let (parts, body) = answer.into_parts();
        Ok(http::Response::from_parts(parts, body.collect().await?.to_bytes()))
    }
}

/// What the host is told about a client's request.
struct Question {
    authorization: Option<HeaderValue>,
    data_source: String,
    client_address: String,
}

/// The host gave no answer.
#[derive(Debug, thiserror::Error)]
enum Unanswered {
    #[error("cannot be reached: {0}")]
    Network(#[from] std::io::Error),
    #[error("broke off: {0}")]
    Http(#[from] hyper::Error),
    #[error("cannot be asked: {0}")]
    Request(#[from] http::Error),
}

/// Lets a request pass after a clear yes, hands on a clear no, and answers 503 to all else.
async fn pass(
    State(gate): State<Arc<Gate>>,
    ConnectInfo(client): ConnectInfo<SocketAddr>,
    request: Request,
    next: Next,
) -> Response {
    let question = Question {
        authorization: request.headers().get(AUTHORIZATION).cloned(),
        // The path alone: what follows the question mark is the client's business.
        data_source: request.uri().path().to_owned(),
        client_address: client.ip().to_string(),
    };
    match tokio::time::timeout(PATIENCE, gate.ask(&question)).await {
        Ok(Ok(answer)) if answer.status() == StatusCode::OK => next.run(request).await,
        // Without a reason the refusal is about our own service key, not about the client.
        Ok(Ok(answer))
            if answer.status() == StatusCode::UNAUTHORIZED
                && answer.headers().contains_key(REASON) =>
        {
            refusal(answer)
        }
        Ok(Ok(answer)) => unavailable(&format!("answered {}", answer.status())),
        Ok(Err(unanswered)) => unavailable(&unanswered.to_string()),
        Err(_) => unavailable("took too long"),
    }
}

/// The host's refusal as the client sees it.
fn refusal(answer: http::Response<Bytes>) -> Response {
    let (parts, body) = answer.into_parts();
    let mut response = (StatusCode::UNAUTHORIZED, Body::from(body)).into_response();
    for name in [WWW_AUTHENTICATE, REASON, CONTENT_TYPE] {
        for value in parts.headers.get_all(&name) {
            response.headers_mut().append(&name, value.clone());
        }
    }
    response
}

/// Fails closed; why is for whoever runs this program, not for the client.
fn unavailable(why: &str) -> Response {
    eprintln!("Exportgate {why}; the request was not served");
    let problem = serde_json::json!({
        "type": "about:blank",
        "title": "Service Unavailable",
        "status": 503,
        "detail": "access cannot be checked at the moment, so nothing is delivered",
    });
    let headers = [(CONTENT_TYPE, "application/problem+json"), (RETRY_AFTER, "10")];
    (StatusCode::SERVICE_UNAVAILABLE, headers, problem.to_string()).into_response()
}
