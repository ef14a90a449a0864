//! The matrix: every operation, asked by everybody, about things of everybody's.
//!
//! The operations come from the host's own document and from its sources, so that a new one cannot
//! be forgotten: one that [`crate::operations`] does not know is wrong.

use std::collections::HashMap;
use std::path::Path;

use bytes::Bytes;
use exportgate_tests::client::Body;
use http::{Method, Response, StatusCode, header};
use serde_json::Value;

use crate::belongings::Belongings;
use crate::document::{Document, Operation, operators_routes};
use crate::findings::Findings;
use crate::operations::{About, Asked, Sent, Variant, Whose, asked, filled, variants};
use crate::scene::{Headers, Person, Scene, Token};
use crate::who::{Access, Due, Who, due};

/// Methods that are tried at every path.
const METHODS: [&str; 9] =
    ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"];

/// What was counted.
#[derive(Default)]
pub struct Counts {
    pub n_operations: usize,
    pub n_cells: usize,
    pub n_served: usize,
    pub n_refused: usize,
    /// Questions about things of others and of nobody, answered alike.
    pub n_alike: usize,
    /// Methods that a path does not have.
    pub n_methods: usize,
    /// Refused changes after each of which it was looked whether anything had changed.
    pub n_looked_at: usize,
    /// Tokens of others that were looked at afterwards.
    pub n_unchanged: usize,
}

/// Asks all of it.
///
/// # Errors
///
/// When the scene cannot be set; what the host did wrong is in `findings`.
pub async fn run(
    scene: &mut Scene,
    workspace: &Path,
    findings: &Findings,
) -> anyhow::Result<Counts> {
    let document = scene.document().await?;
    let mut operations = document.operations();
    operations.extend(operators_routes(workspace)?);
    let mut counts = Counts { n_operations: operations.len(), ..Counts::default() };
    let mut matrix = Matrix { scene, document, findings, untouched: Vec::new() };
    for operation in &operations {
        let Some(variants) = variants(operation) else {
            findings.add(format!("{operation:?} is new: say in operations.rs whom it is for"));
            continue;
        };
        for variant in variants {
            for who in Who::ALL {
                matrix.row(operation, variant, who, &mut counts).await?;
            }
        }
    }
    matrix.methods(&operations, &mut counts).await?;
    matrix.look(&mut counts).await?;
    Ok(counts)
}

struct Matrix<'s> {
    scene: &'s mut Scene,
    document: Document,
    findings: &'s Findings,
    /// Tokens that nobody may have changed, with their owners.
    untouched: Vec<(Person, Token)>,
}

impl Matrix<'_> {
    /// Asks one variant as somebody, about things of everybody's.
    async fn row(
        &mut self,
        operation: &Operation,
        variant: Variant,
        who: Who,
        counts: &mut Counts,
    ) -> anyhow::Result<()> {
        let due = due_at(operation, variant, who);
        let all: &[Whose] =
            if variant.about == About::Nothing { &[Whose::Own] } else { &Whose::ALL };
        let mut answers = HashMap::new();
        for &whose in all {
            let asked = asked(self.scene, operation, variant, who.person(), whose).await?;
            let due = due_about(due, variant, whose);
            // Made before the look: an access token that is presented is one more of the asker's.
            let presented = who.headers(self.scene, variant.access).await?;
            let is_refused_change = due != Due::Served && !operation.is_safe();
            let before = match is_refused_change {
                true => Some(Belongings::of(self.scene, who.person()).await?),
                false => None,
            };
            let answer = self.ask(operation, who, presented, &asked).await?;
            let name = format!(
                "{} {}{}{} as {who:?} about {whose:?}",
                operation.method,
                operation.path,
                if variant.name.is_empty() { "" } else { " with " },
                variant.name,
            );
            counts.n_cells += 1;
            match due {
                Due::Served => counts.n_served += 1,
                Due::Refused(..) => counts.n_refused += 1,
            }
            self.judge(operation, variant, due, &answer, &name);
            if let Some(before) = before {
                let now = Belongings::of(self.scene, who.person()).await?;
                counts.n_looked_at += 1;
                for changed in now.changes(&before) {
                    self.findings.add(format!("{name} was refused, and yet changed `{changed}`"));
                }
            }
            self.keep(variant, who, whose, due, &asked);
            if due == Due::Served && operation.path == "/v1/sign-out" {
                self.scene.renew(who.person()).await?;
            }
            answers.insert(whose, alike(&answer, &asked));
        }
        if matches!(variant.about, About::Token | About::Filter | About::User | About::Secret) {
            for whose in [Whose::Others, Whose::OtherOrganizations] {
                // A directory and an export service know everybody of their own organization.
                let is_known =
                    whose == Whose::Others && matches!(variant.about, About::User | About::Secret);
                if is_known {
                    continue;
                }
                counts.n_alike += 1;
                if answers.get(&whose) != answers.get(&Whose::Absent) {
                    self.findings.add(format!(
                        "{} {} {} as {who:?}: {whose:?} is not answered as what does not exist: \
                         {:?} and {:?}",
                        operation.method,
                        operation.path,
                        variant.name,
                        answers.get(&whose),
                        answers.get(&Whose::Absent),
                    ));
                }
            }
        }
        Ok(())
    }

    /// Remembers tokens that must be as they were.
    fn keep(&mut self, variant: Variant, who: Who, whose: Whose, due: Due, asked: &Asked) {
        let Some(token) = &asked.token else { return };
        let owner = match whose {
            Whose::Own | Whose::Absent => who.person(),
            Whose::Others => Person::Bert,
            Whose::OtherOrganizations => Person::Gina,
        };
        let may_change = match variant.about {
            About::Token => whose == Whose::Own && due == Due::Served,
            // Whoever has the secret may.
            About::Reported => true,
            _ => false,
        };
        if !may_change {
            self.untouched.push((owner, token.clone()));
        }
    }

    async fn ask(
        &mut self,
        operation: &Operation,
        who: Who,
        presented: Headers,
        asked: &Asked,
    ) -> anyhow::Result<Response<Bytes>> {
        let mut headers: Headers = asked.headers.clone();
        // At the proxy's route somebody else's credential stands where its client's would.
        let replaced = |name: &str| presented.iter().any(|(presented, _)| *presented == name);
        headers.retain(|(name, _)| !replaced(name));
        headers.extend(presented);
        let body = match &asked.body {
            None => Body::Empty,
            Some(Sent::Json(value)) => {
                if operation.path.starts_with("/scim/") {
                    headers.push(("content-type", "application/scim+json".to_owned()));
                }
                Body::Json(value)
            }
            Some(Sent::Form(text)) => Body::Form(text),
        };
        let method = operation.method();
        if who.is_local() {
            self.scene.send_locally(method, &asked.path, &headers, body).await
        } else {
            self.scene.send(method, &asked.path, &headers, body).await
        }
    }

    fn judge(
        &self,
        operation: &Operation,
        variant: Variant,
        due: Due,
        answer: &Response<Bytes>,
        name: &str,
    ) {
        let body: Value = serde_json::from_slice(answer.body()).unwrap_or_default();
        let (status, code) = (answer.status(), body.get("code").and_then(Value::as_str));
        let is_scim = operation.path.starts_with("/scim/");
        let is_right = match due {
            Due::Served => status.as_u16() == variant.good,
            // SCIM has no codes of ours.
            Due::Refused(wanted, _) if is_scim => status == wanted,
            Due::Refused(wanted, wanted_code) => status == wanted && code == Some(wanted_code),
        };
        if !is_right {
            self.findings
                .add(format!("{name}: {status} {code:?} in place of {due:?} ({})", variant.good));
        }
        let headers = answer.headers();
        let header = |name: &str| {
            headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
        };
        let media_type = header("content-type");
        if !operation.path.starts_with("/v1/operator/")
            && let Some(contradiction) =
                self.document.contradiction(operation, status, media_type, code)
        {
            self.findings.add(format!("{name}: {contradiction}"));
        }
        let is_api = ["/v1/", "/oauth2/", "/scim/"].iter().any(|it| operation.path.starts_with(it));
        let headers_are_right = !header("x-request-id").is_empty()
            && header("x-content-type-options") == "nosniff"
            && header("referrer-policy") == "no-referrer"
            && (!is_api || header("cache-control") == "no-store")
            && headers.get(header::SERVER).is_none();
        if !headers_are_right {
            self.findings.add(format!("{name}: a header is missing in {headers:?}"));
        }
        if variant.about == About::Secret && due == Due::Served {
            // What it must be about whom is judged by `row` and `sequences`; never a secret.
            let shown = String::from_utf8_lossy(answer.body());
            if shown.contains("egt_") {
                self.findings.add(format!("{name}: a secret is in the answer"));
            }
        }
    }

    /// Tries methods that a path does not have, as somebody who may do the others.
    async fn methods(
        &mut self,
        operations: &[Operation],
        counts: &mut Counts,
    ) -> anyhow::Result<()> {
        let mut paths: Vec<&str> = operations.iter().map(|one| one.path.as_str()).collect();
        paths.sort_unstable();
        paths.dedup();
        for path in paths {
            let is_local = path.starts_with("/v1/operator/");
            let has = |method: &str| {
                operations.iter().any(|one| one.path == path && one.method == method)
            };
            for method in METHODS.into_iter().filter(|method| !has(method)) {
                let operation = Operation { method: method.to_owned(), path: path.to_owned() };
                // `/v1/tokens/revoke-all` is a token's path, too, to other methods.
                let named = if path == "/v1/tokens/revoke-all" && has_token_route(method) {
                    continue;
                } else {
                    filled(&operation, "x")
                };
                let who = if path.starts_with("/scim/") { Who::Scim } else { Who::Administrator };
                let headers = if is_local {
                    Headers::new()
                } else {
                    who.headers(self.scene, Access::Person).await?
                };
                let method = operation.method();
                let answer = if is_local {
                    self.scene.send_locally(method.clone(), &named, &headers, Body::Empty).await?
                } else {
                    self.scene.send(method.clone(), &named, &headers, Body::Empty).await?
                };
                counts.n_methods += 1;
                let is_head = method == Method::HEAD && has("GET");
                let is_right = if is_head {
                    answer.body().is_empty() && !answer.status().is_server_error()
                } else {
                    answer.status() == StatusCode::METHOD_NOT_ALLOWED
                        && answer.headers().contains_key(header::ALLOW)
                };
                if !is_right {
                    self.findings.add(format!(
                        "{method} {path}: {} with {:?}",
                        answer.status(),
                        answer.headers().get(header::ALLOW)
                    ));
                }
            }
        }
        Ok(())
    }

    /// Looks at every token that nobody may have changed.
    async fn look(&mut self, counts: &mut Counts) -> anyhow::Result<()> {
        for (owner, token) in std::mem::take(&mut self.untouched) {
            // The askers' own were looked at right away, and their own "revoke all" is no mistake.
            if !matches!(owner, Person::Bert | Person::Gina) {
                continue;
            }
            let headers = self.scene.headers_of(owner)?;
            let path = format!("/v1/tokens/{}", token.token_id);
            let answer = self.scene.send(Method::GET, &path, &headers, Body::Empty).await?;
            let shown: Value = serde_json::from_slice(answer.body()).unwrap_or_default();
            let text = |name: &str| shown.get(name).and_then(Value::as_str).unwrap_or_default();
            counts.n_unchanged += 1;
            if (text("status"), text("label")) != ("active", &format!("{owner:?}'s")) {
                self.findings.add(format!("{owner:?}'s token was changed: {shown}"));
            }
        }
        Ok(())
    }
}

fn has_token_route(method: &str) -> bool {
    matches!(method, "GET" | "HEAD" | "PATCH")
}

/// What is due at an operation, where it differs from what its access says.
fn due_at(operation: &Operation, variant: Variant, who: Who) -> Due {
    let is_doubtful = matches!(who, Who::CrossSite | Who::SameSite);
    if (operation.method.as_str(), operation.path.as_str()) == ("POST", "/v1/sign-in")
        && is_doubtful
    {
        // Another site must not sign a browser in as somebody of its choice.
        return Due::Refused(StatusCode::FORBIDDEN, "actor.not_permitted");
    }
    // The first event is nobody's, and what a person may not see is not there.
    let is_theirs =
        operation.path == "/v1/history/proof/inclusion" && matches!(who, Who::User | Who::Asserted);
    match due(variant.access, who, operation.is_safe()) {
        Due::Served if is_theirs => Due::Refused(StatusCode::NOT_FOUND, "history.event_not_found"),
        due => due,
    }
}

/// What is due when something of somebody's is named.
fn due_about(due: Due, variant: Variant, whose: Whose) -> Due {
    let is_hidden = match variant.about {
        About::Token => whose != Whose::Own,
        About::User => matches!(whose, Whose::OtherOrganizations | Whose::Absent),
        _ => false,
    };
    // Who asks for somebody else's part of their own history has mistaken the scope, whoever it is.
    let is_mistaken = variant.name == "user_id" && whose != Whose::Own;
    match due {
        Due::Served if is_mistaken => Due::Refused(StatusCode::BAD_REQUEST, "request.malformed"),
        Due::Served if is_hidden => Due::Refused(StatusCode::NOT_FOUND, "token.not_found"),
        // The proxy is told "no" by a status.
        Due::Served
            if variant.access == Access::Proxy
                && matches!(whose, Whose::OtherOrganizations | Whose::Absent) =>
        {
            Due::Refused(StatusCode::UNAUTHORIZED, "credential.invalid")
        }
        due => due,
    }
}

/// An answer without what differs by nature.
fn alike(answer: &Response<Bytes>, asked: &Asked) -> String {
    let mut body: Value = serde_json::from_slice(answer.body()).unwrap_or_default();
    if let Some(body) = body.as_object_mut() {
        body.remove("request_id");
    }
    let mut text = format!("{} {body}", answer.status());
    for name in asked.names.iter().filter(|name| !name.is_empty()) {
        text = text.replace(name, "NAME");
    }
    text
}
