//! Knows how to run the real `exportgate` binary as a process of its own, and to speak to it with
//! its own command line.

#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a helper of tests: what fails here is a failed test"
)]

use std::ffi::OsString;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use serde_json::Value;

use crate::{left_behind, machine_clock, wait::wait_for};

/// Names the binary to test, when it is not the one beside this test.
const BINARY_VARIABLE: &str = "EXPORTGATE_BIN";

/// The binary under test: `EXPORTGATE_BIN`, or `exportgate` in the folder into which cargo also
/// built this test or kit.
///
/// # Panics
///
/// When there is none.
pub fn binary() -> PathBuf {
    if let Some(named) = std::env::var_os(BINARY_VARIABLE) {
        return named.into();
    }
    let test = std::env::current_exe().expect("the path of this test");
    // target/release/deps/it-0123456789abcdef -> target/release/exportgate, and for a kit that is
    // a program itself target/release/exportgate-crash -> target/release/exportgate
    let folders = test.ancestors().skip(1).take(2);
    let mut binaries = folders.map(|folder| folder.join("exportgate"));
    match binaries.find(|binary| binary.is_file()) {
        Some(binary) => binary,
        None => panic!(
            "there is no `exportgate` beside this test; build it with `cargo build --release`, or \
             name it in {BINARY_VARIABLE}"
        ),
    }
}

/// A running host with a folder of its own. It is killed when this is dropped, and then no secret may
/// be in anything that it wrote.
pub struct HostProcess {
    dir: PathBuf,
    /// What is in the environment of the host itself, beside that of its commands.
    environment: Vec<(OsString, OsString)>,
    url: String,
    child: Option<Child>,
    n_starts: u32,
    /// Whether somebody has told of a mistake of this host already.
    is_caught: bool,
}

/// How a host ended that did not come up.
#[derive(Debug)]
pub struct Refused {
    /// Its exit code; none when a signal ended it.
    pub code: Option<i32>,
    /// What it said at this start.
    pub said: String,
}

impl HostProcess {
    /// Starts a host on any free port of loopback and returns once it listens. Its data, its log
    /// and the sessions of its users lie below `dir`, which may be empty or from an earlier host.
    ///
    /// # Panics
    ///
    /// When the host does not come up; the message holds what it said.
    #[track_caller]
    pub fn start(dir: &Path) -> Self {
        match Self::try_start(dir) {
            Ok(host) => host,
            Err(refused) => panic!("the host ended at start: {refused:?}"),
        }
    }

    /// Starts a host like [`Self::start`] where it may refuse to.
    ///
    /// # Errors
    ///
    /// How it ended, when it did not come up.
    #[track_caller]
    pub fn try_start(dir: &Path) -> Result<Self, Refused> {
        Self::try_start_with(dir, Vec::new())
    }

    /// Starts a host like [`Self::try_start`] with something more in its environment, at this
    /// start and at later ones.
    ///
    /// # Errors
    ///
    /// How it ended, when it did not come up.
    #[track_caller]
    pub fn try_start_with(
        dir: &Path,
        environment: Vec<(OsString, OsString)>,
    ) -> Result<Self, Refused> {
        let (dir, url) = (dir.to_owned(), String::new());
        let mut host = Self { dir, environment, url, child: None, n_starts: 0, is_caught: false };
        host.spawn("127.0.0.1:0")?;
        Ok(host)
    }

    /// Its address, such as `http://127.0.0.1:40123`.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Host and port of [`Self::url`].
    pub fn authority(&self) -> &str {
        self.url.strip_prefix("http://").unwrap_or(&self.url)
    }

    /// Its process; none while it is stopped.
    pub fn pid(&self) -> Option<u32> {
        self.child.as_ref().map(Child::id)
    }

    /// Its data folder.
    pub fn data(&self) -> PathBuf {
        self.dir.join("data")
    }

    /// Everything that it and its earlier starts wrote to standard output and standard error.
    pub fn log(&self) -> String {
        let files = (1..=self.n_starts).flat_map(|n| [self.file(n, "out"), self.file(n, "err")]);
        files.map(|file| std::fs::read_to_string(file).unwrap_or_default()).collect()
    }

    /// The most memory that the running host ever had in use, in KiB.
    ///
    /// # Panics
    ///
    /// When no host runs.
    pub fn peak_memory_kib(&self) -> u64 {
        self.status_kib("VmHWM:")
    }

    /// The memory that the running host has in use, in KiB.
    ///
    /// # Panics
    ///
    /// When no host runs.
    pub fn memory_kib(&self) -> u64 {
        self.status_kib("VmRSS:")
    }

    fn status_kib(&self, name: &str) -> u64 {
        let id = self.child.as_ref().expect("a running host").id();
        let status = std::fs::read_to_string(format!("/proc/{id}/status")).expect("its status");
        let line = status.lines().find_map(|line| line.strip_prefix(name)).expect("its memory");
        line.trim().trim_end_matches(" kB").parse().expect("a number")
    }

    /// Runs a command as the operator.
    ///
    /// # Panics
    ///
    /// When the binary cannot be run; what it answers is for the caller to judge.
    pub fn cli(&self, arguments: &[&str]) -> Output {
        self.cli_as("operator", arguments)
    }

    /// Runs a command with the session of `user`, see [`Self::sign_in`].
    ///
    /// # Panics
    ///
    /// When the binary cannot be run; what it answers is for the caller to judge.
    pub fn cli_as(&self, user: &str, arguments: &[&str]) -> Output {
        self.command(user)
            .args(["--json", "--url", &self.url])
            .args(arguments)
            .stdin(Stdio::null())
            .output()
            .expect("run `exportgate`")
    }

    /// Runs a command as `user` that must succeed, and returns the JSON document that it prints.
    ///
    /// # Panics
    ///
    /// When it fails or prints something else.
    #[track_caller]
    pub fn told_as(&self, user: &str, arguments: &[&str]) -> Value {
        let output = self.cli_as(user, arguments);
        // What a token command prints may hold a secret, so only its complaints are shown.
        let complaints = String::from_utf8_lossy(&output.stderr);
        let command = arguments.get(..2).unwrap_or(arguments).join(" ");
        assert!(output.status.success(), "`exportgate {command}` failed: {complaints}");
        serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|error| panic!("`exportgate {command}` printed no JSON: {error}"))
    }

    /// Runs a command as the operator that must succeed, and returns what it prints.
    ///
    /// # Panics
    ///
    /// When it fails or prints something else than JSON.
    #[track_caller]
    pub fn told(&self, arguments: &[&str]) -> Value {
        self.told_as("operator", arguments)
    }

    /// Says that whoever calls tells of a mistake of this host, so that its end need not.
    pub fn caught(&mut self) {
        self.is_caught = true;
    }

    /// Gives `user`, who must exist, a session for [`Self::cli_as`].
    ///
    /// # Panics
    ///
    /// When the host does not let the user in.
    #[track_caller]
    pub fn sign_in(&self, user: &str) {
        let code = self.told(&["sign-in-code", user]);
        let code = code.get("code").and_then(Value::as_str).expect("a sign-in code");
        let output = self.cli_as(user, &["sign-in", code]);
        let complaints = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "`{user}` cannot sign in: {complaints}");
    }

    /// Ends the host as an operator does, with SIGTERM, and returns once it is gone.
    ///
    /// # Panics
    ///
    /// When it does not end with exit code 0.
    #[track_caller]
    pub fn stop(&mut self) {
        let Some(mut child) = self.child.take() else { return };
        terminate(&child);
        let status = wait_for("the host to stop after SIGTERM", || child.try_wait().ok().flatten());
        assert!(status.success(), "the host ended with {status}: {}", self.log());
    }

    /// Ends the host as a power cut does, with SIGKILL.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            // An error means that it is gone already, which is what we want.
            let _ = child.kill();
            let _ = child.wait();
            machine_clock::tidy(child.id());
        }
    }

    /// Starts the host again on the same folder and the same port.
    ///
    /// # Panics
    ///
    /// When it still runs or does not come up.
    #[track_caller]
    pub fn restart(&mut self) {
        assert!(self.child.is_none(), "stop or kill the host before you restart it");
        let listen = self.authority().to_owned();
        if let Err(refused) = self.spawn(&listen) {
            panic!("the host ended at its restart: {refused:?}");
        }
    }

    /// Starts the host again as [`Self::restart`] does, with further words for `serve`, and kills it
    /// after so long, whatever it does by then.
    ///
    /// # Panics
    ///
    /// When it still runs or cannot be run.
    #[track_caller]
    pub fn restart_and_kill(&mut self, after: Duration, further: &[&str]) {
        assert!(self.child.is_none(), "stop or kill the host before you restart it");
        let listen = self.authority().to_owned();
        self.launch(&listen, further);
        std::thread::sleep(after);
        self.kill();
    }

    /// Starts the host again as [`Self::restart`] does, with further words for `serve`, where it may
    /// refuse to.
    ///
    /// # Errors
    ///
    /// How it ended, when it did not come up.
    ///
    /// # Panics
    ///
    /// When it still runs.
    #[track_caller]
    pub fn try_restart(&mut self, further: &[&str]) -> Result<(), Refused> {
        assert!(self.child.is_none(), "stop or kill the host before you restart it");
        let listen = self.authority().to_owned();
        self.spawn_with(&listen, further)
    }

    #[track_caller]
    fn spawn(&mut self, listen: &str) -> Result<(), Refused> {
        self.spawn_with(listen, &[])
    }

    #[track_caller]
    fn spawn_with(&mut self, listen: &str, further: &[&str]) -> Result<(), Refused> {
        let (child, out, err) = self.launch(listen, further);
        let url = wait_for("the host to listen", || {
            if let Some(status) = child.try_wait().ok().flatten() {
                return Some(Err(status));
            }
            let said = std::fs::read_to_string(&out).ok()?;
            let (line, _) = said.split_once('\n')?;
            let line: Value = serde_json::from_str(line).ok()?;
            Some(Ok(line.get("listening")?.as_str()?.to_owned()))
        });
        match url {
            Ok(url) => {
                self.url = url;
                Ok(())
            }
            Err(status) => {
                self.child = None;
                let said = [out, err].map(|file| std::fs::read_to_string(file).unwrap_or_default());
                Err(Refused { code: status.code(), said: said.concat() })
            }
        }
    }

    /// Runs `exportgate serve`, and says into which files it writes.
    #[track_caller]
    fn launch(&mut self, listen: &str, further: &[&str]) -> (&mut Child, PathBuf, PathBuf) {
        std::fs::create_dir_all(self.data()).expect("a folder for the host");
        self.n_starts += 1;
        let (out, err) = (self.file(self.n_starts, "out"), self.file(self.n_starts, "err"));
        let mut command = self.command("operator");
        machine_clock::apply(&self.dir, &mut command);
        // Files and not pipes: a pipe that nobody empties would stop the host.
        let environment = self.environment.clone();
        let child = command
            .args(["serve", "--listen", listen, "--json"])
            .args(further)
            .envs(environment)
            .stdin(Stdio::null())
            .stdout(File::create(&out).expect("a file for the host's log"))
            .stderr(File::create(&err).expect("a file for the host's messages"))
            .spawn()
            .expect("run `exportgate serve`");
        (self.child.insert(child), out, err)
    }

    /// The binary with this host's data folder, a user's own configuration folder and nothing of
    /// the environment that could change its mind. Where `ca.pem` lies in the host's folder, that
    /// authority is the only one it trusts.
    pub fn command(&self, user: &str) -> Command {
        let mut command = Command::new(binary());
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("EXPORTGATE_") {
                command.env_remove(name);
            }
        }
        let authority = self.dir.join("ca.pem");
        if authority.is_file() {
            command.env("SSL_CERT_FILE", authority);
        }
        command
            .env("EXPORTGATE_CONFIG_HOME", self.dir.join("sessions").join(user))
            .arg("--data")
            .arg(self.data());
        command
    }

    fn file(&self, start: u32, stream: &str) -> PathBuf {
        self.dir.join(format!("host-{start}.{stream}"))
    }
}

impl Drop for HostProcess {
    fn drop(&mut self) {
        self.kill();
        // Whoever fails already has something more important to say.
        if !self.is_caught && !std::thread::panicking() {
            left_behind::check(&self.data());
            for n in 1..=self.n_starts {
                for stream in ["out", "err"] {
                    left_behind::check(&self.file(n, stream));
                }
            }
        }
    }
}

/// Runs a command on a data folder that no host holds.
///
/// # Panics
///
/// When the binary cannot be run; what it answers is for the caller to judge.
pub fn offline(data: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(binary());
    command.arg("--data").arg(data).args(arguments).stdin(Stdio::null());
    command.output().expect("run `exportgate`")
}

/// Sends SIGTERM. The shell's own `kill` is there on every machine, and needs no unsafe code here.
pub fn terminate(child: &Child) {
    let kill = format!("kill -TERM {}", child.id());
    // When the process is gone already there is nothing left to do.
    let _ = Command::new("sh").args(["-c", &kill]).stderr(Stdio::null()).status();
}
