//! An older database in the place of the newest: nothing that was revoked lives again.

mod restored;
mod swapped;

use std::{fs, path::PathBuf};

use exportgate_tests::host_process::Refused;
use serde_json::{Value, json};

use crate::stage::{Stage, stage};

/// A host with two tokens and two services, of which one each was revoked after a copy of the
/// database was made.
struct Story {
    stage: Stage,
    /// Anna's session.
    cookie: String,
    /// Lives in the copy and in the newest database.
    kept: Value,
    /// Lives in the copy, and was revoked since.
    revoked: Value,
    /// The key of a service that was revoked since.
    revoked_key: String,
    /// The copy.
    backup: PathBuf,
}

impl Story {
    /// The host is stopped; its database is the newest.
    fn new() -> Self {
        let stage = stage();
        let cookie = stage.cookie("anna");
        let create = |label: &str| {
            let body = json!({ "label": label });
            stage.as_user(&cookie, "POST", "/v1/tokens", &body).body
        };
        let (kept, revoked) = (create("kept"), create("revoked"));
        let revoked_key =
            stage.host.told(&["service", "add", "other"])["key"].as_str().unwrap().to_owned();
        let backup = stage.folder.path().join("backup.db");
        stage.host.told(&["backup", backup.to_str().unwrap()]);
        let mut story = Self { stage, cookie, kept, revoked, revoked_key, backup };
        let id = story.revoked["token"]["token_id"].as_str().unwrap().to_owned();
        let path = format!("/v1/tokens/{id}/revoke");
        let answer = story.stage.as_user(&story.cookie, "POST", &path, &json!({}));
        assert_eq!(answer.status, 200, "{}", answer.body);
        story.stage.host.told(&["service", "revoke", "other"]);
        story.stage.host.told(&["user", "deactivate", "bert"]);
        story.check(("allow", "allowed"), ("deny", "revoked"));
        story.stage.host.stop();
        story
    }

    fn database(&self) -> PathBuf {
        self.stage.host.data().join("exportgate.db")
    }

    /// Puts another file in the database's place, as an operator does by hand.
    fn swap_in(&self, file: &std::path::Path) {
        for companion in ["exportgate.db-wal", "exportgate.db-journal"] {
            let _ = fs::remove_file(self.stage.host.data().join(companion));
        }
        fs::copy(file, self.database()).unwrap();
    }

    /// What is said of both tokens.
    #[track_caller]
    fn check(&self, kept: (&str, &str), revoked: (&str, &str)) {
        for (token, wanted) in [(&self.kept, kept), (&self.revoked, revoked)] {
            let answer = self.stage.validate(&json!({ "secret": token["secret"] }));
            let said = (answer.body["decision"].as_str(), answer.body["reason"].as_str());
            assert_eq!(said, (Some(wanted.0), Some(wanted.1)), "{}", answer.body);
        }
    }

    /// Gives the stage a new service, since the older one's key is revoked.
    fn new_service(&mut self) {
        let added = self.stage.host.told(&["service", "add", "new"]);
        self.stage.key = added["key"].as_str().unwrap().to_owned();
    }

    /// Every invariant holds, and so does the history, which tells of so many revocations for this
    /// reason.
    #[track_caller]
    fn check_history(&self, n_tokens_rolled_back: usize) {
        assert_eq!(self.stage.host.told(&["check"])["ok"], true);
        assert_eq!(self.stage.host.told(&["history", "verify"])["ok"], true);
        let output = self.stage.host.cli(&["history", "--kind", "token.revoked"]);
        let lines = String::from_utf8(output.stdout).unwrap();
        let events = lines.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        let rolled_back: Vec<Value> =
            events.filter(|event| event["details"]["cause"] == "rollback").collect();
        assert_eq!(rolled_back.len(), n_tokens_rolled_back, "{lines}");
        assert!(rolled_back.iter().all(|event| event["actor"]["kind"] == "operator"), "{lines}");
    }
}

/// Checks that the host does not start, and says why in one sentence that holds these words.
#[track_caller]
fn check_refused(started: Result<(), Refused>, words: &[&str]) {
    let refused = started.expect_err("the host started");
    assert_eq!(refused.code, Some(1), "{}", refused.said);
    let sentences: Vec<_> =
        refused.said.lines().filter(|line| line.starts_with("error: ")).collect();
    assert_eq!(sentences.len(), 1, "{}", refused.said);
    for word in words {
        assert!(sentences[0].contains(word), "`{word}` is not in: {}", sentences[0]);
    }
    println!("{}", sentences[0]);
}
