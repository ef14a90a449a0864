//! Behind proxies: failures are counted for each client, and Envoy asks in its own way.

use super::{Edges as _, check, configured};
use crate::stage::stage;

const TRUSTED: &str = "http.trusted_proxies = ['127.0.0.1']\nhistory.audit = 'strict'\n";

#[test]
fn failures_behind_a_trusted_proxy_are_counted_for_each_client() {
    let stage = configured(TRUSTED);
    let sign_in = |client: &str| {
        let from = format!("x-forwarded-for: 192.0.2.9, {client}");
        stage.fetch(&["-H", &from, "--json", "{\"code\": \"00\"}"], "/v1/sign-in").status
    };
    let ask = |client: &str| {
        let from = format!("x-forwarded-for: {client}");
        let key = "authorization: Bearer nonsense";
        stage.fetch(&["-H", &from, "-H", key], "/v1/tokens").status
    };
    assert!((0..60).any(|_| sign_in("203.0.113.1") == 429));
    assert_eq!(ask("203.0.113.1"), 429);
    assert_eq!((sign_in("203.0.113.2"), ask("203.0.113.2")), (401, 401));
    assert!((0..60).any(|_| ask("203.0.113.3") == 429));
    assert_eq!(sign_in("203.0.113.2"), 401);
}

#[test]
fn who_is_no_trusted_proxy_speaks_for_nobody() {
    let stage = stage();
    let sign_in = |client: u32| {
        let from = format!("x-forwarded-for: 203.0.113.{client}");
        stage.fetch(&["-H", &from, "--json", "{\"code\": \"00\"}"], "/v1/sign-in").status
    };
    assert!((0..60).any(|client| sign_in(client) == 429));
}

#[test]
fn envoy_asks_with_the_clients_method_and_path() {
    let stage = configured(TRUSTED);
    let (_, secret) = stage.token();
    let key = format!("x-exportgate-service: {}", stage.key);
    let bearer = format!("authorization: Bearer {secret}");
    let ask = |method: &str, path: &str| {
        let options = ["-X", method, "-H", &key, "-H", &bearer];
        stage.fetch(&options, &format!("/v1/exports/authorize{path}"))
    };
    for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "REPORT"] {
        for path in ["/", "/odata/Accounts%20A?$top=1", "/a%0Ab"] {
            let answer = ask(method, path);
            assert_eq!(answer.status, 200, "{method} {path}: {}", answer.text());
            assert!(answer.header("x-exportgate-token").starts_with("tok_"));
        }
    }
    let denied = stage.fetch(&["-X", "POST", "-H", &key], "/v1/exports/authorize/odata");
    check(&denied, 401, "credential.missing");
    check(&ask("GET", &format!("/odata?secret={secret}")), 400, "request.malformed");
    assert_eq!(stage.fetch(&["-H", &key, "-H", &bearer], "/v1/exports/authorized").status, 404);

    // The path goes into the history as the data source, unless a header names one.
    let named = ["-H", &key, "-H", &bearer, "-H", "x-exportgate-data-source: named"];
    assert_eq!(stage.fetch(&named, "/v1/exports/authorize/path").status, 200);
    let history = stage.host.cli(&["history", "--kind", "export.allowed", "--limit", "200"]);
    let history = String::from_utf8(history.stdout).unwrap();
    for (data_source, is_there) in
        [("/odata/Accounts A", true), ("named", true), ("/path", false), ("/", false)]
    {
        let found = history.contains(&format!("\"data_source\":\"{data_source}\""));
        assert_eq!(found, is_there, "{data_source}: {history}");
    }
    assert!(!history.contains("\\n"), "{history}");
}
