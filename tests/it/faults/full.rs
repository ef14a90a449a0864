//! A full disk: changes are refused, validation goes on, and nothing acknowledged is lost.

use exportgate_tests::host_process::HostProcess;
use serde_json::{Value, json};

use super::check_refused;
use super::disk::{Disk, where_disks_can_be_mounted};
use crate::stage::{Answer, Stage, check, stage_in};

/// Room for the database, its log, and a copy of it for `exportgate check`.
const DISK_KIB: u32 = 4 * 1024;

/// A host whose data lies on a small disk, and everything that it acknowledged.
struct Story {
    stage: Stage,
    cookie: String,
    acknowledged: Vec<Value>,
    /// Dropped last: the host must be gone before its disk.
    disk: Disk,
}

impl Story {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        std::fs::create_dir(&data).unwrap();
        let disk = Disk::mount(&data, DISK_KIB);
        let stage = stage_in(folder);
        let cookie = stage.cookie("anna");
        let mut story = Self { stage, cookie, acknowledged: Vec::new(), disk };
        assert_eq!(story.create().status, 201);
        story
    }

    fn change(&self, method: &str, path: &str, body: &Value) -> Answer {
        self.stage.as_user(&self.cookie, method, path, body)
    }

    fn create(&mut self) -> Answer {
        let label = format!("Token {}", self.acknowledged.len());
        let answer = self.change("POST", "/v1/tokens", &json!({ "label": label }));
        if answer.status == 201 {
            self.acknowledged.push(answer.body.clone());
        }
        answer
    }

    /// Creates tokens until the disk is full.
    #[track_caller]
    fn fill_the_disk(&mut self) {
        let n_before = self.acknowledged.len();
        self.disk.fill_all_but(256);
        let refused = loop {
            let answer = self.create();
            if answer.status != 201 {
                break answer;
            }
        };
        check(&refused, 503, "store.unavailable");
        assert!(self.acknowledged.len() > n_before, "the disk was full at once");
        self.disk.fill_all_but(0);
    }

    #[track_caller]
    fn check_that_every_acknowledged_token_is_allowed(&self) {
        for created in &self.acknowledged {
            let answer = self.stage.validate(&json!({ "secret": created["secret"] }));
            let decision = answer.body["decision"].as_str();
            assert_eq!((answer.status, decision), (200, Some("allow")), "{}", answer.body);
        }
        let listed = self.change("GET", "/v1/tokens?limit=200", &json!({}));
        let labels = |tokens: &[Value], token: fn(&Value) -> &Value| -> Vec<Value> {
            tokens.iter().map(|it| token(it)["label"].clone()).collect()
        };
        let mut listed = labels(listed.body["items"].as_array().unwrap(), |token| token);
        listed.reverse();
        assert_eq!(listed, labels(&self.acknowledged, |created| &created["token"]));
    }

    #[track_caller]
    fn check_database(&self) {
        let report = self.stage.host.told(&["check"]);
        assert_eq!(report["ok"], true, "{report}");
        assert_eq!(report["n_tokens"], self.acknowledged.len());
    }
}

#[test]
fn on_a_full_disk_every_change_is_refused_and_validation_goes_on() {
    where_disks_can_be_mounted(|| {
        let mut story = Story::new();
        story.fill_the_disk();
        // A small change may still find a place in what the log has already taken from the disk.
        while story.stage.host.cli(&["sign-in-code", "anna"]).status.success() {}
        for words in
            [&["sign-in-code", "anna"][..], &["user", "add", "carl"], &["service", "add", "more"]]
        {
            let output = story.stage.host.cli(words);
            let said = String::from_utf8_lossy(&output.stderr);
            assert_eq!(output.status.code(), Some(1), "{words:?}: {said}");
            assert!(said.contains("store.unavailable"), "{words:?}: {said}");
        }
        let token_id = story.acknowledged[0]["token"]["token_id"].as_str().unwrap();
        let token = format!("/v1/tokens/{token_id}");
        for (method, path, body) in [
            ("POST", "/v1/tokens", json!({ "label": "one more" })),
            ("PATCH", &token, json!({ "label": "renamed" })),
            ("POST", &format!("{token}/revoke"), json!({})),
            ("POST", "/v1/tokens/revoke-all", json!({})),
        ] {
            check(&story.change(method, path, &body), 503, "store.unavailable");
        }
        // A refused revocation has revoked nothing.
        story.check_that_every_acknowledged_token_is_allowed();
        // The host still ends in good order, although the minute's uses find no place.
        story.stage.host.stop();
    });
}

#[test]
fn when_there_is_space_again_the_host_goes_on_by_itself() {
    where_disks_can_be_mounted(|| {
        let mut story = Story::new();
        for _ in 0..2 {
            story.fill_the_disk();
            story.disk.free();
            let answer = story.create();
            assert_eq!(answer.status, 201, "{}", answer.body);
        }
        story.check_that_every_acknowledged_token_is_allowed();
        story.check_database();
        story.stage.host.stop();
        story.stage.host.restart();
        story.check_that_every_acknowledged_token_is_allowed();
    });
}

#[test]
fn what_was_acknowledged_before_a_full_disk_survives_a_kill() {
    where_disks_can_be_mounted(|| {
        let mut story = Story::new();
        story.fill_the_disk();
        story.stage.host.kill();
        // On the disk that is still full the host starts, validates, and refuses changes.
        story.stage.host.restart();
        story.check_that_every_acknowledged_token_is_allowed();
        check(&story.create(), 503, "store.unavailable");
        story.stage.host.kill();
        story.disk.free();
        story.stage.host.restart();
        story.check_that_every_acknowledged_token_is_allowed();
        assert_eq!(story.create().status, 201);
        story.check_database();
    });
}

#[test]
fn a_first_start_on_a_full_disk_is_refused_and_the_next_one_works() {
    where_disks_can_be_mounted(|| {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        std::fs::create_dir(&data).unwrap();
        let disk = Disk::mount(&data, DISK_KIB);
        // From no room at all to room for a beginning.
        for kib in [0, 4, 8, 16, 32, 64] {
            disk.fill_all_but(kib);
            check_refused(folder.path(), &["data", "is full"]);
        }
        disk.free();
        HostProcess::start(folder.path()).stop();
        drop(disk);
    });
}
