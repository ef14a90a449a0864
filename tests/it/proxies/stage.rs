//! Knows the scene of every story: a host, an export service, a user who is signed in, a proxy,
//! and behind it files and a program.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use exportgate_tests::host_process::HostProcess;
use exportgate_tests::wait::wait_for;
use serde_json::Value;
use tempfile::TempDir;

use super::front::{Behind, Front, Kind};

/// The user of the stories. The letter outside ASCII is on purpose: HTTP Basic must carry it.
pub const USER: &str = "zoë@example.com";
/// The export service of the stories.
pub const SERVICE: &str = "reports";
/// How the user creates a token on the command line.
const CREATE: [&str; 3] = ["token", "create", "Power BI"];

/// A token as its owner got it.
pub struct Token {
    pub token_id: String,
    pub secret: String,
}

/// The scene. Fields are dropped in this order: the proxy before what stands behind it.
pub struct Stage {
    pub front: Front,
    pub host: HostProcess,
    /// Kept to be ended with the scene.
    _program: Program,
    _dir: TempDir,
}

impl Stage {
    /// Sets the scene behind a proxy.
    #[track_caller]
    pub fn behind(kind: Kind) -> Self {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let (host, service_key) = host_with_service(dir.path());
        let program = Program::start(dir.path(), &[], None);
        let behind = Behind {
            exportgate: host.authority(),
            service_key: &service_key,
            program: program.authority(),
        };
        let front = Front::start(kind, &dir.path().join("proxy"), &behind);
        Self { front, host, _program: program, _dir: dir }
    }

    /// An address at the proxy.
    pub fn at(&self, path: &str) -> String {
        format!("{}{path}", self.front.url)
    }

    /// Creates a token for the user.
    #[track_caller]
    pub fn token(&self) -> Token {
        create_token(&self.host)
    }
}

/// Starts a host that knows the export service and the signed-in user, and returns the service key.
#[track_caller]
pub fn host_with_service(dir: &Path) -> (HostProcess, String) {
    let host = HostProcess::start(&dir.join("host"));
    let service = host.told(&["service", "add", SERVICE]);
    let key = service["key"].as_str().expect("a service key").to_owned();
    host.told(&["user", "add", USER]);
    host.sign_in(USER);
    (host, key)
}

/// Creates a token for the user.
#[track_caller]
pub fn create_token(host: &HostProcess) -> Token {
    token(&host.told_as(USER, &CREATE))
}

/// Creates a token for the user that ends then; none when that had passed by the time the host was
/// asked.
#[track_caller]
pub fn create_token_until(host: &HostProcess, expires: &str) -> Option<Token> {
    let output = host.cli_as(USER, &[&CREATE[..], &["--expires", expires]].concat());
    if output.status.success() {
        let created = serde_json::from_slice(&output.stdout).expect("JSON");
        return Some(token(&created));
    }
    let complaints = String::from_utf8_lossy(&output.stderr);
    assert!(complaints.contains("expiry.in_the_past"), "no token was created: {complaints}");
    None
}

#[track_caller]
fn token(created: &Value) -> Token {
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    Token { token_id: text(&created["token"]["token_id"]), secret: text(&created["secret"]) }
}

/// Revokes a token as its owner.
#[track_caller]
pub fn revoke(host: &HostProcess, token: &Token) {
    host.told_as(USER, &["token", "revoke", &token.token_id]);
}

/// The binary `sample-export`, running.
pub struct Program {
    child: Child,
    pub url: String,
}

impl Program {
    /// Starts it, and returns once it listens.
    #[track_caller]
    pub fn start(dir: &Path, arguments: &[&str], service_key: Option<&str>) -> Self {
        let said = dir.join("program.out");
        let mut command = Command::new(env!("CARGO_BIN_EXE_sample-export"));
        if let Some(key) = service_key {
            command.env("EXPORTGATE_SERVICE_KEY", key);
        }
        let child = command
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(std::fs::File::create(&said).expect("a file"))
            .stderr(std::fs::File::create(dir.join("program.err")).expect("a file"))
            .spawn()
            .expect("run `sample-export`");
        let url = wait_for("sample-export to listen", || {
            let said = std::fs::read_to_string(&said).ok()?;
            Some(said.strip_prefix("listening on ")?.strip_suffix('\n')?.to_owned())
        });
        Self { child, url }
    }

    fn authority(&self) -> &str {
        self.url.strip_prefix("http://").expect("an address")
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What the OData client says after reading the whole feed, and whether it came through.
#[track_caller]
pub fn read_feed(url: &str, user: Option<&str>, secret: &str) -> (bool, Value) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("odata/read_feed.py");
    let mut command = Command::new(python());
    command.arg(script).arg(url);
    if let Some(user) = user {
        command.args(["--user", user]);
    }
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("run the OData client");
    child.stdin.take().expect("a pipe").write_all(secret.as_bytes()).expect("hand over the secret");
    let output = child.wait_with_output().expect("the OData client's answer");
    let told = serde_json::from_slice(&output.stdout).expect("JSON from the OData client");
    (output.status.success(), told)
}

/// The Python that has the OData client: `target/odata-venv` beside this test's own folder.
#[track_caller]
fn python() -> PathBuf {
    let test = std::env::current_exe().expect("the path of this test");
    let python = test.ancestors().map(|dir| dir.join("odata-venv/bin/python")).find(|p| p.exists());
    python.expect("target/odata-venv/bin/python is not there; `cargo xtask test` makes it")
}
