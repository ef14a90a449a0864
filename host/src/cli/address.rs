//! Knows which host a user's command means, and how its address is written.

use std::net::IpAddr;

use reqwest::Url;

use crate::cli::failure::Failure;
use crate::cli::output::Output;

/// Where `exportgate serve` listens unless told otherwise.
const DEFAULT_URL: &str = "http://127.0.0.1:8080";

/// Names the host for people who do not want to write `--url` each time.
const URL_VARIABLE: &str = "EXPORTGATE_URL";

/// A host's origin, such as `https://exportgate.example.com`: scheme, name and port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    url: Url,
}

impl Address {
    /// Chooses the host: `--url`, else `EXPORTGATE_URL`, else where the user signed in last,
    /// else a host on this machine.
    ///
    /// # Errors
    /// [`Failure::Usage`] when the chosen text is no address.
    pub fn choose(option: Option<&str>, last: Option<&str>) -> Result<Self, Failure> {
        match option {
            Some(url) => Self::parse(url),
            None => Self::choose_from(None, Self::variable().as_deref(), last),
        }
    }

    fn choose_from(
        option: Option<&str>,
        variable: Option<&str>,
        last: Option<&str>,
    ) -> Result<Self, Failure> {
        Self::parse(option.or(variable).or(last).unwrap_or(DEFAULT_URL))
    }

    fn variable() -> Option<String> {
        std::env::var(URL_VARIABLE).ok().filter(|url| !url.is_empty())
    }

    /// Reads an address; a path of `/` may follow, nothing else.
    ///
    /// # Errors
    /// [`Failure::Usage`] when it is none.
    pub fn parse(text: &str) -> Result<Self, Failure> {
        let mistake = |what: &str| {
            Failure::usage(format_args!(
                "the address of the host {what}; write it like {DEFAULT_URL}"
            ))
        };
        let url = Url::parse(text).map_err(|_| mistake("cannot be read"))?;
        if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
            return Err(mistake("must begin with `http://` or `https://` and a name"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(mistake("must not hold a password"));
        }
        if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
            return Err(mistake("must end after its port"));
        }
        Ok(Self { url })
    }

    /// Takes a sign-in link (`http://…/#code=CODE`) apart.
    ///
    /// # Errors
    /// [`Failure::Usage`] when its beginning is no address.
    pub fn from_sign_in_link(text: &str) -> Result<Option<(Self, String)>, Failure> {
        if !text.contains("://") {
            return Ok(None);
        }
        let Some((origin, code)) = text.split_once("#code=") else {
            return Err(Failure::usage("the sign-in link does not end in `#code=` and a code"));
        };
        Ok(Some((Self::parse(origin)?, code.to_owned())))
    }

    /// Scheme, name and port, as a browser would send it in `Origin`; the key of sessions.
    #[must_use]
    pub fn origin(&self) -> String {
        self.url.origin().ascii_serialization()
    }

    /// The address to which paths are added.
    #[must_use]
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// Warns a person whose secret is about to cross a network that others can read.
    pub fn warn(&self, out: &Output) {
        if self.is_open_to_listeners() {
            out.note("warning: this address is plain HTTP, others on the network can listen");
        }
    }

    fn is_open_to_listeners(&self) -> bool {
        let host = self.url.host_str().unwrap_or_default();
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        let is_loopback =
            host == "localhost" || bare.parse().is_ok_and(|address: IpAddr| address.is_loopback());
        self.url.scheme() == "http" && !is_loopback
    }
}

#[cfg(test)]
mod tests;
