//! Sign-in with OpenID providers, seen from outside: the real host, and a provider that can lie.

pub mod backchannel;
mod people;
pub mod provider;
mod refusals;
mod unavailable;

use std::collections::HashMap;

use serde_json::{Value, json};

use crate::assertions::{scene, unique};
use crate::stage::{Answer, Stage};
use provider::{Provider, values};

const CALLBACK: &str = "/v1/sign-in/oidc/callback";

/// A host with one provider for the default organization. `more` is TOML of its `[[oidc]]`.
fn acme(more: &str) -> (Stage, Provider) {
    let provider = Provider::start();
    let stage = scene(&configured(&provider, more), &[("secret", "s3cr:t/of the host\n")]);
    (stage, provider)
}

pub fn configured(provider: &Provider, more: &str) -> String {
    let org = if more.contains("org") { "" } else { "org_id = \"default\"\n" };
    format!(
        "[[oidc]]\nissuer = \"{}\"\nclient_id = \"exportgate\"\n\
         client_secret_file = \"secret\"\n{org}{more}\n",
        provider.issuer
    )
}

/// A header line's value.
fn header(answer: &Answer, name: &str) -> String {
    let name = format!("{name}: ");
    let line = answer.head.lines().find(|line| line.starts_with(&name));
    line.unwrap_or_else(|| panic!("no {name} in {}", answer.head))[name.len()..].to_owned()
}

/// Cookies that an answer sets, by name.
fn cookies(answer: &Answer) -> HashMap<String, String> {
    let lines = answer.head.lines().filter_map(|line| line.strip_prefix("set-cookie: "));
    let pair = |line: &str| {
        let (name, value) = line.split_once('=').unwrap();
        (name.to_owned(), value.split(';').next().unwrap().to_owned())
    };
    lines.map(pair).collect()
}

/// A browser on its way to the provider.
pub struct Visit {
    /// What the provider is asked.
    pub request: HashMap<String, String>,
    cookie: String,
    name: String,
    from: String,
}

impl Visit {
    fn begin(stage: &Stage) -> Self {
        Self::begin_at(stage, "")
    }

    /// At the provider with this name: `/name`.
    pub fn begin_at(stage: &Stage, name: &str) -> Self {
        let answer = stage.ask(&[], &format!("/v1/sign-in/oidc{name}"));
        assert_eq!(answer.status, 303, "{}", answer.text);
        let location = header(&answer, "location");
        let cookie = cookies(&answer)["__Host-exportgate-sign-in"].clone();
        let number = unique();
        let from = format!("x-forwarded-for: 198.51.{}.{}", number / 256 % 256, number % 256);
        Self {
            request: values(location.split_once('?').unwrap().1),
            cookie,
            name: name.to_owned(),
            from,
        }
    }

    /// Comes back with this query, as a program: refusals are problems.
    pub fn back(&self, stage: &Stage, query: &str) -> Answer {
        self.back_with(stage, query, &[])
    }

    fn back_with(&self, stage: &Stage, query: &str, headers: &[&str]) -> Answer {
        let cookie = format!("cookie: __Host-exportgate-sign-in={}", self.cookie);
        let mut arguments = vec!["-H", &cookie, "-H", &self.from];
        headers.iter().for_each(|header| arguments.extend(["-H", header]));
        stage.ask(&arguments, &format!("{CALLBACK}{}?{query}", self.name))
    }

    pub fn state(&self) -> &str {
        &self.request["state"]
    }

    /// The provider signs in with this ID token.
    fn finish_with(&self, stage: &Stage, provider: &Provider, id_token: &str) -> Answer {
        let code = provider.grant(&self.request, id_token);
        self.back(stage, &format!("code={code}&state={}", self.state()))
    }

    /// The provider signs in with good claims but for these changes.
    pub fn finish(
        &self,
        stage: &Stage,
        provider: &Provider,
        subject: &str,
        changes: &Value,
    ) -> Answer {
        let mut claims = provider.claims(subject, &self.request);
        for (name, value) in changes.as_object().unwrap() {
            claims[name] = value.clone();
        }
        self.finish_with(stage, provider, &provider.signed(&claims))
    }
}

/// Signs somebody in with claims: the session's cookie.
fn signed_in(stage: &Stage, provider: &Provider, subject: &str, changes: &Value) -> String {
    let answer = Visit::begin(stage).finish(stage, provider, subject, changes);
    assert_eq!(answer.status, 303, "{}", answer.text);
    assert_eq!(header(&answer, "location"), "/");
    session(&answer)
}

pub fn session(answer: &Answer) -> String {
    format!("__Host-exportgate={}", cookies(answer)["__Host-exportgate"])
}

pub fn me(stage: &Stage, session: &str) -> Answer {
    stage.as_user(session, "GET", "/v1/me", &json!({}))
}
