//! Knows that nothing is served while Exportgate is away, and that all is well when it is back.

use super::curl::Credential::{Basic, Nothing};
use super::curl::fetch;
use super::front::Kind;
use super::stage::{Stage, USER};
use super::through_both;

through_both! {
    nothing_is_served_while_the_host_is_away,
}

const PATHS: [&str; 4] =
    ["/odata/Opportunities", "/csv/opportunities.csv", "/live/odata/", "/nowhere"];

fn nothing_is_served_while_the_host_is_away(kind: Kind) {
    let mut stage = Stage::behind(kind);
    let token = stage.token();
    let good = Basic(USER, &token.secret);
    assert_eq!(fetch(&stage.at(PATHS[0]), good).status, 200);

    stage.host.stop();
    check_closed(&stage, &token.secret);
    stage.host.restart();
    check_open(&stage, &token.secret);

    stage.host.kill();
    check_closed(&stage, &token.secret);
    stage.host.restart();
    check_open(&stage, &token.secret);
}

#[track_caller]
fn check_closed(stage: &Stage, secret: &str) {
    for path in PATHS {
        for credential in [Basic(USER, secret), Nothing] {
            let answer = fetch(&stage.at(path), credential);
            assert_eq!(answer.status, 503, "{path}: {}", answer.text());
            assert_eq!(answer.header("Content-Type"), "application/problem+json");
            assert_ne!(answer.header("Retry-After"), "");
            assert_eq!(answer.json()["status"], 503);
        }
    }
}

/// At the first fetch, without a word to the proxy.
#[track_caller]
fn check_open(stage: &Stage, secret: &str) {
    for path in &PATHS[..3] {
        assert_eq!(fetch(&stage.at(path), Basic(USER, secret)).status, 200, "{path}");
    }
    assert_eq!(fetch(&stage.at(PATHS[0]), Nothing).status, 401);
}
