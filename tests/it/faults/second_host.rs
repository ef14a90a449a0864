//! A second host where there is one already: it ends, says who was there, and disturbs nobody.

use std::os::unix::fs::symlink;

use super::check_refused;
use crate::stage::stage;

#[test]
fn a_second_host_on_one_folder_is_refused_and_told_who_holds_it() {
    let stage = stage();
    let pid = format!("process {}", stage.host.pid().unwrap());
    let elsewhere = tempfile::tempdir().unwrap();
    symlink(stage.host.data(), elsewhere.path().join("data")).unwrap();
    for _ in 0..3 {
        check_refused(elsewhere.path(), &["data folder", "in use by", &pid, stage.host.url()]);
    }
    // The first goes on, its operator's socket too.
    stage.host.told(&["user", "add", "carl"]);
    assert_eq!(stage.ask(&[], "/readyz").status, 200);
}

#[test]
fn a_second_host_on_one_database_is_refused_although_its_folder_is_another() {
    let stage = stage();
    let elsewhere = tempfile::tempdir().unwrap();
    let data = elsewhere.path().join("data");
    std::fs::create_dir(&data).unwrap();
    let database = stage.host.data().join("exportgate.db");
    let config = format!("[store]\nurl = \"sqlite:{}\"\n", database.display());
    std::fs::write(data.join("exportgate.toml"), config).unwrap();
    check_refused(elsewhere.path(), &["database", "in use by another process"]);
    stage.host.told(&["user", "add", "carl"]);
    assert_eq!(stage.ask(&[], "/readyz").status, 200);
}
