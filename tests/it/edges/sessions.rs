//! A session is worth what its person is: now, and not when it began.

use exportgate_core::time::Timestamp;
use exportgate_tests::{machine_clock, wait::wait_until};
use serde_json::json;

use super::{Edges as _, check};
use crate::stage::{Stage, stage, stage_in};

/// What an administrator may see and nobody else.
const FOR_ADMINISTRATORS: &str = "/v1/history?scope=all";

fn ask(stage: &Stage, cookie: &str, path: &str) -> u16 {
    stage.as_user(cookie, "GET", path, &json!({})).status
}

#[test]
fn a_session_has_the_role_that_its_person_has_now() {
    let stage = stage();
    let bert = stage.cookie("bert");
    assert_eq!(ask(&stage, &bert, FOR_ADMINISTRATORS), 403);
    stage.host.told(&["user", "set-role", "bert", "administrator"]);
    assert_eq!(ask(&stage, &bert, FOR_ADMINISTRATORS), 200);
    stage.host.told(&["user", "set-role", "bert", "user"]);
    assert_eq!(ask(&stage, &bert, FOR_ADMINISTRATORS), 403);
    assert_eq!(ask(&stage, &bert, "/v1/tokens"), 200);
}

#[test]
fn a_session_ends_with_its_account_and_with_a_sign_out_and_stays_ended() {
    let mut stage = stage();
    let (anna, bert) = (stage.cookie("anna"), stage.cookie("bert"));
    let other = stage.cookie("anna");
    assert_eq!(stage.as_user(&anna, "POST", "/v1/sign-out", &json!({})).status, 204);
    stage.host.told(&["user", "deactivate", "bert"]);
    let over = |stage: &Stage| {
        for cookie in [&anna, &bert] {
            let header = format!("cookie: {cookie}");
            check(&stage.fetch(&["-H", &header], "/v1/tokens"), 401, "credential.invalid");
        }
        // That of another browser goes on.
        assert_eq!(ask(stage, &other, "/v1/tokens"), 200);
    };
    over(&stage);
    stage.host.told(&["user", "reactivate", "bert"]);
    over(&stage);
    stage.host.kill();
    stage.host.restart();
    over(&stage);
}

#[test]
fn a_session_ends_after_an_hour_in_which_nobody_used_it_and_after_twelve_in_all() {
    let folder = tempfile::tempdir().unwrap();
    machine_clock::set(folder.path(), "+0");
    let stage = stage_in(folder);
    let used = stage.cookie("anna");
    let begun = now_of(&stage, &used).unwrap();
    let minutes_later = |minutes: i64| {
        machine_clock::set(stage.folder.path(), &format!("+{minutes}m"));
        begun.saturating_add_secs(60 * minutes)
    };
    // Each time within the hour, for almost twelve.
    for minutes in (50..=700).step_by(50) {
        let then = minutes_later(minutes);
        wait_until("the host to follow its clock", || {
            now_of(&stage, &used).expect("a session in use") >= then
        });
    }
    let unused = stage.cookie("bert");
    let is_over = |cookie| ask(&stage, cookie, "/v1/tokens") == 401;
    minutes_later(721);
    wait_until("twelve hours to be over", || is_over(&used));
    assert!(!is_over(&unused));
    minutes_later(782);
    wait_until("an hour to be over", || is_over(&unused));
    // Whatever the clock says then.
    minutes_later(700);
    assert!(is_over(&used) && is_over(&unused));
}

/// What time it is for the host, as a token says that was created now; none for whoever is nobody.
fn now_of(stage: &Stage, cookie: &str) -> Option<Timestamp> {
    let created = stage.as_user(cookie, "POST", "/v1/tokens", &json!({ "label": "Now" }));
    stage.as_user(cookie, "POST", "/v1/tokens/revoke-all", &json!({}));
    let text = created.body.pointer("/token/created_at")?.as_str()?;
    Some(Timestamp::parse(text).expect("an instant"))
}
