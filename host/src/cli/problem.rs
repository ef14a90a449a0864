//! Knows the problem documents (RFC 9457) that a host answers with, and says them in words.

use serde::{Deserialize, Serialize};

use crate::cli::output::{one_line, printable};

/// A refusal or failure that a host told, or a refusal in the same form that was decided here.
#[derive(Debug, Default, Deserialize, Serialize)]
pub struct Problem {
    #[serde(default)]
    title: String,
    status: u16,
    #[serde(default)]
    detail: String,
    code: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    request_id: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    errors: Vec<Mistake>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    latest_allowed: Option<String>,
    /// The document as the host wrote it; absent for a refusal decided here.
    #[serde(skip)]
    raw: Option<String>,
    /// What the reader can do about it.
    #[serde(skip)]
    hint: Option<String>,
}

/// One of several mistakes in a request.
#[derive(Debug, Default, Deserialize, Serialize)]
struct Mistake {
    #[serde(default)]
    pointer: String,
    #[serde(default)]
    code: String,
    #[serde(default)]
    detail: String,
}

impl Problem {
    /// Reads the body of an answer; `None` when it is no problem document of Exportgate.
    #[must_use]
    pub fn read(body: &str) -> Option<Self> {
        let mut problem: Self = serde_json::from_str(body).ok()?;
        problem.raw = Some(body.to_owned());
        Some(problem)
    }

    /// A refusal that needed no host, in the form that a host would give it.
    #[must_use]
    pub fn local(code: &str, detail: &str) -> Self {
        let status = if code == "credential.missing" { 401 } else { 409 };
        Self { status, detail: detail.to_owned(), code: code.to_owned(), ..Self::default() }
    }

    /// Adds what the reader can do about it.
    #[must_use]
    pub fn with_hint(mut self, hint: &str) -> Self {
        self.hint = Some(hint.to_owned());
        self
    }

    /// Says to people what happened in other words; the document stays the host's.
    #[must_use]
    pub fn with_detail(mut self, detail: &str) -> Self {
        self.detail = detail.to_owned();
        self
    }

    /// The stable code, such as `label.empty`.
    #[must_use]
    pub fn code(&self) -> &str {
        &self.code
    }

    /// The HTTP status, 401 for instance.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.status
    }

    /// True when a rule refused, false when the host itself failed.
    #[must_use]
    pub fn is_refusal(&self) -> bool {
        (400..500).contains(&self.status)
    }

    /// The document on one line, for `--json`.
    #[must_use]
    pub fn document(&self) -> String {
        match &self.raw {
            Some(raw) => one_line(raw),
            None => serde_json::to_string(self).unwrap_or_default(),
        }
    }

    /// The code and every sentence, for people; a line per mistake where there are several. A
    /// single one is what code and detail say already.
    #[must_use]
    pub fn words(&self) -> String {
        let kind = if self.is_refusal() { "refused" } else { "error" };
        let detail = if self.detail.is_empty() { &self.title } else { &self.detail };
        let mut text = format!("{kind}: {}: {}", printable(&self.code), printable(detail));
        let several = if self.errors.len() > 1 { self.errors.as_slice() } else { &[] };
        for mistake in several {
            text.push_str(&format!(
                "\n  {}: {}: {}",
                printable(&mistake.pointer),
                printable(&mistake.code),
                printable(&mistake.detail)
            ));
        }
        if let Some(instant) = &self.latest_allowed {
            text.push_str(&format!("\nlatest allowed: {}", printable(instant)));
        }
        if let Some(id) = self.request_id.as_ref().filter(|_| !self.is_refusal()) {
            text.push_str(&format!("\nthe host's log tells more under request {}", printable(id)));
        }
        if let Some(hint) = &self.hint {
            text.push_str(&format!("\n{}", printable(hint)));
        }
        text
    }
}
