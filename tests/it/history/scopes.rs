//! Who reads what: users their own events, administrators all of their organization, and nobody
//! learns that somebody else exists.

use serde_json::{Value, json};

use crate::stage::{Stage, check, stage};

fn read(stage: &Stage, cookie: &str, query: &str) -> Value {
    let answer = stage.as_user(cookie, "GET", &format!("/v1/history?{query}"), &json!({}));
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.body
}

fn kinds(page: &Value) -> Vec<String> {
    let items = page["items"].as_array().unwrap();
    items.iter().map(|event| event["kind"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_user_reads_own_events_and_an_administrator_all() {
    let stage = stage();
    let (anna, bert, admin) = (stage.cookie("anna"), stage.cookie("bert"), stage.cookie("admin"));
    for (cookie, label) in [(&anna, "Annas"), (&bert, "Berts")] {
        let created = stage.as_user(cookie, "POST", "/v1/tokens", &json!({ "label": label }));
        assert_eq!(created.status, 201);
    }
    let own = read(&stage, &anna, "");
    assert_eq!(kinds(&own), ["token.created", "user.signed_in"]);
    assert!(!own.to_string().contains("bert"), "{own}");
    let event = &own["items"][0];
    assert_eq!(
        (event["label"].as_str(), event["owner"]["user_name"].as_str()),
        (Some("Annas"), Some("anna"))
    );
    assert_eq!(event["actor"]["kind"], "user");
    assert_eq!(event["reason"], Value::Null);
    assert_eq!(event["engine"].as_str().map(str::len), Some(64));
    assert_eq!(own["next_cursor"], Value::Null);

    let all = read(&stage, &admin, "scope=all");
    assert_eq!(
        kinds(&all),
        [
            "token.created",
            "token.created",
            "user.signed_in",
            "user.signed_in",
            "user.signed_in",
            "service.created"
        ]
    );
    let bert_id = all["items"][0]["owner"]["user_id"].as_str().unwrap();
    let of_bert = read(&stage, &admin, &format!("scope=all&user_id={bert_id}"));
    assert_eq!(kinds(&of_bert), ["token.created", "user.signed_in"]);
    let token_id = event["token_id"].as_str().unwrap();
    assert_eq!(
        kinds(&read(&stage, &admin, &format!("scope=all&token_id={token_id}"))),
        ["token.created"]
    );
    assert_eq!(kinds(&read(&stage, &admin, "scope=all&kind=service.created")), ["service.created"]);
    assert_eq!(kinds(&read(&stage, &admin, "scope=all&from=2020-01-01&to=2020-12-31")), [""; 0]);
    assert_eq!(kinds(&read(&stage, &admin, "scope=all&from=2020-01-01")).len(), 6);
}

#[test]
fn nobody_learns_that_somebody_else_exists() {
    let stage = stage();
    let (anna, bert) = (stage.cookie("anna"), stage.cookie("bert"));
    let created = stage.as_user(&bert, "POST", "/v1/tokens", &json!({ "label": "Berts" }));
    let (berts, nobodys) = (created.body["token"]["token_id"].as_str().unwrap(), "tok_nobodys");
    let bert_id = stage.as_user(&bert, "GET", "/v1/me", &json!({})).body["user_id"].clone();
    let get = |path: &str| stage.as_user(&anna, "GET", path, &json!({}));
    check(&get("/v1/history?scope=all"), 403, "actor.not_permitted");
    for id in [berts, nobodys] {
        assert_eq!(kinds(&read(&stage, &anna, &format!("token_id={id}"))), [""; 0]);
        check(&get(&format!("/v1/tokens/{id}/uses")), 404, "token.not_found");
    }
    let words = |id: &str| {
        let answer = get(&format!("/v1/history?user_id={id}"));
        check(&answer, 400, "request.malformed");
        answer.body["detail"].clone()
    };
    assert_eq!(words(bert_id.as_str().unwrap()), words("usr_nobody"));

    // Bert's creation is event 3: its proof answers like that of an event which is not there yet.
    for sequence in [3, 4, 1_000_000] {
        let answer = get(&format!("/v1/history/proof/inclusion?sequence={sequence}"));
        check(&answer, 404, "history.event_not_found");
    }
    let own = get("/v1/history/proof/inclusion?sequence=1");
    assert_eq!((own.status, own.body["size"].as_u64()), (200, Some(4)), "{}", own.body);
}

#[test]
fn pages_go_on_where_they_stopped_while_new_events_arrive() {
    let stage = stage();
    let anna = stage.cookie("anna");
    for number in 0..7 {
        let label = json!({ "label": format!("Token {number}") });
        stage.as_user(&anna, "POST", "/v1/tokens", &label);
    }
    let mut seen = Vec::new();
    let mut query = "limit=3".to_owned();
    loop {
        let page = read(&stage, &anna, &query);
        seen.extend(
            page["items"].as_array().unwrap().iter().map(|e| e["sequence"].as_u64().unwrap()),
        );
        stage.as_user(&anna, "POST", "/v1/tokens", &json!({ "label": "late" }));
        let Some(cursor) = page["next_cursor"].as_str() else { break };
        query = format!("limit=3&cursor={cursor}");
    }
    assert_eq!(seen, [8, 7, 6, 5, 4, 3, 2, 1]);
}

#[test]
fn questions_that_make_no_sense_are_refused() {
    let stage = stage();
    let (anna, admin) = (stage.cookie("anna"), stage.cookie("admin"));
    let cursor = read(&stage, &admin, "scope=all&limit=1")["next_cursor"].clone();
    let cursor = cursor.as_str().unwrap();
    let malformed = |cookie: &str, query: &str| {
        let answer = stage.as_user(cookie, "GET", &format!("/v1/history{query}"), &json!({}));
        check(&answer, 400, "request.malformed");
    };
    for query in [
        "?scope=everything",
        "?kind=token.lost",
        "?from=yesterday",
        "?from=2027-02-30",
        "?to=2027-13-01T00:00:00Z",
        "?from=2027-03-02&to=2027-03-01",
        "?from=2027-03-01T00:00:00Z&to=2027-03-01T00:00:00Z",
        "?user_id=%20",
        "?token_id=a/b",
        "?limit=0",
        "?limit=201",
        "?limit=-1",
        "?cursor=AAAA",
        "?page=2",
        "?org_id=default",
        "?from=2027-03-01&from=2027-03-02",
        "/proof/inclusion",
        "/proof/inclusion?sequence=-1",
        "/proof/inclusion?sequence=0&size=1000000",
        "/proof/inclusion?sequence=0&size=x",
        "/proof/consistency",
        "/proof/consistency?from=1000000",
        "/proof/consistency?from=1&to=1000000",
        "/proof/consistency?from=2&to=1",
    ] {
        malformed(&admin, query);
    }
    // A cursor of one list is none of another: other scope, other filter, other person.
    malformed(&admin, &format!("?scope=own&cursor={cursor}"));
    malformed(&admin, &format!("?scope=all&kind=token.created&cursor={cursor}"));
    malformed(&anna, &format!("?cursor={cursor}"));
    let csv = ["-H", &format!("cookie: {admin}"), "-H", "accept: text/csv"];
    check(&stage.ask(&csv, "/v1/history?limit=5"), 400, "request.malformed");
    check(&stage.ask(&[], "/v1/history"), 401, "credential.missing");
    let key = format!("authorization: Bearer {}", stage.key);
    check(&stage.ask(&["-H", &key], "/v1/history"), 403, "actor.not_permitted");
}

#[test]
fn organizations_do_not_see_each_other() {
    let stage = stage();
    stage.host.told(&["user", "add", "olga", "--org", "other", "--role", "administrator"]);
    let olga = stage.cookie_in("other", "olga");
    let anna = stage.cookie("anna");
    stage.as_user(&anna, "POST", "/v1/tokens", &json!({ "label": "Annas" }));
    assert_eq!(kinds(&read(&stage, &olga, "scope=all")), ["user.signed_in"]);
    let get = |path: &str| stage.as_user(&olga, "GET", path, &json!({}));
    let checkpoint = get("/v1/history/checkpoint").body;
    assert_eq!(checkpoint["size"], 1, "{checkpoint}");
    assert!(checkpoint["origin"].as_str().unwrap().ends_with("/other"));
    check(&get("/v1/history/proof/inclusion?sequence=1"), 404, "history.event_not_found");
}
