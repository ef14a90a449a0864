//! Knows how a command asks the host: over its operator socket or over HTTP.

mod answer;
mod trouble;

use std::path::PathBuf;
use std::time::Duration;

use reqwest::header::{ACCEPT, AUTHORIZATION, COOKIE, HeaderMap, HeaderValue, ORIGIN};
use reqwest::{Method, Url, redirect};
use serde::Serialize;
use tokio::runtime::{Builder, Runtime};

use self::answer::Advice;
pub use self::answer::{Answer, Page};

use crate::cli::address::Address;
use crate::cli::args::Global;
use crate::cli::failure::Failure;
use crate::cli::session::{NOT_SIGNED_IN, SIGN_IN_AGAIN, Session};
use crate::cli::socket::SocketPath;

/// A host that is there takes a connection well within this.
const CONNECT_TIME: Duration = Duration::from_secs(5);

/// Long enough for any request but a backup.
const ANSWER_TIME: Duration = Duration::from_secs(60);

/// A backup of a large database on a slow disk.
pub const BACKUP_TIME: Duration = Duration::from_secs(6 * 3600);

/// The name of the session cookie (HTTP.md).
pub const COOKIE_NAME: &str = "__Host-exportgate";

/// In which browsers say which page a request comes from (Fetch Metadata).
const FETCH_SITE: &str = "sec-fetch-site";

/// A way to one host with one credential.
pub struct Client {
    runtime: Runtime,
    http: reqwest::Client,
    base: Url,
    /// The credential, and `Origin` for a session.
    headers: HeaderMap,
    place: Place,
    /// What to tell when the host does not take the credential.
    advice: Option<Advice>,
    answer_time: Duration,
}

/// Where the host was looked for; it is named when nobody answers.
enum Place {
    Socket { data: PathBuf, socket: SocketPath },
    Url(Address),
}

impl Client {
    /// The operator's way, through the socket in the data folder.
    ///
    /// # Errors
    /// [`Failure::Unreachable`] when there is no data folder.
    pub fn operator(global: &Global) -> Result<Self, Failure> {
        let data = global.data.clone();
        let socket = SocketPath::of(&data)
            .map_err(|error| trouble::no_socket(&data, &data, error.kind()))?;
        // The name only fills the `Host` header; the connection goes to the socket.
        let base = Address::parse("http://localhost")?.url().clone();
        Self::new(base, Place::Socket { data, socket }, HeaderMap::new(), None)
    }

    /// Without a credential, to sign in.
    ///
    /// # Errors
    /// When no client can be set up on this machine.
    pub fn anonymous(address: Address) -> Result<Self, Failure> {
        let mut headers = HeaderMap::new();
        headers.insert(ORIGIN, header(&address.origin(), "the address")?);
        Self::new(address.url().clone(), Place::Url(address), headers, None)
    }

    /// As the user who signed in there, if somebody did.
    ///
    /// # Errors
    /// When no client can be set up on this machine.
    pub fn signed_in(address: Address, session: Option<&Session>) -> Result<Self, Failure> {
        let mut headers = HeaderMap::new();
        headers.insert(ORIGIN, header(&address.origin(), "the address")?);
        // The host may be known to browsers under another address than to us, and then takes no
        // `Origin` but that one. This header no page can forge, and we are no page.
        headers.insert(FETCH_SITE, HeaderValue::from_static("same-origin"));
        let Some(session) = session else {
            let advice = Advice::Instead(NOT_SIGNED_IN);
            return Self::new(address.url().clone(), Place::Url(address), headers, Some(advice));
        };
        let cookie = format!("{COOKIE_NAME}={}", session.cookie);
        headers.insert(COOKIE, header(&cookie, "the kept session")?);
        let advice = Advice::Also(SIGN_IN_AGAIN);
        Self::new(address.url().clone(), Place::Url(address), headers, Some(advice))
    }

    /// As an export service.
    ///
    /// # Errors
    /// [`Failure::Usage`] when the key cannot be a header.
    pub fn service(address: Address, key: &str) -> Result<Self, Failure> {
        let mut headers = HeaderMap::new();
        let bearer = format!("Bearer {key}");
        headers.insert(AUTHORIZATION, header(&bearer, "the service key")?);
        let advice = Advice::Also(
            "the host does not know the key in EXPORTGATE_SERVICE_KEY; the operator makes one \
             with `exportgate service add NAME`",
        );
        Self::new(address.url().clone(), Place::Url(address), headers, Some(advice))
    }

    fn new(
        base: Url,
        place: Place,
        headers: HeaderMap,
        advice: Option<Advice>,
    ) -> Result<Self, Failure> {
        // Only the first call in a process sets it; a later one changes nothing.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut builder = reqwest::Client::builder()
            .connect_timeout(CONNECT_TIME)
            .redirect(redirect::Policy::none())
            .no_proxy()
            .user_agent(concat!("exportgate/", env!("CARGO_PKG_VERSION")));
        if base.scheme() == "http" {
            // Without TLS the machine's certificates need not be read, nor be there at all.
            builder = builder.tls_certs_only([]);
        }
        if let Place::Socket { socket, .. } = &place {
            builder = builder.unix_socket(socket.path());
        }
        let http = builder.build().map_err(|error| {
            Failure::failed(format_args!("cannot prepare a connection: {}", trouble::root(&error)))
        })?;
        let runtime = Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| Failure::failed(format_args!("cannot start: {error}")))?;
        Ok(Self { runtime, http, base, headers, place, advice, answer_time: ANSWER_TIME })
    }

    /// Waits this long for answers.
    #[must_use]
    pub fn patient(mut self, answer_time: Duration) -> Self {
        self.answer_time = answer_time;
        self
    }

    /// Sends this header, too.
    ///
    /// # Errors
    /// [`Failure::Usage`] when the value cannot be a header.
    pub fn with_header(mut self, name: &'static str, value: &str) -> Result<Self, Failure> {
        self.headers.insert(name, header(value, name)?);
        Ok(self)
    }

    /// GET of something long in this media type: hands over each part as it arrives.
    ///
    /// # Errors
    /// The host's refusal, that it cannot be reached, that the answer broke off, or what `each`
    /// answers.
    pub fn stream(
        &self,
        path: &[&str],
        query: &[(&str, Option<&str>)],
        media_type: &'static str,
        mut each: impl FnMut(&[u8]) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let request = self.http.get(self.route(path, query)?).headers(self.headers.clone());
        let request = request.header(ACCEPT, media_type);
        self.runtime.block_on(async {
            let mut response = request.send().await.map_err(|error| self.trouble(&error))?;
            if !response.status().is_success() {
                let answer = Answer::read(response).await.map_err(|error| self.unread(error))?;
                return answer.accept(&self.name(), self.advice).map(drop);
            }
            while let Some(part) = response.chunk().await.map_err(|error| self.trouble(&error))? {
                each(&part)?;
            }
            Ok(())
        })
    }

    /// GET with query pairs; absent values are left out.
    ///
    /// # Errors
    /// The host's refusal, or that it cannot be reached.
    pub fn get(&self, path: &[&str], query: &[(&str, Option<&str>)]) -> Result<Answer, Failure> {
        self.send(Method::GET, path, query, None::<&()>)
    }

    /// POST of a JSON body, or of none.
    ///
    /// # Errors
    /// The host's refusal, or that it cannot be reached.
    pub fn post(
        &self,
        path: &[&str],
        query: &[(&str, Option<&str>)],
        body: Option<&impl Serialize>,
    ) -> Result<Answer, Failure> {
        self.send(Method::POST, path, query, body)
    }

    /// Any method. `path` holds one segment each; each is percent-encoded.
    ///
    /// # Errors
    /// The host's refusal, or that it cannot be reached.
    pub fn send(
        &self,
        method: Method,
        path: &[&str],
        query: &[(&str, Option<&str>)],
        body: Option<&impl Serialize>,
    ) -> Result<Answer, Failure> {
        let url = self.route(path, query)?;
        let mut request = self.http.request(method, url).headers(self.headers.clone());
        request = request.timeout(self.answer_time);
        if let Some(body) = body {
            request = request.json(body);
        }
        let answer = self.runtime.block_on(async {
            let response = request.send().await.map_err(|error| self.trouble(&error))?;
            Answer::read(response).await.map_err(|error| self.unread(error))
        })?;
        answer.accept(&self.name(), self.advice)
    }

    /// Follows a list's cursors and hands over each page, until `limit` items have come.
    ///
    /// # Errors
    /// The host's refusal, or what `each` answers.
    pub fn pages(
        &self,
        path: &[&str],
        query: &[(&str, Option<&str>)],
        mut limit: Option<usize>,
        mut each: impl FnMut(Page) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let mut cursor: Option<String> = None;
        loop {
            let size = limit.map(|limit| limit.min(PAGE_LIMIT).to_string());
            let mut query = query.to_vec();
            query.push(("limit", size.as_deref()));
            query.push(("cursor", cursor.as_deref()));
            let mut page: Page = self.get(path, &query)?.parse()?;
            let next = page.next_cursor.take();
            page.has_next = next.is_some();
            if let Some(limit) = &mut limit {
                page.items.truncate(*limit);
                *limit -= page.items.len();
            }
            let is_empty = page.items.is_empty();
            each(page)?;
            // A host that gives a cursor for nothing would otherwise be asked for ever.
            if next.is_none() || is_empty || next == cursor || limit == Some(0) {
                return Ok(());
            }
            cursor = next;
        }
    }

    fn route(&self, path: &[&str], query: &[(&str, Option<&str>)]) -> Result<Url, Failure> {
        // An address would lose these segments, and the request would mean something else.
        if let Some(segment) = path.iter().find(|segment| matches!(**segment, "" | "." | "..")) {
            return Err(Failure::usage(format_args!("`{segment}` is neither a name nor an id")));
        }
        let mut url = self.base.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.clear().extend(path);
        }
        let given: Vec<_> =
            query.iter().filter_map(|(key, value)| Some((key, (*value)?))).collect();
        if !given.is_empty() {
            url.query_pairs_mut().extend_pairs(given);
        }
        Ok(url)
    }

    fn unread(&self, error: answer::ReadError) -> Failure {
        match error {
            answer::ReadError::Network(error) => self.trouble(&error),
            answer::ReadError::TooLong => {
                Failure::failed("the answer is longer than any answer of a host")
            }
        }
    }

    fn trouble(&self, error: &reqwest::Error) -> Failure {
        match &self.place {
            Place::Socket { data, socket } if error.is_connect() => {
                trouble::no_socket(data, socket.path(), trouble::kind(error))
            }
            Place::Url(address) if error.is_connect() => trouble::no_host(address, error),
            _ => trouble::no_answer(&self.name(), error, self.answer_time),
        }
    }

    fn name(&self) -> String {
        match &self.place {
            Place::Socket { data, .. } => format!("the host of data folder `{}`", data.display()),
            Place::Url(address) => format!("the host at {}", address.origin()),
        }
    }
}

/// The most items that a page holds (HTTP.md, Lists).
const PAGE_LIMIT: usize = 200;

/// Never shown in `Debug`, because most of these are credentials.
fn header(text: &str, what: &str) -> Result<HeaderValue, Failure> {
    let mut value = HeaderValue::from_str(text)
        .map_err(|_| Failure::usage(format_args!("{what} holds characters that it cannot have")))?;
    value.set_sensitive(true);
    Ok(value)
}

#[cfg(test)]
mod tests;
