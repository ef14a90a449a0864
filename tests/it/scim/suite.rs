//! The public compliance suite for SCIM servers, `scim2-tester` (Apache-2.0), against our host.

use std::{
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use serde_json::{Value, json};

use super::Scim;

#[test]
fn every_check_of_the_compliance_suite_holds() {
    let scim = Scim::new();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("odata/scim_suite.py");
    let mut child = Command::new(python())
        .arg(script)
        .arg(format!("{}/scim/v2", scim.stage.host.url()))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("run the compliance suite");
    child.stdin.take().expect("a pipe").write_all(scim.key.as_bytes()).expect("hand over the key");
    let output = child.wait_with_output().expect("what the compliance suite tells");
    let told: Value = serde_json::from_slice(&output.stdout).expect("JSON from the suite");
    assert_eq!(told["failures"], json!([]), "{told}");
    let n_good = told["counts"]["SUCCESS"].as_u64().unwrap();
    assert!(n_good >= 30, "only {n_good} checks ran: {told}");
    assert_eq!(scim.stage.host.told(&["check"])["ok"], true);
}

/// The Python of `target/odata-venv`, which also has the suite.
#[track_caller]
fn python() -> PathBuf {
    let test = std::env::current_exe().expect("the path of this test");
    let python = test.ancestors().map(|dir| dir.join("odata-venv/bin/python")).find(|p| p.exists());
    python.expect("target/odata-venv/bin/python is not there; `cargo xtask test` makes it")
}
