//! `/v1/policy` from outside: administrators preview, change and apply, and nobody else does.

mod apply;
mod change;
mod preview;
mod refusals;

use exportgate_core::time::Timestamp;
use rusqlite::Connection;
use serde_json::{Value, json};

use crate::stage::{Answer, Stage, stage};

const SECONDS_PER_DAY: i64 = 86_400;

/// A stage on which the administrator `admin` and the users are signed in.
struct Office {
    stage: Stage,
    admin: String,
    anna: String,
    bert: String,
}

fn office() -> Office {
    let stage = stage();
    let [admin, anna, bert] = ["admin", "anna", "bert"].map(|user| stage.cookie(user));
    Office { stage, admin, anna, bert }
}

/// The three settings.
fn settings(days: Option<i64>, automatic: bool, active: Option<i64>) -> Value {
    json!({
        "maximum_expiry_days": days,
        "automatic_expiration": automatic,
        "maximum_active_tokens": active,
    })
}

impl Office {
    /// Creates a token that must be good; the answer is `{token, secret}`.
    #[track_caller]
    fn create(&self, cookie: &str, label: &str, expires_at: Option<i64>) -> Value {
        let draft = json!({ "label": label, "expires_at": expires_at.map(text_of) });
        let created = self.stage.as_user(cookie, "POST", "/v1/tokens", &draft);
        assert_eq!(created.status, 201, "{}", created.body);
        created.body
    }

    /// Lets an export run, or not.
    fn validate(&self, created: &Value) -> Value {
        self.stage.validate(&json!({ "secret": created["secret"] })).body
    }

    /// All tokens of a user.
    fn tokens(&self, cookie: &str) -> Vec<Value> {
        let listed = self.stage.as_user(cookie, "GET", "/v1/tokens?limit=200", &json!({}));
        listed.body["items"].as_array().unwrap().clone()
    }

    /// The user's token as it is now.
    #[track_caller]
    fn token(&self, cookie: &str, created: &Value) -> Value {
        let path = format!("/v1/tokens/{}", created["token"]["token_id"].as_str().unwrap());
        let answer = self.stage.as_user(cookie, "GET", &path, &json!({}));
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.body
    }

    fn policy(&self, cookie: &str) -> Answer {
        self.stage.as_user(cookie, "GET", "/v1/policy", &json!({}))
    }

    /// Sends what changes a policy, as somebody who saw `version`.
    fn send(&self, who: &str, method: &str, path: &str, version: &str, body: &Value) -> Answer {
        let (cookie, seen) = (format!("cookie: {who}"), format!("if-match: {version}"));
        self.stage.json(method, path, &[&cookie, "sec-fetch-site: same-origin", &seen], body)
    }

    /// Changes the policy as `admin`.
    #[track_caller]
    fn set(&self, version: u64, settings: &Value) -> Answer {
        let version = format!("\"{version}\"");
        let answer = self.send(&self.admin, "PUT", "/v1/policy", &version, settings);
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer
    }

    /// Applies the policy as `admin`, and tells how many tokens end earlier.
    #[track_caller]
    fn apply(&self, version: u64, body: &Value) -> i64 {
        let version = format!("\"{version}\"");
        let path = "/v1/policy/apply-to-existing";
        let answer = self.send(&self.admin, "POST", path, &version, body);
        assert_eq!(answer.status, 200, "{}", answer.body);
        assert_eq!(answer.body.as_object().unwrap().len(), 1, "{}", answer.body);
        answer.body["n_changed"].as_i64().unwrap()
    }

    /// Previews a policy as `admin`.
    #[track_caller]
    fn preview(&self, settings: &Value, notice_days: Option<i64>) -> Value {
        let mut body = settings.clone();
        if let Some(days) = notice_days {
            body["notice_days"] = json!(days);
        }
        let answer = self.stage.as_user(&self.admin, "POST", "/v1/policy/preview", &body);
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.body
    }

    /// The organization's events, newest first, only of one kind if it is named.
    #[track_caller]
    fn history(&self, kind: Option<&str>) -> Vec<Value> {
        let kind = kind.map(|kind| format!("&kind={kind}")).unwrap_or_default();
        let path = format!("/v1/history?scope=all&limit=200{kind}");
        let answer = self.stage.as_user(&self.admin, "GET", &path, &json!({}));
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.body["items"].as_array().unwrap().clone()
    }

    /// Everything that a refused request must leave as it was.
    fn everything(&self) -> [Value; 4] {
        let [anna, bert] = [&self.anna, &self.bert].map(|who| self.tokens(who).into());
        [self.policy(&self.admin).body, anna, bert, self.history(None).into()]
    }

    /// Makes tokens so many days older. Nobody can wait so long, so the database is edited while
    /// the host is down.
    fn age(&mut self, tokens: &[(&Value, i64)]) {
        self.stage.host.stop();
        let database = self.stage.host.data().join("exportgate.db");
        let connection = Connection::open(database).unwrap();
        for (created, days) in tokens {
            let changed = connection.execute(
                "UPDATE tokens SET created_at = created_at - ?2 WHERE token_id = ?1",
                (created["token"]["token_id"].as_str().unwrap(), days * SECONDS_PER_DAY),
            );
            assert_eq!(changed, Ok(1));
        }
        drop(connection);
        self.stage.host.restart();
    }

    /// Checks every invariant of the store, as the operator does.
    #[track_caller]
    fn check_store(&self) {
        let report = self.stage.host.told(&["check"]);
        assert_eq!(report["ok"], true, "{report}");
    }
}

/// The user as events and answers name one.
fn actor(office: &Office, cookie: &str) -> Value {
    let me = office.stage.as_user(cookie, "GET", "/v1/me", &json!({})).body;
    json!({ "kind": "user", "user_id": me["user_id"], "user_name": me["user_name"] })
}

/// An actor without its kind: an owner.
fn owner(office: &Office, cookie: &str) -> Value {
    let actor = actor(office, cookie);
    json!({ "user_id": actor["user_id"], "user_name": actor["user_name"] })
}

#[track_caller]
fn seconds(instant: &Value) -> i64 {
    Timestamp::parse(instant.as_str().expect("an instant")).unwrap().unix_seconds()
}

fn text_of(seconds: i64) -> String {
    Timestamp::from_unix_seconds(seconds).unwrap().to_string()
}

fn now() -> i64 {
    let since_1970 = std::time::UNIX_EPOCH.elapsed().unwrap();
    i64::try_from(since_1970.as_secs()).unwrap()
}

/// DOMAIN section 4: 00:00 UTC of the day after (UTC date of creation + maximum days).
fn latest_allowed(created: i64, days: i64) -> i64 {
    (created.div_euclid(SECONDS_PER_DAY) + days + 1) * SECONDS_PER_DAY
}

/// The ids of tokens, events or lines of a preview.
fn ids(items: &[Value]) -> Vec<&str> {
    items.iter().map(|item| item["token_id"].as_str().unwrap()).collect()
}
