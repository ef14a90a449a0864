//! Two holders, and what the second is told.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use super::*;

fn content(data: &Path) -> serde_json::Value {
    serde_json::from_str(&fs::read_to_string(data.join(LOCK_NAME)).unwrap()).unwrap()
}

#[test]
fn the_second_holder_is_refused_and_told_who_the_first_is() {
    let data = tempfile::tempdir().unwrap();
    let mut lock = Lock::acquire(data.path()).unwrap();
    let pid = process::id();
    let since = content(data.path())["started_at"].as_str().unwrap().to_owned();

    let error = Lock::acquire(data.path()).unwrap_err().to_string();
    let folder = data.path().display();
    assert_eq!(
        error,
        format!("data folder `{folder}` is in use by exportgate process {pid}, since {since}")
    );

    lock.announce("http://127.0.0.1:8080");
    let error = Lock::acquire(data.path()).unwrap_err().to_string();
    assert_eq!(
        error,
        format!(
            "data folder `{folder}` is in use by exportgate process {pid}, listening on \
             http://127.0.0.1:8080, since {since}"
        )
    );
    assert_eq!(content(data.path())["listening"], "http://127.0.0.1:8080");
}

#[test]
fn the_next_holder_takes_the_same_file_and_the_former_address_is_forgotten() {
    let data = tempfile::tempdir().unwrap();
    let mut lock = Lock::acquire(data.path()).unwrap();
    lock.announce("http://127.0.0.1:8080/with/a/long/tail");
    drop(lock);
    let file = data.path().join(LOCK_NAME);
    assert!(file.exists());
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let _lock = Lock::acquire(data.path()).unwrap();
    assert_eq!(content(data.path())["listening"], serde_json::Value::Null);
}

#[test]
fn a_file_that_tells_nothing_is_in_use_all_the_same() {
    let data = tempfile::tempdir().unwrap();
    let file = File::create(data.path().join(LOCK_NAME)).unwrap();
    file.lock().unwrap();
    for text in ["", "{\"pid\":1", "\u{0}\u{0}"] {
        fs::write(data.path().join(LOCK_NAME), text).unwrap();
        let error = Lock::acquire(data.path()).unwrap_err().to_string();
        assert!(error.ends_with("is in use by another exportgate process"), "{error}");
    }
}

#[test]
fn a_folder_that_is_not_there_is_told_in_a_sentence() {
    let data = tempfile::tempdir().unwrap();
    let error = Lock::acquire(&data.path().join("absent")).unwrap_err().to_string();
    assert!(error.starts_with("the lock file `") && error.contains("cannot be used: "), "{error}");
}
