//! Whom assertions make of people: just in time, renamed, given roles, and deactivated for good.

use serde_json::{Value, json};

use super::{ask, changed, check_refused, keys, me, salesforce};
use crate::stage::{Stage, check};

/// An assertion as Apex makes it (`IdentityAssertion.cls`).
fn apex(stage: &Stage, changes: &Value) -> String {
    let mut claims = changed(
        stage,
        &json!({
            "org": "00D5g000000AbCdEAK",
            "name": "Eva Maier",
            "preferred_username": "eva@acme.example",
            "role": "user",
        }),
    );
    for (name, value) in changes.as_object().unwrap() {
        claims[name] = value.clone();
    }
    keys::rsa().key.assertion("RS256", "Exportgate", &claims)
}

const SALESFORCE: &str =
    "key_id = \"Exportgate\"\ngives_roles = true\nsalesforce_org = \"00D5g000000AbCd\"";

#[test]
fn a_token_is_created_used_and_revoked_through_assertions() {
    let stage = salesforce(SALESFORCE);
    let asks = |method: &str, path: &str, body: Value| {
        ask(&stage, &apex(&stage, &json!({})), method, path, &body)
    };
    // No `Origin` and no `Sec-Fetch-Site`: those are for cookies.
    let created = asks("POST", "/v1/tokens", json!({ "label": "Pipeline" }));
    assert_eq!(created.status, 201, "{}", created.text);
    let export = json!({ "secret": created.body["secret"], "user_name": "EVA@acme.example" });
    let allowed = stage.validate(&export);
    assert_eq!(allowed.body["decision"], "allow", "{}", allowed.text);
    assert_eq!(allowed.body["token"]["owner"]["user_id"], "0055g00000AbCdEAAV");

    // The user's name changes in Salesforce, and with it the name that exports present.
    let renamed = me(
        &stage,
        &apex(
            &stage,
            &json!({ "preferred_username": "eva.m@acme.example",
        "name": "Eva Müller" }),
        ),
    );
    assert_eq!(renamed.body["user_name"], "eva.m@acme.example");
    assert_eq!(renamed.body["display_name"], "Eva Müller");
    assert_eq!(stage.validate(&export).body["reason"], "user_mismatch");
    let export = json!({ "secret": created.body["secret"], "user_name": "eva.m@acme.example" });
    assert_eq!(stage.validate(&export).body["decision"], "allow");

    let token_id = created.body["token"]["token_id"].as_str().unwrap();
    let renamed = apex(&stage, &json!({ "preferred_username": "eva.m@acme.example" }));
    let path = format!("/v1/tokens/{token_id}/revoke");
    let revoked = ask(&stage, &renamed, "POST", &path, &json!({}));
    assert_eq!(revoked.body["status"], "revoked", "{}", revoked.text);
    assert_eq!(stage.validate(&export).body["reason"], "revoked");
    check(&asks("POST", "/v1/sign-out", json!({})), 403, "actor.not_permitted");
    check(&asks("POST", "/v1/exports/validate", export), 403, "actor.not_permitted");
    let report = stage.host.told(&["check"]);
    assert_eq!((report["ok"].as_bool(), report["n_tokens"].as_i64()), (Some(true), Some(1)));
}

#[test]
fn a_role_follows_the_assertion_with_an_event_and_the_policy_is_open_meanwhile() {
    let mut stage = salesforce(SALESFORCE);
    let role = |stage: &Stage, role: Value| {
        let answer = me(stage, &apex(stage, &json!({ "role": role })));
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.body["role"].as_str().unwrap().to_owned()
    };
    assert_eq!(role(&stage, json!("user")), "user");
    let all = |stage: &Stage, role: &str| {
        let assertion = apex(stage, &json!({ "role": role }));
        let path = "/v1/history?scope=all&kind=user.role_changed";
        ask(stage, &assertion, "GET", path, &json!({}))
    };
    check(&all(&stage, "user"), 403, "actor.not_permitted");
    let events = all(&stage, "administrator");
    let items = events.body["items"].as_array().unwrap();
    assert_eq!(items.len(), 1, "{}", events.text);
    assert_eq!(items[0]["actor"]["kind"], "host");
    let details = items[0]["details"].to_string();
    assert!(details.contains("0055g00000AbCdEAAV") && details.contains("administrator"));
    // No claim: as it was, also after a restart.
    assert_eq!(role(&stage, Value::Null), "administrator");
    stage.host.stop();
    stage.host.restart();
    assert_eq!(role(&stage, Value::Null), "administrator");
    assert_eq!(role(&stage, json!("user")), "user");
    check(&all(&stage, "user"), 403, "actor.not_permitted");
    assert_eq!(all(&stage, "administrator").body["items"].as_array().unwrap().len(), 3);
}

#[test]
fn an_issuer_that_gives_no_roles_changes_none() {
    let stage = salesforce("");
    let assertion = |role: &str| {
        let changes = json!({ "role": role, "preferred_username": "eva" });
        keys::rsa().key.assertion("RS256", "k", &changed(&stage, &changes))
    };
    assert_eq!(me(&stage, &assertion("administrator")).body["role"], "user");
    stage.host.told(&["user", "set-role", "eva", "administrator"]);
    assert_eq!(me(&stage, &assertion("user")).body["role"], "administrator");
}

#[test]
fn a_deactivated_user_stays_deactivated() {
    let stage = salesforce(SALESFORCE);
    assert_eq!(me(&stage, &apex(&stage, &json!({}))).status, 200);
    let created =
        ask(&stage, &apex(&stage, &json!({})), "POST", "/v1/tokens", &json!({ "label": "x" }));
    stage.host.told(&["user", "deactivate", "eva@acme.example"]);
    check_refused(&stage, &apex(&stage, &json!({ "role": "administrator" })), "user_inactive");
    let export = json!({ "secret": created.body["secret"] });
    assert_eq!(stage.validate(&export).body["reason"], "owner_inactive");
    stage.host.told(&["user", "reactivate", "eva@acme.example"]);
    let back = me(&stage, &apex(&stage, &json!({})));
    assert_eq!((back.status, back.body["role"].as_str()), (200, Some("user")));
}

#[test]
fn nobody_gets_a_name_that_somebody_else_has() {
    let stage = salesforce("");
    let named = |subject: &str, user_name: &str| {
        let changes = json!({ "sub": subject, "preferred_username": user_name });
        me(&stage, &keys::rsa().key.assertion("RS256", "k", &changed(&stage, &changes)))
    };
    // `anna` and `admin` were there before any issuer.
    for (subject, taken) in [("005A", "ANNA"), ("005B", "admin")] {
        let answer = named(subject, taken);
        assert_eq!((answer.status, answer.body["user_name"].as_str()), (200, Some(subject)));
        assert_eq!(answer.body["role"], "user");
    }
    assert_eq!(named("005A", "alma").body["user_name"], "alma");
    assert_eq!(named("005B", "Alma").body["user_name"], "005B");
    assert_eq!(named("005A", "Alma").body["user_name"], "Alma");
    // The name of the id is somebody's, too.
    assert_eq!(named("005C", "005D").body["user_name"], "005D");
    let answer = named("005D", "anna");
    check(&answer, 401, "credential.invalid");
    assert!(stage.host.log().contains("\"assertion.user_name_taken\""));
}
