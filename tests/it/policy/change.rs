//! A policy is read and changed; it binds new tokens only.

use serde_json::{Value, json};

use super::{
    SECONDS_PER_DAY, actor, latest_allowed, now, office, owner, seconds, settings, text_of,
};
use crate::stage::check;

#[test]
fn an_organization_begins_with_version_1_and_everybody_may_read_it() {
    let office = office();
    let mut expected = settings(None, false, Some(25));
    expected["version"] = json!(1);
    expected["updated_at"] = Value::Null;
    expected["updated_by"] = Value::Null;
    for who in [&office.admin, &office.anna] {
        let policy = office.policy(who);
        assert_eq!((policy.status, &policy.body), (200, &expected));
        assert!(policy.head.contains("etag: \"1\""), "{}", policy.head);
        assert!(policy.head.contains("cache-control: no-store"), "{}", policy.head);
    }
}

#[test]
fn a_change_is_seen_by_all_and_told_with_old_and_new_and_who_did_it() {
    let office = office();
    let before = now();
    let changed = office.set(1, &settings(Some(90), true, Some(10)));
    assert!(changed.head.contains("etag: \"2\""), "{}", changed.head);
    let mut expected = settings(Some(90), true, Some(10));
    expected["version"] = json!(2);
    expected["updated_at"] = changed.body["updated_at"].clone();
    expected["updated_by"] = actor(&office, &office.admin);
    assert_eq!(changed.body, expected);
    assert!((before..=now()).contains(&seconds(&changed.body["updated_at"])));
    assert_eq!(office.policy(&office.anna).body, expected);

    // Whoever asks for what holds already changes nothing.
    let again = office.set(2, &settings(Some(90), true, Some(10)));
    assert_eq!(again.body, expected);
    let lifted = office.set(2, &settings(None, false, None));
    assert_eq!(lifted.body["version"], 3);

    let mut states = vec![
        json!({ "maximum_expiry_days": null, "automatic_expiration": false,
                "maximum_active_tokens": 25, "version": 1 }),
        json!({ "maximum_expiry_days": 90, "automatic_expiration": true,
                "maximum_active_tokens": 10, "version": 2 }),
        json!({ "maximum_expiry_days": null, "automatic_expiration": false,
                "maximum_active_tokens": null, "version": 3 }),
    ];
    let events = office.history(Some("policy.changed"));
    assert_eq!(events.len(), 2, "{events:?}");
    for event in events {
        let new = states.pop();
        let details = json!({ "old": states.last(), "new": new });
        assert_eq!(event["details"], details, "{event}");
        assert_eq!(event["actor"], actor(&office, &office.admin));
        let subject = ["token_id", "label", "owner", "reason"].map(|name| &event[name]);
        assert_eq!(subject, [&Value::Null; 4]);
    }
    // It is the organization's business, not that of one user.
    let own =
        office.stage.as_user(&office.anna, "GET", "/v1/history?kind=policy.changed", &json!({}));
    assert_eq!(own.body["items"], json!([]));
    office.check_store();
}

#[test]
fn a_changed_policy_binds_new_tokens_and_leaves_existing_ones_alone() {
    let office = office();
    let old = office.create(&office.anna, "Old", None);
    let far = office.create(&office.anna, "Far", Some(now() + 400 * SECONDS_PER_DAY));
    let before = office.tokens(&office.anna);
    office.set(1, &settings(Some(30), true, Some(6)));
    assert_eq!(office.tokens(&office.anna), before);
    for token in [&old, &far] {
        assert_eq!(office.validate(token)["decision"], "allow");
    }

    let automatic = office.create(&office.anna, "Automatic", None);
    let created_at = seconds(&automatic["token"]["created_at"]);
    let latest = latest_allowed(created_at, 30);
    assert_eq!(automatic["token"]["expires_at"], text_of(latest));

    // The latest allowed instant is allowed. At midnight it moves on, so it is read from answers.
    let too_far = json!({ "label": "x", "expires_at": text_of(now() + 60 * SECONDS_PER_DAY) });
    let refused = office.stage.as_user(&office.anna, "POST", "/v1/tokens", &too_far);
    check(&refused, 422, "expiry.beyond_maximum");
    let latest = seconds(&refused.body["latest_allowed"]);
    assert!([0, 1].contains(&((latest - latest_allowed(created_at, 30)) / SECONDS_PER_DAY)));
    assert_eq!(refused.body["errors"][0]["latest_allowed"], text_of(latest));
    assert_eq!(refused.body["errors"][0]["pointer"], "/expires_at");
    let at_last = office.create(&office.anna, "At last", Some(latest));
    assert_eq!(at_last["token"]["expires_at"], text_of(latest));
    let created_at = seconds(&at_last["token"]["created_at"]);
    let second_more = json!({
        "label": "x", "expires_at": text_of(latest_allowed(created_at, 31) + 1),
    });
    let refused = office.stage.as_user(&office.anna, "POST", "/v1/tokens", &second_more);
    check(&refused, 422, "expiry.beyond_maximum");

    // Turning automatic expiration off extends nothing, and new tokens do not expire.
    office.set(2, &settings(Some(30), false, Some(6)));
    let kept = office.token(&office.anna, &automatic);
    assert_eq!(kept["expires_at"], automatic["token"]["expires_at"]);
    let endless = office.create(&office.anna, "Endless", None);
    assert_eq!(endless["token"]["expires_at"], Value::Null);

    office.create(&office.anna, "Sixth", None);
    let seventh = json!({ "label": "Seventh" });
    let refused = office.stage.as_user(&office.anna, "POST", "/v1/tokens", &seventh);
    check(&refused, 422, "token.limit_reached");
    office.create(&office.bert, "His own first", None);
    office.check_store();
}

#[test]
fn of_two_administrators_who_saw_the_same_version_one_is_told_of_the_other() {
    let office = office();
    office.stage.host.told(&["user", "add", "dora", "--role", "administrator"]);
    let dora = office.stage.cookie("dora");
    office.set(1, &settings(Some(90), false, None));
    let before = office.everything();
    let late = office.send(&dora, "PUT", "/v1/policy", "\"1\"", &settings(Some(30), false, None));
    check(&late, 412, "policy.version_conflict");
    assert_eq!(office.everything(), before);
    let again = office.send(&dora, "PUT", "/v1/policy", "\"2\"", &settings(Some(30), false, None));
    assert_eq!((again.status, again.body["version"].as_i64()), (200, Some(3)));
    assert_eq!(again.body["updated_by"], actor(&office, &dora));
    // A star stands for whatever holds now (RFC 9110 section 13.1.1).
    let any = office.send(&dora, "PUT", "/v1/policy", "*", &settings(Some(31), false, None));
    assert_eq!((any.status, any.body["version"].as_i64()), (200, Some(4)));
}

#[test]
fn of_many_changes_at_the_same_time_one_is_made() {
    let office = office();
    let statuses: Vec<u16> = std::thread::scope(|scope| {
        let change = |days| {
            let wish = settings(Some(days), false, None);
            office.send(&office.admin, "PUT", "/v1/policy", "\"1\"", &wish).status
        };
        let changes: Vec<_> = (1..=8).map(|days| scope.spawn(move || change(days))).collect();
        changes.into_iter().map(|change| change.join().unwrap()).collect()
    });
    let count = |status| statuses.iter().filter(|each| **each == status).count();
    assert_eq!((count(200), count(412)), (1, 7), "{statuses:?}");
    assert_eq!(office.policy(&office.admin).body["version"], 2);
    assert_eq!(office.history(Some("policy.changed")).len(), 1);
}

#[test]
fn an_administrator_sees_and_changes_only_the_own_organizations_policy() {
    let office = office();
    let add = ["user", "add", "carla", "--role", "administrator", "--org", "other"];
    office.stage.host.told(&add);
    let carla = office.stage.cookie_in("other", "carla");
    office.create(&office.anna, "Anna's", None);
    let here = office.everything();

    let theirs = office.create(&carla, "Carla's", None);
    let preview =
        office.stage.as_user(&carla, "POST", "/v1/policy/preview", &settings(Some(1), false, None));
    assert_eq!(preview.body["n_active"], 1);
    let line = &preview.body["ending_earlier"];
    assert_eq!(line.as_array().unwrap().len(), 1, "{line}");
    assert_eq!(line[0]["token_id"], theirs["token"]["token_id"]);
    assert_eq!(line[0]["owner"], owner(&office, &carla));

    let set = office.send(&carla, "PUT", "/v1/policy", "\"1\"", &settings(Some(1), true, None));
    assert_eq!((set.status, set.body["version"].as_i64()), (200, Some(2)));
    let path = "/v1/policy/apply-to-existing";
    let applied = office.send(&carla, "POST", path, "\"2\"", &json!({ "notice_days": 0 }));
    assert_eq!((applied.status, applied.body["n_changed"].as_i64()), (200, Some(1)));

    // Here nothing happened, and there nothing of here is told.
    assert_eq!(office.everything(), here);
    let told = office.stage.as_user(&carla, "GET", "/v1/history?scope=all", &json!({}));
    let told = told.body["items"].as_array().unwrap();
    assert!(told.iter().all(|event| event["org_id"] == "other"), "{told:?}");
    let kinds: Vec<_> = told.iter().map(|event| event["kind"].as_str().unwrap()).collect();
    assert_eq!(
        kinds,
        [
            "policy.applied",
            "token.expiry_changed",
            "policy.changed",
            "token.created",
            "user.signed_in"
        ]
    );
    assert_eq!(office.policy(&office.admin).body["version"], 1);
}
