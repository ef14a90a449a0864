//! Which pages may change something with a session's cookie.

use super::{Edges as _, check, configured};
use crate::stage::{Stage, stage};

#[track_caller]
fn change(stage: &Stage, cookie: &str, headers: &[&str], allowed: bool) {
    let mut options = vec!["-X", "POST", "-H", cookie];
    headers.iter().for_each(|header| options.extend(["-H", header]));
    let answer = stage.fetch(&options, "/v1/tokens/revoke-all");
    if allowed {
        assert_eq!(answer.status, 200, "{headers:?}: {}", answer.text());
    } else {
        check(&answer, 403, "actor.not_permitted");
    }
}

#[test]
fn a_configured_public_url_is_the_only_origin() {
    let stage = configured("http.public_url = 'https://gate.example'");
    let cookie = stage.cookie_header("anna");
    change(&stage, &cookie, &["origin: https://gate.example"], true);
    change(&stage, &cookie, &["origin: https://gate.example:443"], true);
    change(&stage, &cookie, &["origin: http://gate.example", "host: gate.example"], false);
    change(&stage, &cookie, &["origin: https://evil.example", "host: evil.example"], false);
    change(&stage, &cookie, &[&format!("origin: {}", stage.host.url())], false);
    change(&stage, &cookie, &["sec-fetch-site: same-origin"], true);
}

#[test]
fn browsers_are_told_to_use_tls_alone_where_the_public_url_has_it() {
    let told = |stage: &Stage, path: &str| {
        stage.fetch(&[], path).header("strict-transport-security") == "max-age=31536000"
    };
    let behind_tls = configured("http.public_url = 'https://gate.example'");
    let plain = stage();
    for path in ["/", "/v1/me", "/no/such/route"] {
        assert!(told(&behind_tls, path) && !told(&plain, path), "{path}");
    }
}

#[test]
fn the_command_line_may_use_another_address_than_browsers() {
    let stage = configured("http.public_url = 'https://gate.example'");
    let (token_id, _) = stage.token();
    let revoked = stage.host.told_as("anna", &["token", "revoke", &token_id]);
    assert_eq!(revoked["status"], "revoked");
}

#[test]
fn without_a_public_url_the_address_in_the_request_counts_with_the_same_scheme() {
    let stage = stage();
    let cookie = stage.cookie_header("anna");
    let authority = stage.host.authority();
    change(&stage, &cookie, &[&format!("origin: http://{authority}")], true);
    change(&stage, &cookie, &[&format!("origin: https://{authority}")], false);
    change(&stage, &cookie, &["origin: http://192.0.2.7", "host: 192.0.2.7:80"], true);
    change(&stage, &cookie, &["origin: http://192.0.2.7:81", "host: 192.0.2.7"], false);
    // A name could be pointed to this machine by whoever owns it.
    change(&stage, &cookie, &["origin: http://gate.example", "host: gate.example"], false);
    change(&stage, &cookie, &["origin: null"], false);
}
