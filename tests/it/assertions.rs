//! Signed assertions, seen from outside: keys are made here, and the real host judges.

mod key_server;
mod key_sets;
pub mod keys;
mod over_https;
mod people;
mod refusals;
mod replay;

use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::stage::{Answer, Stage, check, stage_in};
pub use keys::{Key, encoded};

/// What issuers of these tests are called.
pub const ISSUER: &str = "https://acme.my.salesforce.com";

/// A stage whose host knows issuers. `issuers` is TOML; the files that it names lie in the data
/// folder, where `files` puts them.
pub fn scene(issuers: &str, files: &[(&str, &str)]) -> Stage {
    scene_in(tempfile::tempdir().unwrap(), issuers, files)
}

/// The same in a folder that was prepared.
pub fn scene_in(folder: TempDir, issuers: &str, files: &[(&str, &str)]) -> Stage {
    let data = folder.path().join("data");
    std::fs::create_dir_all(&data).unwrap();
    for (name, text) in files {
        std::fs::write(data.join(name), text).unwrap();
    }
    // Each request comes from an address of its own, so that none is limited for the others.
    let config = format!("[http]\ntrusted_proxies = [\"127.0.0.1\"]\n{issuers}");
    std::fs::write(data.join("exportgate.toml"), config).unwrap();
    stage_in(folder)
}

/// A stage with one issuer whose certificate holds [`keys::rsa`].
pub fn salesforce(more: &str) -> Stage {
    salesforce_in(tempfile::tempdir().unwrap(), more)
}

/// The same in a folder that was prepared.
pub fn salesforce_in(folder: TempDir, more: &str) -> Stage {
    let issuer = format!(
        "[[issuer]]\nissuer = \"{ISSUER}\"\norg_id = \"default\"\n\
         certificate_file = \"salesforce.pem\"\n{more}"
    );
    scene_in(folder, &issuer, &[("salesforce.pem", &keys::rsa().certificate)])
}

/// A number that no other call in this process gets.
pub fn unique() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

pub fn now() -> i64 {
    time::OffsetDateTime::now_utc().unix_timestamp()
}

/// What an assertion claims when everything about it is good.
pub fn claims(stage: &Stage, subject: &str) -> Value {
    json!({
        "iss": ISSUER,
        "aud": stage.host.url(),
        "sub": subject,
        "iat": now(),
        "exp": now() + 60,
        "jti": format!("{}-{}", std::process::id(), unique()),
    })
}

/// `claims` with changes.
pub fn changed(stage: &Stage, changes: &Value) -> Value {
    let mut claims = claims(stage, "0055g00000AbCdEAAV");
    for (name, value) in changes.as_object().unwrap() {
        claims[name] = value.clone();
    }
    claims
}

/// Asks with an assertion.
pub fn ask(stage: &Stage, assertion: &str, method: &str, path: &str, body: &Value) -> Answer {
    let number = unique();
    let from = format!("x-forwarded-for: 198.51.{}.{}", number / 256 % 256, number % 256);
    stage.json(method, path, &[&format!("authorization: Bearer {assertion}"), &from], body)
}

/// Asks who an assertion makes the caller.
pub fn me(stage: &Stage, assertion: &str) -> Answer {
    ask(stage, assertion, "GET", "/v1/me", &json!({}))
}

/// Checks that an assertion is refused, that the log tells the reason, and nothing of it.
#[track_caller]
pub fn check_refused(stage: &Stage, assertion: &str, reason: &str) {
    let before = stage.host.log().len();
    let answer = me(stage, assertion);
    check(&answer, 401, "credential.invalid");
    let challenge = "www-authenticate: Bearer realm=\"Exportgate\", error=\"invalid_token\"";
    assert!(answer.head.contains(challenge), "{}", answer.head);
    let log = stage.host.log();
    let line = &log[before..];
    assert!(line.contains(&format!("\"assertion.{reason}\"")), "{reason}: {line}");
    for part in assertion.split('.').filter(|part| part.len() > 8) {
        assert!(!log.contains(part), "{log}");
    }
    assert!(!answer.text.contains(reason), "{}", answer.text);
}
