//! Knows how to fetch something with `curl`, as a person at a terminal would.

use std::io::Write as _;
use std::process::{Command, Stdio};

/// What a client presents.
#[derive(Clone, Copy)]
pub enum Credential<'a> {
    Nothing,
    /// User name and secret, as Power BI sends them.
    Basic(&'a str, &'a str),
    Bearer(&'a str),
}

/// What came back.
pub struct Answer {
    pub status: u16,
    headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Answer {
    /// The value of a header, or the empty text.
    pub fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(have, _)| have.eq_ignore_ascii_case(name));
        found.map_or("", |(_, value)| value)
    }

    /// How often a header is there.
    pub fn n_headers(&self, name: &str) -> usize {
        self.headers.iter().filter(|(have, _)| have.eq_ignore_ascii_case(name)).count()
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON.
    #[track_caller]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("no JSON: {}", self.text()))
    }
}

/// Fetches an address.
#[track_caller]
pub fn fetch(url: &str, credential: Credential<'_>) -> Answer {
    fetch_with(url, credential, &[])
}

/// Fetches an address with further options of `curl`.
#[track_caller]
pub fn fetch_with(url: &str, credential: Credential<'_>, options: &[&str]) -> Answer {
    let output = run(&["--include", url], credential, options);
    let end = output.windows(4).position(|four| four == b"\r\n\r\n").expect("headers in an answer");
    let head = String::from_utf8_lossy(&output[..end]).into_owned();
    let mut lines = head.split("\r\n");
    let status = lines.next().and_then(|line| line.split(' ').nth(1)?.parse().ok());
    Answer {
        status: status.expect("a status"),
        headers: lines
            .filter_map(|line| line.split_once(':'))
            .map(|(name, value)| (name.to_owned(), value.trim().to_owned()))
            .collect(),
        body: output[end + 4..].to_vec(),
    }
}

/// Fetches an address so many times with many connections at once, and returns the statuses.
#[track_caller]
pub fn fetch_in_parallel(url: &str, credential: Credential<'_>, times: usize) -> Vec<u16> {
    // A fragment is not sent, so that all of these are the same address.
    let urls = format!("{url}#[1-{times}]");
    let options = ["--parallel", "--parallel-max", "50", "--no-progress-meter"];
    let written = ["--output", "/dev/null", "--write-out", "%{http_code}\n", &urls];
    let output = run(&written, credential, &options);
    String::from_utf8_lossy(&output).lines().map(|line| line.parse().expect("a status")).collect()
}

#[track_caller]
fn run(arguments: &[&str], credential: Credential<'_>, options: &[&str]) -> Vec<u8> {
    let mut curl = Command::new("curl")
        .args(["--silent", "--show-error", "--noproxy", "*", "--max-time", "120", "--config", "-"])
        .args(options)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("`curl` is not installed; `cargo xtask test` installs it");
    // On standard input and not as an argument: those are seen by everybody on the machine.
    let credential = match credential {
        Credential::Nothing => String::new(),
        Credential::Basic(user, secret) => format!("user = \"{user}:{secret}\"\n"),
        Credential::Bearer(secret) => format!("oauth2-bearer = \"{secret}\"\n"),
    };
    curl.stdin.take().expect("a pipe").write_all(credential.as_bytes()).expect("write to curl");
    let output = curl.wait_with_output().expect("curl's answer");
    assert!(output.status.success(), "curl ended with {}", output.status);
    output.stdout
}
