//! One connection to the host, as a browser or an export service keeps one.

use std::time::Duration;

use anyhow::Context as _;
use bytes::Bytes;
use http::{Method, Request, Response, StatusCode, header};
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpStream;

/// Nothing here takes so long; a host that does is as good as gone.
const PATIENCE: Duration = Duration::from_secs(20);

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum NoAnswer {
    /// The request never left: nothing can have come of it.
    #[error("the host cannot be reached: {0}")]
    NotSent(String),
    /// The request left, and nobody knows what came of it.
    #[error("the host did not answer: {0}")]
    BrokeOff(String),
}

/// Who is asking.
#[derive(Clone, Debug)]
pub enum Credential {
    /// Nobody in particular: the body says enough.
    None,
    /// A person with the cookie of a session.
    Cookie(String),
    /// An export service with its key.
    Key(String),
}

/// A client that connects when it has to.
pub struct Client {
    authority: String,
    sender: Option<SendRequest<Full<Bytes>>>,
}

impl Client {
    pub fn new(authority: &str) -> Self {
        Self { authority: authority.to_owned(), sender: None }
    }

    /// Signs in with a code, and returns the cookie.
    ///
    /// # Errors
    ///
    /// When the host does not let the person in.
    pub async fn sign_in(&mut self, code: &str) -> anyhow::Result<Credential> {
        let body = serde_json::json!({ "code": code });
        let (nobody, body) = (Credential::None, Body::Json(&body));
        let answer = self.send(&nobody, Method::POST, "/v1/sign-in", body).await?;
        let cookie = answer.headers().get(header::SET_COOKIE).context("no cookie")?.to_str()?;
        let (cookie, _) = cookie.split_once(';').context("no cookie with attributes")?;
        Ok(Credential::Cookie(cookie.to_owned()))
    }

    /// Sends `body`, and returns the status and the JSON of the answer.
    ///
    /// # Errors
    ///
    /// [`NoAnswer`], after which the next request makes a new connection.
    pub async fn ask(
        &mut self,
        credential: &Credential,
        method: Method,
        path: &str,
        body: Body<'_>,
    ) -> Result<(StatusCode, Value), NoAnswer> {
        let answer = self.send(credential, method, path, body).await?;
        Ok((answer.status(), serde_json::from_slice(answer.body()).unwrap_or(Value::Null)))
    }

    async fn send(
        &mut self,
        credential: &Credential,
        method: Method,
        path: &str,
        body: Body<'_>,
    ) -> Result<Response<Bytes>, NoAnswer> {
        let mut sender = match self.sender.take() {
            Some(sender) if !sender.is_closed() => sender,
            _ => self.connect().await.map_err(|error| NoAnswer::NotSent(error.to_string()))?,
        };
        let request = self
            .request(credential, method, path, body)
            .map_err(|error| NoAnswer::NotSent(error.to_string()))?;
        let answered = async {
            let (parts, body) = sender.send_request(request).await?.into_parts();
            let body = body.collect().await?.to_bytes();
            Ok::<_, hyper::Error>(Response::from_parts(parts, body))
        };
        let broke_off = |error: &dyn ToString| NoAnswer::BrokeOff(error.to_string());
        let answer = tokio::time::timeout(PATIENCE, answered)
            .await
            .map_err(|late| broke_off(&late))?
            .map_err(|error| broke_off(&error))?;
        self.sender = Some(sender);
        Ok(answer)
    }

    async fn connect(&self) -> anyhow::Result<SendRequest<Full<Bytes>>> {
        let stream = TcpStream::connect(&self.authority).await?;
        stream.set_nodelay(true)?;
        let (sender, connection) = handshake(TokioIo::new(stream)).await?;
        // It ends with the sender, or with the host.
        tokio::spawn(connection);
        Ok(sender)
    }

    fn request(
        &self,
        credential: &Credential,
        method: Method,
        path: &str,
        body: Body<'_>,
    ) -> Result<Request<Full<Bytes>>, http::Error> {
        let request =
            Request::builder().method(method).uri(path).header(header::HOST, &self.authority);
        let request = match credential {
            Credential::None => request,
            Credential::Cookie(cookie) => {
                request.header(header::COOKIE, cookie).header("sec-fetch-site", "same-origin")
            }
            Credential::Key(key) => request.header(header::AUTHORIZATION, format!("Bearer {key}")),
        };
        let (kind, text) = match body {
            Body::Empty => return request.body(Full::default()),
            Body::Json(value) => ("application/json", value.to_string()),
            Body::Form(text) => ("application/x-www-form-urlencoded", text),
        };
        request.header(header::CONTENT_TYPE, kind).body(Full::from(text))
    }
}

/// What is sent.
pub enum Body<'b> {
    Empty,
    Json(&'b Value),
    Form(String),
}
