//! The provider ends sessions.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::{acme, me, provider::Provider, signed_in};
use crate::assertions::{Key, now, unique};
use crate::stage::{Answer, Stage, check};

const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

pub fn logout_claims(provider: &Provider, changes: &Value) -> Value {
    let mut claims = json!({
        "iss": provider.issuer, "aud": "exportgate", "iat": now(), "exp": now() + 120,
        "jti": format!("{}", unique()), "events": { EVENT: {} },
    });
    for (name, value) in changes.as_object().unwrap() {
        claims[name] = value.clone();
    }
    claims
}

fn send(stage: &Stage, token: &str) -> Answer {
    send_to(stage, "", token)
}

/// To the provider with this name: `/name`.
pub fn send_to(stage: &Stage, name: &str, token: &str) -> Answer {
    let number = unique();
    let from = format!("x-forwarded-for: 198.51.{}.{}", number / 256 % 256, number % 256);
    let form = format!("logout_token={token}");
    let path = format!("/v1/sign-in/oidc/backchannel-logout{name}");
    stage.ask(&["-H", &from, "-d", &form], &path)
}

fn logout(provider: &Provider, changes: &Value) -> String {
    let header = json!({ "alg": "ES256", "kid": "k1", "typ": "logout+jwt" });
    provider.key.assertion_with(&header, &logout_claims(provider, changes))
}

fn is_over(stage: &Stage, session: &str) -> bool {
    me(stage, session).status == 401
}

#[test]
fn a_session_ends_when_the_provider_says_so_and_no_other() {
    let (mut stage, provider) = acme("");
    let sessions: HashMap<_, _> = [("eva", "1"), ("eva", "2"), ("otto", "3")]
        .map(|(who, sid)| (sid, signed_in(&stage, &provider, who, &json!({ "sid": sid }))))
        .into();
    let over = |stage: &Stage, sid: &str| is_over(stage, &sessions[sid]);
    assert_eq!(send(&stage, &logout(&provider, &json!({ "sid": "1" }))).status, 200);
    assert_eq!((over(&stage, "1"), over(&stage, "2"), over(&stage, "3")), (true, false, false));
    // The sid of somebody else: nothing.
    assert_eq!(send(&stage, &logout(&provider, &json!({ "sub": "eva", "sid": "3" }))).status, 200);
    assert_eq!((over(&stage, "2"), over(&stage, "3")), (false, false));
    stage.host.stop();
    stage.host.restart();
    assert_eq!((over(&stage, "1"), over(&stage, "2"), over(&stage, "3")), (true, false, false));
    assert_eq!(send(&stage, &logout(&provider, &json!({ "sub": "eva" }))).status, 200);
    assert_eq!((over(&stage, "2"), over(&stage, "3")), (true, false));
    // Whoever signed in with a code is not the provider's.
    let with_code = stage.cookie("anna");
    assert_eq!(send(&stage, &logout(&provider, &json!({ "sub": "anna" }))).status, 200);
    assert!(!is_over(&stage, &with_code));
}

#[test]
fn a_logout_token_counts_once() {
    let (stage, provider) = acme("");
    let token = logout(&provider, &json!({ "sub": "eva" }));
    assert_eq!(send(&stage, &token).status, 200);
    let session = signed_in(&stage, &provider, "eva", &json!({}));
    assert_eq!(send(&stage, &token).status, 200);
    assert!(!is_over(&stage, &session));
}

#[test]
fn a_logout_token_that_is_none_ends_nothing() {
    let (stage, provider) = acme("");
    let session = signed_in(&stage, &provider, "eva", &json!({ "sid": "1" }));
    let about = json!({ "sub": "eva", "sid": "1" });
    let with = |changes: Value| {
        let mut all = about.clone();
        for (name, value) in changes.as_object().unwrap() {
            all[name] = value.clone();
        }
        logout(&provider, &all)
    };
    let good = with(json!({}));
    let mut id_token = logout_claims(&provider, &about);
    id_token["nonce"] = json!("n");
    let typed = |typ: &str| {
        let header = json!({ "alg": "ES256", "kid": "k1", "typ": typ });
        provider.key.assertion_with(&header, &logout_claims(&provider, &about))
    };
    for token in [
        String::new(),
        "x.y.z".to_owned(),
        "x".repeat(9000),
        with(json!({ "iss": "https://evil.example" })),
        with(json!({ "aud": "another" })),
        with(json!({ "exp": now() - 1 })),
        with(json!({ "iat": now() + 120 })),
        with(json!({ "events": {} })),
        with(json!({ "jti": null })),
        with(json!({ "sub": null, "sid": null })),
        provider.signed(&id_token),
        typed("at+jwt"),
        Key::p256().assertion("ES256", "k1", &logout_claims(&provider, &about)),
        format!("{}.", good.rsplit_once('.').unwrap().0),
    ] {
        let answer = send(&stage, &token);
        check(&answer, 400, "request.malformed");
        assert!(!is_over(&stage, &session), "{token}");
    }
    check(
        &stage.ask(&["-d", "a=b"], "/v1/sign-in/oidc/backchannel-logout"),
        400,
        "request.malformed",
    );
    assert_eq!(send(&stage, &good).status, 200);
    assert!(is_over(&stage, &session));
}
