//! The machine's clock is set by 400 days either way, before the start and while the host runs: no
//! token lives again, and nothing expires before the operator said that the clock is right.

use std::{fs, path::Path, time::UNIX_EPOCH};

use exportgate_core::time::Timestamp;
use exportgate_tests::{machine_clock, wait::wait_until};
use rusqlite::Connection;
use serde_json::{Value, json};

use crate::stage::{Stage, stage_in};

const BACK: &str = "-400d";
const AHEAD: &str = "+400d";
const RIGHT: &str = "+0";
const ACCEPT: &[&str] = &["--accept-clock"];

/// A host whose clock can be set.
struct Story {
    stage: Stage,
    cookie: String,
}

impl Story {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        machine_clock::set(folder.path(), RIGHT);
        let stage = stage_in(folder);
        let cookie = stage.cookie("anna");
        Self { stage, cookie }
    }

    fn set_clock(&self, offset: &str) {
        machine_clock::set(self.stage.folder.path(), offset);
    }

    /// A token that ends so many seconds from now, by the real clock, or later.
    fn token(&self, seconds: i64) -> Value {
        self.stage.short_token(&self.cookie, seconds)
    }

    fn reason(&self, token: &Value) -> String {
        let answer = self.stage.validate(&json!({ "secret": token["secret"] }));
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.body["reason"].as_str().unwrap().to_owned()
    }

    #[track_caller]
    fn check(&self, token: &Value, reason: &str) {
        assert_eq!(self.reason(token), reason);
    }

    fn wait_for_clock(&self, state: &str) {
        wait_until("the host to judge its clock", || {
            self.stage.ask(&[], "/readyz").body["clock"] == state
        });
    }

    fn events(&self) -> Vec<Value> {
        let output = self.stage.host.cli(&["history", "--all"]);
        let lines = String::from_utf8(output.stdout).unwrap();
        lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// Stops the host, and checks that the history holds, that each of its events lies between
    /// `from` and now, and that the end of a token is told once.
    #[track_caller]
    fn check_history(&mut self, from: Timestamp) {
        let until = instant_in(1);
        for event in self.events() {
            let at = Timestamp::parse(event["at"].as_str().unwrap()).unwrap();
            assert!(from <= at && at <= until, "{event}");
        }
        self.stage.host.stop();
        assert_eq!(self.stage.host.told(&["check"])["ok"], true);
        assert_eq!(self.stage.host.told(&["history", "verify"])["ok"], true);
        let database = Connection::open(self.stage.host.data().join("exportgate.db")).unwrap();
        let (n_told, n_tokens): (i64, i64) = database
            .query_row(
                "SELECT count(*), count(DISTINCT token_id) FROM events WHERE kind = 'token.expired'",
                [],
                |row| row.try_into(),
            )
            .unwrap();
        assert_eq!(n_told, n_tokens, "an end was told twice");
    }
}

/// So many seconds from now, by the real clock.
fn instant_in(seconds: i64) -> Timestamp {
    let now = i64::try_from(UNIX_EPOCH.elapsed().unwrap().as_secs()).unwrap();
    Timestamp::from_unix_seconds(now + seconds).unwrap()
}

#[test]
fn a_token_that_was_told_as_expired_stays_so_however_far_the_clock_goes_back() {
    let (from, mut story) = (instant_in(0), Story::new());
    let (short, long) = (story.token(2), story.token(3_600));
    wait_until("the token to expire", || story.reason(&short) == "expired");
    for clock in [BACK, "-10s", RIGHT, BACK] {
        story.set_clock(clock);
        story.check(&short, "expired");
        story.check(&long, "allowed");
    }
    story.wait_for_clock("behind");
    assert!(story.stage.host.log().contains("the machine's clock was set back"));
    // Time stands still, and work goes on.
    let another = story.token(3_600);
    story.check(&another, "allowed");
    story.stage.host.stop();
    story.stage.host.restart();
    story.check(&short, "expired");
    story.check(&another, "allowed");
    story.set_clock(RIGHT);
    story.wait_for_clock("followed");
    story.check(&short, "expired");
    story.check_history(from);
}

/// What must not be: a host that remembers nothing of the time.
fn forget_the_time(data: &Path) {
    // The witness would miss the events.
    for file in ["exportgate.clock", "exportgate.witness"] {
        fs::remove_file(data.join(file)).unwrap();
    }
    let database = Connection::open(data.join("exportgate.db")).unwrap();
    database.execute_batch("UPDATE store SET clock_mark = 0; DELETE FROM events;").unwrap();
}

#[test]
fn a_host_that_is_killed_right_after_it_told_an_end_tells_it_again_400_days_earlier() {
    let (from, mut story) = (instant_in(0), Story::new());
    let mut told = Vec::new();
    for _ in 0..4 {
        story.set_clock(RIGHT);
        story.wait_for_clock("followed");
        let token = story.token(1);
        wait_until("the token to expire", || story.reason(&token) == "expired");
        // Whether or not the history tells of it yet.
        story.stage.host.kill();
        story.set_clock(BACK);
        story.stage.host.restart();
        told.push(token);
        told.iter().for_each(|token| story.check(token, "expired"));
    }
    story.check_history(from);

    // The control: this would be noticed if it were so.
    forget_the_time(&story.stage.host.data());
    story.stage.host.restart();
    let n_living = told.iter().filter(|token| story.reason(token) == "allowed").count();
    assert_eq!(n_living, told.len(), "without memory each of them lives again");
}

#[test]
fn a_session_and_a_code_that_were_refused_as_over_stay_so_after_a_kill_and_a_step_back() {
    for _ in 0..4 {
        let mut story = Story::new();
        let cookie = story.stage.cookie("anna");
        let code = story.stage.host.told(&["sign-in-code", "anna"])["code"].clone();
        let is_over = |story: &Story| {
            let used = story.stage.json("POST", "/v1/sign-in", &[], &json!({ "code": code }));
            let asked = story.stage.as_user(&cookie, "GET", "/v1/me", &json!({}));
            used.status == 401 && asked.status == 401
        };
        // The session's idle hour and the code's ten minutes are over, and mostly the host has not
        // looked after its clock by itself when it is killed.
        story.set_clock("+61m");
        wait_until("both to be over", || is_over(&story));
        story.stage.host.kill();
        story.set_clock(RIGHT);
        story.stage.host.restart();
        assert!(is_over(&story), "a session or a code lives again");
    }
}

#[test]
fn a_jump_of_400_days_ahead_expires_nothing_until_the_operator_says_so() {
    let (from, mut story) = (instant_in(0), Story::new());
    let month = story.token(30 * 86_400);
    let short = story.token(4);
    story.check(&month, "allowed");
    story.set_clock(AHEAD);
    story.check(&month, "allowed");
    story.wait_for_clock("ahead");
    assert!(story.stage.host.log().contains("restart the host with --accept-clock"));
    let metrics = story.stage.ask(&[], "/metrics").text;
    let ahead = metrics.lines().find(|line| line.starts_with("exportgate_clock_ahead_seconds "));
    let seconds: i64 = ahead.unwrap().split(' ').nth(1).unwrap().parse().unwrap();
    // One more, as the host compares whole seconds of two clocks.
    assert!((399 * 86_400..=400 * 86_400 + 1).contains(&seconds), "{seconds}");
    // Time goes on.
    wait_until("the other token to expire", || story.reason(&short) == "expired");
    let created = story.token(30 * 86_400);
    // A restart is no reason to believe the clock, and neither is a crash.
    for _ in 0..2 {
        story.stage.host.kill();
        story.stage.host.restart();
        story.check(&month, "allowed");
        story.check(&created, "allowed");
        story.check(&short, "expired");
        story.wait_for_clock("ahead");
    }
    story.check_history(from);
    story.stage.host.try_restart(ACCEPT).unwrap();
    for token in [&month, &created, &short] {
        story.check(token, "expired");
    }
    story.wait_for_clock("followed");
    // What is expired stays so, also when the operator was wrong.
    story.stage.host.stop();
    story.set_clock(RIGHT);
    story.stage.host.restart();
    for token in [&month, &created, &short] {
        story.check(token, "expired");
    }
    story.wait_for_clock("behind");
}

#[test]
fn a_host_that_starts_400_days_later_asks_the_operator_first() {
    let mut story = Story::new();
    let month = story.token(30 * 86_400);
    story.stage.host.stop();
    story.set_clock(AHEAD);
    for _ in 0..2 {
        let refused = story.stage.host.try_restart(&[]).unwrap_err();
        assert_eq!(refused.code, Some(1), "{}", refused.said);
        for words in [
            "400 days after the last instant that is known here",
            "if the clock is wrong, set it right and start again",
            "start once with `--accept-clock`",
        ] {
            assert!(refused.said.contains(words), "{}", refused.said);
        }
    }
    // The clock was wrong: nothing has happened.
    story.set_clock(RIGHT);
    story.stage.host.restart();
    story.check(&month, "allowed");
    story.stage.host.stop();
    // Or it was right.
    story.set_clock(AHEAD);
    story.stage.host.try_restart(ACCEPT).unwrap();
    story.check(&month, "expired");
    story.stage.host.stop();
    story.stage.host.restart();
    story.check(&month, "expired");
}

/// The control: without memory nobody asks.
#[test]
fn a_host_that_remembers_no_time_starts_400_days_later_and_everything_is_over() {
    let mut story = Story::new();
    let month = story.token(30 * 86_400);
    story.stage.host.stop();
    forget_the_time(&story.stage.host.data());
    story.set_clock(AHEAD);
    story.stage.host.restart();
    story.check(&month, "expired");
}

#[test]
fn a_host_that_starts_400_days_earlier_goes_on_where_it_was() {
    let (from, mut story) = (instant_in(0), Story::new());
    let month = story.token(30 * 86_400);
    story.check(&month, "allowed");
    story.stage.host.stop();
    story.set_clock(BACK);
    story.stage.host.restart();
    story.check(&month, "allowed");
    let created = story.token(30 * 86_400);
    story.check(&created, "allowed");
    story.stage.host.told(&["service", "add", "another"]);
    story.wait_for_clock("behind");
    story.set_clock(RIGHT);
    story.wait_for_clock("followed");
    story.check_history(from);
}

#[test]
fn minutes_close_once_and_in_order_whatever_the_clock_does_meanwhile() {
    let (from, mut story) = (instant_in(0), Story::new());
    let token = story.token(3_600);
    let mut n_asked = 0;
    // The last one is right, so that the minutes before are over.
    for clock in [RIGHT, BACK, AHEAD, RIGHT, AHEAD, BACK, RIGHT] {
        story.set_clock(clock);
        for _ in 0..5 {
            story.check(&token, "allowed");
            n_asked += 1;
        }
        // At least one tick of the host sees each.
        let state = match clock {
            BACK => "behind",
            AHEAD => "ahead",
            _ => "followed",
        };
        story.wait_for_clock(state);
    }
    story.stage.host.stop();
    story.stage.host.restart();
    let uses: Vec<Value> =
        story.events().into_iter().filter(|event| event["kind"] == "export.allowed").collect();
    let n_told: u64 =
        uses.iter().map(|event| event["details"]["n_exports"].as_u64().unwrap()).sum();
    assert_eq!(n_told, n_asked, "{uses:?}");
    // Newest first.
    let ends: Vec<&str> = uses.iter().map(|event| event["at"].as_str().unwrap()).collect();
    assert!(ends.is_sorted_by(|newer, older| newer >= older), "{ends:?}");
    story.check_history(from);
}

#[test]
fn a_host_that_stood_still_for_a_month_starts_without_a_word() {
    let mut story = Story::new();
    let (short, long) = (story.token(86_400), story.token(60 * 86_400));
    story.stage.host.stop();
    story.set_clock("+30d");
    story.stage.host.restart();
    story.check(&short, "expired");
    story.check(&long, "allowed");
    story.wait_for_clock("followed");
}
