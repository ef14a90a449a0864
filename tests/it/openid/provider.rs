//! An OpenID provider that can lie in every way. The honest one of the browser tests is
//! `oidc-provider`.

use std::collections::HashMap;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use percent_encoding::percent_decode_str;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::assertions::{Key, encoded, now};

/// What the provider does, changed by tests while it runs.
pub struct Manner {
    /// Replaces parts of the metadata.
    pub metadata: Value,
    /// The keys that it shows.
    pub keys: Vec<Value>,
    /// What `/userinfo` answers; `None`: 404.
    pub userinfo: Option<Value>,
    /// The status and body of `/token`, whatever is asked.
    pub token_answer: Option<(u16, String)>,
    /// It takes this long for each answer.
    pub delay: Duration,
}

struct Grant {
    challenge: String,
    redirect_uri: String,
    id_token: String,
    access_token: String,
}

struct Inner {
    manner: Manner,
    grants: HashMap<String, Grant>,
    /// Everything that was asked: path, `Authorization` and body.
    asked: Vec<(String, String, String)>,
}

pub struct Provider {
    pub issuer: String,
    pub key: Key,
    inner: Arc<Mutex<Inner>>,
}

/// Values of a query or form.
pub fn values(text: &str) -> HashMap<String, String> {
    let decoded = |text: &str| {
        let text = text.replace('+', " ");
        percent_decode_str(&text).decode_utf8().unwrap().into_owned()
    };
    let pair = |pair: &str| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (decoded(name), decoded(value))
    };
    text.split('&').filter(|part| !part.is_empty()).map(pair).collect()
}

impl Provider {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let issuer = format!("http://{}/acme", listener.local_addr().unwrap());
        let key = Key::p256();
        let manner = Manner {
            metadata: json!({}),
            keys: vec![key.jwk("k1")],
            userinfo: None,
            token_answer: None,
            delay: Duration::ZERO,
        };
        let inner =
            Arc::new(Mutex::new(Inner { manner, grants: HashMap::new(), asked: Vec::new() }));
        let (shared, name) = (Arc::clone(&inner), issuer.clone());
        std::thread::spawn(move || {
            for connection in listener.incoming().flatten() {
                let (shared, name) = (Arc::clone(&shared), name.clone());
                // Whoever asked may have lost patience.
                std::thread::spawn(move || drop(serve(connection, &name, &shared)));
            }
        });
        Self { issuer, key, inner }
    }

    /// Changes what it does.
    pub fn change(&self, change: impl FnOnce(&mut Manner)) {
        change(&mut self.inner.lock().unwrap().manner);
    }

    /// What was asked below a path, since the start: `Authorization` and body.
    pub fn asked(&self, path: &str) -> Vec<(String, String)> {
        let inner = self.inner.lock().unwrap();
        let ours = inner.asked.iter().filter(|(asked, ..)| asked == path);
        ours.map(|(_, credential, body)| (credential.clone(), body.clone())).collect()
    }

    /// What an ID token claims when everything about it is good.
    pub fn claims(&self, subject: &str, request: &HashMap<String, String>) -> Value {
        json!({
            "iss": self.issuer,
            "sub": subject,
            "aud": request["client_id"],
            "iat": now(),
            "exp": now() + 600,
            "nonce": request["nonce"],
            "preferred_username": subject,
            "name": format!("{subject} at Acme"),
        })
    }

    pub fn signed(&self, claims: &Value) -> String {
        self.key.assertion("ES256", "k1", claims)
    }

    /// Signs somebody in for a request of the host: the code that the browser brings back.
    pub fn grant(&self, request: &HashMap<String, String>, id_token: &str) -> String {
        let mut inner = self.inner.lock().unwrap();
        let code = format!("code-{}", inner.grants.len());
        let grant = Grant {
            challenge: request["code_challenge"].clone(),
            redirect_uri: request["redirect_uri"].clone(),
            id_token: id_token.to_owned(),
            access_token: format!("access-{code}"),
        };
        inner.grants.insert(code.clone(), grant);
        code
    }
}

/// Reads one request: path, `Authorization`, body.
fn read(connection: &mut TcpStream) -> std::io::Result<Option<(String, String, String)>> {
    let mut bytes = Vec::new();
    let mut part = [0; 4096];
    loop {
        if let Some(end) = bytes.windows(4).position(|end| end == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
            let header = |name: &str| {
                let line = head.lines().find(|line| line.to_lowercase().starts_with(name));
                line.map(|line| line[name.len()..].trim().to_owned()).unwrap_or_default()
            };
            let length: usize = header("content-length:").parse().unwrap_or(0);
            if bytes.len() >= end + 4 + length {
                let path = head.split_whitespace().nth(1).unwrap_or_default().to_owned();
                let body = String::from_utf8_lossy(&bytes[end + 4..]).into_owned();
                return Ok(Some((path, header("authorization:"), body)));
            }
        }
        let n = connection.read(&mut part)?;
        if n == 0 {
            return Ok(None);
        }
        bytes.extend_from_slice(&part[..n]);
    }
}

fn serve(mut connection: TcpStream, issuer: &str, inner: &Mutex<Inner>) -> std::io::Result<()> {
    let Some((path, credential, body)) = read(&mut connection)? else { return Ok(()) };
    let delay = {
        let mut inner = inner.lock().unwrap();
        inner.asked.push((path.clone(), credential.clone(), body.clone()));
        inner.manner.delay
    };
    std::thread::sleep(delay);
    let (status, answer) = answer(issuer, &mut inner.lock().unwrap(), &path, &credential, &body);
    let length = answer.len();
    write!(
        connection,
        "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\nconnection: close\r\n\
         content-length: {length}\r\n\r\n{answer}"
    )
}

fn answer(
    issuer: &str,
    inner: &mut Inner,
    path: &str,
    credential: &str,
    body: &str,
) -> (u16, String) {
    match path.strip_prefix("/acme").unwrap_or_default() {
        "/.well-known/openid-configuration" => {
            let mut metadata = json!({
                "issuer": issuer,
                "authorization_endpoint": format!("{issuer}/authorize"),
                "token_endpoint": format!("{issuer}/token"),
                "jwks_uri": format!("{issuer}/keys"),
                "end_session_endpoint": format!("{issuer}/end"),
                "response_types_supported": ["code"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["ES256"],
            });
            if inner.manner.userinfo.is_some() {
                metadata["userinfo_endpoint"] = json!(format!("{issuer}/userinfo"));
            }
            for (name, value) in inner.manner.metadata.as_object().unwrap() {
                metadata[name] = value.clone();
            }
            (200, metadata.to_string())
        }
        "/keys" => (200, json!({ "keys": inner.manner.keys }).to_string()),
        "/userinfo" => match &inner.manner.userinfo {
            Some(claims) if credential.starts_with("Bearer access-") => (200, claims.to_string()),
            _ => (401, "{}".to_owned()),
        },
        "/token" => token(inner, &values(body)),
        _ => (404, "{}".to_owned()),
    }
}

/// As RFC 6749 section 4.1.3 and RFC 7636 section 4.6 ask for: each code once.
fn token(inner: &mut Inner, form: &HashMap<String, String>) -> (u16, String) {
    if let Some((status, body)) = &inner.manner.token_answer {
        return (*status, body.clone());
    }
    let refused = |error: &str| (400, json!({ "error": error }).to_string());
    let Some(grant) = inner.grants.remove(form.get("code").map_or("", String::as_str)) else {
        return refused("invalid_grant");
    };
    let verifier = form.get("code_verifier").cloned().unwrap_or_default();
    if encoded(&Sha256::digest(verifier.as_bytes())) != grant.challenge
        || form.get("redirect_uri") != Some(&grant.redirect_uri)
    {
        return refused("invalid_grant");
    }
    let answer = json!({
        "access_token": grant.access_token,
        "token_type": "Bearer",
        "expires_in": 600,
        "id_token": grant.id_token,
    });
    (200, answer.to_string())
}
