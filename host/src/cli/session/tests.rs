//! Knows that sessions are private, whole at any time and apart from each other.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use super::{Session, SessionError, SessionFile, configuration_folder};

fn session(cookie: &str) -> Session {
    Session { cookie: cookie.to_owned(), user_name: "ada".to_owned() }
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn file_and_new_folder_are_for_the_owner_alone() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("a/b");
    let file = SessionFile::in_folder(folder.clone());
    file.keep("http://one", session("1")).unwrap();
    assert_eq!(mode(&file.path()), 0o600);
    assert_eq!(mode(&folder), 0o700);
}

#[test]
fn a_file_that_was_open_to_others_is_private_after_the_next_change() {
    let home = tempfile::tempdir().unwrap();
    let file = SessionFile::in_folder(home.path().to_owned());
    file.keep("http://one", session("1")).unwrap();
    fs::set_permissions(file.path(), fs::Permissions::from_mode(0o644)).unwrap();
    file.keep("http://one", session("2")).unwrap();
    assert_eq!(mode(&file.path()), 0o600);
}

#[test]
fn each_host_has_its_session_and_the_last_one_is_the_default() {
    let home = tempfile::tempdir().unwrap();
    let file = SessionFile::in_folder(home.path().to_owned());
    assert!(file.read().unwrap().sessions.is_empty());
    file.keep("http://one", session("1")).unwrap();
    file.keep("http://two:8080", session("2")).unwrap();
    file.keep("http://one", session("3")).unwrap();
    let kept = file.read().unwrap();
    assert_eq!(kept.last_url.as_deref(), Some("http://one"));
    assert_eq!(kept.sessions["http://one"].cookie, "3");
    assert_eq!(kept.sessions["http://two:8080"].cookie, "2");

    file.forget("http://one").unwrap();
    let kept = file.read().unwrap();
    assert!(!kept.sessions.contains_key("http://one"));
    assert_eq!(kept.sessions.len(), 1);
}

#[test]
fn a_damaged_file_is_reported_and_left_as_it_is() {
    let home = tempfile::tempdir().unwrap();
    let file = SessionFile::in_folder(home.path().to_owned());
    fs::write(file.path(), "{\"sessions\": {").unwrap();
    let error = file.keep("http://one", session("secret")).unwrap_err();
    assert!(matches!(error, SessionError::Damaged { .. }));
    assert!(!error.to_string().contains("secret"));
    assert_eq!(fs::read_to_string(file.path()).unwrap(), "{\"sessions\": {");
}

#[test]
fn changes_at_the_same_time_lose_no_session_and_leave_nothing_behind() {
    let home = tempfile::tempdir().unwrap();
    let file = SessionFile::in_folder(home.path().to_owned());
    std::thread::scope(|scope| {
        for number in 0..16 {
            let file = &file;
            scope.spawn(move || {
                file.keep(&format!("http://h{number}"), session("x")).unwrap();
                // A reader without the lock sees a whole file at any time.
                file.read().unwrap();
            });
        }
    });
    assert_eq!(file.read().unwrap().sessions.len(), 16);
    let names: Vec<_> =
        fs::read_dir(home.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names.len(), 2, "{names:?}");
}

#[test]
fn debug_shows_no_cookie() {
    assert_eq!(format!("{:?}", session("c00kie")), "Session of `ada`");
}

#[test]
fn the_folder_follows_the_environment() {
    let folder = |set: &[(&'static str, &str)]| {
        let set: BTreeMap<_, _> = set.iter().copied().collect();
        configuration_folder(|name| set.get(name).map(PathBuf::from))
    };
    let home = ("HOME", "/h");
    assert_eq!(folder(&[home]), Some("/h/.config/exportgate".into()));
    assert_eq!(folder(&[home, ("XDG_CONFIG_HOME", "/x")]), Some("/x/exportgate".into()));
    assert_eq!(folder(&[home, ("XDG_CONFIG_HOME", "x")]), Some("/h/.config/exportgate".into()));
    assert_eq!(
        folder(&[home, ("XDG_CONFIG_HOME", "/x"), ("EXPORTGATE_CONFIG_HOME", "/e")]),
        Some("/e".into())
    );
    assert_eq!(
        folder(&[home, ("EXPORTGATE_CONFIG_HOME", "")]),
        Some("/h/.config/exportgate".into())
    );
    assert_eq!(folder(&[]), None);
}
