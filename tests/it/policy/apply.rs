//! A policy is applied to existing tokens: what the preview showed, and nothing else.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::{
    SECONDS_PER_DAY, actor, ids, latest_allowed, now, office, owner, seconds, settings, text_of,
};

#[test]
fn an_application_does_what_the_preview_showed_and_the_history_tells_it() {
    let mut office = office();
    let in_days = |days: i64| Some(now() + days * SECONDS_PER_DAY);
    let old = office.create(&office.anna, "Old", None);
    let late = office.create(&office.anna, "Late", in_days(300));
    let fresh = office.create(&office.bert, "Fresh", None);
    let soon = office.create(&office.bert, "Soon", in_days(3));
    let gone = office.create(&office.bert, "Gone", None);
    let path = format!("/v1/tokens/{}/revoke", gone["token"]["token_id"].as_str().unwrap());
    assert_eq!(office.stage.as_user(&office.bert, "POST", &path, &json!({})).status, 200);
    office.age(&[(&old, 100), (&late, 10), (&soon, 200)]);
    let created_at = |token: &Value| seconds(&token["created_at"]);
    let (late_now, fresh_now) =
        (office.token(&office.anna, &late), office.token(&office.bert, &fresh));

    let wish = settings(Some(30), false, None);
    let preview = office.preview(&wish, Some(14));
    let shown = preview["ending_earlier"].as_array().unwrap().clone();
    assert_eq!(office.set(1, &wish).body["version"], 2);
    let untouched = [office.token(&office.anna, &old), office.token(&office.bert, &fresh)];
    assert_eq!(untouched.map(|token| token["expires_at"].clone()), [Value::Null, Value::Null]);

    assert_eq!(office.apply(2, &json!({ "notice_days": 14 })), 3);
    assert_eq!(preview["n_ending_earlier"], 3);

    let events = office.history(Some("token.expiry_changed"));
    let (mut told, mut expected) = (ids(&events), ids(&shown));
    told.sort_unstable();
    expected.sort_unstable();
    assert_eq!(told, expected, "preview and application name the same tokens");
    let new: HashMap<_, _> =
        shown.iter().map(|line| (line["token_id"].as_str(), &line["new_expires_at"])).collect();
    for (created, cookie) in [(&old, &office.anna), (&late, &office.anna), (&fresh, &office.bert)] {
        let (token, id) = (office.token(cookie, created), created["token"]["token_id"].as_str());
        let event = events.iter().find(|event| event["token_id"].as_str() == id).unwrap();
        let old_expires_at = &created["token"]["expires_at"];
        let new_expires_at = &token["expires_at"];
        let details = json!({ "old_expires_at": old_expires_at, "new_expires_at": new_expires_at });
        assert_eq!(event["details"], details);
        assert_eq!(event["actor"], actor(&office, &office.admin));
        assert_eq!(event["owner"], owner(&office, cookie));
        assert_eq!(event["label"], created["token"]["label"]);
        // What ends with the notice period ends later, the later it is asked.
        let moved = seconds(new_expires_at) - seconds(new[&id]);
        let notice_decides = id == old["token"]["token_id"].as_str();
        assert!(moved == 0 || (notice_decides && (0..60).contains(&moved)), "{event}");
        assert_eq!(office.validate(created)["decision"], "allow", "still within the notice");
        // The owner reads it, too.
        let path = format!("/v1/history?kind=token.expiry_changed&token_id={}", id.unwrap());
        let own = office.stage.as_user(cookie, "GET", &path, &json!({}));
        assert_eq!(own.body["items"], json!([event]));
    }
    let expires_at = |who, token| office.token(who, token)["expires_at"].clone();
    let expected = text_of(latest_allowed(created_at(&late_now), 30));
    assert_eq!(expires_at(&office.anna, &late), expected);
    let expected = text_of(latest_allowed(created_at(&fresh_now), 30));
    assert_eq!(expires_at(&office.bert, &fresh), expected);
    // Never later than it was, and never what is over.
    assert_eq!(expires_at(&office.bert, &soon), soon["token"]["expires_at"]);
    assert_eq!(expires_at(&office.bert, &gone), Value::Null);

    // Applying it again finds nothing more to do, and is told all the same.
    let preview = office.preview(&wish, Some(14));
    assert_eq!((&preview["n_active"], &preview["n_ending_earlier"]), (&json!(4), &json!(0)));
    assert_eq!(office.apply(2, &json!({ "notice_days": 14 })), 0);
    let applied = office.history(Some("policy.applied"));
    let policy = json!({ "maximum_expiry_days": 30, "automatic_expiration": false,
                         "maximum_active_tokens": null, "version": 2 });
    let details: Vec<_> = applied.iter().map(|event| event["details"].clone()).collect();
    let expected = [0, 3].map(|n| json!({ "policy": policy, "notice_days": 14, "n_changed": n }));
    assert_eq!(details, expected);
    for event in &applied {
        assert_eq!(event["actor"], actor(&office, &office.admin));
        assert_eq!((&event["token_id"], &event["owner"]), (&Value::Null, &Value::Null));
    }
    assert_eq!(office.history(Some("token.expiry_changed")).len(), 3);
    assert_eq!(office.history(Some("token.expired")), [] as [Value; 0]);
    office.check_store();
}

#[test]
fn without_notice_the_next_validation_is_refused_and_the_end_is_told_once() {
    let mut office = office();
    let old = office.create(&office.anna, "Old", None);
    let other = office.create(&office.bert, "Other", None);
    office.age(&[(&old, 100)]);
    assert_eq!(office.validate(&old)["decision"], "allow");
    office.set(1, &settings(Some(30), false, None));
    assert_eq!(office.validate(&old)["decision"], "allow");
    let before = now();
    assert_eq!(office.apply(2, &json!({ "notice_days": 0 })), 2);
    let after = now();

    let refused = office.validate(&old);
    assert_eq!(
        (refused["decision"].as_str(), refused["reason"].as_str()),
        (Some("deny"), Some("expired"))
    );
    let ended_at = refused["token"]["expires_at"].clone();
    assert!((before..=after).contains(&seconds(&ended_at)), "{refused}");
    assert!(refused["message"].as_str().unwrap().contains(ended_at.as_str().unwrap()));
    assert_eq!(office.validate(&other)["decision"], "allow");
    let token = office.token(&office.anna, &old);
    assert_eq!((&token["status"], &token["expires_at"]), (&json!("expired"), &ended_at));

    let told = office.history(Some("token.expired"));
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0]["at"], ended_at);
    assert_eq!(told[0]["token_id"], token["token_id"]);
    assert_eq!(told[0]["owner"], owner(&office, &office.anna));
    assert_eq!(told[0]["actor"], json!({ "kind": "host", "user_id": null, "user_name": null }));
    assert_eq!(told[0]["details"], json!({}));

    // Neither another application, nor another look, nor another start tells it again.
    assert_eq!(office.apply(2, &json!({ "notice_days": 0 })), 0);
    office.stage.host.kill();
    office.stage.host.restart();
    assert_eq!(office.validate(&old)["reason"], "expired");
    assert_eq!(office.history(Some("token.expired")), told);
    let path = "/v1/history?kind=token.expired";
    let own = office.stage.as_user(&office.anna, "GET", path, &json!({}));
    assert_eq!(own.body["items"], json!(told));
    let his = office.stage.as_user(&office.bert, "GET", path, &json!({}));
    assert_eq!(his.body["items"], json!([]));
    office.check_store();
}

#[test]
fn an_application_survives_a_kill_right_after_its_answer() {
    let mut office = office();
    let token = office.create(&office.anna, "Desktop", None);
    office.set(1, &settings(Some(1), false, None));
    assert_eq!(office.apply(2, &json!({})), 1);
    office.stage.host.kill();
    office.stage.host.restart();
    let expected = seconds(&token["token"]["created_at"]) + 7 * SECONDS_PER_DAY;
    let expires_at = seconds(&office.token(&office.anna, &token)["expires_at"]);
    assert!((expected..expected + 60).contains(&expires_at), "7 days are the notice by default");
    let applied = office.history(Some("policy.applied"));
    assert_eq!((applied.len(), &applied[0]["details"]["notice_days"]), (1, &json!(7)));
    assert_eq!(office.history(Some("token.expiry_changed")).len(), 1);
    office.check_store();
}

#[test]
fn a_policy_that_was_changed_meanwhile_is_not_applied() {
    let office = office();
    office.create(&office.anna, "Desktop", None);
    office.set(1, &settings(Some(90), false, None));
    office.set(2, &settings(Some(1), false, None));
    let before = office.everything();
    let path = "/v1/policy/apply-to-existing";
    let late = office.send(&office.admin, "POST", path, "\"2\"", &json!({ "notice_days": 0 }));
    crate::stage::check(&late, 412, "policy.version_conflict");
    assert_eq!(office.everything(), before);
}
