//! Everything about an assertion that can be wrong, with a real signature where that matters.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac_of_tests::hs256;
use serde_json::{Value, json};

use super::{
    ISSUER, Key, changed, check_refused, claims,
    keys::{self, encoded, message},
    me, now, salesforce, scene,
};
use crate::stage::{Stage, check};

/// HMAC with SHA-256, by the same library as the signatures.
mod hmac_of_tests {
    pub fn hs256(key: &[u8], message: &str) -> Vec<u8> {
        let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, key);
        ring::hmac::sign(&key, message.as_bytes()).as_ref().to_vec()
    }
}

fn signed(claims: &Value) -> String {
    keys::rsa().key.assertion("RS256", "k", claims)
}

#[track_caller]
fn check_claim(stage: &Stage, changes: Value, reason: &str) {
    check_refused(stage, &signed(&changed(stage, &changes)), reason);
}

#[test]
fn a_claim_that_is_wrong_is_refused() {
    let stage = salesforce("gives_roles = true\nsalesforce_org = \"00D5g000000AbCdEAK\"");
    assert_eq!(me(&stage, &signed(&claims(&stage, "eva"))).status, 200);
    let now = now();
    check_claim(&stage, json!({ "aud": "https://elsewhere.example" }), "audience_wrong");
    check_claim(&stage, json!({ "aud": [] }), "audience_wrong");
    check_claim(&stage, json!({ "iss": "https://evil.example" }), "issuer_unknown");
    check_claim(&stage, json!({ "iss": null }), "malformed");
    check_claim(&stage, json!({ "exp": now - 1 }), "expired");
    check_claim(&stage, json!({ "exp": now + 600 }), "expiry_too_far");
    check_claim(&stage, json!({ "exp": null }), "expiry_missing");
    check_claim(&stage, json!({ "nbf": now + 120 }), "not_yet_valid");
    check_claim(&stage, json!({ "iat": now + 120 }), "not_yet_valid");
    check_claim(&stage, json!({ "sub": null }), "subject_missing");
    check_claim(&stage, json!({ "sub": "a/../b" }), "subject_malformed");
    check_claim(&stage, json!({ "jti": null }), "jti_missing");
    check_claim(&stage, json!({ "jti": 7 }), "malformed");
    check_claim(&stage, json!({ "org": "00D5g000000ZZZZEAK" }), "organization_wrong");
    check_claim(&stage, json!({ "role": "root" }), "role_unknown");
    let several = changed(&stage, &json!({ "aud": ["x", stage.host.url()] }));
    assert_eq!(me(&stage, &signed(&several)).status, 200);
    assert_eq!(stage.host.told(&["check"])["ok"], true);
}

#[test]
fn a_signature_or_header_that_is_wrong_is_refused() {
    let rsa = keys::rsa();
    let stage = salesforce("key_id = \"k\"");
    let good = || claims(&stage, "eva");
    let with = |header: &Value| rsa.key.assertion_with(header, &good());

    let none = message(&json!({ "alg": "none" }), &good());
    for signature in ["", "AAAA"] {
        check_refused(&stage, &format!("{none}.{signature}"), "malformed");
    }
    // A public key is no shared secret, in whatever form it is taken for one.
    let hmac = message(&json!({ "alg": "HS256", "kid": "k" }), &good());
    let lines: String = rsa.public.lines().filter(|line| !line.starts_with('-')).collect();
    let der = STANDARD.decode(lines).unwrap();
    for key in [rsa.public.as_bytes(), rsa.certificate.as_bytes(), &der] {
        let assertion = format!("{hmac}.{}", encoded(&hs256(key, &hmac)));
        check_refused(&stage, &assertion, "algorithm_wrong");
    }
    check_refused(&stage, &with(&json!({ "alg": "ES256" })), "algorithm_wrong");
    check_refused(&stage, &with(&json!({ "alg": "EdDSA" })), "algorithm_wrong");
    check_refused(&stage, &with(&json!({ "alg": "RS512" })), "algorithm_wrong");
    check_refused(
        &stage,
        &with(&json!({ "alg": "RS256", "crit": ["b64"], "b64": false })),
        "critical_header",
    );
    check_refused(&stage, &with(&json!({ "alg": "RS256", "typ": "at+jwt" })), "type_wrong");
    let foreign = keys::other_rsa().key.assertion("RS256", "k", &good());
    check_refused(&stage, &foreign, "signature_wrong");
    // The key in a header is whatever its sender likes.
    let jwk = keys::other_rsa().key.jwk("k");
    let own =
        json!({ "alg": "RS256", "jwk": jwk, "jku": "http://127.0.0.1:1/", "x5u": "http://a/" });
    let own = keys::other_rsa().key.assertion_with(&own, &good());
    let refused = me(&stage, &own);
    check(&refused, 401, "credential.invalid");
    for kid in ["../../etc/passwd", "' OR 1=1 --", "k\u{0}", "K", ""] {
        let header = json!({ "alg": "RS256", "kid": kid });
        check_refused(&stage, &with(&header), "key_unknown");
    }
    // Claims of one, signature of another.
    let (one, other) = (signed(&claims(&stage, "eva")), signed(&claims(&stage, "administrator")));
    let parts = |assertion: &str| assertion.split('.').map(str::to_owned).collect::<Vec<_>>();
    let (one, other) = (parts(&one), parts(&other));
    check_refused(&stage, &format!("{}.{}.{}", one[0], other[1], one[2]), "signature_wrong");
    assert_eq!(me(&stage, &with(&json!({ "alg": "PS256", "typ": "jwt" }))).status, 200);
    assert_eq!(me(&stage, &with(&json!({ "alg": "RS256" }))).status, 200);
}

#[test]
fn what_is_no_assertion_is_refused() {
    let stage = salesforce("");
    for text in [".", "..", "a.b", "a.b.c", "a.b.c.d", "e30.e30.e30", "....................."] {
        check_refused(&stage, text, "malformed");
    }
    let deep = format!("{{\"alg\":\"RS256\",\"x\":{}{}}}", "[".repeat(3000), "]".repeat(3000));
    check_refused(&stage, &format!("{}.e30.e30", encoded(deep.as_bytes())), "malformed");
    check_refused(&stage, &format!("a.{}.b", "c".repeat(9_000)), "too_long");

    // A megabyte does not even become a request.
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), format!("authorization: Bearer a.{}.b", "c".repeat(1_000_000)))
        .unwrap();
    let answer = stage.ask(&["-H", &format!("@{}", file.path().display())], "/v1/me");
    assert!(matches!(answer.status, 400 | 401 | 431), "{}", answer.head);
    assert_eq!(me(&stage, &signed(&claims(&stage, "eva"))).status, 200);
}

#[test]
fn guessing_is_limited_and_a_good_assertion_never_is() {
    let stage = salesforce("");
    let from = "x-forwarded-for: 198.51.100.250";
    let ask = |assertion: &str| {
        let credential = format!("authorization: Bearer {assertion}");
        stage.ask(&["-H", &credential, "-H", from], "/v1/me")
    };
    let limited = (0..40).map(|_| ask("a.b.c")).find(|answer| answer.status != 401);
    check(&limited.expect("a limit"), 429, "rate.limited");
    assert_eq!(ask(&signed(&claims(&stage, "eva"))).status, 200);
}

#[test]
fn without_any_issuer_nobody_is_believed() {
    let stage = scene("", &[]);
    check_refused(&stage, &signed(&claims(&stage, "eva")), "issuer_unknown");
}

#[test]
fn a_configuration_with_a_key_that_cannot_be_used_is_told() {
    let check = |file: Option<&str>, setting: &str, expected: &str| {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path();
        if let Some(text) = file {
            std::fs::write(data.join("key.pem"), text).unwrap();
        }
        let config = format!(
            "[[issuer]]\nissuer = \"{ISSUER}\"\norg_id = \"default\"\n{setting} = \"key.pem\"\n"
        );
        std::fs::write(data.join("exportgate.toml"), config).unwrap();
        let checked = exportgate_tests::host_process::offline(data, &["serve", "--check-config"]);
        let said = String::from_utf8_lossy(&checked.stderr).into_owned();
        assert_eq!(checked.status.success(), expected.is_empty(), "{said}");
        assert!(said.contains(expected), "{said}");
    };
    let rsa = keys::rsa();
    let unsupported = "its key is neither RSA of 2048 to 8192 bits nor P-256 nor Ed25519";
    check(None, "certificate_file", "`certificate_file` of the issuer");
    check(Some("nothing"), "certificate_file", "it holds no PEM certificate");
    check(Some(&rsa.public), "certificate_file", "it holds no PEM certificate");
    check(Some(&rsa.certificate), "public_key_file", "it holds no PEM public key");
    check(Some(&keys::short_rsa_certificate()), "certificate_file", unsupported);
    check(Some(&rsa.certificate), "certificate_file", "");
    check(Some(&rsa.public), "public_key_file", "");
    check(Some(&Key::p256().pem()), "public_key_file", "");
    check(Some(&Key::ed25519().pem()), "public_key_file", "");
}
