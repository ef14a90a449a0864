//! Random sequences of operations against a small model: every answer has to be the model's.
//!
//! Each worker has two organizations of its own, so that its model knows all that happens there,
//! while the host serves all of them at once.

use std::collections::HashMap;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use exportgate_core::secret::SecretKind;
use exportgate_tests::client::{Body, Client, Credential};
use exportgate_tests::host_process::HostProcess;
use http::{Method, StatusCode};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::findings::Findings;
use crate::forged::forged;
use crate::model::{Model, Person, Policy, Refusal, Token};
use crate::scene::text;

/// Enough to have changes committed together.
const WORKERS: u64 = 16;
/// People of each organization; the first is an administrator at the beginning.
const PEOPLE: usize = 3;
/// Operations of a sequence.
const LENGTH: usize = 8;
/// Most operations are about one of so many newest tokens.
const NEWEST: usize = 12;
/// A page of a list.
const PAGE: usize = 200;
/// After so many mistakes there is nothing new to learn.
const ENOUGH: usize = 20;

/// What was counted.
#[derive(Default)]
pub struct Counts {
    pub n_sequences: AtomicU64,
    pub n_operations: AtomicU64,
    pub n_refused: AtomicU64,
    /// How often each kind of operation was asked.
    pub kinds: Mutex<HashMap<&'static str, u64>>,
    /// All secrets that were shown.
    pub secrets: Mutex<Vec<String>>,
}

/// Plays so many sequences.
///
/// # Errors
///
/// When the scene cannot be set, or the host does not answer.
pub async fn run(
    host: &HostProcess,
    n_sequences: u64,
    at_most: Duration,
    seed: u64,
    findings: &Findings,
) -> anyhow::Result<Arc<Counts>> {
    let counts = Arc::new(Counts::default());
    let end = Instant::now() + at_most;
    let enough = findings.len() + ENOUGH;
    let mut workers = JoinSet::new();
    for number in 0..WORKERS.min(n_sequences) {
        let (counts, findings) = (Arc::clone(&counts), findings.clone());
        let share = n_sequences / WORKERS + u64::from(number < n_sequences % WORKERS);
        let (authority, data) = (host.authority().to_owned(), host.data());
        workers.spawn(async move {
            let rng = fastrand::Rng::with_seed(seed.wrapping_add(number));
            let mut worker = Worker::new(&authority, &data, number, rng, counts, findings).await?;
            for _ in 0..share {
                if worker.findings.len() >= enough || Instant::now() > end {
                    break;
                }
                worker.sequence().await?;
            }
            anyhow::Ok(())
        });
    }
    while let Some(worker) = workers.join_next().await {
        worker.context("a worker")??;
    }
    Ok(counts)
}

struct Worker {
    client: Client,
    operator: Client,
    model: Model,
    /// The services' keys, one of each organization.
    keys: [Credential; 2],
    orgs: [String; 2],
    rng: fastrand::Rng,
    counts: Arc<Counts>,
    findings: Findings,
    n_labels: u64,
    /// What was asked in this sequence.
    trace: Vec<String>,
}

impl Worker {
    async fn new(
        authority: &str,
        data: &Path,
        number: u64,
        rng: fastrand::Rng,
        counts: Arc<Counts>,
        findings: Findings,
    ) -> anyhow::Result<Self> {
        let orgs = ["a", "b"].map(|side| format!("seq{number}{side}"));
        let none = || Credential::None;
        let mut worker = Self {
            client: Client::new(authority),
            operator: Client::operator(data),
            model: Model::default(),
            keys: [none(), none()],
            orgs,
            rng,
            counts,
            findings,
            n_labels: 0,
            trace: Vec::new(),
        };
        for org in 0..2 {
            let org_id = worker.orgs.get(org).cloned().unwrap_or_default();
            for n in 0..PEOPLE {
                // The same names in both organizations: they are different people.
                let name = format!("person{n}");
                let role = if n == 0 { "administrator" } else { "user" };
                let user = json!({ "user_name": name, "org_id": org_id, "role": role });
                worker.operate(Method::POST, "/v1/operator/users", &user).await?;
                worker.model.people.push(Person {
                    name,
                    org,
                    is_administrator: n == 0,
                    is_active: true,
                    cookie: String::new(),
                    is_over: true,
                });
                worker.sign_in(worker.model.people.len() - 1).await?;
            }
            let service = json!({ "name": "reports", "org_id": org_id });
            let service = worker.operate(Method::POST, "/v1/operator/services", &service).await?;
            let key = text(&service, "/key")?;
            worker.remember(&key);
            if let Some(place) = worker.keys.get_mut(org) {
                *place = Credential::Key(key);
            }
            let policy = Policy { version: 1, maximum_active_tokens: Some(25) };
            worker.model.policies.push(policy);
        }
        Ok(worker)
    }

    async fn sequence(&mut self) -> anyhow::Result<()> {
        self.trace.clear();
        for _ in 0..LENGTH {
            match self.rng.u8(..100) {
                0..16 => self.create().await?,
                16..24 => self.rename().await?,
                24..34 => self.revoke().await?,
                34..40 => self.report().await?,
                40..42 => self.revoke_all().await?,
                42..62 => self.validate().await?,
                62..66 => self.introspect().await?,
                66..74 => self.read().await?,
                74..79 => self.list().await?,
                79..82 => self.me().await?,
                82..84 => self.sign_out().await?,
                84..89 => {
                    let person = self.person();
                    self.sign_in(person).await?;
                }
                89..92 => self.activity().await?,
                92..94 => self.role().await?,
                94..97 => self.policy().await?,
                _ => self.history().await?,
            }
        }
        self.counts.n_sequences.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    async fn create(&mut self) -> anyhow::Result<()> {
        let person = self.person();
        let label = self.label();
        let refused = self.model.no_more(person);
        let body = json!({ "label": label });
        let answer = self.as_person(person, Method::POST, "/v1/tokens", Body::Json(&body)).await?;
        if self.agrees("create", refused, StatusCode::CREATED, &answer) {
            let token = Token {
                owner: person,
                token_id: text(&answer.1, "/token/token_id")?,
                secret: text(&answer.1, "/secret")?,
                label,
                is_revoked: false,
            };
            self.remember(&token.secret);
            self.check_view(&answer.1, "/token", &token.label, "active");
            self.model.tokens.push(token);
        }
        Ok(())
    }

    async fn rename(&mut self) -> anyhow::Result<()> {
        let Some(token) = self.token() else { return Ok(()) };
        let (person, label) = (self.person(), self.label());
        let refused = self.model.no_owner(person, token);
        let (path, body) = (self.path(token, ""), json!({ "label": label }));
        let answer = self.as_person(person, Method::PATCH, &path, Body::Json(&body)).await?;
        if self.agrees("rename", refused, StatusCode::OK, &answer) {
            if let Some(token) = self.model.tokens.get_mut(token) {
                token.label = label;
            }
            self.check_token(&answer.1, "", token);
        }
        Ok(())
    }

    async fn revoke(&mut self) -> anyhow::Result<()> {
        let Some(token) = self.token() else { return Ok(()) };
        let person = self.person();
        let refused = self.model.no_owner(person, token);
        let path = self.path(token, "/revoke");
        let answer = self.as_person(person, Method::POST, &path, Body::Empty).await?;
        if self.agrees("revoke", refused, StatusCode::OK, &answer) {
            self.model.revoke(token);
            self.check_token(&answer.1, "", token);
        }
        Ok(())
    }

    /// Whoever finds a secret ends it, and learns nothing.
    async fn report(&mut self) -> anyhow::Result<()> {
        let Some(token) = self.token() else { return Ok(()) };
        let secret = self.secret(token);
        let form = format!("token={secret}");
        let path = "/oauth2/revoke";
        let answer = self.ask(&Credential::None, Method::POST, path, Body::Form(&form)).await?;
        if self.agrees("report", None, StatusCode::OK, &answer) {
            self.model.revoke(token);
        }
        Ok(())
    }

    async fn revoke_all(&mut self) -> anyhow::Result<()> {
        let person = self.person();
        let refused = self.model.stranger(person);
        let path = "/v1/tokens/revoke-all";
        let answer = self.as_person(person, Method::POST, path, Body::Empty).await?;
        if self.agrees("revoke all", refused, StatusCode::OK, &answer) {
            let active: Vec<usize> = self.model.active(person).collect();
            self.check("n_revoked", &json!(active.len()), answer.1.get("n_revoked"));
            active.into_iter().for_each(|token| self.model.revoke(token));
        }
        Ok(())
    }

    async fn validate(&mut self) -> anyhow::Result<()> {
        let org = self.rng.usize(..2);
        let key = self.keys.get(org).cloned().unwrap_or(Credential::None);
        let Some(token) = self.token() else { return Ok(()) };
        // Now and then a secret that nobody was given.
        let (token, secret) = if self.rng.u8(..20) == 0 {
            (usize::MAX, forged(SecretKind::AccessToken)?)
        } else {
            (token, self.secret(token))
        };
        let owner = self.model.tokens.get(token).map_or(0, |token| token.owner);
        // People of the other organization have the same names, so the names are what counts.
        let named = (self.rng.u8(..3) == 0).then(|| self.rng.usize(..PEOPLE));
        let own_name = owner % PEOPLE;
        let as_model = named.map(|named| if named == own_name { owner } else { usize::MAX });
        let reason = self.model.reason(token, org, as_model);
        let body = match named {
            Some(named) => json!({ "secret": secret, "user_name": format!("PERSON{named}") }),
            None => json!({ "secret": secret }),
        };
        let path = "/v1/exports/validate";
        let answer = self.ask(&key, Method::POST, path, Body::Json(&body)).await?;
        if self.agrees("validate", None, StatusCode::OK, &answer) {
            let decision = if reason == "allowed" { "allow" } else { "deny" };
            self.check("decision", &json!(decision), answer.1.get("decision"));
            self.check("reason", &json!(reason), answer.1.get("reason"));
            // Only whoever presents a matching secret is told whose it is.
            let shown = answer.1.pointer("/token/token_id");
            let shown = shown.cloned().unwrap_or_default();
            let id = self.model.tokens.get(token).filter(|_| reason != "unknown");
            let id = id.map_or(Value::Null, |token| json!(token.token_id));
            self.check("token_id", &id, Some(&shown));
            if reason != "unknown" {
                let label = self.model.tokens.get(token).map(|token| json!(token.label));
                self.check("label", &label.unwrap_or_default(), answer.1.pointer("/token/label"));
            }
        }
        Ok(())
    }

    async fn introspect(&mut self) -> anyhow::Result<()> {
        let org = self.rng.usize(..2);
        let key = self.keys.get(org).cloned().unwrap_or(Credential::None);
        let Some(token) = self.token() else { return Ok(()) };
        let form = format!("token={}", self.secret(token));
        let path = "/oauth2/introspect";
        let answer = self.ask(&key, Method::POST, path, Body::Form(&form)).await?;
        if self.agrees("introspect", None, StatusCode::OK, &answer) {
            let is_active = self.model.reason(token, org, None) == "allowed";
            self.check("active", &json!(is_active), answer.1.get("active"));
            if !is_active {
                self.check("answer", &json!({ "active": false }), Some(&answer.1));
            }
        }
        Ok(())
    }

    async fn read(&mut self) -> anyhow::Result<()> {
        let Some(token) = self.token() else { return Ok(()) };
        let person = self.person();
        let refused = self.model.no_owner(person, token);
        let path = self.path(token, "");
        let answer = self.as_person(person, Method::GET, &path, Body::Empty).await?;
        if self.agrees("read", refused, StatusCode::OK, &answer) {
            self.check_token(&answer.1, "", token);
        }
        Ok(())
    }

    async fn list(&mut self) -> anyhow::Result<()> {
        let person = self.person();
        let refused = self.model.stranger(person);
        let path = format!("/v1/tokens?limit={PAGE}");
        let answer = self.as_person(person, Method::GET, &path, Body::Empty).await?;
        if self.agrees("list", refused, StatusCode::OK, &answer) {
            let n_active = self.model.active(person).count();
            self.check("n_active", &json!(n_active), answer.1.get("n_active"));
            let own = self.model.tokens.iter().rev().filter(|token| token.owner == person);
            let own: Vec<&str> = own.take(PAGE).map(|token| token.token_id.as_str()).collect();
            let items = answer.1.get("items").and_then(Value::as_array);
            let items = items.into_iter().flatten().filter_map(|one| one.get("token_id"));
            let listed: Vec<&Value> = items.collect();
            self.check("items", &json!(own), Some(&json!(listed)));
        }
        Ok(())
    }

    async fn me(&mut self) -> anyhow::Result<()> {
        let person = self.person();
        let refused = self.model.stranger(person);
        let answer = self.as_person(person, Method::GET, "/v1/me", Body::Empty).await?;
        if self.agrees("me", refused, StatusCode::OK, &answer)
            && let Some(known) = self.model.people.get(person)
        {
            let role = if known.is_administrator { "administrator" } else { "user" };
            let org = self.orgs.get(known.org).cloned();
            self.check("role", &json!(role), answer.1.get("role"));
            self.check("user_name", &json!(known.name), answer.1.get("user_name"));
            self.check("org_id", &json!(org), answer.1.get("org_id"));
        }
        Ok(())
    }

    async fn sign_out(&mut self) -> anyhow::Result<()> {
        let person = self.person();
        let refused = self.model.stranger(person);
        let answer = self.as_person(person, Method::POST, "/v1/sign-out", Body::Empty).await?;
        if self.agrees("sign out", refused, StatusCode::NO_CONTENT, &answer) {
            self.model.end_session(person);
        }
        Ok(())
    }

    async fn sign_in(&mut self, person: usize) -> anyhow::Result<()> {
        let Some(known) = self.model.people.get(person).filter(|known| known.is_active) else {
            return Ok(());
        };
        let wanted = json!({ "user_name": known.name, "org_id": self.orgs.get(known.org) });
        let code = self.operate(Method::POST, "/v1/operator/sign-in-codes", &wanted).await?;
        let code = text(&code, "/code")?;
        self.remember(&code);
        let Credential::Cookie(cookie) = self.client.sign_in(&code).await? else {
            anyhow::bail!("a session is no cookie");
        };
        self.remember(cookie.split_once('=').context("a cookie has a value")?.1);
        self.note("sign in");
        if let Some(known) = self.model.people.get_mut(person) {
            (known.cookie, known.is_over) = (cookie, false);
        }
        Ok(())
    }

    /// Deactivates or reactivates somebody.
    async fn activity(&mut self) -> anyhow::Result<()> {
        let person = self.person();
        let Some(known) = self.model.people.get_mut(person) else { return Ok(()) };
        known.is_active = !known.is_active;
        known.is_over |= !known.is_active;
        let verb = if known.is_active { "reactivate" } else { "deactivate" };
        let org = self.orgs.get(known.org).cloned().unwrap_or_default();
        let path = format!("/v1/operator/users/{}/{verb}?org_id={org}", known.name);
        self.operate(Method::POST, &path, &Value::Null).await?;
        self.note(verb);
        Ok(())
    }

    async fn role(&mut self) -> anyhow::Result<()> {
        let person = self.person();
        let Some(known) = self.model.people.get_mut(person) else { return Ok(()) };
        known.is_administrator = !known.is_administrator;
        let role = if known.is_administrator { "administrator" } else { "user" };
        let org = self.orgs.get(known.org).cloned().unwrap_or_default();
        let path = format!("/v1/operator/users/{}/role?org_id={org}", known.name);
        self.operate(Method::PUT, &path, &json!({ "role": role })).await?;
        self.note("change role");
        Ok(())
    }

    async fn policy(&mut self) -> anyhow::Result<()> {
        let person = self.person();
        let org = self.model.people.get(person).map_or(0, |known| known.org);
        let Some(policy) = self.model.policies.get(org) else { return Ok(()) };
        let is_stale = self.rng.u8(..4) == 0;
        let version = policy.version - u64::from(is_stale);
        let conflict = (StatusCode::PRECONDITION_FAILED, "policy.version_conflict");
        let refused = self.model.no_administrator(person).or(is_stale.then_some(conflict));
        let most = self.rng.choice([None, Some(1), Some(3), Some(25)]).flatten();
        let wish = json!({
            "maximum_expiry_days": null, "automatic_expiration": false,
            "maximum_active_tokens": most,
        });
        let cookie = self.model.people.get(person).map(|known| known.cookie.clone());
        let headers = [
            (http::header::COOKIE, cookie.unwrap_or_default()),
            (http::HeaderName::from_static("sec-fetch-site"), "same-origin".to_owned()),
            (http::header::IF_MATCH, format!("\"{version}\"")),
        ];
        let body = Body::Json(&wish);
        let request = exportgate_tests::client::request(Method::PUT, "/v1/policy", &headers, body)?;
        let answer = self.client.exchange(request).await?;
        self.findings.heard("/v1/policy", answer.status());
        let answer =
            (answer.status(), serde_json::from_slice(answer.body()).unwrap_or(Value::Null));
        if self.agrees("change policy", refused, StatusCode::OK, &answer)
            && let Some(policy) = self.model.policies.get_mut(org)
        {
            // The policy that holds already is no change.
            let is_new = policy.maximum_active_tokens != most;
            *policy = Policy { version: version + u64::from(is_new), maximum_active_tokens: most };
            let version = json!(policy.version);
            self.check("version", &version, answer.1.get("version"));
        }
        Ok(())
    }

    async fn history(&mut self) -> anyhow::Result<()> {
        let person = self.person();
        let refused = self.model.no_administrator(person);
        let path = "/v1/history?scope=all&limit=3";
        let answer = self.as_person(person, Method::GET, path, Body::Empty).await?;
        if self.agrees("read all history", refused, StatusCode::OK, &answer) {
            let org = self.model.people.get(person).and_then(|known| self.orgs.get(known.org));
            let org = json!(org);
            let items = answer.1.get("items").and_then(Value::as_array);
            for event in items.into_iter().flatten() {
                self.check("org_id", &org, event.get("org_id"));
            }
        }
        Ok(())
    }

    /// Whether the host answered as the model says; true when it served.
    fn agrees(
        &mut self,
        kind: &'static str,
        refused: Option<Refusal>,
        served: StatusCode,
        answer: &(StatusCode, Value),
    ) -> bool {
        self.note(kind);
        let code = answer.1.get("code").and_then(Value::as_str);
        let is_right = match refused {
            Some((status, wanted)) => answer.0 == status && code == Some(wanted),
            None => answer.0 == served,
        };
        if refused.is_some() {
            self.counts.n_refused.fetch_add(1, Ordering::Relaxed);
        }
        if !is_right {
            let due = refused.map_or_else(|| served.to_string(), |due| format!("{due:?}"));
            self.wrong(&format!("{} {code:?} in place of {due}", answer.0));
        }
        is_right && refused.is_none()
    }

    fn check(&self, what: &str, wanted: &Value, found: Option<&Value>) {
        if found.unwrap_or(&Value::Null) != wanted {
            self.wrong(&format!("`{what}` is {found:?} in place of {wanted}"));
        }
    }

    fn check_view(&self, answer: &Value, at: &str, label: &str, status: &str) {
        self.check("label", &json!(label), answer.pointer(&format!("{at}/label")));
        self.check("status", &json!(status), answer.pointer(&format!("{at}/status")));
    }

    fn check_token(&self, answer: &Value, at: &str, token: usize) {
        let Some(token) = self.model.tokens.get(token) else { return };
        let status = if token.is_revoked { "revoked" } else { "active" };
        self.check_view(answer, at, &token.label, status);
    }

    fn wrong(&self, what: &str) {
        let last = self.trace.last().map_or("", String::as_str);
        self.findings.add(format!("sequence: {last}: {what}; after {}", self.trace.join(", ")));
    }

    fn note(&mut self, kind: &'static str) {
        self.trace.push(kind.to_owned());
        self.counts.n_operations.fetch_add(1, Ordering::Relaxed);
        let mut kinds = self.counts.kinds.lock().unwrap_or_else(PoisonError::into_inner);
        *kinds.entry(kind).or_default() += 1;
    }

    fn remember(&self, secret: &str) {
        let mut secrets = self.counts.secrets.lock().unwrap_or_else(PoisonError::into_inner);
        secrets.push(secret.to_owned());
    }

    fn person(&mut self) -> usize {
        self.rng.usize(..self.model.people.len())
    }

    fn token(&mut self) -> Option<usize> {
        let n_tokens = self.model.tokens.len();
        let among = if self.rng.u8(..12) == 0 { n_tokens } else { n_tokens.min(NEWEST) };
        (among > 0).then(|| n_tokens - 1 - self.rng.usize(..among))
    }

    fn secret(&self, token: usize) -> String {
        self.model.tokens.get(token).map(|token| token.secret.clone()).unwrap_or_default()
    }

    fn path(&self, token: usize, more: &str) -> String {
        let id = self.model.tokens.get(token).map_or("", |token| &token.token_id);
        format!("/v1/tokens/{id}{more}")
    }

    fn label(&mut self) -> String {
        self.n_labels += 1;
        format!("label {}", self.n_labels)
    }

    async fn as_person(
        &mut self,
        person: usize,
        method: Method,
        path: &str,
        body: Body<'_>,
    ) -> anyhow::Result<(StatusCode, Value)> {
        let cookie = self.model.people.get(person).map(|known| known.cookie.clone());
        let cookie = Credential::Cookie(cookie.unwrap_or_default());
        self.ask(&cookie, method, path, body).await
    }

    async fn ask(
        &mut self,
        credential: &Credential,
        method: Method,
        path: &str,
        body: Body<'_>,
    ) -> anyhow::Result<(StatusCode, Value)> {
        let answer = self.client.ask(credential, method, path, body).await?;
        self.findings.heard(path, answer.0);
        Ok(answer)
    }

    async fn operate(&mut self, method: Method, path: &str, body: &Value) -> anyhow::Result<Value> {
        let body = if body.is_null() { Body::Empty } else { Body::Json(body) };
        let (status, answer) = self.operator.ask(&Credential::None, method, path, body).await?;
        self.findings.heard(path, status);
        ensure!(status.is_success(), "the operator's {path}: {status} {answer}");
        Ok(answer)
    }
}
