//! What the host's own document says there is, and what the operator's routes are, of which it
//! does not speak.

use std::path::Path;

use anyhow::Context as _;
use http::{Method, StatusCode};
use serde_json::Value;

/// One method of one route.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Operation {
    pub method: String,
    /// As in `/v1/tokens/{token_id}`.
    pub path: String,
}

impl Operation {
    pub fn method(&self) -> Method {
        Method::from_bytes(self.method.as_bytes()).unwrap_or_default()
    }

    /// Whether it only reads.
    pub fn is_safe(&self) -> bool {
        self.method == "GET"
    }
}

/// The document at `/openapi.json`.
pub struct Document(pub Value);

impl Document {
    /// Everything that it shows.
    pub fn operations(&self) -> Vec<Operation> {
        let paths = self.0.get("paths").and_then(Value::as_object);
        let mut found = Vec::new();
        for (path, methods) in paths.into_iter().flatten() {
            for method in methods.as_object().into_iter().flatten().map(|(method, _)| method) {
                found.push(Operation { method: method.to_uppercase(), path: path.clone() });
            }
        }
        found
    }

    /// What contradicts an answer: a status, a media type or a code of which it does not tell.
    pub fn contradiction(
        &self,
        operation: &Operation,
        status: StatusCode,
        media_type: &str,
        code: Option<&str>,
    ) -> Option<String> {
        let method = operation.method.to_lowercase();
        let told = self.0.get("paths")?.get(&operation.path)?.get(&method)?.get("responses")?;
        let Some(answer) = told.get(status.as_str()) else {
            return Some(format!("the document does not tell of {status}"));
        };
        let content = answer.get("content").and_then(Value::as_object);
        let media_type = media_type.split(';').next().unwrap_or_default();
        let is_told = match content {
            Some(content) => content.keys().any(|told| told.split(';').next() == Some(media_type)),
            None => media_type.is_empty(),
        };
        if !is_told {
            return Some(format!("the document does not tell of `{media_type}` with {status}"));
        }
        let description = answer.get("description").and_then(Value::as_str).unwrap_or_default();
        let code = code.filter(|code| !description.contains(&format!("`{code}`")))?;
        Some(format!("the document does not tell of `{code}`"))
    }
}

/// The operator's routes, as the host's sources list them: only they know.
///
/// # Errors
///
/// When they cannot be read.
pub fn operators_routes(workspace: &Path) -> anyhow::Result<Vec<Operation>> {
    let file = workspace.join("host/src/http/operator.rs");
    let text = std::fs::read_to_string(&file).with_context(|| format!("`{}`", file.display()))?;
    let mut found = Vec::new();
    for route in text.split(".route(\"").skip(1) {
        let (path, handlers) = route.split_once('"').context("a route has a path")?;
        let handlers = handlers.split(".route(").next().unwrap_or_default();
        let handlers = handlers.split("\n}").next().unwrap_or_default();
        for method in ["get", "post", "put", "patch", "delete"] {
            let named = |before: &str| handlers.contains(&format!("{before}{method}("));
            if named(" ") || named(".") || named("\n") {
                found.push(Operation { method: method.to_uppercase(), path: path.to_owned() });
            }
        }
    }
    anyhow::ensure!(found.len() >= 15, "only {} routes of the operator are found", found.len());
    Ok(found)
}
