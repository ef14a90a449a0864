//! Leavers: what a directory does to people over `/scim/v2`, seen from outside.

mod directories;
mod keys;
mod leavers;
mod refusals;
mod rfc7644;
mod suite;

use serde_json::{Value, json};

use crate::stage::{Answer, Stage, stage};

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
const PATCH: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
const LIST: &str = "urn:ietf:params:scim:api:messages:2.0:ListResponse";
const ERROR: &str = "urn:ietf:params:scim:api:messages:2.0:Error";

/// A host, and a directory with its key.
struct Scim {
    stage: Stage,
    key: String,
}

impl Scim {
    fn new() -> Self {
        let stage = stage();
        let key = add_key(&stage, "entra", "default");
        Self { stage, key }
    }

    fn send(&self, method: &str, path: &str, body: &Value) -> Answer {
        self.send_with(&self.key, method, path, body)
    }

    fn send_with(&self, key: &str, method: &str, path: &str, body: &Value) -> Answer {
        let (key, body) = (format!("authorization: Bearer {key}"), body.to_string());
        let media_type = "content-type: application/scim+json; charset=utf-8";
        let mut arguments = vec!["-X", method, "-H", &key];
        if !matches!(method, "GET" | "DELETE") {
            arguments.extend(["-H", media_type, "--data-raw", &body]);
        }
        self.stage.ask(&arguments, &format!("/scim/v2{path}"))
    }

    fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &Value::Null)
    }

    /// Finds users by a filter.
    fn find(&self, filter: &str) -> Value {
        let encoded = filter.replace(' ', "+").replace('"', "%22").replace('@', "%40");
        let answer = self.get(&format!("/Users?filter={encoded}"));
        assert_eq!((answer.status, &answer.body["schemas"]), (200, &json!([LIST])));
        answer.body
    }

    fn create(&self, user_name: &str) -> Value {
        let body = json!({ "schemas": [USER], "userName": user_name, "active": true });
        let answer = self.send("POST", "/Users", &body);
        assert_eq!(answer.status, 201, "{}", answer.body);
        answer.body
    }

    fn patch(&self, id: &str, operations: &Value) -> Answer {
        let body = json!({ "schemas": [PATCH], "Operations": operations });
        self.send("PATCH", &format!("/Users/{id}"), &body)
    }

    /// The id that the directory finds for a user whom the operator added.
    fn id_of(&self, user_name: &str) -> String {
        let found = self.find(&format!("userName eq \"{user_name}\""));
        text(&found["Resources"][0]["id"])
    }

    /// The kinds of events about people, oldest first, with whoever did it.
    fn told_of_people(&self) -> Vec<(String, String)> {
        let output = self.stage.host.cli(&["history", "--all"]);
        let lines = String::from_utf8(output.stdout).unwrap();
        let events = lines.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        let told = events.filter(|event| {
            matches!(event["kind"].as_str(), Some("user.deactivated" | "user.reactivated"))
        });
        let mut told: Vec<_> =
            told.map(|event| (text(&event["kind"]), text(&event["actor"]["kind"]))).collect();
        told.reverse();
        told
    }
}

fn add_key(stage: &Stage, name: &str, org: &str) -> String {
    text(&stage.host.told(&["scim-key", "add", name, "--org", org])["key"])
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("a text, not {value}")).to_owned()
}

/// Checks that an answer is an error in SCIM's words.
#[track_caller]
fn check(answer: &Answer, status: u16, scim_type: Option<&str>) {
    let body = &answer.body;
    assert_eq!((answer.status, body["scimType"].as_str()), (status, scim_type), "{body}");
    assert_eq!(body["schemas"], json!([ERROR]));
    assert_eq!(body["status"], status.to_string());
    assert!(body["detail"].is_string(), "{body}");
    assert!(answer.head.contains("content-type: application/scim+json"), "{}", answer.head);
}
