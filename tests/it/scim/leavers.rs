//! The story: somebody leaves, and the very next export is refused.

use serde_json::{Value, json};

use super::{Scim, text};
use crate::stage::check as check_problem;

fn told(kind: &str) -> (String, String) {
    (kind.to_owned(), "directory".to_owned())
}

#[test]
fn who_leaves_is_refused_at_once_and_who_comes_back_is_let_in() {
    let scim = Scim::new();
    let stage = &scim.stage;
    let anna = stage.cookie("anna");
    let created = stage.as_user(&anna, "POST", "/v1/tokens", &json!({ "label": "Sales" }));
    let request = json!({ "secret": created.body["secret"], "user_name": "anna" });
    assert_eq!(stage.validate(&request).body["decision"], "allow");
    let id = scim.id_of("anna");

    for _ in 0..2 {
        let operations = json!([{ "op": "Replace", "path": "active", "value": "False" }]);
        let answer = scim.patch(&id, &operations);
        assert_eq!((answer.status, &answer.body["active"]), (200, &json!(false)));
        assert_eq!(stage.validate(&request).body["reason"], "owner_inactive");
    }
    check_problem(&stage.as_user(&anna, "GET", "/v1/me", &json!({})), 401, "credential.invalid");
    assert_eq!(scim.find("userName eq \"anna\"")["Resources"][0]["active"], false);

    for _ in 0..2 {
        let answer = scim.patch(&id, &json!([{ "op": "replace", "value": { "active": true } }]));
        assert_eq!((answer.status, &answer.body["active"]), (200, &json!(true)));
        assert_eq!(stage.validate(&request).body["decision"], "allow");
    }
    // The session does not come back: whoever took the browser stays out.
    check_problem(&stage.as_user(&anna, "GET", "/v1/me", &json!({})), 401, "credential.invalid");
    assert_eq!(scim.told_of_people(), [told("user.deactivated"), told("user.reactivated")]);
    assert_eq!(stage.host.told(&["check"])["ok"], true);
}

#[test]
fn a_deactivation_survives_a_kill_right_after_its_answer() {
    let mut scim = Scim::new();
    let anna = scim.stage.cookie("anna");
    let created = scim.stage.as_user(&anna, "POST", "/v1/tokens", &json!({ "label": "Sales" }));
    let request = json!({ "secret": created.body["secret"] });
    let id = scim.id_of("anna");
    let answer = scim.patch(&id, &json!([{ "op": "replace", "path": "active", "value": false }]));
    scim.stage.host.kill();
    assert_eq!(answer.status, 200);
    scim.stage.host.restart();
    assert_eq!(scim.stage.validate(&request).body["reason"], "owner_inactive");
    assert_eq!(scim.get(&format!("/Users/{id}")).body["active"], false);
    assert_eq!(scim.told_of_people(), [told("user.deactivated")]);
}

#[test]
fn who_is_removed_is_gone_for_the_directory_and_the_name_is_free_for_another() {
    let mut scim = Scim::new();
    let anna = scim.stage.cookie("anna");
    let created = scim.stage.as_user(&anna, "POST", "/v1/tokens", &json!({ "label": "Sales" }));
    let request = json!({ "secret": created.body["secret"] });
    let id = scim.id_of("anna");
    let path = format!("/Users/{id}");
    let answer = scim.send("DELETE", &path, &Value::Null);
    assert_eq!((answer.status, answer.text.as_str()), (204, ""));
    for method in ["GET", "DELETE"] {
        super::check(&scim.send(method, &path, &Value::Null), 404, None);
    }
    super::check(
        &scim.patch(&id, &json!([{ "op": "add", "path": "active", "value": true }])),
        404,
        None,
    );
    assert_eq!(scim.find("userName eq \"anna\"")["totalResults"], 0);
    assert_eq!(scim.stage.validate(&request).body["reason"], "owner_inactive");
    assert!(!scim.stage.host.cli(&["user", "reactivate", "anna"]).status.success());

    // A namesake is somebody else, also after a restart.
    let namesake = scim.create("Anna");
    assert_ne!(text(&namesake["id"]), id);
    scim.stage.host.kill();
    scim.stage.host.restart();
    assert_eq!(scim.stage.validate(&request).body["reason"], "owner_inactive");
    let cookie = scim.stage.cookie_in("default", "Anna");
    let own = scim.stage.as_user(&cookie, "GET", "/v1/tokens", &json!({}));
    assert_eq!(own.body["items"], json!([]));
    let mut names: Vec<String> = Vec::new();
    let listed = String::from_utf8(scim.stage.host.cli(&["user", "list"]).stdout).unwrap();
    for line in listed.lines() {
        names.push(text(&serde_json::from_str::<Value>(line).unwrap()["user_name"]));
    }
    assert_eq!(names, ["admin", "bert", "Anna"]);
    assert_eq!(scim.told_of_people(), [told("user.deactivated")]);
    assert_eq!(scim.stage.host.told(&["check"])["ok"], true);
}

#[test]
fn who_is_renamed_keeps_tokens_and_session_under_the_new_name() {
    let mut scim = Scim::new();
    let anna = scim.stage.cookie("anna");
    let created = scim.stage.as_user(&anna, "POST", "/v1/tokens", &json!({ "label": "Sales" }));
    let secret = created.body["secret"].clone();
    let id = scim.id_of("anna");
    let renamed = json!([
        { "op": "Replace", "path": "userName", "value": "anna.b" },
        { "op": "Replace", "path": "displayName", "value": "Anna B." },
    ]);
    assert_eq!(scim.patch(&id, &renamed).body["userName"], "anna.b");
    for _ in 0..2 {
        let as_old = scim.stage.validate(&json!({ "secret": secret, "user_name": "anna" }));
        assert_eq!(as_old.body["reason"], "user_mismatch");
        let as_new = scim.stage.validate(&json!({ "secret": secret, "user_name": "anna.b" }));
        assert_eq!(as_new.body["decision"], "allow");
        let me = scim.stage.as_user(&anna, "GET", "/v1/me", &json!({})).body;
        assert_eq!((&me["user_name"], &me["display_name"]), (&json!("anna.b"), &json!("Anna B.")));
        scim.stage.host.kill();
        scim.stage.host.restart();
    }
    // Whoever holds the person under the old name sees a deactivation, too.
    scim.patch(&id, &json!([{ "op": "replace", "path": "active", "value": false }]));
    let request = json!({ "secret": secret });
    assert_eq!(scim.stage.validate(&request).body["reason"], "owner_inactive");
    let taken = json!([{ "op": "replace", "path": "userName", "value": "BERT" }]);
    super::check(&scim.patch(&id, &taken), 409, Some("uniqueness"));
    let other_case = json!([{ "op": "replace", "path": "userName", "value": "Anna.B" }]);
    assert_eq!(scim.patch(&id, &other_case).body["userName"], "Anna.B");
}
