//! Exports per day, added up: whose they are, of which period, and how fast.

use std::time::{Duration, Instant};

use exportgate_core::time::Timestamp;
use exportgate_host::{
    metrics::Metrics,
    store::{
        Store, StoreError, WriteError,
        uses::{UsesOfDay, day_of},
    },
};
use exportgate_tests::wait::wait_for;
use rusqlite::Connection;
use serde_json::{Value, json};

use super::bulk::{append, database};
use crate::stage::{Stage, check, stage, stage_in};

/// Far more than any answer takes on a busy machine; it tells a scan of all events from sums.
const PATIENCE: Duration = Duration::from_secs(20);

fn days(stage: &Stage, cookie: &str, query: &str) -> Vec<Value> {
    let path = format!("/v1/history/activity?{query}");
    let answer = stage.as_user(cookie, "GET", &path, &json!({}));
    assert_eq!(answer.status, 200, "{query}: {}", answer.body);
    answer.body["days"].as_array().unwrap().clone()
}

/// How many exports were allowed and denied on all these days.
fn totals(days: &[Value]) -> (u64, u64) {
    let total = |name: &str| days.iter().map(|day| day[name].as_u64().unwrap()).sum();
    (total("n_allowed"), total("n_denied"))
}

/// A new token of a user: its id and its secret.
fn token(stage: &Stage, cookie: &str) -> (String, Value) {
    let created = stage.as_user(cookie, "POST", "/v1/tokens", &json!({ "label": "Sales" })).body;
    (created["token"]["token_id"].as_str().unwrap().to_owned(), created["secret"].clone())
}

#[test]
fn exports_are_added_up_for_whoever_may_read_them() {
    let mut stage = stage();
    stage.host.told(&["user", "add", "olga", "--org", "other", "--role", "administrator"]);
    let [anna, bert, admin] = ["anna", "bert", "admin"].map(|user| stage.cookie(user));
    let olga = stage.cookie_in("other", "olga");
    let (first, first_secret) = token(&stage, &anna);
    let (_, second_secret) = token(&stage, &anna);
    let (berts, berts_secret) = token(&stage, &bert);
    for (secret, user, n_exports) in [
        (&first_secret, "anna", 3),
        (&first_secret, "bert", 1),
        (&second_secret, "anna", 2),
        (&berts_secret, "bert", 4),
    ] {
        for _ in 0..n_exports {
            stage.validate(&json!({ "secret": secret, "user_name": user }));
        }
    }
    let anna_id = stage.as_user(&anna, "GET", "/v1/me", &json!({})).body["user_id"].clone();
    let anna_id = anna_id.as_str().unwrap();
    // Minutes that are still open count already; a stop closes them, and nothing counts twice.
    for _ in 0..2 {
        for (cookie, query, expected) in [
            (&anna, String::new(), (5, 1)),
            (&anna, "scope=own&user_id=&from=".to_owned(), (5, 1)),
            (&anna, format!("user_id={anna_id}"), (5, 1)),
            (&anna, format!("token_id={first}"), (3, 1)),
            (&anna, format!("token_id={berts}"), (0, 0)),
            (&anna, "token_id=tok_nobodys".to_owned(), (0, 0)),
            (&bert, String::new(), (4, 0)),
            (&admin, String::new(), (0, 0)),
            (&admin, "scope=all".to_owned(), (9, 1)),
            (&admin, format!("scope=all&user_id={anna_id}"), (5, 1)),
            (&admin, format!("scope=all&user_id={anna_id}&token_id={berts}"), (0, 0)),
            (&admin, format!("scope=all&token_id={berts}"), (4, 0)),
            (&admin, "scope=all&user_id=usr_nobody".to_owned(), (0, 0)),
            (&olga, "scope=all".to_owned(), (0, 0)),
            (&olga, format!("scope=all&token_id={first}"), (0, 0)),
        ] {
            let days = days(&stage, cookie, &query);
            assert_eq!((days.len(), totals(&days)), (28, expected), "{query}: {days:?}");
        }
        stage.host.stop();
        stage.host.restart();
    }
}

#[test]
fn every_day_of_the_period_is_there_and_days_count_whole() {
    let stage = stage();
    let anna = stage.cookie("anna");
    for (query, n_days, first, last) in [
        ("from=2026-11-01&to=2026-11-01", 1, "2026-11-01", "2026-11-01"),
        ("from=2024-01-01&to=2024-12-31", 366, "2024-01-01", "2024-12-31"),
        ("to=2026-03-01", 28, "2026-02-02", "2026-03-01"),
        ("to=2026-03-01T00:00:00Z", 28, "2026-02-01", "2026-02-28"),
        ("to=2026-03-01T00:00:01Z", 28, "2026-02-02", "2026-03-01"),
        ("from=2026-03-01T23:59:59Z&to=2026-03-02T00:00:01Z", 2, "2026-03-01", "2026-03-02"),
        ("from=2026-03-02T01:00:00%2B02:00&to=2026-03-02", 2, "2026-03-01", "2026-03-02"),
        ("to=0000-01-02", 2, "0000-01-01", "0000-01-02"),
        ("to=9999-12-30", 28, "9999-12-03", "9999-12-30"),
    ] {
        let days = days(&stage, &anna, query);
        let date = |day: Option<&Value>| day.unwrap()["date"].as_str().unwrap().to_owned();
        assert_eq!(
            (days.len(), date(days.first()).as_str(), date(days.last()).as_str()),
            (n_days, first, last),
            "{query}"
        );
        assert_eq!(days[0], json!({ "date": first, "n_allowed": 0, "n_denied": 0 }));
        assert!(days.is_sorted_by_key(|day| day["date"].as_str()), "{days:?}");
    }
    // A period that has not begun.
    assert_eq!(days(&stage, &anna, "from=9999-01-01"), [Value::Null; 0]);
}

#[test]
fn questions_that_make_no_sense_are_refused() {
    let stage = stage();
    let anna = stage.cookie("anna");
    let get = |query: &str| {
        let path = format!("/v1/history/activity?{query}");
        stage.as_user(&anna, "GET", &path, &json!({}))
    };
    for query in [
        "scope=everything",
        "from=yesterday",
        "from=2027-02-30",
        "from=2027-03-02&to=2027-03-01",
        "user_id=usr_nobody",
        "token_id=a/b",
        "kind=export.allowed",
        "limit=5",
        "cursor=AAAA",
        "org_id=default",
        "to=2027-03-01&to=2027-03-02",
        "to=0000-01-01T00:00:00Z&from=0000-01-01",
        "from=0000-01-01",
    ] {
        check(&get(query), 400, "request.malformed");
    }
    let long = get("from=2025-01-01&to=2026-01-02");
    check(&long, 400, "request.malformed");
    let detail = "`from` to `to` are 367 days; at most 366 are shown";
    assert_eq!(long.body["detail"].as_str(), Some(detail));
    check(&get("scope=all"), 403, "actor.not_permitted");
    check(&stage.ask(&[], "/v1/history/activity"), 401, "credential.missing");
}

#[test]
fn exports_count_after_their_events_were_removed() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    std::fs::create_dir(&data).unwrap();
    std::fs::write(data.join("exportgate.toml"), "[history]\nkeep_days = 30\n").unwrap();
    let mut stage = stage_in(folder);
    let anna = stage.cookie("anna");
    let (token_id, _) = token(&stage, &anna);
    stage.host.stop();
    // As if the host had closed minutes on two days, long ago: events, and their sums.
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let store = Store::open(database(&data), "engine", Metrics::default()).unwrap();
    let midnight = Timestamp::parse("2025-03-02T00:00:00Z").unwrap();
    append(&store, &runtime, midnight.saturating_add_secs(-2), 5);
    let written = store.write(move |tx| {
        let day = day_of(midnight);
        for (day, n_allowed) in [(day - 1, 6), (day, 9)] {
            tx.add_uses(1, day, UsesOfDay { n_allowed, n_denied: 0 })?;
        }
        Ok::<_, WriteError<StoreError>>(())
    });
    assert!(runtime.block_on(written).is_ok());
    drop(store);
    stage.host.restart();
    wait_for("both days to be sealed", || {
        let verified = stage.host.told(&["history", "verify"]);
        (verified["organizations"][0]["n_removed"] == 5).then_some(())
    });
    let query = format!("from=2025-02-28&to=2025-03-02&token_id={token_id}");
    let counts = days(&stage, &anna, &query).into_iter().map(|day| day["n_allowed"].clone());
    assert_eq!(counts.collect::<Vec<_>>(), [0, 6, 9]);
}

/// 10,000 tokens of 1,000 users, each with 10 exports on each of 100 days: the sums of what
/// cannot be fewer than a million events.
const MANY: &str = "
    INSERT INTO users (org_seq, user_id, user_name, user_name_folded, display_name, role, active,
        created_at)
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000)
    SELECT 1, 'usr_' || i, 'user' || i, 'user' || i, '', 'user', 1, 0 FROM n;
    INSERT INTO tokens (token_seq, token_id, user_seq, label, hint, digest, created_at)
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000)
    SELECT i, 'tok_' || i, (SELECT user_seq FROM users WHERE user_id = 'usr_' || (i % 1000 + 1)),
        'Sales', 'abcd', randomblob(32), 0 FROM n;
    INSERT INTO token_uses (token_seq, day, n_allowed, n_denied)
    WITH RECURSIVE d(day) AS (SELECT ?1 UNION ALL SELECT day + 1 FROM d WHERE day < ?1 + 99)
    SELECT token_seq, day, 9, 1 FROM tokens CROSS JOIN d;
";

#[test]
fn sums_of_a_million_events_are_fast() {
    let mut stage = stage();
    let admin = stage.cookie("admin");
    stage.host.stop();
    let first = Timestamp::parse("2026-01-01T00:00:00Z").unwrap();
    let connection = Connection::open(database(&stage.host.data())).unwrap();
    for statement in MANY.split_inclusive(';').filter(|statement| statement.contains("INSERT")) {
        let mut statement = connection.prepare(statement).unwrap();
        let n_parameters = statement.parameter_count();
        let parameters = std::iter::repeat_n(day_of(first), n_parameters);
        statement.execute(rusqlite::params_from_iter(parameters)).unwrap();
    }
    drop(connection);
    stage.host.restart();
    for (what, query, expected) in [
        ("28 days of all tokens", "scope=all&from=2026-01-01&to=2026-01-28", (2_520_000, 280_000)),
        (
            "100 days of all tokens",
            "scope=all&from=2026-01-01&to=2026-12-31",
            (9_000_000, 1_000_000),
        ),
        (
            "100 days of a user",
            "scope=all&from=2026-01-01&to=2026-12-31&user_id=usr_7",
            (9_000, 1_000),
        ),
        (
            "100 days of a token",
            "scope=all&from=2026-01-01&to=2026-12-31&token_id=tok_7",
            (900, 100),
        ),
    ] {
        let mut fastest = Duration::MAX;
        for _ in 0..5 {
            let begun = Instant::now();
            let days = days(&stage, &admin, query);
            fastest = fastest.min(begun.elapsed());
            assert_eq!(totals(&days), expected, "{what}");
        }
        println!("{what}: {fastest:?}, with starting `curl`");
        assert!(fastest < PATIENCE, "{what}: {fastest:?}");
    }
}
