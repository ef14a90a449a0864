//! Calls of the database's files that fail, one after the other: every change is done or refused
//! whole, validation goes on, and the host goes on by itself.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use exportgate_tests::disk_shim::{DiskShim, Fault};
use serde_json::{Value, json};

use crate::stage::{Stage, stage_with};

/// More calls than any of the changes makes.
const MANY: u64 = 500;
/// After every so many failures the host is killed and has to say what became of the last change.
const FAILURES_BEFORE_A_KILL: u64 = 9;

/// What is tried while calls fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Path {
    Create,
    Revoke,
    Policy,
    /// The policy, applied to tokens that are older than it.
    Apply,
}

impl Path {
    const ALL: [Self; 4] = [Self::Create, Self::Revoke, Self::Policy, Self::Apply];
}

/// What is known of a token.
struct Known {
    secret: String,
    revoked: bool,
    /// A revocation was answered with 503 since the last restart.
    maybe_revoked: bool,
}

/// A host with the shim, and everything that it acknowledged.
struct Story {
    stage: Stage,
    shim: DiskShim,
    admin: String,
    anna: String,
    tokens: BTreeMap<String, Known>,
    /// Labels of creations that were answered with 503 since the last restart.
    maybe_created: BTreeSet<String>,
    n_labels: u32,
    /// `maximum_active_tokens` as acknowledged, and as last answered with 503.
    limit: u64,
    maybe_limit: Option<u64>,
    /// The longest that a token may live, in days.
    maximum: u64,
    /// When tokens ended before a policy is applied to them.
    before: BTreeMap<String, String>,
    /// When tokens ended before a policy was applied to them, which was answered with 503 since the
    /// last restart.
    maybe_changed: Option<BTreeMap<String, String>>,
}

struct Answer {
    status: u16,
    body: Value,
}

impl Story {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let shim = DiskShim::new(folder.path());
        let stage = stage_with(folder, shim.environment());
        let [admin, anna] = ["admin", "anna"].map(|user| stage.cookie(user));
        let (tokens, maybe_created) = (BTreeMap::new(), BTreeSet::new());
        let (n_labels, limit, maybe_limit) = (0, 25, None);
        let (maximum, before, maybe_changed) = (3_000, BTreeMap::new(), None);
        let mut story = Self {
            stage,
            shim,
            admin,
            anna,
            tokens,
            maybe_created,
            n_labels,
            limit,
            maybe_limit,
            maximum,
            before,
            maybe_changed,
        };
        for path in [Path::Policy, Path::Create, Path::Create] {
            assert!(story.change(path));
        }
        story
    }

    /// Asks over a connection of its own: hundreds of `curl` processes would take too long.
    fn ask(&self, who: &str, method: &str, path: &str, extra: &str, body: &Value) -> Answer {
        let mut stream = TcpStream::connect(self.stage.host.authority()).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        let body = body.to_string();
        let request = format!(
            "{method} {path} HTTP/1.1\r\nhost: {}\r\n{who}\r\nsec-fetch-site: same-origin\r\n\
             connection: close\r\ncontent-type: application/json\r\ncontent-length: {}\r\n{extra}\
             \r\n{body}",
            self.stage.host.authority(),
            body.len(),
        );
        stream.write_all(request.as_bytes()).unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").expect("an answer");
        Answer {
            status: head.split_whitespace().nth(1).unwrap().parse().unwrap(),
            body: serde_json::from_str(body).unwrap_or(Value::Null),
        }
    }

    fn as_anna(&self, method: &str, path: &str, body: &Value) -> Answer {
        self.ask(&format!("cookie: {}", self.anna), method, path, "", body)
    }

    fn as_admin(&self, method: &str, path: &str, extra: &str, body: &Value) -> Answer {
        self.ask(&format!("cookie: {}", self.admin), method, path, extra, body)
    }

    /// Makes a change, and notes what came of it: done, or 503 and perhaps done.
    #[track_caller]
    fn change(&mut self, path: Path) -> bool {
        let answer = match path {
            Path::Create => {
                self.n_labels += 1;
                let label = format!("Token {}", self.n_labels);
                let answer = self.as_anna("POST", "/v1/tokens", &json!({ "label": label }));
                if answer.status == 201 {
                    let text = |value: &Value| value.as_str().unwrap().to_owned();
                    let known = Known {
                        secret: text(&answer.body["secret"]),
                        revoked: false,
                        maybe_revoked: false,
                    };
                    self.tokens.insert(text(&answer.body["token"]["token_id"]), known);
                } else {
                    self.maybe_created.insert(label);
                }
                answer
            }
            Path::Revoke => {
                let live = self.tokens.iter().find(|(_, known)| !known.revoked);
                let token_id = live.map(|(token_id, _)| token_id.clone()).unwrap();
                let asked = format!("/v1/tokens/{token_id}/revoke");
                let answer = self.as_anna("POST", &asked, &json!({}));
                let known = self.tokens.get_mut(&token_id).unwrap();
                known.revoked |= answer.status == 200;
                known.maybe_revoked = answer.status != 200;
                answer
            }
            Path::Policy => {
                let now = self.as_admin("GET", "/v1/policy", "", &json!({}));
                let limit = if self.limit == 999 { 998 } else { 999 };
                let settings = json!({ "maximum_expiry_days": null,
                    "automatic_expiration": false, "maximum_active_tokens": limit });
                let seen = format!("if-match: \"{}\"\r\n", now.body["version"]);
                let answer = self.as_admin("PUT", "/v1/policy", &seen, &settings);
                if answer.status == 200 {
                    (self.limit, self.maybe_limit) = (limit, None);
                } else {
                    self.maybe_limit = Some(limit);
                }
                answer
            }
            Path::Apply => {
                let now = self.as_admin("GET", "/v1/policy", "", &json!({}));
                let seen = format!("if-match: \"{}\"\r\n", now.body["version"]);
                let path = "/v1/policy/apply-to-existing";
                self.as_admin("POST", path, &seen, &json!({ "notice_days": 0 }))
            }
        };
        match answer.status {
            200 | 201 => true,
            503 => {
                assert_eq!(answer.body["code"], "store.unavailable", "{}", answer.body);
                false
            }
            status => panic!("{path:?} was answered with {status}: {}", answer.body),
        }
    }

    /// Makes what a change changes, and notes how it was: no fault is to meet this.
    #[track_caller]
    fn prepare(&mut self, path: Path) {
        if path != Path::Apply {
            return;
        }
        self.before = self.ends();
        // All tokens live as long as they may: now that is a day less.
        self.maximum -= 1;
        let now = self.as_admin("GET", "/v1/policy", "", &json!({}));
        let settings = json!({ "maximum_expiry_days": self.maximum,
            "automatic_expiration": true, "maximum_active_tokens": self.limit });
        let seen = format!("if-match: \"{}\"\r\n", now.body["version"]);
        let answer = self.as_admin("PUT", "/v1/policy", &seen, &settings);
        assert_eq!(answer.status, 200, "{}", answer.body);
    }

    /// Checks what a change has changed, once the disk is good again.
    #[track_caller]
    fn check_changed(&mut self, path: Path, is_done: bool) {
        if path != Path::Apply {
            return;
        }
        let before = std::mem::take(&mut self.before);
        if is_done {
            assert_eq!(self.check_all_or_none_end_earlier(&before), before.len());
        } else {
            assert_eq!(self.ends(), before, "refused, but some tokens end earlier");
            self.maybe_changed = Some(before);
        }
    }

    /// When each active token ends.
    fn ends(&self) -> BTreeMap<String, String> {
        let active = self.all_tokens().into_iter().filter(|token| token["status"] == "active");
        let end = |token: Value| {
            let end = token["expires_at"].as_str().unwrap_or("never").to_owned();
            (token["token_id"].as_str().unwrap().to_owned(), end)
        };
        active.map(end).collect()
    }

    /// Of the tokens that ended at these times and are still active, all end at another time now, or
    /// none does; returns how many do.
    #[track_caller]
    fn check_all_or_none_end_earlier(&self, before: &BTreeMap<String, String>) -> usize {
        let now = self.ends();
        let still = now.iter().filter(|(token_id, _)| before.contains_key(*token_id));
        let (n_active, n_changed) = still.fold((0, 0), |(n_active, n_changed), (token_id, end)| {
            (n_active + 1, n_changed + usize::from(before[token_id] != *end))
        });
        assert!(n_changed == 0 || n_changed == n_active, "{n_changed} of {n_active} end earlier");
        n_changed
    }

    /// Anna's tokens, also revoked ones.
    #[track_caller]
    fn all_tokens(&self) -> Vec<Value> {
        let mut tokens = Vec::new();
        let mut path = "/v1/tokens?limit=200".to_owned();
        loop {
            let page = self.as_anna("GET", &path, &json!({}));
            assert_eq!(page.status, 200, "{}", page.body);
            tokens.extend(page.body["items"].as_array().unwrap().iter().cloned());
            let Some(cursor) = page.body["next_cursor"].as_str() else { return tokens };
            path = format!("/v1/tokens?limit=200&cursor={cursor}");
        }
    }

    /// Checks that a token is accepted or refused as is known.
    #[track_caller]
    fn check_validation(&self, token_id: &str, known: &Known) {
        let key = format!("authorization: Bearer {}", self.stage.key);
        let body = json!({ "secret": known.secret });
        let answer = self.ask(&key, "POST", "/v1/exports/validate", "", &body);
        let expected = if known.revoked { ("deny", "revoked") } else { ("allow", "allowed") };
        let shown = (answer.body["decision"].as_str(), answer.body["reason"].as_str());
        assert_eq!(shown, (Some(expected.0), Some(expected.1)), "{token_id}: {}", answer.body);
    }

    /// The oldest and the newest.
    #[track_caller]
    fn check_that_validation_goes_on(&self) {
        for (token_id, known) in self.tokens.iter().take(1).chain(self.tokens.iter().next_back()) {
            self.check_validation(token_id, known);
        }
    }

    /// Checks everything that the host shows against what it acknowledged.
    #[track_caller]
    fn check_everything(&self) {
        let listed: BTreeMap<String, String> = self
            .all_tokens()
            .iter()
            .map(|token| {
                let text = |name: &str| token[name].as_str().unwrap().to_owned();
                (text("token_id"), text("status"))
            })
            .collect();
        let known = self.tokens.iter().map(|(token_id, known)| {
            let status = if known.revoked { "revoked" } else { "active" };
            (token_id.clone(), status.to_owned())
        });
        assert_eq!(listed, known.collect::<BTreeMap<_, _>>());
        let policy = self.as_admin("GET", "/v1/policy", "", &json!({}));
        assert_eq!(policy.body["maximum_active_tokens"], self.limit);
        self.check_that_validation_goes_on();
    }

    /// Kills the host and starts it again. What was answered with 503 may be there now, whole, and
    /// is known from then on.
    #[track_caller]
    fn kill_and_restart(&mut self) {
        self.stage.host.kill();
        self.stage.host.restart();
        if let Some(before) = self.maybe_changed.take() {
            self.check_all_or_none_end_earlier(&before);
        }
        for token in self.all_tokens() {
            let text = |name: &str| token[name].as_str().unwrap();
            match self.tokens.get_mut(text("token_id")) {
                Some(known) if known.maybe_revoked => known.revoked = text("status") == "revoked",
                Some(_) => {}
                None => {
                    // Nobody has its secret; it is revoked so that the lists stay alike.
                    assert!(self.maybe_created.contains(text("label")), "nobody created {token}");
                    let path = format!("/v1/tokens/{}/revoke", text("token_id"));
                    assert_eq!(self.as_anna("POST", &path, &json!({})).status, 200);
                }
            }
        }
        self.maybe_created.clear();
        self.tokens.values_mut().for_each(|known| known.maybe_revoked = false);
        let policy = self.as_admin("GET", "/v1/policy", "", &json!({}));
        let limit = policy.body["maximum_active_tokens"].as_u64().unwrap();
        assert!(limit == self.limit || Some(limit) == self.maybe_limit, "{}", policy.body);
        (self.limit, self.maybe_limit) = (limit, None);
        let report = self.stage.host.told(&["check"]);
        assert_eq!(report["ok"], true, "{report}");
    }

    /// Lets the n-th call of a change fail, for every n; returns how many n there were, and how
    /// many of the changes were refused.
    #[track_caller]
    fn every_call(&mut self, path: Path, fault: Fault, n_calls: u64) -> (u64, u64) {
        let mut n_refused = 0;
        for nth in 1..MANY {
            self.prepare(path);
            self.shim.fail(nth, n_calls, fault);
            let is_done = self.change(path);
            self.check_that_validation_goes_on();
            let (_, n_failed) = self.shim.counts();
            self.shim.heal();
            self.check_changed(path, is_done);
            if n_failed == 0 {
                assert!(is_done, "{path:?} was refused although no call failed");
                return (nth - 1, n_refused);
            }
            n_refused += u64::from(!is_done);
            if !is_done && n_refused % FAILURES_BEFORE_A_KILL == 0 {
                self.kill_and_restart();
            }
            // Nobody has to help it.
            assert!(self.change(Path::Create), "after {nth} of {path:?}");
            // As many tokens as before: what is applied to all makes as many calls each time.
            if [Path::Revoke, Path::Apply].contains(&path) {
                assert!(self.change(Path::Revoke), "after {nth} of {path:?}");
            }
        }
        panic!("{path:?} makes more than {MANY} calls");
    }
}

/// Lets every call fail in this way, in all paths.
#[track_caller]
fn check_every_call(fault: Fault, n_calls: u64) {
    let mut story = Story::new();
    for path in Path::ALL {
        let (n_tried, n_refused) = story.every_call(path, fault, n_calls);
        println!("{path:?}, {fault:?} of {n_calls} calls: {n_tried} tried, {n_refused} refused");
        // A commit writes some pages and syncs: fewer calls than this were not seen by the shim.
        assert!(n_tried >= 10, "only {n_tried} calls of {path:?} failed");
        if fault == Fault::Short {
            assert_eq!(n_refused, 0, "whoever writes goes on after a short write");
        } else if fault == Fault::Full && path == Path::Revoke {
            // A sync that finds no space is not known for a full disk.
            assert!(n_refused <= 1, "{n_refused} revocations did not get the reserve");
        } else {
            assert!(n_refused >= 10, "only {n_refused} failures of {path:?} were noticed");
        }
        story.check_everything();
        story.kill_and_restart();
        story.check_everything();
    }
}

#[test]
fn whichever_call_fails_once_a_change_is_done_or_refused_whole_and_the_next_one_works() {
    check_every_call(Fault::Error, 1);
}

#[test]
fn from_whichever_call_on_all_fail_validation_goes_on_and_the_host_recovers() {
    check_every_call(Fault::Error, u64::MAX);
}

#[test]
fn whichever_call_finds_the_disk_full_revocations_get_the_reserve_and_others_are_refused() {
    check_every_call(Fault::Full, 1);
}

#[test]
fn whichever_write_is_torn_the_half_of_it_is_never_taken_for_a_change() {
    check_every_call(Fault::Torn, 1);
}

#[test]
fn whichever_write_comes_too_short_the_rest_follows() {
    check_every_call(Fault::Short, 1);
}

#[test]
fn while_a_sync_takes_long_validation_goes_on_and_the_change_waits_for_it() {
    let mut story = Story::new();
    const DELAY: Duration = Duration::from_millis(700);
    story.shim.delay_syncs(DELAY);
    let n_validated = std::thread::scope(|scope| {
        let created = scope.spawn(|| {
            let started = std::time::Instant::now();
            let answer = story.as_anna("POST", "/v1/tokens", &json!({ "label": "slow" }));
            assert_eq!(answer.status, 201, "{}", answer.body);
            assert!(started.elapsed() >= DELAY, "it was answered before the sync");
        });
        let mut n_validated = 0;
        while !created.is_finished() {
            story.check_that_validation_goes_on();
            n_validated += 1;
        }
        created.join().unwrap();
        n_validated
    });
    println!("{n_validated} validations of two tokens during one sync");
    assert!(n_validated >= 10, "validation waited for the disk");
    story.shim.delay_syncs(Duration::ZERO);
    let created = story.change(Path::Create);
    assert!(created);
}
