//! The routes to the letter: each answer's status and code, asked from outside with `curl`.

use rusqlite::Connection;
use serde_json::{Value, json};

use crate::stage::{check, stage};

#[test]
fn a_token_lives_from_creation_to_revocation() {
    let stage = stage();
    let anna = stage.cookie("anna");
    let created = stage.as_user(&anna, "POST", "/v1/tokens", &json!({ "label": " Sales " }));
    assert_eq!(created.status, 201, "{}", created.body);
    assert!(created.head.contains("cache-control: no-store"));
    let (token, secret) = (&created.body["token"], created.body["secret"].clone());
    assert_eq!(
        (token["label"].as_str(), token["status"].as_str()),
        (Some("Sales"), Some("active"))
    );
    let route = format!("/v1/tokens/{}", token["token_id"].as_str().unwrap());

    let request = json!({ "secret": secret, "user_name": "ANNA", "data_source": "Accounts" });
    let allowed = stage.validate(&request);
    assert_eq!(allowed.body["decision"], "allow", "{}", allowed.body);
    assert_eq!(allowed.body["token"]["owner"]["user_name"], "anna");
    let mismatch = stage.validate(&json!({ "secret": secret, "user_name": "bert" }));
    assert_eq!(mismatch.body["reason"], "user_mismatch");

    let renamed = stage.as_user(&anna, "PATCH", &route, &json!({ "label": "Finance" }));
    assert_eq!((renamed.status, renamed.body["label"].as_str()), (200, Some("Finance")));
    assert!(renamed.body["last_used_at"].as_str().unwrap().ends_with(":00Z"));

    for _ in 0..2 {
        let revoked = stage.as_user(&anna, "POST", &format!("{route}/revoke"), &json!({}));
        assert_eq!((revoked.status, revoked.body["status"].as_str()), (200, Some("revoked")));
    }
    assert_eq!(stage.validate(&request).body["reason"], "revoked");
    let report = stage.host.told(&["check"]);
    assert_eq!((report["ok"].as_bool(), report["n_tokens"].as_i64()), (Some(true), Some(1)));
}

#[test]
fn somebody_elses_token_answers_like_one_that_does_not_exist() {
    let stage = stage();
    let (anna, bert) = (stage.cookie("anna"), stage.cookie("bert"));
    let created = stage.as_user(&anna, "POST", "/v1/tokens", &json!({ "label": "Sales" }));
    let own = created.body["token"]["token_id"].as_str().unwrap();
    for id in [own, "tok_0000000000000000000000", "%00", "x"] {
        let path = format!("/v1/tokens/{id}");
        check(&stage.as_user(&bert, "GET", &path, &json!({})), 404, "token.not_found");
        check(
            &stage.as_user(&bert, "PATCH", &path, &json!({"label": "x"})),
            404,
            "token.not_found",
        );
        let path = format!("{path}/revoke");
        check(&stage.as_user(&bert, "POST", &path, &json!({})), 404, "token.not_found");
    }
    assert_eq!(stage.as_user(&bert, "GET", "/v1/tokens", &json!({})).body["n_active"], 0);
}

#[test]
fn bad_input_is_refused_with_its_code_and_changes_nothing() {
    let stage = stage();
    let anna = stage.cookie("anna");
    let create = |body: Value| stage.as_user(&anna, "POST", "/v1/tokens", &body);
    check(&create(json!({ "label": "" })), 422, "label.empty");
    check(&create(json!({ "label": "x".repeat(81) })), 422, "label.too_long");
    check(&create(json!({ "label": "a\u{0}b" })), 422, "label.control_character");
    check(&create(json!({ "label": "a\u{202e}b" })), 422, "label.control_character");
    check(&create(json!({ "label": "x", "expires_on": "2027-02-30" })), 422, "expiry.malformed");
    check(
        &create(json!({ "label": "x", "expires_at": "2020-01-01T00:00:00Z" })),
        422,
        "expiry.in_the_past",
    );
    check(&create(json!({ "label": 7 })), 400, "request.malformed");
    check(&create(json!({ "label": "x", "owner": "bert" })), 400, "request.malformed");
    check(&create(json!({})), 400, "request.malformed");
    check(&create(json!(["x", null, null])), 400, "request.malformed");
    let several = create(json!({ "label": "", "expires_on": "never" }));
    assert_eq!(several.body["errors"].as_array().unwrap().len(), 2, "{}", several.body);

    let cookie = format!("cookie: {anna}");
    let raw = |body: &str| {
        let json = "content-type: application/json";
        let site = "sec-fetch-site: same-origin";
        stage.ask(&["-H", &cookie, "-H", site, "-H", json, "--data-raw", body], "/v1/tokens")
    };
    check(&raw("{\"label\": \"x\""), 400, "request.malformed");
    check(&raw("{\"label\": \"\\ud800\"}"), 400, "request.malformed");
    check(&raw("{\"label\": \"x\", \"label\": \"y\"}"), 400, "request.malformed");
    for limit in ["0", "-1", "201", "1e9", "x"] {
        let path = format!("/v1/tokens?limit={limit}");
        check(&stage.as_user(&anna, "GET", &path, &json!({})), 400, "request.malformed");
    }
    for query in ["cursor=AAAA", "status=lost", "page=1"] {
        let path = format!("/v1/tokens?{query}");
        check(&stage.as_user(&anna, "GET", &path, &json!({})), 400, "request.malformed");
    }
    assert_eq!(stage.as_user(&anna, "GET", "/v1/tokens", &json!({})).body["items"], json!([]));
}

#[test]
fn a_body_of_ten_megabytes_gets_its_answer() {
    let stage = stage();
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), vec![b' '; 10_000_000]).unwrap();
    let data = format!("@{}", file.path().display());
    let key = format!("authorization: Bearer {}", stage.key);
    let json = "content-type: application/json";
    let answer =
        stage.ask(&["-H", &key, "-H", json, "--data-binary", &data], "/v1/exports/validate");
    check(&answer, 413, "request.too_large");
}

#[test]
fn a_missing_or_wrong_credential_and_one_of_the_wrong_kind_are_told_apart() {
    let stage = stage();
    let anna = stage.cookie("anna");
    let created = stage.as_user(&anna, "POST", "/v1/tokens", &json!({ "label": "Sales" }));
    let secret = created.body["secret"].as_str().unwrap();
    let get = |credential: &str, path: &str| stage.ask(&["-H", credential], path);
    check(&get("x: y", "/v1/tokens"), 401, "credential.missing");
    check(&get("cookie: __Host-exportgate=00", "/v1/tokens"), 401, "credential.invalid");
    check(&get("authorization: Bearer nonsense", "/v1/tokens"), 401, "credential.invalid");
    let key = format!("authorization: Bearer {}", stage.key);
    check(&get(&key, "/v1/tokens"), 403, "actor.not_permitted");
    check(
        &get(&format!("authorization: Bearer {secret}"), "/v1/tokens"),
        403,
        "actor.not_permitted",
    );
    let as_user = stage.as_user(&anna, "POST", "/v1/exports/validate", &json!({ "secret": "x" }));
    check(&as_user, 403, "actor.not_permitted");
    check(&get("x: y", "/v1/exports/authorize"), 401, "credential.missing");
    check(&get(&key, "/v1/operator/users"), 404, "route.not_found");
    check(&get("x: y", "/nowhere"), 404, "route.not_found");
    check(&stage.ask(&["-X", "DELETE"], "/v1/tokens"), 405, "method.not_allowed");

    let foreign = format!("cookie: {anna}");
    for origin in ["x: y", "origin: https://evil.example", "sec-fetch-site: cross-site"] {
        let answer = stage.json("POST", "/v1/tokens/revoke-all", &[&foreign, origin], &json!({}));
        check(&answer, 403, "actor.not_permitted");
    }
    let origin = format!("origin: {}", stage.host.url());
    let answer = stage.json("POST", "/v1/tokens/revoke-all", &[&foreign, &origin], &json!({}));
    assert_eq!((answer.status, answer.body["n_revoked"].as_i64()), (200, Some(1)));
}

#[test]
fn a_secret_in_a_url_is_refused_and_reaches_no_log() {
    let stage = stage();
    let anna = stage.cookie("anna");
    let created = stage.as_user(&anna, "POST", "/v1/tokens", &json!({ "label": "Sales" }));
    let secret = created.body["secret"].as_str().unwrap();
    let encoded = secret.replace('_', "%5F");
    for path in [format!("/v1/tokens?access_token={secret}"), format!("/{encoded}")] {
        check(&stage.ask(&[], &path), 400, "request.malformed");
    }
    assert!(!stage.host.log().contains(secret));
}

#[test]
fn failed_attempts_are_limited_and_valid_service_keys_never_are() {
    let stage = stage();
    let wrong = json!({ "code": "00" });
    let limited = (0..60)
        .map(|_| stage.json("POST", "/v1/sign-in", &[], &wrong))
        .find(|answer| answer.status != 401)
        .expect("a limit");
    check(&limited, 429, "rate.limited");
    assert!(limited.head.contains("retry-after: "));
    let unknown = json!({ "secret": "egt_0123456789ABCDEFGHIJKLMNOPQRSTUV1jTRGd" });
    assert_eq!(stage.validate(&unknown).body["reason"], "unknown");
}

#[test]
fn a_deactivated_owner_is_refused_until_reactivated() {
    let stage = stage();
    let anna = stage.cookie("anna");
    let created = stage.as_user(&anna, "POST", "/v1/tokens", &json!({ "label": "Sales" }));
    let request = json!({ "secret": created.body["secret"] });
    stage.host.told(&["user", "deactivate", "anna"]);
    assert_eq!(stage.validate(&request).body["reason"], "owner_inactive");
    check(&stage.as_user(&anna, "GET", "/v1/me", &json!({})), 401, "credential.invalid");
    stage.host.told(&["user", "reactivate", "anna"]);
    assert_eq!(stage.validate(&request).body["decision"], "allow");
}

#[test]
fn lists_go_on_where_they_stopped_and_state_survives_a_kill() {
    let mut stage = stage();
    let anna = stage.cookie("anna");
    for number in 0..5 {
        let label = json!({ "label": format!("Token {number}") });
        assert_eq!(stage.as_user(&anna, "POST", "/v1/tokens", &label).status, 201);
    }
    stage.host.kill();
    stage.host.restart();
    let first = stage.as_user(&anna, "GET", "/v1/tokens?limit=3&label=TOKEN", &json!({}));
    assert_eq!(first.body["items"].as_array().unwrap().len(), 3, "{}", first.body);
    let label = json!({ "label": "Token late" });
    assert_eq!(stage.as_user(&anna, "POST", "/v1/tokens", &label).status, 201);
    let cursor = first.body["next_cursor"].as_str().unwrap();
    let path = format!("/v1/tokens?limit=3&label=TOKEN&cursor={cursor}");
    let second = stage.as_user(&anna, "GET", &path, &json!({}));
    let labels: Vec<_> =
        second.body["items"].as_array().unwrap().iter().map(|t| t["label"].clone()).collect();
    assert_eq!(labels, [json!("Token 1"), json!("Token 0")]);
    assert_eq!(second.body["next_cursor"], Value::Null);
    let bert = stage.cookie("bert");
    check(&stage.as_user(&bert, "GET", &path, &json!({})), 400, "request.malformed");
}

#[test]
fn all_tokens_are_revoked_at_once_however_many_there_are() {
    // More than the engine is asked about at a time.
    const N_TOKENS: usize = 210;
    let mut stage = stage();
    let anna = stage.cookie("anna");
    stage.host.stop();
    let database = Connection::open(stage.host.data().join("exportgate.db")).unwrap();
    // Until there are routes to change the policy.
    database.execute("UPDATE organizations SET maximum_active_tokens = NULL", []).unwrap();
    drop(database);
    stage.host.restart();
    for number in 0..N_TOKENS {
        let label = json!({ "label": format!("Token {number}") });
        assert_eq!(stage.as_user(&anna, "POST", "/v1/tokens", &label).status, 201);
    }
    let revoked = stage.as_user(&anna, "POST", "/v1/tokens/revoke-all", &json!({}));
    assert_eq!(revoked.body["n_revoked"], N_TOKENS, "{}", revoked.body);
    let listed = stage.as_user(&anna, "GET", "/v1/tokens?status=active", &json!({}));
    assert_eq!((&listed.body["items"], &listed.body["n_active"]), (&json!([]), &json!(0)));
    let report = stage.host.told(&["check"]);
    assert_eq!(report["ok"], true, "{report}");
}
