//! The edges of the contract, seen from outside: what an independent reader of it tried.

mod bodies;
mod contract_document;
mod hostile;
mod not_found;
mod oauth2;
mod origins;
mod proxied;
mod sessions;
mod start;
mod words;

use std::process::{Command, Output, Stdio};

use exportgate_tests::host_process::binary;
use serde_json::Value;

use crate::{
    proxies::curl::{self, Answer, Credential},
    stage::{Stage, stage_in},
};

/// A stage whose host has this `exportgate.toml`.
fn configured(toml: &str) -> Stage {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("data")).unwrap();
    std::fs::write(folder.path().join("data/exportgate.toml"), toml).unwrap();
    stage_in(folder)
}

/// What only these tests do on a stage.
trait Edges {
    fn fetch(&self, options: &[&str], path: &str) -> Answer;
    fn cookie_header(&self, user: &str) -> String;
    fn token(&self) -> (String, String);
    fn people(&self, user: &str, arguments: &[&str]) -> Output;
}

impl Edges for Stage {
    /// Asks with further options of `curl`; the answer's headers can be looked up.
    #[track_caller]
    fn fetch(&self, options: &[&str], path: &str) -> Answer {
        let url = format!("{}{path}", self.host.url());
        let options = [&["--path-as-is", "--globoff"], options].concat();
        curl::fetch_with(&url, Credential::Nothing, &options)
    }

    /// Signs in over HTTP and returns the `Cookie` header.
    #[track_caller]
    fn cookie_header(&self, user: &str) -> String {
        format!("cookie: {}", self.cookie(user))
    }

    /// Creates a token of `anna`'s, who is signed in then, and returns its id and its secret.
    #[track_caller]
    fn token(&self) -> (String, String) {
        self.host.sign_in("anna");
        let created = self.host.told_as("anna", &["token", "create", "Sales"]);
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        (text(&created["token"]["token_id"]), text(&created["secret"]))
    }

    /// Runs a command as people do, without `--json`.
    #[track_caller]
    fn people(&self, user: &str, arguments: &[&str]) -> Output {
        command()
            .env("EXPORTGATE_CONFIG_HOME", self.folder.path().join("sessions").join(user))
            .arg("--data")
            .arg(self.host.data())
            .args(["--url", self.host.url()])
            .args(arguments)
            .output()
            .unwrap()
    }
}

/// The binary without anything of the environment that could change its mind.
fn command() -> Command {
    let mut command = Command::new(binary());
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("EXPORTGATE_") {
            command.env_remove(name);
        }
    }
    command.stdin(Stdio::null());
    command
}

#[track_caller]
fn check(answer: &Answer, status: u16, code: &str) {
    let body = answer.json();
    assert_eq!((answer.status, body["code"].as_str()), (status, Some(code)), "{body}");
    assert_eq!(answer.header("content-type"), "application/problem+json");
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(body["request_id"].as_str(), Some(answer.header("x-request-id")));
    let is_challenged = answer.n_headers("www-authenticate") > 0;
    assert_eq!(is_challenged, status == 401, "{body}");
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}
