//! A provider that is away, slow, or leads astray.

use std::time::{Duration, Instant};

use serde_json::json;

use super::{Visit, acme, configured, provider::Provider, signed_in};
use crate::assertions::{Key, scene};
use crate::stage::{Stage, check};

#[track_caller]
fn check_unavailable(stage: &Stage) {
    check(&stage.ask(&[], "/v1/sign-in/oidc"), 503, "sign_in.provider_unavailable");
}

#[test]
fn keys_that_change_are_found() {
    let (stage, provider) = acme("");
    signed_in(&stage, &provider, "eva", &json!({}));
    let new = Key::ed25519();
    provider.change(|manner| manner.keys = vec![new.jwk("k2")]);
    let visit = Visit::begin(&stage);
    let id_token = new.assertion("EdDSA", "k2", &provider.claims("eva", &visit.request));
    assert_eq!(visit.finish_with(&stage, &provider, &id_token).status, 303);
    // The old one is not the provider's any more.
    let answer = Visit::begin(&stage).finish(&stage, &provider, "eva", &json!({}));
    check(&answer, 401, "sign_in.not_accepted");
}

#[test]
fn metadata_that_lead_astray_are_refused() {
    for metadata in [
        json!({ "issuer": "https://evil.example" }),
        json!({ "token_endpoint": "http://evil.example/token" }),
        json!({ "token_endpoint": "https://169.254.169.254/latest" }),
        json!({ "jwks_uri": "https://[::1]/keys" }),
        json!({ "authorization_endpoint": "javascript:alert(1)" }),
        json!({ "end_session_endpoint": "http://10.0.0.1/" }),
        json!({ "token_endpoint": null }),
        json!({ "jwks_uri": 7 }),
    ] {
        let (stage, provider) = acme("");
        provider.change(|manner| manner.metadata = metadata.clone());
        check_unavailable(&stage);
    }
}

#[test]
fn a_provider_that_is_slow_slows_nobody_else() {
    let (stage, provider) = acme("");
    provider.change(|manner| manner.delay = Duration::from_secs(30));
    let (waiting, done) = std::sync::mpsc::channel();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let began = Instant::now();
            check_unavailable(&stage);
            waiting.send(began.elapsed()).unwrap();
        });
        // Exports go on meanwhile.
        let mut n_answers = 0;
        while done.try_recv().map(|waited| assert!(waited < Duration::from_secs(20))).is_err() {
            let answer = stage.validate(&json!({ "secret": "egt_nobody" }));
            assert_eq!(answer.status, 200);
            n_answers += 1;
        }
        assert!(n_answers > 10, "{n_answers}");
    });
    assert!(stage.host.log().contains("cannot read an OpenID provider's metadata"));
}

#[test]
fn a_token_endpoint_that_answers_no_tokens_signs_nobody_in() {
    let (stage, provider) = acme("");
    for (status, body) in [
        (200, "<html>".to_owned()),
        (200, json!({ "access_token": "access-x", "token_type": "Bearer" }).to_string()),
        (401, json!({ "error": "invalid_client" }).to_string()),
        (500, String::new()),
        (302, String::new()),
        (200, format!("{{\"id_token\":\"{}\"}}", "x".repeat(1_000_000))),
    ] {
        provider.change(|manner| manner.token_answer = Some((status, body.clone())));
        let answer = Visit::begin(&stage).finish(&stage, &provider, "eva", &json!({}));
        let code = answer.body["code"].as_str().unwrap().to_owned();
        let expected = ["sign_in.provider_unavailable", "sign_in.not_accepted"];
        assert!(expected.contains(&code.as_str()), "{status} {code}");
        assert!(!stage.host.log().contains("access-x"));
    }
}

#[test]
fn a_provider_comes_back_without_a_restart_of_the_host() {
    let provider = Provider::start();
    provider.change(|manner| manner.metadata = json!({ "issuer": "https://evil.example" }));
    let stage = scene(&configured(&provider, ""), &[("secret", "s")]);
    check_unavailable(&stage);
    provider.change(|manner| manner.metadata = json!({}));
    signed_in(&stage, &provider, "eva", &json!({}));
}
