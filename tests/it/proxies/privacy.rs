//! Knows that no secret is ever written into a log, wherever the client put it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::curl::Credential::{Basic, Bearer, Nothing};
use super::curl::fetch;
use super::front::Kind;
use super::stage::{Stage, USER};
use super::through_both;

through_both! {
    a_secret_in_the_address_is_refused_and_stands_in_no_log,
}

fn a_secret_in_the_address_is_refused_and_stands_in_no_log(kind: Kind) {
    let mut stage = Stage::behind(kind);
    let token = stage.token();
    let secret = token.secret.as_str();
    for path in [
        format!("/odata/Accounts?access_token={secret}"),
        format!("/odata/{secret}"),
        format!("/live/odata/Accounts?x=1&token={secret}&y"),
    ] {
        for credential in [Nothing, Basic(USER, secret), Bearer(secret)] {
            assert_eq!(fetch(&stage.at(&path), credential).status, 400, "{path}");
        }
    }
    // Ordinary fetches, and some that give the proxy something to complain about.
    let query = "/live/odata/Accounts?$filter=Name+eq+'word-of-the-query'&$top=1";
    assert_eq!(fetch(&stage.at(query), Basic(USER, secret)).status, 200);
    stage.host.stop();
    assert_eq!(fetch(&stage.at("/csv/opportunities.csv"), Basic(USER, secret)).status, 503);

    let logs = [stage.front.log(), stage.host.log()].concat();
    assert!(logs.contains("/csv/opportunities.csv"), "this is not the log: {logs}");
    // The credential of HTTP Basic is hidden from a glance only.
    let basic = STANDARD.encode(format!("{USER}:{secret}"));
    for leak in [secret, &secret[4..20], &basic, "word-of-the-query"] {
        assert!(!logs.contains(leak), "`{leak}` is in a log");
    }
}
