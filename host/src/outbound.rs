//! Requests to other people's servers, within bounds of time, size and place.
//!
//! Whoever controls a name, or the metadata that a server hands out, must not be able to make this
//! host speak to its own network (OWASP ASVS 5.0, 1.3.6). What the operator wrote is the operator's
//! own word.

mod document;
mod internal;

use std::{sync::Arc, time::Duration};

use http::{HeaderMap, StatusCode};
use reqwest::{Request, Url, redirect};

pub use self::document::Document;
use self::internal::{Resolver, is_internal_literal};

/// A whole request with its answer takes at most this long.
const TIMEOUT: Duration = Duration::from_secs(5);
/// The longest answer. The largest that providers give are key sets of 20 KiB.
const MAXIMUM_BYTES: usize = 256 * 1024;

/// Why there is no answer. What the other side wrote is not repeated.
#[derive(Debug, thiserror::Error)]
pub enum WebError {
    /// No connection, or it broke.
    #[error("{0}")]
    Network(reqwest::Error),
    /// Another status than 200.
    #[error("it answered {0}")]
    Status(u16),
    /// More than anybody needs.
    #[error("it is longer than {MAXIMUM_BYTES} bytes")]
    TooLong,
    /// A place that the operator did not mean.
    #[error("it leads to an internal address, or away from https")]
    Elsewhere,
}

/// Speaks to one server, and to those that it names.
pub struct Web {
    client: reqwest::Client,
    /// What the operator wrote.
    home: Url,
    may_be_internal: bool,
}

/// An answer that was read whole.
pub struct Answer {
    /// Its status.
    pub status: StatusCode,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body.
    pub body: Vec<u8>,
}

impl Web {
    /// `home` is the address in the configuration; `may_be_internal`, whether names may lead to
    /// internal addresses.
    ///
    /// # Errors
    /// When no connection can be prepared, for instance without certificates on this machine.
    pub fn new(home: Url, may_be_internal: bool) -> Result<Self, reqwest::Error> {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let may_be_internal = may_be_internal || home.host_str() == Some("localhost");
        let mut builder = reqwest::Client::builder()
            .redirect(redirect::Policy::none())
            // A proxy would resolve the name by itself.
            .no_proxy()
            .timeout(TIMEOUT)
            .pool_max_idle_per_host(1)
            .dns_resolver(Arc::new(Resolver { may_be_internal }))
            .user_agent(concat!("exportgate/", env!("CARGO_PKG_VERSION")));
        if home.scheme() == "http" {
            builder = builder.tls_certs_only([]);
        }
        Ok(Self { client: builder.build()?, home, may_be_internal })
    }

    /// Whether this address may be asked: https, or the scheme and host of the configured one; no
    /// internal address that only the other side names.
    #[must_use]
    pub fn allows(&self, url: &Url) -> bool {
        let at_home = url.host() == self.home.host();
        let is_secure = url.scheme() == "https" || (at_home && url.scheme() == self.home.scheme());
        is_secure && (at_home || self.may_be_internal || !is_internal_literal(url))
    }

    /// Reads a document.
    ///
    /// # Errors
    /// [`WebError`]
    pub async fn get(&self, url: &Url) -> Result<Vec<u8>, WebError> {
        let answer = self.send(Request::new(http::Method::GET, url.clone())).await?;
        match answer.status {
            StatusCode::OK => Ok(answer.body),
            status => Err(WebError::Status(status.as_u16())),
        }
    }

    /// Sends a request, and reads the answer, whatever its status.
    ///
    /// # Errors
    /// [`WebError`]
    pub async fn send(&self, request: Request) -> Result<Answer, WebError> {
        if !self.allows(request.url()) {
            return Err(WebError::Elsewhere);
        }
        let broken = |error: reqwest::Error| WebError::Network(error.without_url());
        let mut response = self.client.execute(request).await.map_err(broken)?;
        let (status, headers) = (response.status(), response.headers().clone());
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(broken)? {
            if body.len() + chunk.len() > MAXIMUM_BYTES {
                return Err(WebError::TooLong);
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Answer { status, headers, body })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_operator_can_name_an_internal_address() {
        let allows = |home: &str, may_be_internal, url: &str| {
            let web = Web::new(home.parse().unwrap(), may_be_internal).unwrap();
            web.allows(&url.parse().unwrap())
        };
        let home = "http://127.0.0.1:4000/issuer";
        assert!(allows(home, false, "http://127.0.0.1:5000/token"));
        assert!(!allows(home, false, "http://127.0.0.2:4000/token"));
        assert!(!allows(home, false, "https://169.254.169.254/token"));
        assert!(!allows(home, false, "https://[::1]/token"));
        assert!(allows(home, true, "https://10.0.0.1/token"));
        assert!(!allows(home, true, "http://10.0.0.1/token"));
        assert!(allows(home, false, "https://login.example/token"));
        assert!(!allows(home, true, "ftp://login.example/token"));
        assert!(!allows("http://localhost:4000", false, "http://login.example/token"));
    }
}
