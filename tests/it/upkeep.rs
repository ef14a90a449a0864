//! `backup`, `restore` and `check`: they mean the database that the configuration names, and keep
//! every former one.

use std::fs;

use exportgate_tests::host_process::HostProcess;
use serde_json::Value;
use tempfile::TempDir;

/// A folder for a host whose database is not where it usually is.
fn folder_with_database_elsewhere() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    fs::create_dir_all(data.join("deep")).unwrap();
    let config = "[store]\nurl = \"sqlite:deep/elsewhere.db\"\n";
    fs::write(data.join("exportgate.toml"), config).unwrap();
    folder
}

fn n_events(report: &Value) -> u64 {
    assert_eq!(report["ok"], true, "{report}");
    report["n_events"].as_u64().unwrap()
}

#[test]
fn check_and_restore_mean_the_database_that_the_configuration_names() {
    let folder = folder_with_database_elsewhere();
    let mut host = HostProcess::start(folder.path());
    let backup = folder.path().join("backup.db");
    host.told(&["service", "add", "first"]);
    host.told(&["backup", backup.to_str().unwrap()]);
    host.told(&["service", "add", "second"]);
    let n_running = n_events(&host.told(&["check"]));
    host.stop();
    assert!(!host.data().join("exportgate.db").exists());
    assert_eq!(n_events(&host.told(&["check"])), n_running);

    let restored = host.told(&["restore", backup.to_str().unwrap()]);
    let database = host.data().join("deep/elsewhere.db");
    assert_eq!(restored["database"].as_str(), database.to_str());
    assert_eq!(n_events(&host.told(&["check"])), n_running - 1);
    host.restart();
    assert_eq!(host.told(&["service", "list"])["name"], "first");
}

#[test]
fn check_means_the_database_that_the_environment_or_another_configuration_names() {
    let folder = tempfile::tempdir().unwrap();
    let mut host = HostProcess::start(folder.path());
    host.told(&["service", "add", "first"]);
    host.told(&["backup", host.data().join("other.db").to_str().unwrap()]);
    host.told(&["service", "add", "second"]);
    host.stop();
    let usual = n_events(&host.told(&["check"]));

    let mut by_environment = host.command("operator");
    by_environment.args(["--json", "check"]).env("EXPORTGATE_STORE_URL", "sqlite:other.db");
    let config = folder.path().join("other.toml");
    fs::write(&config, "[store]\nurl = \"sqlite:other.db\"\n").unwrap();
    let mut by_file = host.command("operator");
    by_file.args(["--json", "check", "--config"]).arg(&config);
    for mut command in [by_environment, by_file] {
        let output = command.output().unwrap();
        let report = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(n_events(&report), usual - 1);
    }
    fs::write(host.data().join("exportgate.toml"), "[store]\nurl = \"mysql:x\"\n").unwrap();
    let output = host.cli(&["check"]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("`store.url`"), "{said}");
}

#[test]
fn a_second_restore_keeps_what_the_first_one_kept() {
    let folder = tempfile::tempdir().unwrap();
    let mut host = HostProcess::start(folder.path());
    let backup = folder.path().join("backup.db");
    host.told(&["backup", backup.to_str().unwrap()]);
    let mut kept = Vec::new();
    for service in ["first", "second", "third"] {
        host.told(&["service", "add", service]);
        // As after a power cut: part of the former database stands in its log.
        host.kill();
        let restored = host.told(&["restore", backup.to_str().unwrap()]);
        kept.push((restored["kept_as"].as_str().unwrap().to_owned(), service));
        host.restart();
        assert_eq!(host.cli(&["service", "list"]).stdout, b"", "the backup knows no service");
    }
    host.stop();
    for (file, service) in kept {
        // The database that is in place now knows nothing of this service.
        let output = host.cli(&["restore", &file]);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(said.contains("0 tokens and 1 keys of it were not revoked since"), "{said}");
        host.told(&["restore", &file, "--accept-rollback"]);
        host.restart();
        assert_eq!(host.told(&["service", "list"])["name"], service, "{file}");
        host.stop();
    }
}
