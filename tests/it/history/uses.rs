//! Uses are gathered, shown per day, and told once; so is the end of a token's time.

use exportgate_tests::wait::wait_for;
use serde_json::{Value, json};

use crate::stage::{Stage, check, stage, stage_in};

fn events(stage: &Stage, cookie: &str, kind: &str) -> Vec<Value> {
    let path = format!("/v1/history?kind={kind}");
    let page = stage.as_user(cookie, "GET", &path, &json!({})).body;
    page["items"].as_array().unwrap().clone()
}

#[test]
fn uses_of_a_minute_become_one_event_and_count_for_their_day() {
    let mut stage = stage();
    let anna = stage.cookie("anna");
    let created = stage.as_user(&anna, "POST", "/v1/tokens", &json!({ "label": "Sales" }));
    let route = format!("/v1/tokens/{}/uses", created.body["token"]["token_id"].as_str().unwrap());
    let secret = &created.body["secret"];
    let from = |source: &str| json!({ "secret": secret, "data_source": source, "client_address": "203.0.113.7" });
    for _ in 0..3 {
        assert_eq!(stage.validate(&from("Accounts")).body["decision"], "allow");
    }
    assert_eq!(stage.validate(&from("Leads")).body["decision"], "allow");
    let wrong_user = json!({ "secret": secret, "user_name": "bert" });
    assert_eq!(stage.validate(&wrong_user).body["reason"], "user_mismatch");

    // Minutes that are still open count already.
    let total = |uses: &Value, name: &str| -> u64 {
        uses["days"].as_array().unwrap().iter().map(|day| day[name].as_u64().unwrap()).sum()
    };
    let uses = stage.as_user(&anna, "GET", &route, &json!({})).body;
    assert_eq!(uses["days"].as_array().unwrap().len(), 28);
    assert_eq!((total(&uses, "n_allowed"), total(&uses, "n_denied")), (4, 1), "{uses}");

    // A stop closes them. A minute may have ended in between: then there is an event for each.
    stage.host.stop();
    stage.host.restart();
    let allowed = events(&stage, &anna, "export.allowed");
    let count = |source: &str| -> u64 {
        let of_source = allowed.iter().filter(|e| e["details"]["data_source"] == source);
        of_source.map(|event| event["details"]["n_exports"].as_u64().unwrap()).sum()
    };
    assert_eq!((count("Accounts"), count("Leads")), (3, 1), "{allowed:?}");
    assert_eq!(allowed[0]["details"]["client_address"], "203.0.113.7");
    assert_eq!(allowed[0]["actor"]["kind"], "service");
    let denied = events(&stage, &anna, "export.denied");
    assert_eq!(denied[0]["reason"], "user_mismatch", "{denied:?}");
    let uses = stage.as_user(&anna, "GET", &route, &json!({})).body;
    assert_eq!((total(&uses, "n_allowed"), total(&uses, "n_denied")), (4, 1), "{uses}");
    let bert = stage.cookie("bert");
    check(&stage.as_user(&bert, "GET", &route, &json!({})), 404, "token.not_found");
}

#[test]
fn a_list_of_tokens_holds_their_uses_where_that_is_asked_for() {
    let mut stage = stage();
    let anna = stage.cookie("anna");
    let create = |label: &str| {
        let body = stage.as_user(&anna, "POST", "/v1/tokens", &json!({ "label": label })).body;
        json!({ "secret": body["secret"], "user_name": "anna" })
    };
    let [used, refused] = ["Used", "Refused"].map(create);
    create("Unused");
    for _ in 0..3 {
        assert_eq!(stage.validate(&used).body["decision"], "allow");
    }
    let wrong_user = json!({ "secret": refused["secret"], "user_name": "bert" });
    assert_eq!(stage.validate(&wrong_user).body["reason"], "user_mismatch");

    // From open minutes first, then from closed ones.
    for _ in 0..2 {
        let list = |query: &str| {
            let answer = stage.as_user(&anna, "GET", &format!("/v1/tokens{query}"), &json!({}));
            assert_eq!(answer.status, 200, "{query}: {}", answer.body);
            answer.body
        };
        let mut with_uses = list("?include=uses");
        // At midnight the uses may lie on two days, but no day is empty.
        for (place, label, expected) in
            [(0, "Unused", (0, 0)), (1, "Refused", (0, 1)), (2, "Used", (3, 0))]
        {
            let item = &with_uses["items"][place];
            assert_eq!(item["label"], label);
            let (mut n_allowed, mut n_denied) = (0, 0);
            for day in item["uses"].as_array().unwrap() {
                let counts =
                    (day["n_allowed"].as_u64().unwrap(), day["n_denied"].as_u64().unwrap());
                assert_ne!(counts, (0, 0), "{item}");
                assert_eq!(day["date"].as_str().map(str::len), Some("2026-11-25".len()));
                (n_allowed, n_denied) = (n_allowed + counts.0, n_denied + counts.1);
            }
            assert_eq!((n_allowed, n_denied), expected, "{item}");
        }
        let token_id = with_uses["items"][2]["token_id"].as_str().unwrap().to_owned();
        let days = stage.as_user(&anna, "GET", &format!("/v1/tokens/{token_id}/uses"), &json!({}));
        let mut days = days.body["days"].as_array().unwrap().clone();
        days.retain(|day| day["n_allowed"] != 0 || day["n_denied"] != 0);
        assert_eq!(with_uses["items"][2]["uses"], json!(days), "the same from both routes");

        // Whoever does not ask for uses sees what has always been there.
        for item in with_uses["items"].as_array_mut().unwrap() {
            item.as_object_mut().unwrap().remove("uses").unwrap();
        }
        assert_eq!(list(""), with_uses);
        assert_eq!(list("?include="), with_uses);
        let first = list("?limit=1&include=uses");
        let cursor = first["next_cursor"].as_str().unwrap();
        let rest = list(&format!("?include=uses&status=&cursor={cursor}"));
        assert_eq!(rest["items"].as_array().unwrap().len(), 2, "{rest}");
        stage.host.stop();
        stage.host.restart();
    }
    for include in ["secret", "Uses", "uses,uses", "uses&include=uses"] {
        let path = format!("/v1/tokens?include={include}");
        check(&stage.as_user(&anna, "GET", &path, &json!({})), 400, "request.malformed");
    }
}

#[test]
fn the_end_of_a_tokens_time_is_told_once_and_before_its_revocation() {
    let mut stage = stage();
    let anna = stage.cookie("anna");
    let created = stage.short_token(&anna, 2);
    let route = format!("/v1/tokens/{}", created["token"]["token_id"].as_str().unwrap());
    let request = json!({ "secret": created["secret"] });
    wait_for("the token to expire", || {
        (stage.validate(&request).body["reason"] == "expired").then_some(())
    });
    let expired = events(&stage, &anna, "token.expired");
    assert_eq!(expired.len(), 1, "told at the latest when it is read: {expired:?}");
    assert_eq!(expired[0]["at"], created["token"]["expires_at"]);
    assert_eq!(expired[0]["actor"]["kind"], "host");
    stage.host.kill();
    stage.host.restart();
    let revoked = stage.as_user(&anna, "POST", &format!("{route}/revoke"), &json!({}));
    assert_eq!(revoked.body["status"], "revoked");
    assert_eq!(events(&stage, &anna, "token.expired").len(), 1);
    let page = stage.as_user(&anna, "GET", "/v1/history?limit=2", &json!({})).body;
    assert_eq!(page["items"][0]["kind"], "token.revoked", "{page}");
    let report = stage.host.told(&["check"]);
    assert_eq!(report["ok"], true, "{report}");
}

#[test]
fn with_strict_audit_a_use_is_in_the_history_before_its_answer_and_survives_a_kill() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    std::fs::create_dir(&data).unwrap();
    std::fs::write(data.join("exportgate.toml"), "[history]\naudit = \"strict\"\n").unwrap();
    let mut stage = stage_in(folder);
    let anna = stage.cookie("anna");
    let created = stage.as_user(&anna, "POST", "/v1/tokens", &json!({ "label": "Sales" }));
    let request = json!({ "secret": created.body["secret"] });
    for _ in 0..3 {
        assert_eq!(stage.validate(&request).body["decision"], "allow");
    }
    stage.host.kill();
    stage.host.restart();
    let allowed = events(&stage, &anna, "export.allowed");
    let counts: Vec<_> =
        allowed.iter().map(|event| event["details"]["n_exports"].as_u64()).collect();
    assert_eq!(counts, [Some(1); 3], "{allowed:?}");
}
