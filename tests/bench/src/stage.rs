//! Knows the two servers that are compared, and the requests that are sent to both.

use std::{
    fs::File,
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
};

use anyhow::Context as _;
use exportgate_tests::host_process::{HostProcess, binary};
use serde_json::Value;
use tempfile::TempDir;

use crate::{
    cores::{self, SERVER},
    memory::{self, Start},
    seed::{self, History},
    wrk::{Load, Requests},
};

/// Of so many tokens at most the secrets are sent; they are spread over the whole store.
const N_SECRETS: u64 = 20_000;

/// The routes that validate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Route {
    /// `GET /v1/exports/authorize`
    Authorize,
    /// `POST /oauth2/introspect`
    Introspect,
    /// `POST /v1/exports/validate`
    Validate,
}

impl Route {
    /// Every one.
    pub const ALL: [Self; 3] = [Self::Authorize, Self::Introspect, Self::Validate];

    /// Its name in the table.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Authorize => "authorize",
            Self::Introspect => "introspect",
            Self::Validate => "validate",
        }
    }

    /// A whole request with a secret, as proxies and export services send it.
    fn request(self, key: &str, secret: &str) -> String {
        match self {
            Self::Authorize => format!(
                "GET /v1/exports/authorize HTTP/1.1\r\nHost: exportgate\r\n\
                 Authorization: Bearer {secret}\r\nX-Exportgate-Service: {key}\r\n\
                 X-Forwarded-For: 203.0.113.7\r\n\r\n"
            ),
            Self::Introspect => {
                let body = format!("token={secret}");
                post("/oauth2/introspect", key, "application/x-www-form-urlencoded", &body)
            }
            Self::Validate => {
                let body = format!(
                    "{{\"secret\":\"{secret}\",\"data_source\":\"/sales\",\
                     \"client_address\":\"203.0.113.7\"}}"
                );
                post("/v1/exports/validate", key, "application/json", &body)
            }
        }
    }
}

fn post(path: &str, key: &str, media_type: &str, body: &str) -> String {
    format!(
        "POST {path} HTTP/1.1\r\nHost: exportgate\r\nAuthorization: Bearer {key}\r\n\
         Content-Type: {media_type}\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// A host with many tokens, and an export service that may ask it.
pub struct Stage {
    /// The host.
    pub host: HostProcess,
    n_tokens: u64,
    key: String,
    folder: TempDir,
}

impl Stage {
    /// Fills a host in a folder of its own with tokens, and starts it on the servers' core.
    ///
    /// # Errors
    /// The store cannot be filled.
    pub fn with_tokens(n_tokens: u64) -> anyhow::Result<Self> {
        Self::filled(n_tokens, History::Untold)
    }

    /// The same, with or without a history that tells of the tokens.
    ///
    /// # Errors
    /// The store cannot be filled.
    pub fn filled(n_tokens: u64, history: History) -> anyhow::Result<Self> {
        let folder = TempDir::new()?;
        let mut host = cores::pinned(SERVER, || HostProcess::start(folder.path()))?;
        let service = host.told(&["service", "add", "bench"]);
        let key = service.get("key").and_then(Value::as_str).context("no service key")?.to_owned();
        host.stop();
        seed::fill(&host.data().join("exportgate.db"), n_tokens, history)?;
        cores::pinned(SERVER, || host.restart())?;
        Ok(Self { host, n_tokens, key, folder })
    }

    /// Starts the host again, first on all cores to measure it.
    ///
    /// # Errors
    /// It does not come up.
    pub fn start_again(&mut self) -> anyhow::Result<Start> {
        self.host.stop();
        let start = memory::start(self.folder.path())?;
        cores::pinned(SERVER, || self.host.restart())?;
        Ok(start)
    }

    /// Asks the host.
    ///
    /// # Errors
    /// It is gone.
    pub fn load(&self, n_connections: u32, seconds: u32) -> anyhow::Result<Load<'_>> {
        let pid = self.host.pid().context("the host is gone")?;
        Ok(Load { url: self.host.url(), pid, n_connections, seconds, yields: false })
    }

    /// Requests with secrets drawn from the whole store; of a hundred, `n_unknown` present one
    /// that nobody has.
    ///
    /// # Errors
    /// They cannot be written down.
    pub fn requests(&self, route: Route, n_unknown: u64) -> anyhow::Result<Requests> {
        let n = self.n_tokens.min(N_SECRETS);
        let step = self.n_tokens / n;
        Requests::new((0..n).map(|at| {
            // Secrets beyond the last token's are well-formed, and nobody's.
            let of = if at % 100 < n_unknown { self.n_tokens + at } else { at * step };
            route.request(&self.key, seed::secret(of).expose())
        }))
    }

    /// The cookie of a session of the first administrator, who may have any number of tokens.
    ///
    /// # Errors
    /// The host does not let the administrator in.
    pub fn cookie(&self) -> anyhow::Result<String> {
        self.host.told(&["policy", "set", "--maximum-active-tokens", "none"]);
        let code = self.host.told(&["sign-in-code", "admin"]);
        let code = code.get("code").and_then(Value::as_str).context("no code")?;
        let mut curl = Command::new("curl");
        curl.args(["--silent", "--show-error", "--fail", "--include"])
            .args(["--json", &format!("{{\"code\":\"{code}\"}}")])
            .arg(format!("{}/v1/sign-in", self.host.url()));
        let output = curl.output().context("cannot run `curl`")?;
        let said = String::from_utf8(output.stdout)?;
        let cookie = said
            .lines()
            .filter_map(|line| line.split_once(": "))
            .find(|(name, _)| name.eq_ignore_ascii_case("set-cookie"))
            .and_then(|(_, value)| value.split(';').next());
        Ok(cookie.context("no cookie")?.to_owned())
    }

    /// The body of an answer to a valid secret.
    ///
    /// # Errors
    /// The host does not answer 200.
    pub fn answer(&self, route: Route) -> anyhow::Result<String> {
        let mut curl = Command::new("curl");
        curl.args(["--silent", "--show-error", "--fail"]);
        let secret = seed::secret(0);
        let secret = secret.expose();
        let bearer = format!("Authorization: Bearer {}", self.key);
        match route {
            Route::Authorize => curl
                .args(["--header", &format!("Authorization: Bearer {secret}")])
                .args(["--header", &format!("X-Exportgate-Service: {}", self.key)])
                .arg(format!("{}/v1/exports/authorize", self.host.url())),
            Route::Introspect => curl
                .args(["--header", &bearer])
                .args(["--data", &format!("token={secret}")])
                .arg(format!("{}/oauth2/introspect", self.host.url())),
            Route::Validate => curl
                .args(["--header", &bearer])
                .args(["--json", &format!("{{\"secret\":\"{secret}\"}}")])
                .arg(format!("{}/v1/exports/validate", self.host.url())),
        };
        let output = curl.output().context("cannot run `curl`")?;
        anyhow::ensure!(
            output.status.success(),
            "the host does not {}: {}",
            route.name(),
            String::from_utf8_lossy(&output.stderr)
        );
        Ok(String::from_utf8(output.stdout)?)
    }

    /// The bare handlers, on the servers' core, with the same bodies.
    ///
    /// # Errors
    /// They do not come up.
    pub fn floor(&self) -> anyhow::Result<Floor> {
        let (introspection, validation) =
            (self.answer(Route::Introspect)?, self.answer(Route::Validate)?);
        Floor::start(&binary(), &introspection, &validation)
    }
}

/// The bare handlers of the same program. They end with this.
pub struct Floor {
    child: Child,
    url: String,
}

impl Floor {
    fn start(binary: &Path, introspection: &str, validation: &str) -> anyhow::Result<Self> {
        let mut command = Command::new(binary);
        command
            .args(["bench-floor", "--introspection", introspection, "--validation", validation])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(File::create("/dev/null")?);
        let mut child = cores::pinned(SERVER, || command.spawn())??;
        let stdout = child.stdout.take().context("no output")?;
        let mut line = String::new();
        BufReader::new(stdout).read_line(&mut line)?;
        let url = line.trim().strip_prefix("listening on ").context("it does not listen")?;
        Ok(Self { url: url.to_owned(), child })
    }

    /// Asks the bare handlers.
    pub fn load(&self, n_connections: u32, seconds: u32) -> Load<'_> {
        Load { url: &self.url, pid: self.child.id(), n_connections, seconds, yields: false }
    }
}

impl Drop for Floor {
    fn drop(&mut self) {
        // An error means that it is gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
