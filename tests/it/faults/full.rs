//! A full disk: changes are refused, validation goes on, and nothing acknowledged is lost.

use exportgate_tests::host_process::HostProcess;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::check_refused;
use super::disk::{Disk, Kind, where_disks_can_be_mounted};
use crate::{
    assertions,
    stage::{Answer, Stage, check, stage_in},
};

/// Room for the database, its log, its reserve, and a copy of it for `exportgate check`.
const DISK_KIB: u32 = 6 * 1024;

/// A host whose data lies on a small disk, and everything that it acknowledged.
struct Story {
    stage: Stage,
    cookie: String,
    acknowledged: Vec<Value>,
    /// Dropped last: the host must be gone before its disk.
    disk: Disk,
}

impl Story {
    fn new(kind: Kind) -> Self {
        Self::on(kind, stage_in)
    }

    /// A story whose host needs more in its folder than a disk.
    fn on(kind: Kind, stage_in: impl FnOnce(TempDir) -> Stage) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        std::fs::create_dir(&data).unwrap();
        let disk = Disk::mount_kind(&data, DISK_KIB, kind);
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
        self.create_until_refused();
        assert!(self.acknowledged.len() > n_before, "the disk was full at once");
        self.disk.fill_all_but(0);
    }

    #[track_caller]
    fn create_until_refused(&mut self) {
        let refused = loop {
            let answer = self.create();
            if answer.status != 201 {
                break answer;
            }
        };
        check(&refused, 503, "store.unavailable");
    }

    /// Takes what the host has won back at its start, when it emptied its log.
    #[track_caller]
    fn fill_the_disk_again(&mut self) {
        self.disk.fill_all_but(0);
        self.create_until_refused();
        self.disk.fill_all_but(0);
        while self.stage.host.cli(&["sign-in-code", "anna"]).status.success() {}
    }

    fn is_allowed(&self, created: &Value) -> bool {
        let answer = self.stage.validate(&json!({ "secret": created["secret"] }));
        let shown = (answer.body["decision"].as_str(), answer.body["reason"].as_str());
        match (answer.status, shown) {
            (200, (Some("allow"), Some("allowed"))) => true,
            (200, (Some("deny"), Some("revoked"))) => false,
            _ => panic!("{}", answer.body),
        }
    }

    /// Checks that the first `n_revoked` tokens are revoked, and the others are allowed.
    #[track_caller]
    fn check_tokens(&self, n_revoked: usize) {
        for (place, created) in self.acknowledged.iter().enumerate() {
            assert_eq!(self.is_allowed(created), place >= n_revoked, "token {place}");
        }
        let listed = self.change("GET", "/v1/tokens?limit=200", &json!({}));
        let labels = |tokens: &[Value], token: fn(&Value) -> &Value| -> Vec<Value> {
            tokens.iter().map(|it| token(it)["label"].clone()).collect()
        };
        let mut listed = labels(listed.body["items"].as_array().unwrap(), |token| token);
        listed.reverse();
        assert_eq!(listed, labels(&self.acknowledged, |created| &created["token"]));
    }

    /// Checks that nothing but what ends access is done.
    #[track_caller]
    fn check_that_the_disk_is_full(&mut self) {
        let token_id = self.acknowledged.last().unwrap()["token"]["token_id"].as_str().unwrap();
        let token = format!("/v1/tokens/{token_id}");
        for (method, path, body) in [
            ("POST", "/v1/tokens", json!({ "label": "one more" })),
            ("PATCH", &token, json!({ "label": "renamed" })),
        ] {
            check(&self.change(method, path, &body), 503, "store.unavailable");
        }
    }

    fn revoke(&self, created: &Value) -> Answer {
        let token_id = created["token"]["token_id"].as_str().unwrap();
        self.change("POST", &format!("/v1/tokens/{token_id}/revoke"), &json!({}))
    }

    #[track_caller]
    fn check_database(&self) {
        let report = self.stage.host.told(&["check"]);
        assert_eq!(report["ok"], true, "{report}");
        assert_eq!(report["n_tokens"], self.acknowledged.len());
    }
}

/// Runs a story on each kind of disk that there is here.
fn on_each_kind_of_disk(story: impl Fn(Story)) {
    for kind in Kind::possible() {
        println!("on {kind:?}");
        story(Story::new(kind));
    }
}

#[test]
fn on_a_full_disk_every_change_is_refused_and_validation_goes_on() {
    where_disks_can_be_mounted(|| {
        on_each_kind_of_disk(|mut story| {
            story.fill_the_disk();
            // A small change may still find a place in what the log has already taken from the disk.
            while story.stage.host.cli(&["sign-in-code", "anna"]).status.success() {}
            for words in [
                &["sign-in-code", "anna"][..],
                &["user", "add", "carl"],
                &["service", "add", "more"],
            ] {
                let output = story.stage.host.cli(words);
                let said = String::from_utf8_lossy(&output.stderr);
                assert_eq!(output.status.code(), Some(1), "{words:?}: {said}");
                assert!(said.contains("store.unavailable"), "{words:?}: {said}");
            }
            story.check_that_the_disk_is_full();
            // What was refused has changed nothing.
            story.check_tokens(0);
            // The host still ends in good order, although the minute's uses find no place.
            story.stage.host.stop();
        });
    });
}

#[test]
fn on_a_full_disk_revocations_work_from_a_reserve_that_nothing_else_gets() {
    where_disks_can_be_mounted(|| {
        on_each_kind_of_disk(|mut story| {
            for _ in 0..15 {
                assert_eq!(story.create().status, 201);
            }
            story.fill_the_disk();
            while story.stage.host.cli(&["sign-in-code", "anna"]).status.success() {}
            story.check_that_the_disk_is_full();
            // By their owner, one after the other, with creations in between that get nothing.
            for n_revoked in 1..=10 {
                let answer = story.revoke(&story.acknowledged[n_revoked - 1]);
                assert_eq!(answer.status, 200, "revocation {n_revoked}: {}", answer.body);
                story.check_that_the_disk_is_full();
            }
            story.check_tokens(10);
            // By whoever found the secret.
            let form = format!("token={}", story.acknowledged[10]["secret"].as_str().unwrap());
            let reported = story.stage.ask(&["--data", &form], "/oauth2/revoke");
            assert_eq!(reported.status, 200, "{}", reported.body);
            story.check_tokens(11);
            // What was acknowledged survives a kill, on the disk that is still full.
            story.stage.host.kill();
            story.stage.host.restart();
            story.check_tokens(11);
            story.fill_the_disk_again();
            story.check_that_the_disk_is_full();
            let answer = story.change("POST", "/v1/tokens/revoke-all", &json!({}));
            assert_eq!(answer.status, 200, "{}", answer.body);
            story.check_tokens(story.acknowledged.len());
            // By the operator.
            story.stage.host.told(&["user", "deactivate", "bert"]);
            story.check_that_the_disk_is_full();
            // With space again all is well, by itself, and the reserve is back.
            story.disk.free();
            assert_eq!(story.create().status, 201);
            story.check_tokens(story.acknowledged.len() - 1);
            story.check_database();
            let reserve = story.stage.host.data().join("exportgate.db-reserve");
            assert!(std::fs::metadata(reserve).unwrap().len() >= 1024 * 1024);
            story.stage.host.stop();
        });
    });
}

#[test]
fn on_a_full_disk_a_person_whom_salesforce_names_revokes_and_does_nothing_else() {
    where_disks_can_be_mounted(|| {
        for kind in Kind::possible() {
            let mut story = Story::on(kind, |folder| assertions::salesforce_in(folder, ""));
            let asks = |story: &Story, method: &str, path: &str, body: &Value| {
                let claims = assertions::changed(&story.stage, &json!({}));
                let assertion = assertions::keys::rsa().key.assertion("RS256", "k", &claims);
                assertions::ask(&story.stage, &assertion, method, path, body)
            };
            let label = json!({ "label": "Pipeline" });
            let created = asks(&story, "POST", "/v1/tokens", &label);
            assert_eq!(created.status, 201, "{}", created.text);
            story.fill_the_disk();
            while story.stage.host.cli(&["sign-in-code", "anna"]).status.success() {}
            // Each assertion is noted, so not even a question is answered.
            check(&asks(&story, "GET", "/v1/me", &json!({})), 503, "store.unavailable");
            check(&asks(&story, "POST", "/v1/tokens", &label), 503, "store.unavailable");
            assert!(story.is_allowed(&created.body));
            let token_id = created.body["token"]["token_id"].as_str().unwrap();
            let path = format!("/v1/tokens/{token_id}/revoke");
            let revoked = asks(&story, "POST", &path, &json!({}));
            assert_eq!((revoked.status, &revoked.body["status"]), (200, &json!("revoked")));
            assert!(!story.is_allowed(&created.body));
            check(&asks(&story, "POST", "/v1/tokens", &label), 503, "store.unavailable");
            let all = asks(&story, "POST", "/v1/tokens/revoke-all", &json!({}));
            assert_eq!((all.status, &all.body["n_revoked"]), (200, &json!(0)));
            story.stage.host.stop();
        }
    });
}

#[test]
fn when_there_is_space_again_the_host_goes_on_by_itself() {
    where_disks_can_be_mounted(|| {
        on_each_kind_of_disk(|mut story| {
            for _ in 0..2 {
                story.fill_the_disk();
                story.disk.free();
                let answer = story.create();
                assert_eq!(answer.status, 201, "{}", answer.body);
            }
            story.check_tokens(0);
            story.check_database();
            story.stage.host.stop();
            story.stage.host.restart();
            story.check_tokens(0);
        });
    });
}

#[test]
fn what_was_acknowledged_before_a_full_disk_survives_a_kill() {
    where_disks_can_be_mounted(|| {
        on_each_kind_of_disk(|mut story| {
            story.fill_the_disk();
            story.stage.host.kill();
            // On the disk that is still full the host starts, validates, and refuses changes.
            story.stage.host.restart();
            story.check_tokens(0);
            story.fill_the_disk_again();
            story.stage.host.kill();
            story.disk.free();
            story.stage.host.restart();
            story.check_tokens(0);
            assert_eq!(story.create().status, 201);
            story.check_database();
        });
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
