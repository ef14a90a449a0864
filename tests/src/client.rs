//! Knows how to keep one connection to a host, as a browser, an export service or the operator
//! does.

use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context as _;
use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, Request, Response, StatusCode, header};
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::{TcpSocket, UnixStream};

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

impl Credential {
    /// The headers that tell it.
    fn headers(&self) -> Vec<(HeaderName, String)> {
        match self {
            Self::None => Vec::new(),
            Self::Cookie(cookie) => vec![
                (header::COOKIE, cookie.clone()),
                (HeaderName::from_static("sec-fetch-site"), "same-origin".to_owned()),
            ],
            Self::Key(key) => vec![(header::AUTHORIZATION, format!("Bearer {key}"))],
        }
    }
}

/// Where the host listens.
enum Place {
    /// Host and port, and the address from which to come.
    Tcp(String, Option<IpAddr>),
    /// The socket in its data folder.
    Socket(PathBuf),
}

/// A client that connects when it has to.
pub struct Client {
    place: Place,
    sender: Option<SendRequest<Full<Bytes>>>,
}

impl Client {
    /// A client of `host:port`.
    pub fn new(authority: &str) -> Self {
        Self { place: Place::Tcp(authority.to_owned(), None), sender: None }
    }

    /// The same, from an address of one's choice: all of `127.0.0.0/8` is this machine.
    pub fn from_address(authority: &str, from: IpAddr) -> Self {
        Self { place: Place::Tcp(authority.to_owned(), Some(from)), sender: None }
    }

    /// The operator: a client of the socket in this data folder.
    pub fn operator(data: &Path) -> Self {
        Self { place: Place::Socket(data.join("exportgate.sock")), sender: None }
    }

    /// Signs in with a code, and returns the cookie.
    ///
    /// # Errors
    ///
    /// When the host does not let the person in.
    pub async fn sign_in(&mut self, code: &str) -> anyhow::Result<Credential> {
        let body = serde_json::json!({ "code": code });
        let body = Body::Json(&body);
        let request = request(Method::POST, "/v1/sign-in", &[], body)?;
        let answer = self.exchange(request).await?;
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
        let request = request(method, path, &credential.headers(), body)
            .map_err(|error| NoAnswer::NotSent(error.to_string()))?;
        let answer = self.exchange(request).await?;
        Ok((answer.status(), serde_json::from_slice(answer.body()).unwrap_or(Value::Null)))
    }

    /// Sends any request, to which only `Host` is added, and returns the whole answer.
    ///
    /// # Errors
    ///
    /// As [`Self::ask`].
    pub async fn exchange(
        &mut self,
        mut request: Request<Full<Bytes>>,
    ) -> Result<Response<Bytes>, NoAnswer> {
        // The connection's own task may not yet know that the last answer was read, and whatever
        // is sent before it does is cancelled.
        let kept = match self.sender.take() {
            Some(mut sender) => sender.ready().await.is_ok().then_some(sender),
            None => None,
        };
        let mut sender = match kept {
            Some(sender) => sender,
            None => self.connect().await.map_err(|error| NoAnswer::NotSent(error.to_string()))?,
        };
        let host = match &self.place {
            Place::Tcp(authority, _) => authority,
            Place::Socket(_) => "localhost",
        };
        let host = HeaderValue::from_str(host);
        let host = host.map_err(|error| NoAnswer::NotSent(error.to_string()))?;
        request.headers_mut().entry(header::HOST).or_insert(host);
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
        // A connection ends with its sender, or with the host.
        match &self.place {
            Place::Tcp(authority, from) => {
                let socket = TcpSocket::new_v4()?;
                if let Some(from) = from {
                    socket.bind(SocketAddr::new(*from, 0))?;
                }
                let stream = socket.connect(authority.parse()?).await?;
                stream.set_nodelay(true)?;
                let (sender, connection) = handshake(TokioIo::new(stream)).await?;
                tokio::spawn(connection);
                Ok(sender)
            }
            Place::Socket(path) => {
                let stream = UnixStream::connect(path).await?;
                let (sender, connection) = handshake(TokioIo::new(stream)).await?;
                tokio::spawn(connection);
                Ok(sender)
            }
        }
    }
}

/// What is sent.
#[derive(Clone, Copy)]
pub enum Body<'b> {
    Empty,
    Json(&'b Value),
    Form(&'b str),
}

/// A request with these headers, and that of its body.
///
/// # Errors
///
/// When path or a header cannot be sent.
pub fn request(
    method: Method,
    path: &str,
    headers: &[(HeaderName, String)],
    body: Body<'_>,
) -> Result<Request<Full<Bytes>>, http::Error> {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(name, value);
    }
    let (kind, text) = match body {
        Body::Empty => return request.body(Full::default()),
        Body::Json(value) => ("application/json", value.to_string()),
        Body::Form(text) => ("application/x-www-form-urlencoded", text.to_owned()),
    };
    // A media type of one's own stays the only one.
    if !headers.iter().any(|(name, _)| name == header::CONTENT_TYPE) {
        request = request.header(header::CONTENT_TYPE, kind);
    }
    request.body(Full::from(text))
}
