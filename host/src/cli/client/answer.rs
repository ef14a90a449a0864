//! Knows how to read a host's answer: a result, a problem document, or something foreign.

use reqwest::header::{HeaderMap, LOCATION, RETRY_AFTER, SET_COOKIE};
use reqwest::{Response, StatusCode};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use super::COOKIE_NAME;
use crate::cli::failure::Failure;
use crate::cli::output::printable;
use crate::cli::problem::Problem;

/// No answer of a host comes near it; something else that listens there might send for ever.
const LENGTH_LIMIT: usize = 16 * 1024 * 1024;

/// A whole answer in memory.
pub struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: String,
}

/// One page of a list, the items as the host wrote them.
#[derive(Debug, Deserialize)]
pub struct Page {
    /// The items, each a JSON document.
    pub items: Vec<Box<RawValue>>,
    /// Where the next page begins; absent on the last.
    #[serde(default)]
    pub next_cursor: Option<String>,
    /// Whether there is another page behind this one.
    #[serde(skip)]
    pub has_next: bool,
    /// How many of the user's tokens are active (tokens only).
    #[serde(default)]
    pub n_active: Option<u64>,
}

/// What to tell when the host does not know who is calling.
#[derive(Clone, Copy)]
pub(super) enum Advice {
    /// Beside the host's own words.
    Also(&'static str),
    /// In their place.
    Instead(&'static str),
}

/// Why an answer could not be read to its end.
pub(super) enum ReadError {
    Network(reqwest::Error),
    TooLong,
}

impl Answer {
    pub(super) async fn read(mut response: Response) -> Result<Self, ReadError> {
        let mut bytes = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(ReadError::Network)? {
            if bytes.len() + chunk.len() > LENGTH_LIMIT {
                return Err(ReadError::TooLong);
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(Self {
            status: response.status(),
            headers: response.headers().clone(),
            body: String::from_utf8_lossy(&bytes).into_owned(),
        })
    }

    /// Lets results through and turns everything else into a failure.
    pub(super) fn accept(self, host: &str, advice: Option<Advice>) -> Result<Self, Failure> {
        if self.status.is_success() {
            return Ok(self);
        }
        if self.status.is_redirection() {
            let target = self.header_text(LOCATION.as_str()).unwrap_or_default();
            return Err(Failure::failed(format_args!(
                "{host} sends us on to `{}`; name the right address with `--url`",
                printable(target)
            )));
        }
        let Some(problem) = Problem::read(&self.body) else {
            return Err(Failure::failed(format_args!(
                "{host} does not answer like Exportgate (status {}); is the address right?",
                self.status.as_u16()
            )));
        };
        let problem = match (self.status, advice) {
            (StatusCode::UNAUTHORIZED, Some(Advice::Also(hint))) => problem.with_hint(hint),
            (StatusCode::UNAUTHORIZED, Some(Advice::Instead(detail))) => {
                problem.with_detail(detail)
            }
            (StatusCode::TOO_MANY_REQUESTS, _) => match self.header_text(RETRY_AFTER.as_str()) {
                Some(seconds) => problem.with_hint(&format!("try again in {seconds} seconds")),
                None => problem,
            },
            _ => problem,
        };
        Err(Failure::Refused(Box::new(problem)))
    }

    /// The body as a `T`.
    ///
    /// # Errors
    /// When the body is something else: another program, or another version, answered.
    pub fn parse<T: DeserializeOwned>(&self) -> Result<T, Failure> {
        serde_json::from_str(&self.body).map_err(|error| {
            Failure::failed(format_args!(
                "the answer is not what this version of exportgate expects ({error})"
            ))
        })
    }

    /// The body as the host wrote it.
    ///
    /// # Errors
    /// When it is no JSON document.
    pub fn document(&self) -> Result<Box<RawValue>, Failure> {
        self.parse()
    }

    /// The session that the answer began, if it did.
    #[must_use]
    pub fn session_cookie(&self) -> Option<String> {
        let cookies = self.headers.get_all(SET_COOKIE);
        cookies.iter().filter_map(|cookie| cookie.to_str().ok()).find_map(|cookie| {
            let (name, rest) = cookie.split_once('=')?;
            let value = rest.split(';').next()?.trim();
            (name.trim() == COOKIE_NAME && !value.is_empty()).then(|| value.to_owned())
        })
    }

    fn header_text(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }
}
