//! What stops a start, and what must not.

use std::path::Path;
use std::process::Output;

use super::{command, stderr};

fn check_config(folder: &Path, variables: &[(&str, &str)]) -> Output {
    let mut command = command();
    command.envs(variables.iter().copied());
    command.arg("--data").arg(folder).args(["serve", "--check-config"]).output().unwrap()
}

#[test]
fn tls_files_are_read_and_the_setting_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let toml = "http.tls_certificate_file = 'c.pem'\nhttp.tls_key_file = 'k.pem'\n";
    std::fs::write(folder.path().join("exportgate.toml"), toml).unwrap();
    let check = |expected: &str| {
        let serve = command()
            .arg("--data")
            .arg(folder.path())
            .args(["serve", "--listen", "127.0.0.1:0"])
            .output()
            .unwrap();
        for output in [check_config(folder.path(), &[]), serve] {
            let said = stderr(&output);
            assert_eq!(output.status.code(), Some(1), "{said}");
            assert!(said.contains(expected), "{said}");
        }
    };
    check("`http.tls_certificate_file`: cannot read `");
    std::fs::write(folder.path().join("c.pem"), "no certificate").unwrap();
    check("`http.tls_key_file`: cannot read `");
    std::fs::write(folder.path().join("k.pem"), "no key").unwrap();
    check("`http.tls_certificate_file`: `");
}

#[test]
fn variables_that_kubernetes_makes_do_not_stop_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let variables = [
        ("EXPORTGATE_PORT", "tcp://10.0.0.1:80"),
        ("EXPORTGATE_PORT_80_TCP_ADDR", "10.0.0.1"),
        ("EXPORTGATE_SERVICE_HOST", "10.0.0.1"),
        ("EXPORTGATE_SERVICE_PORT_HTTP", "80"),
    ];
    let output = check_config(folder.path(), &variables);
    assert!(output.status.success(), "{}", stderr(&output));
}

#[test]
fn the_manual_names_the_settings() {
    let output = command().arg("man").output().unwrap();
    let page = String::from_utf8(output.stdout).unwrap();
    assert!(page.contains(".SH CONFIGURATION\nThe configuration is DIR/exportgate.toml"), "{page}");
    assert!(page.contains(".TP\n[store]\nurl\n"), "{page}");
}
