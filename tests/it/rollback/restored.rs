//! `exportgate restore` of a backup that is older than the database.

use std::{fs, process::Output};

use serde_json::{Value, json};

use super::Story;

impl Story {
    fn restore(&self, further: &[&str]) -> Output {
        let backup = self.backup.to_str().unwrap();
        self.stage.host.cli(&[&["restore", backup], further].concat())
    }

    #[track_caller]
    fn restored(&self, further: &[&str]) -> Value {
        let output = self.restore(further);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{said}");
        serde_json::from_slice(&output.stdout).unwrap()
    }

    #[track_caller]
    fn check_key(&self, key: &str, status: u16) {
        let key = format!("authorization: Bearer {key}");
        let body = json!({ "secret": self.kept["secret"] });
        let answer = self.stage.json("POST", "/v1/exports/validate", &[&key], &body);
        assert_eq!(answer.status, status, "{}", answer.body);
    }

    fn is_active(&self, user: &str) -> bool {
        let output = self.stage.host.cli(&["user", "list"]);
        let lines = String::from_utf8(output.stdout).unwrap();
        let mut users = lines.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        users.find(|one| one["user_name"] == user).unwrap()["active"] == true
    }
}

#[test]
fn what_the_former_database_knows_as_revoked_stays_revoked_and_the_rest_lives() {
    let mut story = Story::new();
    let restored = story.restored(&[]);
    assert_eq!((&restored["n_ended_tokens"], &restored["n_ended_keys"]), (&json!(1), &json!(1)));
    assert_eq!(restored["n_deactivated_users"], 1);
    assert_eq!(restored["n_unproven_tokens"], 0);
    story.stage.host.restart();
    story.check(("allow", "allowed"), ("deny", "revoked"));
    story.check_key(&story.revoked_key, 401);
    assert!(!story.is_active("bert") && story.is_active("anna"));
    let answer = story.stage.as_user(&story.cookie, "GET", "/v1/tokens", &json!({}));
    assert_eq!(answer.status, 401, "nobody stays signed in");
    story.check_history(1);
    story.stage.host.stop();
    story.stage.host.restart();
    story.check(("allow", "allowed"), ("deny", "revoked"));
}

#[test]
fn over_a_former_database_that_tells_nothing_only_the_operators_word_restores() {
    let mut story = Story::new();
    let damaged = vec![0xa5; 40_000];
    fs::write(story.database(), &damaged).unwrap();
    let output = story.restore(&[]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("2 tokens and 2 keys of it were not revoked since"), "{said}");
    assert!(said.contains("with `--accept-rollback`"), "{said}");
    println!("{said}");
    assert!(fs::read(story.database()).unwrap() == damaged, "the database was changed");
    let names: Vec<_> = fs::read_dir(story.stage.host.data())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.contains("incoming") || name.contains("before-restore"))
        .collect();
    assert_eq!(names, [""; 0]);
    let restored = story.restored(&["--accept-rollback"]);
    assert_eq!(restored["n_unproven_tokens"], 2);
    story.stage.host.restart();
    story.check_key(&story.stage.key, 401);
    story.new_service();
    story.check(("deny", "revoked"), ("deny", "revoked"));
    story.check_history(2);
}

#[test]
fn a_former_database_that_is_not_the_newest_does_not_vouch_for_a_backup() {
    let story = Story::new();
    // Somebody put it there by hand, and the host has refused it.
    story.swap_in(&story.backup);
    let output = story.restore(&[]);
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
    let restored = story.restored(&["--accept-rollback"]);
    assert_eq!(restored["n_unproven_tokens"], 2);
}

#[test]
fn in_an_empty_folder_the_backup_is_believed_unless_the_operator_says_otherwise() {
    let mut story = Story::new();
    for (further, nothing_to_compare) in [(&[][..], true), (&["--accept-rollback"], false)] {
        fs::remove_dir_all(story.stage.host.data()).unwrap();
        let restored = story.restored(further);
        assert_eq!(restored["nothing_to_compare"], nothing_to_compare, "{restored}");
        story.stage.host.restart();
        if nothing_to_compare {
            // That is the limit: an empty folder remembers nothing.
            story.check(("allow", "allowed"), ("allow", "allowed"));
        } else {
            story.new_service();
            story.check(("deny", "revoked"), ("deny", "revoked"));
        }
        story.check_history(if nothing_to_compare { 0 } else { 2 });
        story.stage.host.stop();
    }
}

#[test]
fn the_newest_backup_is_restored_as_it_is() {
    let mut story = Story::new();
    story.stage.host.restart();
    story.backup = story.stage.folder.path().join("newest.db");
    story.stage.host.told(&["backup", story.backup.to_str().unwrap()]);
    story.stage.host.kill();
    let restored = story.restored(&[]);
    assert_eq!((&restored["n_ended_tokens"], &restored["n_unproven_keys"]), (&json!(0), &json!(0)));
    story.stage.host.restart();
    story.check(("allow", "allowed"), ("deny", "revoked"));
    let answer = story.stage.as_user(&story.cookie, "GET", "/v1/tokens", &json!({}));
    assert_eq!(answer.status, 200, "{}", answer.body);
    story.check_history(0);
}
