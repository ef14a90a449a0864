//! Knows the scene of the tests that ask the real host with `curl`, and how to read its answers.

use std::ffi::OsString;
use std::process::{Command, Stdio};
use std::time::{Duration, UNIX_EPOCH};

use exportgate_core::time::Timestamp;
use exportgate_tests::{host_process::HostProcess, wait::within};
use serde_json::{Value, json};
use tempfile::TempDir;

/// A host with an export service and two users, `anna` and `bert`.
pub struct Stage {
    pub host: HostProcess,
    /// The service key of `sales`.
    pub key: String,
    pub folder: TempDir,
}

/// An answer of the host, its body also read as JSON.
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub text: String,
    pub body: Value,
}

/// A stage in a folder of its own.
pub fn stage() -> Stage {
    stage_in(tempfile::tempdir().unwrap())
}

/// A stage in a folder that was prepared.
pub fn stage_in(folder: TempDir) -> Stage {
    stage_with(folder, Vec::new())
}

/// A stage in a folder that was prepared, whose host has something more in its environment.
pub fn stage_with(folder: TempDir, mut environment: Vec<(OsString, OsString)>) -> Stage {
    // All that a host can tell, as nothing of it may be a secret.
    environment.push(("EXPORTGATE_LOG_LEVEL".into(), "trace".into()));
    let host = HostProcess::try_start_with(folder.path(), environment).expect("a host");
    for user in ["anna", "bert"] {
        host.told(&["user", "add", user]);
    }
    let key = host.told(&["service", "add", "sales"])["key"].as_str().unwrap().to_owned();
    Stage { host, key, folder }
}

impl Stage {
    /// Signs in over HTTP and returns the cookie.
    pub fn cookie(&self, user: &str) -> String {
        self.cookie_in("default", user)
    }

    /// The same for a user of another organization than the default one.
    pub fn cookie_in(&self, org: &str, user: &str) -> String {
        let code = self.host.told(&["sign-in-code", user, "--org", org])["code"].clone();
        let answer = self.json("POST", "/v1/sign-in", &[], &json!({ "code": code }));
        assert_eq!((answer.status, answer.body["user_name"].as_str()), (200, Some(user)));
        let line = answer.head.lines().find(|line| line.starts_with("set-cookie: ")).unwrap();
        assert!(line.contains("Secure; HttpOnly; SameSite=Strict"), "{line}");
        line["set-cookie: ".len()..].split(';').next().unwrap().to_owned()
    }

    /// Asks with `curl` and these arguments.
    pub fn ask(&self, arguments: &[&str], path: &str) -> Answer {
        let output = Command::new("curl")
            .args(["--silent", "--include", "--path-as-is", "--globoff", "--max-time", "60"])
            .args(arguments)
            .arg(format!("{}{path}", self.host.url()))
            .stdin(Stdio::null())
            .output()
            .expect("curl");
        let text = String::from_utf8(output.stdout).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").expect("an answer");
        let (head, body) =
            body.split_once("\r\n\r\n").filter(|_| head.contains(" 100 ")).unwrap_or((head, body));
        Answer {
            status: head.split_whitespace().nth(1).unwrap().parse().unwrap(),
            head: head.to_owned(),
            text: body.to_owned(),
            body: serde_json::from_str(body).unwrap_or(Value::Null),
        }
    }

    /// Sends JSON with further headers.
    pub fn json(&self, method: &str, path: &str, headers: &[&str], body: &Value) -> Answer {
        let body = body.to_string();
        let mut arguments =
            vec!["-X", method, "-H", "content-type: application/json", "--data-raw", &body];
        headers.iter().for_each(|header| arguments.extend(["-H", header]));
        self.ask(&arguments, path)
    }

    /// Sends JSON as the page does.
    pub fn as_user(&self, cookie: &str, method: &str, path: &str, body: &Value) -> Answer {
        let cookie = format!("cookie: {cookie}");
        self.json(method, path, &[&cookie, "sec-fetch-site: same-origin"], body)
    }

    /// Creates a token that is to end so many seconds from now, by the real clock; a later end where
    /// the machine is too busy for that one.
    pub fn short_token(&self, cookie: &str, seconds: i64) -> Value {
        within("the creation of a token", seconds, |seconds| {
            let end = Duration::from_secs(seconds.cast_unsigned()) + UNIX_EPOCH.elapsed().unwrap();
            let end = Timestamp::from_unix_seconds(end.as_secs().cast_signed()).unwrap();
            let draft = json!({ "label": "Short", "expires_at": end.to_string() });
            let answer = self.as_user(cookie, "POST", "/v1/tokens", &draft);
            if answer.body["code"] == "expiry.in_the_past" {
                return None;
            }
            assert_eq!(answer.status, 201, "{}", answer.body);
            Some(answer.body)
        })
    }

    /// Asks whether an export may run.
    pub fn validate(&self, body: &Value) -> Answer {
        let key = format!("authorization: Bearer {}", self.key);
        self.json("POST", "/v1/exports/validate", &[&key], body)
    }
}

/// Checks that an answer is a problem with this status and code.
#[track_caller]
pub fn check(answer: &Answer, status: u16, code: &str) {
    assert_eq!(
        (answer.status, answer.body["code"].as_str()),
        (status, Some(code)),
        "{}",
        answer.body
    );
    assert!(answer.head.contains("content-type: application/problem+json"), "{}", answer.head);
    let id = answer.body["request_id"].as_str().unwrap();
    assert!(answer.head.contains(&format!("x-request-id: {id}")));
}
