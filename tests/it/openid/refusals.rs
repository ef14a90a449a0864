//! What is wrong with a sign-in, one thing at a time.

use serde_json::{Value, json};

use super::{CALLBACK, Visit, acme, configured, header, provider::Provider};
use crate::assertions::{Key, encoded, keys::message, now, scene};
use crate::stage::{Answer, Stage, check};

/// Checks that a sign-in is refused, that the log tells why, and that neither holds a token.
#[track_caller]
fn check_refused(stage: &Stage, answer: &Answer, reason: &str) {
    let (status, code) = match reason {
        "not_started" => (400, "sign_in.not_started"),
        "declined" => (401, "sign_in.declined"),
        _ => (401, "sign_in.not_accepted"),
    };
    check(answer, status, code);
    assert!(!answer.head.contains("__Host-exportgate="), "{}", answer.head);
    let log = stage.host.log();
    // What follows are notes about requests and connections.
    let is_note = |line: &&str| ["DEBUG", "TRACE"].iter().any(|level| line.contains(level));
    let last = log.lines().rfind(|line| !is_note(line));
    assert!(last.is_some_and(|line| line.contains(reason)), "{reason}: {log}");
    assert!(!answer.text.contains(reason) || reason == "not_started" || reason == "declined");
    for secret in ["code-", "access-", "eyJ", "s3cr"] {
        assert!(!log.contains(secret), "{secret}: {log}");
    }
}

#[test]
fn each_claim_of_an_id_token_that_is_wrong_is_refused() {
    let (stage, provider) = acme("");
    for (changes, reason) in [
        (json!({ "nonce": "another" }), "id_token_nonce_wrong"),
        (json!({ "nonce": null }), "id_token_nonce_wrong"),
        (json!({ "iss": "https://evil.example" }), "id_token_issuer_wrong"),
        (json!({ "aud": "another" }), "id_token_audience_wrong"),
        (json!({ "aud": ["exportgate", "another"] }), "id_token_audience_wrong"),
        (json!({ "exp": now() - 1 }), "id_token_expired"),
        (json!({ "azp": "another" }), "id_token_of_another_party"),
        (json!({ "at_hash": "AAAAAAAAAAAAAAAAAAAAAA" }), "access_token_of_another"),
        (json!({ "preferred_username": null }), "user_name_missing"),
        (json!({ "preferred_username": "a:b" }), "user_name_missing"),
    ] {
        let answer = Visit::begin(&stage).finish(&stage, &provider, "eva", &changes);
        check_refused(&stage, &answer, reason);
    }
    let users = stage.host.cli(&["user", "list"]).stdout;
    assert!(!String::from_utf8(users).unwrap().contains("eva"));
}

#[test]
fn a_signature_that_is_not_the_providers_is_refused() {
    let (stage, provider) = acme("");
    let attempt = |make: &dyn Fn(&Value) -> String| {
        let visit = Visit::begin(&stage);
        let claims = provider.claims("eva", &visit.request);
        visit.finish_with(&stage, &provider, &make(&claims))
    };
    let other = Key::p256();
    let answer = attempt(&|claims| other.assertion("ES256", "k1", claims));
    check_refused(&stage, &answer, "id_token_signature_wrong");
    let answer = attempt(&|claims| provider.key.assertion("ES256", "k2", claims));
    check_refused(&stage, &answer, "key_unknown");
    let answer = attempt(&|claims| provider.key.assertion("ES256", "../../k1", claims));
    check_refused(&stage, &answer, "key_unknown");
    for algorithm in ["none", "HS256", "RS512"] {
        let answer = attempt(&|claims| {
            format!("{}.", message(&json!({ "alg": algorithm, "kid": "k1" }), claims))
        });
        check(&answer, 401, "sign_in.not_accepted");
    }
    // Signed with what every client of the provider knows.
    let answer = attempt(&|claims| {
        let message = message(&json!({ "alg": "HS256", "kid": "k1" }), claims);
        let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, b"s3cr:t/of the host");
        format!("{message}.{}", encoded(ring::hmac::sign(&key, message.as_bytes()).as_ref()))
    });
    check_refused(&stage, &answer, "algorithm_wrong");
}

#[test]
fn a_sign_in_ends_only_in_the_browser_where_it_began_and_once() {
    let (stage, provider) = acme("");
    let visit = Visit::begin(&stage);
    let id_token = provider.signed(&provider.claims("eva", &visit.request));
    let code = provider.grant(&visit.request, &id_token);
    let query = format!("code={code}&state={}", visit.state());
    let wrong = format!("code={code}&state={}", Visit::begin(&stage).state());
    for query in
        ["code=1", "state=", &format!("code={code}"), &wrong, &format!("code={code}&state=")]
    {
        check_refused(&stage, &visit.back(&stage, query), "not_started");
    }
    // Another browser: no cookie, or that of another sign-in.
    let path = format!("{CALLBACK}?{query}");
    check_refused(&stage, &stage.ask(&[], &path), "not_started");
    check_refused(&stage, &Visit::begin(&stage).back(&stage, &query), "not_started");
    for cookie in ["", "x", "1.2", &format!("{}.{}", now() - 601, "a".repeat(48))] {
        let stranger = Visit { cookie: cookie.to_owned(), ..Visit::begin(&stage) };
        check_refused(&stage, &stranger.back(&stage, &query), "not_started");
    }
    // The code is not used up by any of that, and counts once.
    assert_eq!(visit.back(&stage, &query).status, 303);
    check_refused(&stage, &visit.back(&stage, &query), "code_refused");
    check(&visit.back(&stage, &format!("{query}&state=x")), 400, "request.malformed");
}

#[test]
fn a_code_of_another_sign_in_is_worth_nothing() {
    let (stage, provider) = acme("");
    // Somebody else's code in one's own sign-in: PKCE tells.
    let (ours, theirs) = (Visit::begin(&stage), Visit::begin(&stage));
    let code =
        provider.grant(&theirs.request, &provider.signed(&provider.claims("eva", &theirs.request)));
    let answer = ours.back(&stage, &format!("code={code}&state={}", ours.state()));
    check_refused(&stage, &answer, "code_refused");
    // Somebody else's ID token with one's own code: the nonce tells.
    let id_token = provider.signed(&provider.claims("eva", &theirs.request));
    check_refused(&stage, &ours.finish_with(&stage, &provider, &id_token), "id_token_nonce_wrong");
}

#[test]
fn a_provider_cannot_be_mixed_up_with_another() {
    let (good, evil) = (Provider::start(), Provider::start());
    let config = format!("{}{}", configured(&good, ""), configured(&evil, "name = \"evil\""));
    let stage = scene(&config, &[("secret", "s")]);
    // A sign-in that began at one and comes back as if it were the other's.
    let visit = Visit::begin_at(&stage, "/evil");
    let code = good.grant(&visit.request, &good.signed(&good.claims("eva", &visit.request)));
    let query = format!("code={code}&state={}", visit.state());
    let began = Visit::begin_at(&stage, "/evil");
    let elsewhere = Visit { name: String::new(), cookie: visit.cookie.clone(), ..began };
    check_refused(&stage, &elsewhere.back(&stage, &query), "not_started");
    // The evil one asks for a code of the good one to be brought to it: the token comes from its
    // own endpoint, and must name itself.
    let id_token = evil.signed(&good.claims("eva", &visit.request));
    check_refused(&stage, &visit.finish_with(&stage, &evil, &id_token), "id_token_issuer_wrong");
    // RFC 9207: whoever says who it is must be the one that was asked.
    let back = |issuer: &str| {
        let visit = Visit::begin(&stage);
        let code = good.grant(&visit.request, &good.signed(&good.claims("eva", &visit.request)));
        visit.back(&stage, &format!("code={code}&state={}&iss={issuer}", visit.state()))
    };
    check_refused(&stage, &back(&evil.issuer), "response_of_another_issuer");
    assert_eq!(back(&good.issuer).status, 303);
}

#[test]
fn a_provider_that_always_says_who_it_is_must_say_so() {
    let (stage, provider) = acme("");
    provider.change(|manner| {
        manner.metadata = json!({ "authorization_response_iss_parameter_supported": true });
    });
    let answer = Visit::begin(&stage).finish(&stage, &provider, "eva", &json!({}));
    check_refused(&stage, &answer, "response_of_another_issuer");
}

#[test]
fn userinfo_of_somebody_else_is_refused() {
    let (stage, provider) = acme("");
    let other = json!({ "sub": "root", "preferred_username": "root" });
    provider.change(|manner| manner.userinfo = Some(other));
    let answer = Visit::begin(&stage).finish(&stage, &provider, "eva", &json!({}));
    check_refused(&stage, &answer, "userinfo_of_another");
}

#[test]
fn a_person_who_was_not_signed_in_is_told_so_on_the_page() {
    let (stage, provider) = acme("");
    let visit = Visit::begin(&stage);
    let query =
        format!("error=access_denied&error_description=%3Cscript%3E&state={}", visit.state());
    check_refused(&stage, &visit.back(&stage, &query), "declined");
    let shown = visit.back_with(&stage, &query, &["accept: text/html,*/*;q=0.8"]);
    let id = header(&shown, "x-request-id");
    let location = format!("/#sign-in-failed=sign_in.declined&request_id={id}");
    assert_eq!((shown.status, header(&shown, "location")), (303, location));
    // An error without our state is nobody's: a stranger's link must not end a sign-in.
    check_refused(&stage, &visit.back(&stage, "error=access_denied"), "not_started");
    assert_eq!(visit.finish(&stage, &provider, "eva", &json!({})).status, 303);
}

#[test]
fn who_guesses_is_slowed_down_and_a_person_is_told_so_on_the_page() {
    let (stage, provider) = acme("");
    let path = format!("{CALLBACK}?code=x&state=x");
    let shown: Vec<_> = (0..30).map(|_| stage.ask(&["-H", "accept: text/html"], &path)).collect();
    let location = |answer: &Answer| header(answer, "location");
    assert!(location(&shown[0]).starts_with("/#sign-in-failed=sign_in.not_started&request_id="));
    assert!(location(&shown[29]).starts_with("/#sign-in-failed=rate.limited&request_id="));
    check(&stage.ask(&[], &path), 429, "rate.limited");
    // Whoever comes back rightly comes in, from the same address, too.
    let visit = Visit { from: "x-nobody: 1".to_owned(), ..Visit::begin(&stage) };
    assert_eq!(visit.finish(&stage, &provider, "eva", &json!({})).status, 303);
}

#[test]
fn no_link_leads_from_here_to_where_a_stranger_wants() {
    let (stage, provider) = acme("");
    for name in ["return_to", "redirect_uri", "next", "state"] {
        let answer = stage.ask(&[], &format!("/v1/sign-in/oidc?{name}=https://evil.example"));
        check(&answer, 400, "request.malformed");
    }
    let visit = Visit::begin(&stage);
    let code =
        provider.grant(&visit.request, &provider.signed(&provider.claims("eva", &visit.request)));
    let query = format!("code={code}&state={}&return_to=//evil.example", visit.state());
    let answer =
        visit.back_with(&stage, &query, &["host: evil.example", "x-forwarded-host: evil.example"]);
    assert_eq!((answer.status, header(&answer, "location").as_str()), (303, "/"));
    let began = stage.ask(&["-H", "host: evil.example"], "/v1/sign-in/oidc");
    assert!(!header(&began, "location").contains("evil"));
}
