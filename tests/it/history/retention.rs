//! Gathered uses of old days are removed, their digests stay, and everything still verifies.

use exportgate_core::time::Timestamp;
use exportgate_tests::{
    host_process::{HostProcess, offline},
    wait::wait_for,
};
use serde_json::Value;

use super::bulk::grow;

#[test]
fn old_uses_go_and_the_history_still_verifies() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    // 300 seconds before midnight and as many after it: two days, long ago.
    let midnight = Timestamp::parse("2025-03-02T00:00:00Z").unwrap();
    grow(&data, midnight.saturating_add_secs(-300), 600);
    std::fs::write(data.join("exportgate.toml"), "[history]\nkeep_days = 30\n").unwrap();
    let mut host = HostProcess::start(folder.path());
    let read = |host: &HostProcess, kind: &str| -> Vec<Value> {
        let output = host.cli(&["history", "--all", "--kind", kind]);
        let text = String::from_utf8(output.stdout).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    };
    let sealed = wait_for("both days to be sealed", || {
        let sealed = read(&host, "history.sealed");
        (sealed.len() == 2).then_some(sealed)
    });
    let told: Vec<_> = sealed
        .iter()
        .map(|event| (event["details"]["date"].as_str(), event["details"]["n_events"].as_u64()))
        .collect();
    assert_eq!(told, [(Some("2025-03-02"), Some(300)), (Some("2025-03-01"), Some(300))]);
    assert_eq!(sealed[0]["actor"]["kind"], "host");
    assert!(read(&host, "export.allowed").is_empty());
    let report = host.told(&["history", "verify"]);
    assert_eq!(report["organizations"][0]["n_removed"], 600, "{report}");
    host.stop();

    // What was sealed is as safe as everything else: a removed digest is found.
    let connection = rusqlite::Connection::open(data.join("exportgate.db")).unwrap();
    connection.execute("DELETE FROM events WHERE sequence = 7", []).unwrap();
    drop(connection);
    let output = offline(&data, &["history", "verify", "--json"]);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["organizations"][0]["first_difference"], 7, "{report}");
}
