//! Somebody put another file in the database's place by hand.

use std::{fs, time::Duration};

use exportgate_tests::host_process::HostProcess;
use rusqlite::Connection;
use serde_json::json;

use super::{Story, check_refused};
use crate::stage::stage;

const ACCEPT: &[&str] = &["--accept-rollback"];

fn change_sequence(file: &std::path::Path) -> u64 {
    let connection = Connection::open(file).unwrap();
    connection.query_row("SELECT change_sequence FROM store", [], |row| row.get(0)).unwrap()
}

#[test]
fn an_older_database_is_refused_until_the_operators_word_revokes_all_of_it() {
    let mut story = Story::new();
    let newest = change_sequence(&story.database());
    story.swap_in(&story.backup.clone());
    let found = format!("ends with change {}", change_sequence(&story.backup));
    let words =
        ["is older", &found, &format!("has seen change {newest},"), "with `--accept-rollback`"];
    // However often it is tried.
    for _ in 0..2 {
        check_refused(story.stage.host.try_restart(&[]), &words);
    }
    story.stage.host.try_restart(ACCEPT).unwrap();
    let key = format!("authorization: Bearer {}", story.stage.key);
    let secret = json!({ "secret": story.kept["secret"] });
    let answer = story.stage.json("POST", "/v1/exports/validate", &[&key], &secret);
    assert_eq!(answer.status, 401, "the service's key was not proven live");
    story.new_service();
    story.check(("deny", "revoked"), ("deny", "revoked"));
    let answer = story.stage.as_user(&story.cookie, "GET", "/v1/tokens", &json!({}));
    assert_eq!(answer.status, 401, "nobody stays signed in");
    story.check_history(2);

    // It is the newest now, and needs no second word.
    story.stage.host.stop();
    story.stage.host.restart();
    story.check(("deny", "revoked"), ("deny", "revoked"));
    story.stage.host.kill();
    story.stage.host.restart();
    // What was the newest before is older than this.
    story.stage.host.stop();
    assert!(change_sequence(&story.database()) > newest);
}

/// The control: that is what the witness is for.
#[test]
fn without_its_witness_an_older_database_is_served_and_what_was_revoked_lives_again() {
    let mut story = Story::new();
    story.swap_in(&story.backup.clone());
    fs::remove_file(story.stage.host.data().join("exportgate.witness")).unwrap();
    story.stage.host.restart();
    assert!(story.stage.host.log().contains("the database is taken as the newest"));
    story.check(("allow", "allowed"), ("allow", "allowed"));
}

#[test]
fn each_of_twenty_older_copies_is_refused() {
    let mut stage = stage();
    let mut copies = Vec::new();
    for number in 0..20 {
        let copy = stage.folder.path().join(format!("copy-{number}.db"));
        stage.host.told(&["backup", copy.to_str().unwrap()]);
        copies.push(copy);
        stage.host.told(&["service", "add", &format!("service-{number}")]);
    }
    stage.host.kill();
    for copy in copies {
        for companion in ["exportgate.db-wal", "exportgate.db-journal"] {
            let _ = fs::remove_file(stage.host.data().join(companion));
        }
        fs::copy(copy, stage.host.data().join("exportgate.db")).unwrap();
        check_refused(stage.host.try_restart(&[]), &["is older"]);
    }
}

#[test]
fn a_host_that_is_killed_while_it_accepts_has_accepted_all_or_nothing() {
    let mut story = Story::new();
    let (mut n_accepted, mut n_refused) = (0, 0);
    // Each has more time than the one before, until some are through.
    for round in 0..200 {
        if n_accepted == 3 {
            break;
        }
        story.swap_in(&story.backup.clone());
        let witness = story.stage.host.data().join("exportgate.witness");
        let before = fs::read(&witness).unwrap();
        story.stage.host.restart_and_kill(Duration::from_millis(20 * round), ACCEPT);
        match story.stage.host.try_restart(&[]) {
            Ok(()) => {
                story.new_service();
                story.check(("deny", "revoked"), ("deny", "revoked"));
                story.check_history(2);
                story.stage.host.stop();
                n_accepted += 1;
            }
            Err(refused) => {
                assert!(refused.said.contains("is older"), "{}", refused.said);
                assert_eq!(fs::read(&witness).unwrap(), before, "nothing was accepted");
                n_refused += 1;
            }
        }
    }
    println!("{n_accepted} accepted, {n_refused} refused");
    assert!(n_refused > 0 && n_accepted == 3, "{n_accepted} accepted, {n_refused} refused");
}

#[test]
fn an_acceptance_of_which_the_witness_does_not_know_yet_needs_no_second_word() {
    let mut story = Story::new();
    let witness = story.stage.host.data().join("exportgate.witness");
    let before = fs::read(&witness).unwrap();
    story.swap_in(&story.backup.clone());
    story.stage.host.try_restart(ACCEPT).unwrap();
    story.stage.host.kill();
    // As if it had been killed right after the commit.
    fs::write(&witness, &before).unwrap();
    story.stage.host.try_restart(&[]).unwrap();
    story.new_service();
    story.check(("deny", "revoked"), ("deny", "revoked"));
    story.check_history(2);
    story.stage.host.stop();
    // The word was for that database alone.
    story.swap_in(&story.backup.clone());
    check_refused(story.stage.host.try_restart(&[]), &["is older"]);
}

#[test]
fn an_older_database_that_lacks_no_event_keeps_its_tokens_and_ends_its_sessions() {
    let mut stage = stage();
    let cookie = stage.cookie("anna");
    let created = stage.as_user(&cookie, "POST", "/v1/tokens", &json!({ "label": "Sales" })).body;
    let copy = stage.folder.path().join("copy.db");
    stage.host.told(&["backup", copy.to_str().unwrap()]);
    let signed_out = stage.as_user(&cookie, "POST", "/v1/sign-out", &json!({}));
    assert!(signed_out.status < 300, "{}", signed_out.body);
    stage.host.stop();
    fs::copy(copy, stage.host.data().join("exportgate.db")).unwrap();
    check_refused(stage.host.try_restart(&[]), &["is older"]);
    stage.host.try_restart(ACCEPT).unwrap();
    let answer = stage.validate(&json!({ "secret": created["secret"] }));
    assert_eq!(answer.body["decision"], "allow", "{}", answer.body);
    let answer = stage.as_user(&cookie, "GET", "/v1/tokens", &json!({}));
    assert_eq!(answer.status, 401, "who signed out is not signed in again");
}

#[test]
fn a_copy_that_went_on_somewhere_else_is_refused_however_many_changes_it_saw() {
    let mut story = Story::new();
    let elsewhere = tempfile::tempdir().unwrap();
    let data = elsewhere.path().join("data");
    fs::create_dir(&data).unwrap();
    fs::copy(&story.backup, data.join("exportgate.db")).unwrap();
    let mut other = HostProcess::start(elsewhere.path());
    for number in 0..20 {
        other.told(&["service", "add", &format!("service-{number}")]);
    }
    other.stop();
    story.swap_in(&data.join("exportgate.db"));
    check_refused(story.stage.host.try_restart(&[]), &["was changed somewhere else"]);
    story.stage.host.try_restart(ACCEPT).unwrap();
    story.new_service();
    story.check(("deny", "revoked"), ("deny", "revoked"));
    story.check_history(2);
}

#[test]
fn the_database_of_another_store_is_refused_and_lives_in_a_folder_of_its_own() {
    let (first, mut second) = (Story::new(), Story::new());
    let newest = fs::read(first.database()).unwrap();
    second.swap_in(&first.database());
    let words = ["belongs to another store", "a data folder of its own", "`--accept-rollback`"];
    check_refused(second.stage.host.try_restart(&[]), &words);
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    fs::create_dir(&data).unwrap();
    fs::write(data.join("exportgate.db"), newest).unwrap();
    second.stage.host = HostProcess::start(folder.path());
    second.stage.key = first.stage.key;
    (second.kept, second.revoked) = (first.kept, first.revoked);
    second.check(("allow", "allowed"), ("deny", "revoked"));
}

#[test]
fn a_witness_that_cannot_be_read_is_no_witness_and_stops_the_start() {
    let mut story = Story::new();
    let witness = story.stage.host.data().join("exportgate.witness");
    fs::write(&witness, "something else").unwrap();
    let words = ["exportgate.witness` holds nothing that exportgate wrote", "--accept-rollback"];
    check_refused(story.stage.host.try_restart(&[]), &words);
    assert_eq!(fs::read(&witness).unwrap(), b"something else");
    story.stage.host.try_restart(ACCEPT).unwrap();
    story.new_service();
    story.check(("deny", "revoked"), ("deny", "revoked"));
    story.stage.host.stop();
    story.stage.host.restart();
}

#[test]
fn the_word_revokes_nothing_of_the_newest_database() {
    let mut story = Story::new();
    story.stage.host.try_restart(ACCEPT).unwrap();
    story.check(("allow", "allowed"), ("deny", "revoked"));
    assert!(story.stage.host.log().contains("nothing to accept"));
    let answer = story.stage.as_user(&story.cookie, "GET", "/v1/tokens", &json!({}));
    assert_eq!(answer.status, 200, "{}", answer.body);
}
