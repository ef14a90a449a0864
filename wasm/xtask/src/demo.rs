//! The story of one token, told with a real host, a real export and real requests.

use std::{
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use anyhow::{Context as _, bail, ensure};

use crate::{paths::Paths, process};

/// Ends its program when the story is over.
struct Program(Child);

impl Drop for Program {
    fn drop(&mut self) {
        // The host closes its minutes on SIGTERM; `Child::kill` would not let it. The shell's own
        // `kill` is there on every machine, the program is not.
        let _ = Command::new("sh").args(["-c", &format!("kill {}", self.0.id())]).status();
        let _ = self.0.wait();
    }
}

/// The programs and folders of one telling.
struct Story {
    exportgate: PathBuf,
    folder: PathBuf,
    host: String,
}

/// Tells the story; with `once` it ends there, otherwise the host goes on until Ctrl-C.
///
/// # Errors
///
/// When anything in the story goes otherwise than told.
pub fn run(paths: &Paths, data: Option<PathBuf>, once: bool) -> anyhow::Result<()> {
    let release = paths.root.join("target/release");
    let folder = data.unwrap_or_else(|| {
        std::env::temp_dir().join(format!("exportgate-demo-{}", std::process::id()))
    });
    std::fs::create_dir_all(&folder)
        .with_context(|| format!("cannot make `{}`", folder.display()))?;
    let exportgate = release.join("exportgate");

    say("1. The host starts on an empty folder.");
    let mut command = Command::new(&exportgate);
    command.arg("serve").arg("--data").arg(folder.join("data"));
    let (_host, host) = start(command.args(["--listen", "127.0.0.1:0"]))?;
    let story = Story { exportgate, folder, host };

    say("2. The operator adds Anna and an export service.");
    let user = format!("anna-{}", std::process::id());
    story.operator(&["user", "add", &user, "--display-name", "Anna Alm"])?;
    let service = story.operator(&["service", "add", &format!("sales-{user}")])?;
    let key = member(&service, "key")?;

    say(
        "3. A sample export of Salesforce accounts and opportunities starts, protected by the host.",
    );
    let mut command = Command::new(release.join("sample-export"));
    command.args(["--listen", "127.0.0.1:0", "--authorize", &story.host]);
    let (_export, export) = start(command.env("EXPORTGATE_SERVICE_KEY", &key))?;

    say("4. Anna signs in with a one-time code and creates a token. Its secret is shown once.");
    let code = member(&story.operator(&["sign-in-code", &user])?, "code")?;
    story.user(&["sign-in", &code])?;
    let created = story.user(&["token", "create", "Sales dashboard", "--expires", "90d"])?;
    let (secret, token_id) = (member(&created, "secret")?, member(&created, "token_id")?);

    say("5. Power BI fetches the export with user name and secret (HTTP Basic).");
    story.fetch(&export, Some(&format!("{user}:{secret}")), "200")?;
    say("6. Without a credential, with a wrong secret, or as somebody else it gets nothing.");
    story.fetch(&export, None, "401")?;
    story.fetch(&export, Some(&format!("{user}:egt_wrong")), "401")?;
    story.fetch(&export, Some(&format!("bob:{secret}")), "401")?;
    say("7. Anna revokes the token.");
    story.user(&["token", "revoke", &token_id])?;
    say("8. The very next fetch fails, with the reason.");
    let answer = story.fetch(&export, Some(&format!("{user}:{secret}")), "401")?;
    ensure!(answer.contains("revoked"), "the refusal does not say that the token was revoked");
    say("9. The operator checks that every invariant holds.");
    story.operator(&["check"])?;
    say("The story went as told.");
    if once {
        drop(_export);
        drop(_host);
        return Ok(());
    }
    for name in ["admin", user.as_str()] {
        let link = member(&story.operator(&["sign-in-code", name])?, "link")?;
        say(&format!("{name} signs in at {link}"));
    }
    say(&format!("The host runs at {} until Ctrl-C; the export at {export}.", story.host));
    loop {
        std::thread::park();
    }
}

impl Story {
    fn operator(&self, arguments: &[&str]) -> anyhow::Result<String> {
        let mut command = self.command(arguments);
        self.told(command.arg("--data").arg(self.folder.join("data")))
    }

    fn user(&self, arguments: &[&str]) -> anyhow::Result<String> {
        let mut command = self.command(arguments);
        self.told(command.args(["--url", &self.host]))
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.exportgate);
        command.args(arguments).arg("--json");
        command.env("EXPORTGATE_CONFIG_HOME", self.folder.join("config"));
        println!("   $ exportgate {}", arguments.join(" "));
        command
    }

    fn told(&self, command: &mut Command) -> anyhow::Result<String> {
        let output = process::output(command)?;
        println!("     {output}");
        Ok(output)
    }

    /// Fetches one page of the feed; returns head and body.
    fn fetch(&self, export: &str, user: Option<&str>, wanted: &str) -> anyhow::Result<String> {
        let mut curl = Command::new("curl");
        curl.args(["--silent", "--include", "--max-time", "30"]);
        if let Some(user) = user {
            curl.args(["--user", user]);
        }
        let route = "/odata/Accounts?$top=1";
        curl.arg(format!("{export}{route}"));
        println!("   $ curl {} {export}{route}", if user.is_some() { "--user …" } else { "" });
        let answer = process::output(&mut curl)?;
        for line in answer.lines().filter(|line| !line.trim().is_empty()) {
            println!("     {}", line.chars().take(160).collect::<String>());
        }
        let status = answer.split_whitespace().nth(1).unwrap_or_default();
        ensure!(status == wanted, "the export answered {status} where {wanted} was due");
        Ok(answer)
    }
}

/// Starts a program and waits for its line `listening on URL`.
fn start(command: &mut Command) -> anyhow::Result<(Program, String)> {
    let program = Path::new(command.get_program()).display().to_string();
    println!("   $ {program}");
    let mut child =
        command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().with_context(|| {
            format!("cannot start `{program}`; build it with `cargo xtask build`")
        })?;
    let output = child.stdout.take().context("no output")?;
    let started = Program(child);
    let mut lines = BufReader::new(output).lines();
    for line in lines.by_ref() {
        let line = line?;
        println!("     {line}");
        if let Some(url) = line.split("listening on ").nth(1) {
            // Read on, so that the program never waits for us.
            std::thread::spawn(move || lines.for_each(drop));
            return Ok((started, url.trim().to_owned()));
        }
    }
    bail!("`{program}` ended before it listened")
}

/// The text of a member that stands once in a JSON document of our own.
fn member(document: &str, name: &str) -> anyhow::Result<String> {
    let after = document.split(&format!("\"{name}\":\"")).nth(1);
    let text = after.and_then(|after| after.split('"').next());
    text.map(ToOwned::to_owned).with_context(|| format!("the answer has no `{name}`"))
}

fn say(sentence: &str) {
    println!("\n{sentence}");
}
