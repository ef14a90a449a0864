//! A preview shows whom a policy would hurt, and changes nothing.

use exportgate_tests::wait::wait_until;
use serde_json::{Value, json};

use super::{SECONDS_PER_DAY, ids, latest_allowed, now, office, owner, seconds, settings, text_of};

#[test]
fn a_preview_shows_whom_a_policy_would_hurt_the_most_recently_used_first() {
    let office = office();
    let in_days = |days: i64| Some(now() + days * SECONDS_PER_DAY);
    let desktop = office.create(&office.anna, "Desktop", None);
    let service = office.create(&office.anna, "Service", in_days(60));
    let laptop = office.create(&office.anna, "Laptop", None);
    let gateway = office.create(&office.bert, "Gateway", in_days(3_000));
    let unused = office.create(&office.bert, "Unused", None);
    let short = office.create(&office.anna, "Short", in_days(10));
    let gone = office.create(&office.anna, "Gone", None);
    office.validate(&gone);
    let path = format!("/v1/tokens/{}/revoke", gone["token"]["token_id"].as_str().unwrap());
    assert_eq!(office.stage.as_user(&office.anna, "POST", &path, &json!({})).status, 200);

    // Each in a second of its own: within a minute, too, the later one comes first.
    for (token, n_uses) in [(&gateway, 1), (&desktop, 4), (&short, 9), (&service, 3), (&laptop, 2)]
    {
        let start = now();
        wait_until("the next second", || now() > start);
        for _ in 0..n_uses {
            assert_eq!(office.validate(token)["decision"], "allow");
        }
    }
    let mismatch = json!({ "secret": unused["secret"], "user_name": "anna" });
    assert_eq!(office.stage.validate(&mismatch).body["reason"], "user_mismatch");

    let before = office.everything();
    let start = now();
    let preview = office.preview(&settings(Some(30), true, Some(5)), None);
    let latest = seconds(&preview["latest_allowed"]);
    assert!([start, now()].map(|now| latest_allowed(now, 30)).contains(&latest), "{preview}");
    assert_eq!(preview["notice_days"], 7);
    assert_eq!(
        preview["new_tokens"],
        "New tokens expire at the latest 30 days after the day of their creation. Without a date \
         they expire then. A user may have at most 5 active tokens."
    );
    let counts = ["n_active", "n_ending_earlier", "n_ending_earlier_in_use"];
    assert_eq!(counts.map(|name| preview[name].as_i64()), [Some(6), Some(5), Some(4)]);

    let (anna, bert) = (owner(&office, &office.anna), owner(&office, &office.bert));
    let expected = [
        (&laptop, &anna, 0.5),
        (&service, &anna, 0.75),
        (&desktop, &anna, 1.0),
        (&gateway, &bert, 0.25),
        (&unused, &bert, 0.0),
    ];
    let lines = preview["ending_earlier"].as_array().unwrap();
    assert_eq!(lines.len(), expected.len(), "{preview}");
    for (line, (created, owner, uses_per_week)) in lines.iter().zip(expected) {
        let token = &created["token"];
        // The owner sees the same last use.
        let who = if owner == &anna { &office.anna } else { &office.bert };
        let last_used_at = &office.token(who, created)["last_used_at"];
        assert_eq!(last_used_at.is_null(), uses_per_week == 0.0);
        assert_eq!(
            line,
            &json!({
                "token_id": token["token_id"],
                "label": token["label"],
                "owner": owner,
                "old_expires_at": token["expires_at"],
                "new_expires_at": text_of(latest_allowed(seconds(&token["created_at"]), 30)),
                "last_used_at": last_used_at,
                "uses_per_week": uses_per_week,
            })
        );
    }
    assert_eq!(office.everything(), before);
    assert_eq!(office.policy(&office.admin).body["version"], 1);
}

#[test]
fn uses_are_still_counted_after_their_minute_was_written() {
    let mut office = office();
    let token = office.create(&office.anna, "Desktop", None);
    for _ in 0..5 {
        office.validate(&token);
    }
    office.stage.host.stop();
    office.stage.host.restart();
    for _ in 0..3 {
        office.validate(&token);
    }
    let preview = office.preview(&settings(Some(1), false, None), Some(365));
    assert_eq!(preview["n_ending_earlier_in_use"], 1);
    assert_eq!(preview["ending_earlier"][0]["uses_per_week"], 2.0);
}

#[test]
fn a_preview_keeps_the_notice_period() {
    let mut office = office();
    let old = office.create(&office.anna, "Old", None);
    office.age(&[(&old, 100)]);
    let created_at = seconds(&office.token(&office.anna, &old)["created_at"]);
    for (notice_days, days) in [(None, 7), (Some(0), 0), (Some(1), 1), (Some(365), 365)] {
        let start = now();
        let preview = office.preview(&settings(Some(30), false, None), notice_days);
        assert_eq!(preview["notice_days"], days);
        let new = seconds(&preview["ending_earlier"][0]["new_expires_at"]);
        let notice = days * SECONDS_PER_DAY;
        assert!((start + notice..=now() + notice).contains(&new), "{preview}");
    }
    // A maximum that ends after the notice period is kept to the second.
    let preview = office.preview(&settings(Some(200), false, None), Some(7));
    let new = &preview["ending_earlier"][0]["new_expires_at"];
    assert_eq!(new, &text_of(latest_allowed(created_at, 200)));
}

#[test]
fn a_policy_that_hurts_nobody_has_an_empty_preview() {
    let office = office();
    office.create(&office.anna, "Desktop", None);
    let short = office.create(&office.bert, "Short", Some(now() + 3_600));
    let preview = office.preview(&settings(None, false, Some(1)), None);
    assert_eq!((&preview["latest_allowed"], &preview["n_active"]), (&Value::Null, &json!(2)));
    assert_eq!(preview["ending_earlier"], json!([]));
    assert_eq!(
        preview["new_tokens"],
        "New tokens may expire at any date, or never. A user may have at most 1 active token."
    );
    let preview = office.preview(&settings(Some(3650), false, None), Some(0));
    let lines = preview["ending_earlier"].as_array().unwrap();
    assert!(!ids(lines).contains(&short["token"]["token_id"].as_str().unwrap()), "{preview}");
    assert_eq!(lines.len(), 1, "a token that never ends would end in ten years");
}
