//! The OpenAPI document tells what answers hold.

use serde_json::Value;

use super::Edges as _;
use crate::stage::stage;

/// Members of an answer that are always there must be told so, also when they can be `null`.
#[track_caller]
fn check_required(document: &Value, schema: &str, answer: &Value) {
    let told = &document["components"]["schemas"][schema]["required"];
    let mut told: Vec<_> =
        told.as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
    let mut held: Vec<_> = answer.as_object().unwrap().keys().map(String::as_str).collect();
    told.sort_unstable();
    held.sort_unstable();
    assert_eq!(told, held, "{schema}");
}

#[test]
fn members_that_are_always_there_are_required() {
    let stage = stage();
    let document = stage.fetch(&[], "/openapi.json").json();
    let (token_id, secret) = stage.token();
    stage.host.told(&["user", "set-role", "anna", "administrator"]);
    let cookie = stage.cookie_header("anna");
    let get = |path: &str| stage.fetch(&["-H", &cookie], path).json();
    check_required(&document, "TokenView", &get(&format!("/v1/tokens/{token_id}")));
    check_required(&document, "TokenList", &get("/v1/tokens"));
    check_required(&document, "EventList", &get("/v1/history"));
    check_required(&document, "PolicyBody", &get("/v1/policy"));
    check_required(&document, "Me", &get("/v1/me"));

    let policy = "{\"maximum_expiry_days\": 1, \"automatic_expiration\": false, \
                  \"maximum_active_tokens\": null}";
    let site = "sec-fetch-site: same-origin";
    let options = ["-H", &cookie, "-H", site, "--json", policy];
    let preview = stage.fetch(&options, "/v1/policy/preview").json();
    check_required(&document, "PolicyPreview", &preview);
    check_required(&document, "EndingEarlier", &preview["ending_earlier"][0]);

    let bearer = format!("authorization: Bearer {}", stage.key);
    let body = format!("{{\"secret\": \"{secret}\"}}");
    let validated = stage.fetch(&["-H", &bearer, "--json", &body], "/v1/exports/validate").json();
    check_required(&document, "MatchedToken", &validated["token"]);
}

#[test]
fn the_document_tells_of_metrics_and_of_itself() {
    let stage = stage();
    let document = stage.fetch(&[], "/openapi.json").json();
    for path in ["/metrics", "/openapi.json", "/v1/exports/authorize"] {
        assert!(document["paths"][path]["get"].is_object(), "{path}");
    }
}
