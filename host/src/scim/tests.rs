use serde_json::{Value, json};

use super::{
    PATCH_SCHEMA, USER_SCHEMA, filter,
    json::object,
    patch,
    profile::{Attributes, Email, Profile},
};

fn anna() -> Profile {
    Profile {
        user_name: "anna".to_owned(),
        external_id: None,
        active: true,
        attributes: Attributes { emails: vec![Email::work("a@x.test")], ..Attributes::default() },
    }
}

fn patched(operations: Value) -> Result<Profile, &'static str> {
    let body = json!({ "schemas": [PATCH_SCHEMA], "Operations": operations });
    let word = |error: super::ScimError| error.scim_type.unwrap();
    let body = object(body.to_string().as_bytes()).map_err(word)?;
    let mut profile = anna();
    for operation in patch::read(&body).map_err(word)? {
        operation.apply(&mut profile).map_err(word)?;
    }
    Ok(profile)
}

#[track_caller]
fn check_active(operation: Value, active: bool) {
    assert_eq!(patched(json!([operation])).map(|profile| profile.active), Ok(active));
}

#[track_caller]
fn check_refused(operation: Value, scim_type: &str) {
    assert_eq!(patched(json!([operation])).err(), Some(scim_type), "{operation}");
}

#[test]
fn active_is_read_in_every_form_that_directories_send() {
    for op in ["replace", "Replace", "REPLACE", "add", "Add"] {
        check_active(json!({ "op": op, "path": "active", "value": false }), false);
        check_active(json!({ "op": op, "path": "active", "value": "False" }), false);
        check_active(json!({ "op": op, "value": { "active": false } }), false);
        check_active(json!({ "OP": op, "Value": { "Active": "false" } }), false);
        let path = format!("{USER_SCHEMA}:active");
        check_active(json!({ "op": op, "path": path, "value": "False" }), false);
        check_active(json!({ "op": op, "value": { path: false } }), false);
    }
    check_active(json!({ "op": "replace", "path": "active", "value": "True" }), true);
}

#[test]
fn mail_addresses_are_chosen_by_a_filter_and_made_where_there_is_none() {
    let set = |path: &str, value: Value| {
        let profile = patched(json!([{ "op": "Replace", "path": path, "value": value }])).unwrap();
        json!(profile.attributes.emails)
    };
    let work = |value: &str| json!({ "value": value, "type": "work", "primary": true });
    assert_eq!(set("emails[type eq \"work\"].value", json!("b@x.test")), json!([work("b@x.test")]));
    assert_eq!(
        set("emails[type eq \"home\"].value", json!("h@x.test")),
        json!([work("a@x.test"), { "value": "h@x.test", "type": "home" }])
    );
    assert_eq!(set("emails[value eq \"a]@x\"].type", json!("other"))[0], work("a@x.test"));
    assert_eq!(set("emails", json!([{ "value": "c@x.test" }])), json!([{ "value": "c@x.test" }]));
    let removed = patched(json!([{ "op": "remove", "path": "emails[type eq \"work\"]" }]));
    assert_eq!(removed.unwrap().attributes.emails, []);
}

#[test]
fn what_is_not_kept_is_ignored_and_what_does_not_exist_is_refused() {
    let enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
    for path in [
        "title",
        "addresses[type eq \"work\"].country",
        "phoneNumbers[type eq \"mobile\"].value",
        &format!("{enterprise}:department"),
        enterprise,
    ] {
        let operation = json!({ "op": "add", "path": path, "value": "x" });
        assert_eq!(patched(json!([operation])), Ok(anna()), "{path}");
    }
    let loose = json!([{ "op": "add", "value": { "nobodyKnows": 1, "id": "7", "name.title": 3 } }]);
    assert_eq!(patched(loose), Ok(anna()));
    let set = |path: &str| json!({ "op": "replace", "path": path, "value": "x" });
    check_refused(set("nobodyKnows"), "invalidPath");
    check_refused(set("emails[type eq"), "invalidPath");
    check_refused(set("emails[type like \"work\"]"), "invalidFilter");
    check_refused(set("userName[type eq \"work\"]"), "invalidPath");
    check_refused(set("urn:example:2.0:User:color"), "invalidPath");
    check_refused(set("id"), "mutability");
    check_refused(set("active"), "invalidValue");
    check_refused(json!({ "op": "remove" }), "noTarget");
    check_refused(json!({ "op": "remove", "path": "userName" }), "mutability");
    check_refused(json!({ "op": "move", "path": "active" }), "invalidSyntax");
    check_refused(json!({ "op": "replace", "path": "active" }), "invalidValue");
    check_refused(json!({ "op": "replace", "value": "x" }), "invalidValue");
}

#[test]
fn nothing_may_be_said_twice() {
    for text in [
        "{\"active\": true, \"Active\": false}",
        "{\"Operations\": [{\"op\": \"add\", \"OP\": \"remove\"}]}",
    ] {
        assert_eq!(object(text.as_bytes()).unwrap_err().scim_type, Some("invalidSyntax"), "{text}");
    }
    assert!(object("[".repeat(60_000).as_bytes()).is_err());
}

#[test]
fn filters_are_conditions_joined_by_and() {
    let good = |text: &str| filter::of_users(text).map(|conditions| conditions.len());
    assert_eq!(good("userName eq \"anna\""), Ok(1));
    assert_eq!(good("USERNAME Eq \"a b \\\" and c\" AND active eq True"), Err(filter_error()));
    assert_eq!(good("USERNAME Eq \"a b \\\" and c\" AND active eq true"), Ok(2));
    assert_eq!(good(&format!("{USER_SCHEMA}:externalId eq \"7\"")), Ok(1));
    for text in [
        "",
        "x",
        "userName",
        "userName eq",
        "userName eq anna",
        "userName co \"a\"",
        "userName eq \"a\" or id eq \"b\"",
        "(id eq \"b\")",
        "id eq \"b\" and",
        "id eq 7",
        "title eq \"x\"",
        "id eq \"b\" \u{0}",
        "not (id eq \"b\")",
        "emails[type eq \"work\"]",
    ] {
        assert_eq!(
            filter::of_users(text).map_err(|error| error.scim_type).err(),
            Some(Some("invalidFilter")),
            "{text}"
        );
    }
}

fn filter_error() -> super::ScimError {
    filter::of_users("active eq True").unwrap_err()
}
