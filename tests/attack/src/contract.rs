//! Schemathesis: a generator of requests out of the host's own document, asked once with each kind
//! of credential, with all of its checks.
//!
//! Two kinds are not among them. An assertion counts once, and it knows no credential that is new
//! for each request; the operator's routes are not in the document, and it knows no sockets. The
//! matrix asks with both.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context as _, ensure};

use crate::findings::Findings;
use crate::scene::{Person, Scene};

/// Where `cargo xtask test attack` installs it.
const PROGRAM: &str = "target/schemathesis-venv/bin/schemathesis";
/// Of what it says about a failure, so many lines are shown.
const SHOWN: usize = 120;

/// What holds for all kinds of credentials.
///
/// A document cannot say everything that a route refuses: how dates, filters, versions and cursors
/// are written (400), that a version is an old one (412) or missing (428), that a policy lacks what
/// another of its fields needs (422). So these are refusals as well as those that it expects anyway.
///
/// From a trusted address, such as this one, `authorize` needs no key: that is what trusting means.
/// The matrix asks from others.
const CONFIGURATION: &str = r#"
headers = { "Sec-Fetch-Site" = "same-origin" }
hooks = "@HOOKS@"

[checks]
positive_data_acceptance.expected-statuses = [
    "2xx", "3xx", 400, 401, 403, 404, 409, 412, 422, 428, 429,
]
negative_data_rejection.expected-statuses = [
    400, 401, 403, 404, 405, 406, 409, 412, 413, 415, 422, 428, 429,
]
missing_required_header.expected-statuses = [400, 401, 403, 404, 406, 415, 422, 428, 429]

[[operations]]
include-path = "/v1/exports/authorize"
checks.ignored_auth.enabled = false
"#;

/// What was counted.
#[derive(Default)]
pub struct Counts {
    pub n_runs: usize,
    pub n_cases: u64,
    pub seconds: f64,
}

/// Runs it with every kind of credential.
///
/// # Errors
///
/// When it is not installed; what the host did wrong is in `findings`.
pub fn run(
    scene: &Scene,
    workspace: &Path,
    folder: &Path,
    n_examples: u32,
    seed: u64,
    findings: &Findings,
) -> anyhow::Result<Counts> {
    let program = workspace.join(PROGRAM);
    ensure!(
        program.is_file(),
        "`{}` is not there; `cargo xtask test attack --contract N` installs it",
        program.display()
    );
    let ticket = |person: Person| {
        let cookie = scene.cookie(person);
        let ticket = cookie.split_once('=').map(|(_, ticket)| ticket.to_owned());
        format!("[auth.openapi.session]\napi_key = \"{}\"\n", ticket.unwrap_or_default())
    };
    let bearer = |scheme: &str, key: &str| format!("[auth.openapi.{scheme}]\nbearer = \"{key}\"\n");
    let keys = &scene.ours;
    // It would end its own session first and then be a stranger everywhere.
    let stays = "[[operations]]\ninclude-path = \"/v1/sign-out\"\nenabled = false\n";
    let kinds = [
        ("none", String::new(), ""),
        ("user", ticket(Person::Anna), stays),
        ("administrator", ticket(Person::Adam), stays),
        ("service_key", bearer("service_key", &keys.service), ""),
        (
            "service_basic",
            format!(
                "[auth.openapi.service_basic]\nusername = \"{}\"\npassword = \"{}\"\n",
                keys.service_id, keys.service
            ),
            "",
        ),
        (
            "proxy_service_key",
            format!("[auth.openapi.proxy_service_key]\napi_key = \"{}\"\n", keys.service),
            "",
        ),
        ("scim_key", bearer("scim_key", &keys.scim), ""),
    ];
    let hooks = workspace.join("tests/attack/addresses.py").canonicalize()?;
    let configuration = CONFIGURATION.replace("@HOOKS@", &hooks.to_string_lossy());
    let mut counts = Counts::default();
    let began = Instant::now();
    for (name, auth, operations) in kinds {
        let config = folder.join(format!("schemathesis-{name}.toml"));
        let text = format!("{configuration}{operations}{auth}");
        std::fs::write(&config, text)?;
        let report = folder.join(format!("schemathesis-{name}"));
        let output = Command::new(&program)
            .arg("--no-color")
            .arg("--config-file")
            .arg(&config)
            .arg("run")
            .arg(format!("{}/openapi.json", scene.host.url()))
            .args(["--checks", "all", "--phases", "examples,coverage,fuzzing,stateful"])
            .args(["--max-examples", &n_examples.to_string(), "--seed", &seed.to_string()])
            .args(["--continue-on-failure", "--output-sanitize", "true"])
            .arg("--report-dir")
            .arg(&report)
            .current_dir(folder)
            // What is tried must not lie about among the sources.
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .stdin(Stdio::null())
            .output()
            .context("schemathesis")?;
        let said = String::from_utf8_lossy(&output.stdout);
        let n_cases = cases(&said);
        println!("attack: contract: {name}: {n_cases} cases");
        counts.n_runs += 1;
        counts.n_cases += n_cases;
        if !output.status.success() || n_cases == 0 {
            let start = said.find("= ERRORS").or_else(|| said.find("= FAILURES"));
            let told: Vec<&str> =
                said.get(start.unwrap_or(0)..).unwrap_or_default().lines().take(SHOWN).collect();
            let complaints = String::from_utf8_lossy(&output.stderr);
            findings.add(format!("contract, as {name}: {}\n{complaints}", told.join("\n")));
        }
    }
    counts.seconds = began.elapsed().as_secs_f64();
    Ok(counts)
}

/// How many cases it says that it made.
fn cases(said: &str) -> u64 {
    let told = said.split("Test cases:").nth(1).unwrap_or_default();
    let number: String = told.trim_start().chars().take_while(|one| *one != ' ').collect();
    number.replace(',', "").parse().unwrap_or(0)
}
