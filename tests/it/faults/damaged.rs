//! A damaged database, and files that are no database of ours: told at start, or 503 while
//! running, and never touched.

use std::fs;
use std::path::{Path, PathBuf};

use exportgate_tests::host_process::HostProcess;
use rusqlite::Connection;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::check_refused;
use crate::stage::{Stage, check, stage};

/// SQLite's default, which we keep.
const PAGE_BYTES: usize = 4096;
/// No byte of a page, and no beginning of a database.
const GARBAGE: u8 = 0xa5;

/// A folder for a host whose database holds these bytes.
fn folder_with(database: &[u8]) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    fs::create_dir(&data).unwrap();
    let file = data.join("exportgate.db");
    fs::write(&file, database).unwrap();
    (folder, file)
}

/// What lies beside the database: nothing but the lock, which tells no state.
fn companions(file: &Path) -> Vec<String> {
    let entries = fs::read_dir(file.parent().unwrap()).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| !["exportgate.db", "exportgate.lock"].contains(&name.as_str())).collect()
}

#[track_caller]
fn check_refused_and_untouched(database: &[u8], words: &[&str]) {
    let (folder, file) = folder_with(database);
    check_refused(folder.path(), words);
    assert!(fs::read(&file).unwrap() == database, "the file was changed");
    assert_eq!(companions(&file), [""; 0]);
}

/// A stage whose host was stopped in good order, with a signed-in user's cookie and a token.
struct Good {
    stage: Stage,
    cookie: String,
    secret: Value,
    database: Vec<u8>,
    backup: PathBuf,
}

impl Good {
    fn new() -> Self {
        let mut stage = stage();
        let cookie = stage.cookie("anna");
        let created = stage.as_user(&cookie, "POST", "/v1/tokens", &json!({ "label": "Sales" }));
        let backup = stage.folder.path().join("backup.db");
        stage.host.told(&["backup", backup.to_str().unwrap()]);
        stage.host.stop();
        let database = fs::read(stage.host.data().join("exportgate.db")).unwrap();
        let secret = created.body["secret"].clone();
        Self { stage, cookie, secret, database, backup }
    }
}

#[test]
fn a_database_with_a_damaged_beginning_or_end_is_refused_and_kept() {
    let good = Good::new();
    let mut header = good.database.clone();
    header[..100].fill(GARBAGE);
    check_refused_and_untouched(&header, &["is damaged", "exportgate restore FILE"]);
    let half = &good.database[..good.database.len() / 2];
    check_refused_and_untouched(half, &["is damaged", "exportgate restore FILE"]);
    let noise = "not a database at all\n".repeat(1000);
    check_refused_and_untouched(noise.as_bytes(), &["is damaged", "exportgate restore FILE"]);
}

#[test]
fn whichever_page_is_damaged_the_host_refuses_to_start_or_to_change_anything() {
    let good = Good::new();
    let n_pages = good.database.len() / PAGE_BYTES;
    assert!(n_pages > 10, "only {n_pages} pages");
    let mut n_refused = 0;
    // The first page is the header's.
    for page in 1..n_pages {
        let mut damaged = good.database.clone();
        damaged[page * PAGE_BYTES..][..PAGE_BYTES].fill(GARBAGE);
        let (folder, file) = folder_with(&damaged);
        match HostProcess::try_start(folder.path()) {
            Err(refused) => {
                assert_eq!(refused.code, Some(1), "page {page}: {}", refused.said);
                assert!(refused.said.contains("is damaged"), "page {page}: {}", refused.said);
                assert!(fs::read(&file).unwrap() == damaged, "page {page}: the file was changed");
                n_refused += 1;
            }
            Ok(host) => {
                // What start-up reads is whole, so validation knows every token.
                let mut stage = Stage { host, key: good.stage.key.clone(), folder };
                let answer = stage.validate(&json!({ "secret": good.secret }));
                assert_eq!(answer.body["decision"], "allow", "page {page}: {}", answer.body);
                let label = json!({ "label": "One more" });
                let created = stage.as_user(&good.cookie, "POST", "/v1/tokens", &label);
                if created.status != 201 {
                    check(&created, 503, "store.unavailable");
                }
                assert_eq!(stage.ask(&[], "/livez").status, 200, "page {page}");
                let checked = stage.host.cli(&["check"]);
                assert_eq!(checked.status.code(), Some(1), "page {page}: `check` found nothing");
                stage.host.stop();
            }
        }
    }
    assert!(n_refused >= 5, "of {n_pages} damaged pages only {n_refused} were seen at start");
}

#[test]
fn a_backup_is_restored_over_a_damaged_database_which_is_kept() {
    let mut good = Good::new();
    let file = good.stage.host.data().join("exportgate.db");
    let damaged = vec![GARBAGE; good.database.len()];
    fs::write(&file, &damaged).unwrap();
    let restored = good.stage.host.told(&["restore", good.backup.to_str().unwrap()]);
    assert!(fs::read(restored["kept_as"].as_str().unwrap()).unwrap() == damaged);
    good.stage.host.restart();
    let answer = good.stage.validate(&json!({ "secret": good.secret }));
    assert_eq!(answer.body["decision"], "allow", "{}", answer.body);
}

#[test]
fn the_database_of_another_program_is_refused_and_left_as_it_is() {
    for sql in [
        "CREATE TABLE bookmarks (url TEXT); INSERT INTO bookmarks VALUES ('https://example.org');",
        "PRAGMA journal_mode = WAL; CREATE TABLE tokens (token_seq INTEGER PRIMARY KEY);",
        "PRAGMA application_id = 252006673; CREATE TABLE tiles (zoom INTEGER);",
        "PRAGMA application_id = 252006673; PRAGMA user_version = 1;",
    ] {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("other.db");
        Connection::open(&file).unwrap().execute_batch(sql).unwrap();
        let database = fs::read(&file).unwrap();
        check_refused_and_untouched(&database, &["is not an Exportgate database"]);
    }
}

#[test]
fn a_database_of_a_newer_version_is_refused_and_left_as_it_is() {
    let good = Good::new();
    let file = good.stage.host.data().join("exportgate.db");
    Connection::open(&file).unwrap().execute_batch("PRAGMA user_version = 1000").unwrap();
    let database = fs::read(&file).unwrap();
    check_refused_and_untouched(&database, &["was written by a newer version of exportgate;"]);
}
