//! Bad input to every route: refused with a code, never with 5xx, and nothing changes.
//!
//! The routes come from the contract that the host itself serves, so that a new route is tried
//! without a word here; only the operator's, which the contract does not show, are in a table.

mod requests;
mod routes;

use std::fs;

use serde_json::{Value, json};

use self::requests::{Bad, SOMEBODY, bad_requests};
use self::routes::{Route, operator_routes, routes_of};
use crate::assertions::unique;
use crate::openid::{configured, provider::Provider};
use crate::stage::{Answer, Stage, check, stage, stage_in};

/// What the host answers before any of our code sees the request: head too long, too many fields.
const UNSEEN: [u16; 2] = [414, 431];

/// A host that logs all that it can, a user's cookie, and a token with its secret.
struct Scene {
    stage: Stage,
    cookie: String,
    token_id: String,
    secret: String,
    scim_key: String,
}

impl Scene {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        fs::create_dir(&data).unwrap();
        // The two that requests name: the one without a name, and that of `requests::SOMEBODY`.
        let named = format!("name = \"{SOMEBODY}\"");
        let providers = ["", &named].map(|more| configured(&Provider::start(), more)).concat();
        let config = format!("[log]\nlevel = \"trace\"\n{providers}");
        fs::write(data.join("exportgate.toml"), config).unwrap();
        fs::write(data.join("secret"), "of this client").unwrap();
        let stage = stage_in(folder);
        // An administrator, since every route shall look at what it is sent.
        stage.host.told(&["user", "set-role", "anna", "administrator"]);
        let cookie = stage.cookie("anna");
        let created = stage.as_user(&cookie, "POST", "/v1/tokens", &json!({ "label": "Sales" }));
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let token_id = text(&created.body["token"]["token_id"]);
        let secret = text(&created.body["secret"]);
        let scim_key = text(&stage.host.told(&["scim-key", "add", "entra"])["key"]);
        Self { stage, cookie, token_id, secret, scim_key }
    }

    /// Everything that a request could have changed.
    fn state(&self) -> Vec<String> {
        let list = |words: &[&str]| String::from_utf8(self.stage.host.cli(words).stdout).unwrap();
        let tokens = self.stage.as_user(&self.cookie, "GET", "/v1/tokens?limit=200", &json!({}));
        assert_eq!(tokens.status, 200, "{}", tokens.body);
        let checked = self.stage.host.told(&["check"]);
        assert_eq!(checked["ok"], true, "{checked}");
        let lists =
            [list(&["user", "list"]), list(&["service", "list"]), list(&["scim-key", "list"])];
        [tokens.body.to_string(), checked.to_string()].into_iter().chain(lists).collect()
    }

    fn send(&self, route: &Route, bad: &Bad) -> Answer {
        let socket = self.stage.host.data().join("exportgate.sock");
        let mut arguments = vec!["-X", route.method.as_str()];
        if route.on_socket {
            arguments.extend(["--unix-socket", socket.to_str().unwrap()]);
        }
        let credential = match route.credential.as_str() {
            "session" => format!("cookie: {}", self.cookie),
            "service_key" => format!("authorization: Bearer {}", self.stage.key),
            "scim_key" => format!("authorization: Bearer {}", self.scim_key),
            "proxy_service_key" => format!("x-exportgate-service: {}", self.stage.key),
            "" => "x-nobody: ".to_owned(),
            other => panic!("no credential of the kind `{other}` is known here"),
        };
        arguments.extend(["-H", &credential, "-H", "sec-fetch-site: same-origin"]);
        // Each from an address of its own, so that none is limited for the others.
        let number = unique();
        let from = format!("127.1.{}.{}", number / 250 % 250, number % 250 + 1);
        if !route.on_socket {
            arguments.extend(["--interface", &from]);
        }
        arguments.extend(bad.arguments.iter().map(String::as_str));
        self.stage.ask(&arguments, &bad.path)
    }
}

#[test]
fn bad_input_to_any_route_is_refused_with_a_code_and_changes_nothing() {
    let scene = Scene::new();
    let contract = scene.stage.ask(&[], "/openapi.json").body;
    let mut routes = routes_of(&contract);
    assert!(routes.len() >= 13, "the contract shows {} routes", routes.len());
    routes.extend(operator_routes());
    let before = scene.state();
    let (mut n_requests, mut mistakes) = (0, Vec::new());
    for route in &routes {
        for bad in bad_requests(route, &scene.token_id, &scene.secret) {
            let answer = scene.send(route, &bad);
            if let Some(mistake) = mistake(&answer, &bad) {
                let what = &bad.what;
                mistakes.push(format!("{} {}: {what}: {mistake}", route.method, route.path));
            }
            n_requests += 1;
        }
        assert_eq!(scene.stage.ask(&[], "/readyz").status, 200, "after {}", route.path);
    }
    assert!(mistakes.is_empty(), "{}", mistakes.join("\n"));
    assert!(n_requests > 300, "only {n_requests} requests were tried");
    assert_eq!(scene.state(), before);
    let log = scene.stage.host.log();
    for word in [scene.secret.as_str(), &scene.secret[4..], "panicked", "\"ERROR\""] {
        assert!(!log.contains(word), "`{word}` is in the log");
    }
}

/// What is wrong with the answer to a bad request.
fn mistake(answer: &Answer, bad: &Bad) -> Option<String> {
    let Answer { status, head, body, .. } = answer;
    let is_problem =
        body["code"].is_string() && head.contains("content-type: application/problem+json");
    let is_scim_error = body["status"].as_str().and_then(|text| text.parse().ok()) == Some(*status)
        && head.contains("content-type: application/scim+json");
    let is_told = if bad.path.starts_with("/scim/") { is_scim_error } else { is_problem };
    let in_words = *status < 400 || UNSEEN.contains(status) || is_told;
    let as_expected = bad.expected.contains(status) && in_words;
    (!as_expected).then(|| format!("answered {status} {body}, and not one of {:?}", bad.expected))
}

#[test]
fn instants_with_offsets_are_accepted_and_stored_as_utc() {
    let stage = stage();
    let anna = stage.cookie("anna");
    for (given, stored) in [
        ("2099-06-01T02:00:00+02:00", "2099-06-01T00:00:00Z"),
        ("2099-06-01T00:00:00-09:30", "2099-06-01T09:30:00Z"),
        ("2100-01-01T05:45:00.999+05:45", "2100-01-01T00:00:00Z"),
        ("2099-12-31T23:59:59-00:00", "2099-12-31T23:59:59Z"),
    ] {
        let draft = json!({ "label": given, "expires_at": given });
        let created = stage.as_user(&anna, "POST", "/v1/tokens", &draft);
        assert_eq!(created.body["token"]["expires_at"], stored, "{}", created.body);
        let path = format!("/v1/tokens/{}", created.body["token"]["token_id"].as_str().unwrap());
        let read = stage.as_user(&anna, "GET", &path, &json!({}));
        assert_eq!(read.body["expires_at"], stored, "{}", read.body);
    }
    let past = json!({ "label": "x", "expires_at": "2020-01-01T00:00:00+14:00" });
    check(&stage.as_user(&anna, "POST", "/v1/tokens", &past), 422, "expiry.in_the_past");
}
