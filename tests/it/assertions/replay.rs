//! Each assertion counts once: at once, in a crowd, and after the host was gone.

use rusqlite::Connection;
use serde_json::json;

use super::{ask, check_refused, claims, keys, me, salesforce};

#[test]
fn an_assertion_counts_once_also_after_a_restart_and_after_a_kill() {
    let mut stage = salesforce("");
    let assertion = || keys::rsa().key.assertion("RS256", "k", &claims(&stage, "eva"));
    let (first, second, third) = (assertion(), assertion(), assertion());
    assert_eq!(me(&stage, &first).status, 200);
    check_refused(&stage, &first, "replayed");
    // Whatever it is used for, and whatever becomes of the request.
    let missing = ask(&stage, &second, "GET", "/v1/tokens/tok_0", &json!({}));
    assert_eq!(missing.status, 404, "{}", missing.text);
    check_refused(&stage, &second, "replayed");
    stage.host.stop();
    stage.host.restart();
    check_refused(&stage, &first, "replayed");
    assert_eq!(me(&stage, &third).status, 200);
    stage.host.kill();
    stage.host.restart();
    for assertion in [&first, &second, &third] {
        check_refused(&stage, assertion, "replayed");
    }
}

#[test]
fn of_twenty_at_once_exactly_one_passes() {
    let stage = salesforce("");
    for subject in ["eva", "eva", "fred"] {
        let assertion = keys::rsa().key.assertion("RS256", "k", &claims(&stage, subject));
        let answers: Vec<_> = std::thread::scope(|scope| {
            let askers: Vec<_> =
                (0..20).map(|_| scope.spawn(|| me(&stage, &assertion).status)).collect();
            askers.into_iter().map(|asker| asker.join().unwrap()).collect()
        });
        let n_passed = answers.iter().filter(|status| **status == 200).count();
        let n_refused = answers.iter().filter(|status| **status == 401).count();
        assert_eq!((n_passed, n_refused), (1, 19), "{answers:?}");
    }
}

#[test]
fn twenty_first_assertions_of_one_person_at_once_make_one_person() {
    let stage = salesforce("");
    let assertions: Vec<_> =
        (0..20).map(|_| keys::rsa().key.assertion("RS256", "k", &claims(&stage, "eva"))).collect();
    std::thread::scope(|scope| {
        for assertion in &assertions {
            let stage = &stage;
            scope.spawn(move || assert_eq!(me(stage, assertion).status, 200));
        }
    });
    let answer = ask(
        &stage,
        &keys::rsa().key.assertion("RS256", "k", &claims(&stage, "eva")),
        "GET",
        "/v1/tokens",
        &json!({}),
    );
    assert_eq!((answer.status, answer.body["n_active"].as_i64()), (200, Some(0)));
}

#[test]
fn assertions_whose_time_is_over_are_forgotten() {
    let mut stage = salesforce("");
    let assertion = || keys::rsa().key.assertion("RS256", "k", &claims(&stage, "eva"));
    assert_eq!(me(&stage, &assertion()).status, 200);
    assert_eq!(me(&stage, &assertion()).status, 200);
    let last = assertion();
    stage.host.stop();
    let database = Connection::open(stage.host.data().join("exportgate.db")).unwrap();
    let n_aged =
        database.execute("UPDATE assertions SET expires_at = expires_at - 3600", []).unwrap();
    assert_eq!(n_aged, 2);
    drop(database);
    stage.host.restart();
    assert_eq!(me(&stage, &last).status, 200);
    stage.host.stop();
    let database = Connection::open(stage.host.data().join("exportgate.db")).unwrap();
    let n_left: i64 =
        database.query_row("SELECT count(*) FROM assertions", [], |row| row.get(0)).unwrap();
    assert_eq!(n_left, 1);
}
