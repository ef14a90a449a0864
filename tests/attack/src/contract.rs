//! Schemathesis: a generator of requests out of the host's own document, asked once with each kind
//! of credential, with all of its checks.
//!
//! A credential that lets nobody in would be answered 401 everywhere, as documented. So whoever may
//! ask an operation must have had a good answer to it.
//!
//! Two kinds are not among them. An assertion counts once, and it knows no credential that is new
//! for each request; the operator's routes are not in the document, and it knows no sockets. The
//! matrix asks with both.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context as _, ensure};
use http::StatusCode;
use serde_json::json;

use crate::document::{Document, Operation};
use crate::findings::Findings;
use crate::operations::{provisioned, variants};
use crate::scene::{OURS, Person, Scene};
use crate::who::Access;

/// Where `cargo xtask test attack` installs it.
const PROGRAM: &str = "target/schemathesis-venv/bin/schemathesis";
/// Name the file into which its hooks write how each request was answered, and what they need to
/// know of what there is.
const ANSWERS: &str = "ATTACK_ANSWERS";
const THERE: &str = "ATTACK_THERE";
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
    /// Operations that were asked by somebody who may, and had a good answer.
    pub n_served: usize,
    pub seconds: f64,
}

/// Operations that the matrix has to ask: a sign-in needs a code that nobody guesses, and the
/// document is what schemathesis has read before it asks anything.
const NOT_ITS_OWN: [&str; 2] = ["POST /v1/sign-in", "GET /openapi.json"];

/// A kind of credentials.
struct Kind {
    name: &'static str,
    /// What they are for.
    access: Access,
    /// How its configuration tells them, and what else differs.
    config: String,
    /// Whose things are named, where they are people's.
    person: Person,
}

/// Runs it with every kind of credential.
///
/// # Errors
///
/// When it is not installed; what the host did wrong is in `findings`.
pub async fn run(
    scene: &mut Scene,
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
    let document = scene.document().await?;
    let hooks = workspace.join("tests/attack/hooks.py").canonicalize()?;
    let configuration = CONFIGURATION.replace("@HOOKS@", &hooks.to_string_lossy());
    let mut counts = Counts::default();
    let began = Instant::now();
    for Kind { name, access, config, person } in kinds(scene) {
        let file = folder.join(format!("schemathesis-{name}.toml"));
        std::fs::write(&file, format!("{configuration}{config}"))?;
        let answers = folder.join(format!("schemathesis-{name}.answers"));
        let token = scene.token(person).await?;
        let there = json!({
            "token_id": token.token_id, "secret": token.secret,
            "user_id": provisioned(scene, OURS).await?, "leaver_id": provisioned(scene, OURS).await?,
        });
        let output = Command::new(&program)
            .arg("--no-color")
            .arg("--config-file")
            .arg(&file)
            .arg("run")
            .arg(format!("{}/openapi.json", scene.host.url()))
            .args(["--checks", "all", "--phases", "examples,coverage,fuzzing,stateful"])
            // What the configuration says of `authorize`, the only one that takes this key.
            .args((access == Access::Proxy).then_some("--exclude-checks=ignored_auth"))
            .args(["--max-examples", &n_examples.to_string(), "--seed", &seed.to_string()])
            .args(["--continue-on-failure", "--output-sanitize", "true"])
            .arg("--report-dir")
            .arg(folder.join(format!("schemathesis-{name}")))
            .current_dir(folder)
            .env(ANSWERS, &answers)
            .env(THERE, there.to_string())
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
        let answers = std::fs::read_to_string(&answers).unwrap_or_default();
        let served = served(name, &answers, n_cases, findings);
        for operation in wanted(&document, access) {
            if served.contains(operation.as_str()) {
                counts.n_served += 1;
            } else {
                findings.add(format!("contract, as {name}: {operation} has no good answer"));
            }
        }
    }
    counts.seconds = began.elapsed().as_secs_f64();
    Ok(counts)
}

fn kinds(scene: &Scene) -> [Kind; 7] {
    // It would end its own session first and then be a stranger everywhere.
    let stays = "[[operations]]\ninclude-path = \"/v1/sign-out\"\nenabled = false\n";
    let session = |person: Person| {
        let cookie = scene.cookie(person);
        let ticket = cookie.split_once('=').map(|(_, ticket)| ticket).unwrap_or_default();
        format!("{stays}[auth.openapi.session]\napi_key = \"{ticket}\"\n")
    };
    let bearer = |scheme: &str, key: &str| format!("[auth.openapi.{scheme}]\nbearer = \"{key}\"\n");
    let keys = &scene.ours;
    let basic = format!(
        "[auth.openapi.service_basic]\nusername = \"{}\"\npassword = \"{}\"\n",
        keys.service_id, keys.service
    );
    let proxy = format!("[auth.openapi.proxy_service_key]\napi_key = \"{}\"\n", keys.service);
    let kind = |name, access, config, person| Kind { name, access, config, person };
    [
        kind("none", Access::Anybody, String::new(), Person::Bert),
        kind("user", Access::Person, session(Person::Anna), Person::Anna),
        kind("service_key", Access::Service, bearer("service_key", &keys.service), Person::Bert),
        kind("service_basic", Access::Service, basic, Person::Bert),
        kind("proxy_service_key", Access::Proxy, proxy, Person::Bert),
        kind("scim_key", Access::Scim, bearer("scim_key", &keys.scim), Person::Bert),
        // Last, since it changes the policy for all.
        kind("administrator", Access::Administrator, session(Person::Adam), Person::Adam),
    ]
}

/// How many cases it says that it made, without those that it then skipped.
fn cases(said: &str) -> u64 {
    let told = said.split("Test cases:").nth(1).unwrap_or_default().trim_start();
    let told = told.lines().next().unwrap_or_default();
    let number = |of: &str| {
        let told = told.split(", ").find_map(|part| part.trim().strip_suffix(of));
        told.and_then(|number| number.replace(',', "").parse().ok()).unwrap_or(0_u64)
    };
    number(" generated").saturating_sub(number(" skipped"))
}

/// Operations that a good answer is expected of, as in `GET /v1/me`.
fn wanted(document: &Document, access: Access) -> Vec<String> {
    let may = |operation: &Operation| {
        let variants = variants(operation).unwrap_or_default();
        let first = variants.first();
        first.is_some_and(|one| one.access == access && (200..300).contains(&one.good))
    };
    let operations = document.operations().into_iter().filter(may);
    let named = operations.map(|one| format!("{} {}", one.method, one.path));
    named.filter(|named| !NOT_ITS_OWN.contains(&named.as_str())).collect()
}

/// Reads what the hooks noted: which operations had a good answer.
fn served<'a>(
    name: &str,
    answers: &'a str,
    n_cases: u64,
    findings: &Findings,
) -> BTreeSet<&'a str> {
    let mut served = BTreeSet::new();
    let mut n_answers = 0;
    for (status, operation) in answers.lines().filter_map(|line| line.split_once(' ')) {
        let Ok(status) = status.parse::<StatusCode>() else { continue };
        findings.heard(&format!("contract, as {name}: {operation}"), status);
        n_answers += 1;
        if status.is_success() {
            served.insert(operation);
        }
    }
    // A few cases end without a request of their own.
    if n_answers * 10 < n_cases * 9 {
        findings.add(format!("contract, as {name}: only {n_answers} answers to {n_cases} cases"));
    }
    served
}
