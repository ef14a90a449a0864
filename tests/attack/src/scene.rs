//! The scene of the matrix: a host with two organizations, people and keys of every kind, and all
//! secrets that were ever shown.

use std::net::{IpAddr, Ipv4Addr};
use std::path::Path;

use anyhow::{Context as _, ensure};
use bytes::Bytes;
use exportgate_tests::client::{Body, Client, Credential, request};
use exportgate_tests::host_process::HostProcess;
use http::{HeaderName, Method, Response, StatusCode};
use serde_json::{Value, json};

use crate::assertion::Issuer;
use crate::document::Document;
use crate::findings::Findings;

/// The organization of the people who are asked as.
pub const OURS: &str = "default";
/// The other one.
pub const THEIRS: &str = "globex";

/// A person, or whoever an assertion names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Person {
    Anna,
    /// An administrator.
    Adam,
    /// Known by assertions only.
    Asta,
    /// Signed out, in one of two sessions.
    Olaf,
    /// Deactivated.
    Lena,
    /// Somebody else of the same organization.
    Bert,
    /// An administrator of the other organization.
    Gina,
}

impl Person {
    /// The name for signing in.
    pub fn user_name(self) -> String {
        format!("{self:?}").to_lowercase()
    }
}

/// A token and its secret.
#[derive(Clone, Debug)]
pub struct Token {
    pub token_id: String,
    pub secret: String,
}

/// Keys of one organization.
pub struct Keys {
    pub service_id: String,
    pub service: String,
    pub scim: String,
}

pub struct Scene {
    pub host: HostProcess,
    pub issuer: Issuer,
    pub ours: Keys,
    pub theirs: Keys,
    /// Keys that were revoked.
    pub revoked: Keys,
    /// Cookies of sessions that are over: by signing out, by a deactivation.
    pub signed_out: String,
    pub deactivated: String,
    cookies: Vec<(Person, String)>,
    /// Made before she left.
    lenas: Option<Token>,
    /// Everything that a log, a database or an answer must not hold.
    pub secrets: Vec<String>,
    operator: Client,
    findings: Findings,
    n_asked: u32,
    n_names: u64,
}

impl Scene {
    /// Starts a host in `dir`, with a log that tells everything it can. `http` is more of its
    /// configuration.
    ///
    /// # Errors
    ///
    /// When something does not answer as it should.
    pub async fn new(dir: &Path, http: &str, findings: &Findings) -> anyhow::Result<Self> {
        let data = dir.join("data");
        std::fs::create_dir_all(&data)?;
        let issuer = Issuer::new()?;
        std::fs::write(data.join("issuer.pem"), issuer.pem())?;
        let config = format!(
            "[http]\n{http}\n[log]\nlevel = \"trace\"\n[[issuer]]\nissuer = \"{}\"\norg_id = \"{OURS}\"\n\
             public_key_file = \"issuer.pem\"\n",
            Issuer::NAME
        );
        std::fs::write(data.join("exportgate.toml"), config)?;
        let host = HostProcess::start(dir);
        let operator = Client::operator(&host.data());
        let none =
            || Keys { service_id: String::new(), service: String::new(), scim: String::new() };
        let mut scene = Self {
            host,
            issuer,
            ours: none(),
            theirs: none(),
            revoked: none(),
            signed_out: String::new(),
            deactivated: String::new(),
            cookies: Vec::new(),
            lenas: None,
            secrets: Vec::new(),
            operator,
            findings: findings.clone(),
            n_asked: 0,
            n_names: 0,
        };
        scene.set_up().await?;
        Ok(scene)
    }

    async fn set_up(&mut self) -> anyhow::Result<()> {
        for (user, org, role) in [
            ("anna", OURS, "user"),
            ("adam", OURS, "administrator"),
            ("bert", OURS, "user"),
            ("olaf", OURS, "user"),
            ("lena", OURS, "user"),
            ("gina", THEIRS, "administrator"),
        ] {
            let user = json!({ "user_name": user, "org_id": org, "role": role });
            self.operate(Method::POST, "/v1/operator/users", &user).await?;
        }
        for (person, user, org) in [
            (Person::Anna, "anna", OURS),
            (Person::Adam, "adam", OURS),
            (Person::Bert, "bert", OURS),
            (Person::Gina, "gina", THEIRS),
        ] {
            let cookie = self.sign_in(user, org).await?;
            self.cookies.push((person, cookie));
        }
        self.ours = self.keys("ours", OURS).await?;
        self.theirs = self.keys("theirs", THEIRS).await?;
        self.revoked = self.keys("revoked", OURS).await?;
        for kind in ["services", "scim-keys"] {
            let path = format!("/v1/operator/{kind}/revoked/revoke");
            self.operate(Method::POST, &path, &Value::Null).await?;
        }
        self.signed_out = self.sign_in("olaf", OURS).await?;
        let cookie = self.signed_out.clone();
        let left = self.as_cookie(&cookie, Method::POST, "/v1/sign-out", Body::Empty).await?;
        ensure!(left.status().is_success(), "nobody can sign out: {}", left.status());
        let cookie = self.sign_in("olaf", OURS).await?;
        self.cookies.push((Person::Olaf, cookie));
        self.deactivated = self.sign_in("lena", OURS).await?;
        self.cookies.push((Person::Lena, self.deactivated.clone()));
        self.lenas = Some(self.token(Person::Lena).await?);
        self.activate(Person::Lena, false).await?;
        let policy = json!({
            "maximum_expiry_days": 365, "automatic_expiration": false,
            "maximum_active_tokens": null,
        });
        for org in [OURS, THEIRS] {
            let path = format!("/v1/operator/policy?org_id={org}");
            self.operate(Method::PUT, &path, &policy).await?;
        }
        Ok(())
    }

    async fn keys(&mut self, name: &str, org: &str) -> anyhow::Result<Keys> {
        let named = json!({ "name": name, "org_id": org });
        let service = self.operate(Method::POST, "/v1/operator/services", &named).await?;
        let scim = self.operate(Method::POST, "/v1/operator/scim-keys", &named).await?;
        let keys = Keys {
            service_id: text(&service, "/service_id")?,
            service: text(&service, "/key")?,
            scim: text(&scim, "/key")?,
        };
        self.secrets.extend([keys.service.clone(), keys.scim.clone()]);
        Ok(keys)
    }

    /// Asks as the operator, who must not be refused.
    ///
    /// # Errors
    ///
    /// When it is.
    pub async fn operate(
        &mut self,
        method: Method,
        path: &str,
        body: &Value,
    ) -> anyhow::Result<Value> {
        let body = if body.is_null() { Body::Empty } else { Body::Json(body) };
        let asked = self.operator.ask(&Credential::None, method, path, body).await;
        let (status, answer) = asked.with_context(|| format!("the operator's {path}"))?;
        self.findings.heard(path, status);
        ensure!(status.is_success(), "the operator's {path}: {status} {answer}");
        Ok(answer)
    }

    /// What the host says of itself.
    ///
    /// # Errors
    ///
    /// When it does not.
    pub async fn document(&mut self) -> anyhow::Result<Document> {
        let answer = self.send(Method::GET, "/openapi.json", &[], Body::Empty).await?;
        Ok(Document(serde_json::from_slice(answer.body())?))
    }

    /// A sign-in code.
    ///
    /// # Errors
    ///
    /// When there is none.
    pub async fn code(&mut self, user: &str, org: &str) -> anyhow::Result<String> {
        let wanted = json!({ "user_name": user, "org_id": org });
        let code = self.operate(Method::POST, "/v1/operator/sign-in-codes", &wanted).await?;
        let code = text(&code, "/code")?;
        self.secrets.push(code.clone());
        Ok(code)
    }

    /// The cookie of a new session.
    ///
    /// # Errors
    ///
    /// When the host does not let the person in.
    pub async fn sign_in(&mut self, user: &str, org: &str) -> anyhow::Result<String> {
        let code = self.code(user, org).await?;
        let Credential::Cookie(cookie) = self.client().sign_in(&code).await? else {
            anyhow::bail!("a session is no cookie");
        };
        let ticket = cookie.split_once('=').context("a cookie has a value")?.1;
        self.secrets.push(ticket.to_owned());
        Ok(cookie)
    }

    /// Whose session this is; asserted people have none.
    pub fn cookie(&self, person: Person) -> String {
        let found = self.cookies.iter().find(|(of, _)| *of == person);
        found.map(|(_, cookie)| cookie.clone()).unwrap_or_default()
    }

    /// Gives a person a new session in the place of one that was ended.
    ///
    /// # Errors
    ///
    /// When the host does not let the person in.
    pub async fn renew(&mut self, person: Person) -> anyhow::Result<()> {
        if person == Person::Asta {
            return Ok(());
        }
        let cookie = self.sign_in(&person.user_name(), OURS).await?;
        self.cookies.retain(|(of, _)| *of != person);
        self.cookies.push((person, cookie));
        Ok(())
    }

    /// Has somebody of our organization come back, with a new session, or leave.
    ///
    /// # Errors
    ///
    /// When the host does not let the person in.
    pub async fn activate(&mut self, person: Person, active: bool) -> anyhow::Result<()> {
        let verb = if active { "reactivate" } else { "deactivate" };
        let path = format!("/v1/operator/users/{}/{verb}", person.user_name());
        self.operate(Method::POST, &path, &Value::Null).await?;
        if active { self.renew(person).await } else { Ok(()) }
    }

    /// The headers of a person who is good at it.
    ///
    /// # Errors
    ///
    /// When nothing can be signed.
    pub fn headers_of(&mut self, person: Person) -> anyhow::Result<Headers> {
        if person == Person::Asta {
            let assertion = self.issuer.assertion(self.host.url(), "asta")?;
            // What comes before the signature tells nothing that is secret.
            self.secrets.extend(assertion.rsplit('.').next().map(str::to_owned));
            return Ok(vec![("authorization", format!("Bearer {assertion}"))]);
        }
        Ok(with_cookie(&self.cookie(person)))
    }

    /// A new token of this person.
    ///
    /// # Errors
    ///
    /// When there is none.
    pub async fn token(&mut self, owner: Person) -> anyhow::Result<Token> {
        match &self.lenas {
            Some(token) if owner == Person::Lena => Ok(token.clone()),
            _ => self.labelled(owner, &format!("{owner:?}'s")).await,
        }
    }

    /// The same with a label of one's choice.
    ///
    /// # Errors
    ///
    /// When there is none.
    pub async fn labelled(&mut self, owner: Person, label: &str) -> anyhow::Result<Token> {
        let headers = self.headers_of(owner)?;
        let label = json!({ "label": label });
        let answer = self.send(Method::POST, "/v1/tokens", &headers, Body::Json(&label)).await?;
        ensure!(answer.status() == StatusCode::CREATED, "no token for {owner:?}: {answer:?}");
        let answer: Value = serde_json::from_slice(answer.body())?;
        let token = Token {
            token_id: text(&answer, "/token/token_id")?,
            secret: text(&answer, "/secret")?,
        };
        self.secrets.push(token.secret.clone());
        Ok(token)
    }

    /// A name that nobody has.
    pub fn new_name(&mut self) -> String {
        self.n_names += 1;
        format!("person{}", self.n_names)
    }

    async fn as_cookie(
        &mut self,
        cookie: &str,
        method: Method,
        path: &str,
        body: Body<'_>,
    ) -> anyhow::Result<Response<Bytes>> {
        self.send(method, path, &with_cookie(cookie), body).await
    }

    /// Sends a request from an address of its own, so that none is limited for the others.
    ///
    /// # Errors
    ///
    /// When there is no answer.
    pub async fn send(
        &mut self,
        method: Method,
        path: &str,
        headers: &[(&'static str, String)],
        body: Body<'_>,
    ) -> anyhow::Result<Response<Bytes>> {
        let request = request(method, path, &named(headers), body)?;
        let shown =
            format!("{} {path} {:?} #{}", request.method(), request.headers(), self.n_asked);
        let answer = self.client().exchange(request).await.with_context(|| shown)?;
        self.findings.heard(path, answer.status());
        Ok(answer)
    }

    /// The same through the socket in the data folder.
    ///
    /// # Errors
    ///
    /// When there is no answer.
    pub async fn send_locally(
        &mut self,
        method: Method,
        path: &str,
        headers: &[(&'static str, String)],
        body: Body<'_>,
    ) -> anyhow::Result<Response<Bytes>> {
        let request = request(method, path, &named(headers), body)?;
        let answer = self.operator.exchange(request).await;
        let answer = answer.with_context(|| path.to_owned())?;
        self.findings.heard(path, answer.status());
        Ok(answer)
    }

    fn client(&mut self) -> Client {
        self.n_asked += 1;
        let [_, a, b, c] = self.n_asked.to_be_bytes();
        // 127.1.0.0 and up: all of them are this machine.
        let from = Ipv4Addr::new(127, a.saturating_add(1), b, c);
        Client::from_address(self.host.authority(), IpAddr::V4(from))
    }
}

/// Headers of a request.
pub type Headers = Vec<(&'static str, String)>;

/// The headers as a request takes them.
fn named(headers: &[(&'static str, String)]) -> Vec<(HeaderName, String)> {
    let named =
        |(name, value): &(&'static str, String)| (HeaderName::from_static(name), value.clone());
    headers.iter().map(named).collect()
}

/// What the page sends with a cookie.
pub fn with_cookie(cookie: &str) -> Headers {
    vec![("cookie", cookie.to_owned()), ("sec-fetch-site", "same-origin".to_owned())]
}

/// A text in an answer.
///
/// # Errors
///
/// When it is not there.
pub fn text(answer: &Value, pointer: &str) -> anyhow::Result<String> {
    let found = answer.pointer(pointer).and_then(Value::as_str);
    Ok(found.with_context(|| format!("`{pointer}` is not in the answer"))?.to_owned())
}
