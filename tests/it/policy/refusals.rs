//! Every refusal about policies has its status and code, and changes nothing.

use serde_json::{Value, json};

use super::{Office, office, settings};
use crate::stage::{Answer, check};

const POLICY: &str = "/v1/policy";
const PREVIEW: &str = "/v1/policy/preview";
const APPLY: &str = "/v1/policy/apply-to-existing";

/// Where the mistakes of an answer stand, with their codes.
fn mistakes(answer: &Answer) -> Vec<(&str, &str)> {
    let errors = answer.body["errors"].as_array().expect("mistakes");
    let text = |error: &'_ Value, name: &str| error[name].as_str().unwrap().to_owned();
    assert!(errors.iter().all(|error| !text(error, "detail").is_empty()), "{}", answer.body);
    errors
        .iter()
        .map(|error| (error["pointer"].as_str().unwrap(), error["code"].as_str().unwrap()))
        .collect()
}

/// Sends a document as it is written, which need not be JSON.
fn raw(office: &Office, method: &str, path: &str, body: &str) -> Answer {
    let cookie = format!("cookie: {}", office.admin);
    office.stage.ask(
        &[
            "-X",
            method,
            "-H",
            &cookie,
            "-H",
            "sec-fetch-site: same-origin",
            "-H",
            "content-type: application/json",
            "-H",
            "if-match: \"1\"",
            "--data-raw",
            body,
        ],
        path,
    )
}

#[test]
fn settings_out_of_range_are_told_all_at_once_and_change_nothing() {
    let office = office();
    office.create(&office.anna, "Desktop", None);
    let before = office.everything();
    let days = ("/maximum_expiry_days", "policy.maximum_out_of_range");
    let active = ("/maximum_active_tokens", "policy.maximum_out_of_range");
    let automatic = ("/automatic_expiration", "policy.maximum_required");
    let notice = ("/notice_days", "request.malformed");
    for (wish, expected) in [
        (settings(Some(0), false, None), vec![days]),
        (settings(Some(-1), false, None), vec![days]),
        (settings(Some(3651), true, None), vec![days]),
        (settings(Some(i64::MAX), false, Some(1)), vec![days]),
        (settings(None, false, Some(0)), vec![active]),
        (settings(None, false, Some(1001)), vec![active]),
        (settings(None, true, Some(25)), vec![automatic]),
        (settings(Some(0), false, Some(1001)), vec![days, active]),
        (settings(None, true, Some(0)), vec![active, automatic]),
    ] {
        let (_, code) = expected[0];
        let put = office.send(&office.admin, "PUT", POLICY, "\"1\"", &wish);
        check(&put, 422, code);
        assert_eq!(mistakes(&put), expected);
        let preview = office.stage.as_user(&office.admin, "POST", PREVIEW, &wish);
        check(&preview, 422, code);
        assert_eq!(mistakes(&preview), expected);
        let mut with_notice = wish;
        with_notice["notice_days"] = json!(366);
        let preview = office.stage.as_user(&office.admin, "POST", PREVIEW, &with_notice);
        check(&preview, 422, code);
        assert_eq!(mistakes(&preview), [expected, vec![notice]].concat());
    }
    for days in [-1, 366, i64::MAX] {
        let mut wish = settings(Some(30), false, None);
        wish["notice_days"] = json!(days);
        let preview = office.stage.as_user(&office.admin, "POST", PREVIEW, &wish);
        check(&preview, 400, "request.malformed");
        assert_eq!(mistakes(&preview), [notice]);
        let body = json!({ "notice_days": days });
        let apply = office.send(&office.admin, "POST", APPLY, "\"1\"", &body);
        check(&apply, 400, "request.malformed");
        assert_eq!(mistakes(&apply), [notice]);
    }
    // The policy of the beginning has no maximum that could be applied.
    let apply = office.send(&office.admin, "POST", APPLY, "\"1\"", &json!({ "notice_days": 7 }));
    check(&apply, 422, "policy.maximum_required");
    assert_eq!(office.everything(), before);
}

#[test]
fn documents_of_another_form_are_refused_and_change_nothing() {
    let office = office();
    office.create(&office.anna, "Desktop", None);
    let before = office.everything();
    let whole =
        r#""maximum_expiry_days":30,"automatic_expiration":false,"maximum_active_tokens":5"#;
    for body in [
        // A setting that somebody forgot must not mean "no limit".
        r#"{"automatic_expiration":false,"maximum_active_tokens":5}"#.to_owned(),
        r#"{"maximum_expiry_days":30,"maximum_active_tokens":5}"#.to_owned(),
        r#"{"maximum_expiry_days":30,"automatic_expiration":false}"#.to_owned(),
        "{}".to_owned(),
        format!(r#"{{{whole},"version":1}}"#),
        format!(r#"{{{whole},"maximum_expiry_days":null}}"#),
        format!("{{{}}}", whole.replace("30", "\"30\"")),
        format!("{{{}}}", whole.replace("30", "30.5")),
        format!("{{{}}}", whole.replace("30", "true")),
        format!("{{{}}}", whole.replace("30", "[30]")),
        format!("{{{}}}", whole.replace("30", "99999999999999999999")),
        format!("{{{}}}", whole.replace("false", "null")),
        format!("{{{}}}", whole.replace("false", "\"false\"")),
        format!("{{{}}}", whole.replace("false", "0")),
        format!("{{{whole}"),
        format!("{{{whole}}} x"),
        "[]".to_owned(),
        "[30,false,5]".to_owned(),
        "[30,false,5,7]".to_owned(),
        "null".to_owned(),
        String::new(),
    ] {
        for (method, path) in [("PUT", POLICY), ("POST", PREVIEW)] {
            check(&raw(&office, method, path, &body), 400, "request.malformed");
        }
    }
    for notice in ["\"7\"", "7.5", "true", "[7]", "99999999999999999999"] {
        let preview = format!(r#"{{{whole},"notice_days":{notice}}}"#);
        check(&raw(&office, "POST", PREVIEW, &preview), 400, "request.malformed");
        let apply = format!(r#"{{"notice_days":{notice}}}"#);
        check(&raw(&office, "POST", APPLY, &apply), 400, "request.malformed");
    }
    for body in [r#"{"notice_days":7,"maximum_expiry_days":30}"#, "[7]", "7", "", "{"] {
        check(&raw(&office, "POST", APPLY, body), 400, "request.malformed");
    }
    // Notice belongs to an application, not to the policy.
    let with_notice = format!(r#"{{{whole},"notice_days":7}}"#);
    check(&raw(&office, "PUT", POLICY, &with_notice), 400, "request.malformed");
    assert_eq!(office.everything(), before);
}

#[test]
fn a_change_names_the_one_version_that_it_saw() {
    let office = office();
    office.set(1, &settings(Some(90), false, None));
    office.create(&office.anna, "Desktop", None);
    let before = office.everything();
    let (wish, notice) = (settings(Some(30), false, None), json!({ "notice_days": 0 }));
    for (method, path, body) in [("PUT", POLICY, &wish), ("POST", APPLY, &notice)] {
        let missing = office.stage.as_user(&office.admin, method, path, body);
        check(&missing, 428, "policy.version_required");
        for version in [
            "2",
            "\"\"",
            "\"x\"",
            "\"2",
            "2\"",
            "\"-2\"",
            "\"+2\"",
            "\"02\"",
            "\" 2\"",
            "\"2.0\"",
            "\"1\", \"2\"",
            "\"99999999999999999999\"",
            "'2'",
        ] {
            let answer = office.send(&office.admin, method, path, version, body);
            check(&answer, 400, "request.malformed");
        }
        for version in ["\"0\"", "\"1\"", "\"3\"", "\"18446744073709551615\"", "W/\"2\""] {
            let answer = office.send(&office.admin, method, path, version, body);
            check(&answer, 412, "policy.version_conflict");
        }
        let cookie = format!("cookie: {}", office.admin);
        let site = "sec-fetch-site: same-origin";
        let twice = [&cookie, site, "if-match: \"2\"", "if-match: \"2\""];
        check(&office.stage.json(method, path, &twice, body), 400, "request.malformed");
    }
    assert_eq!(office.everything(), before);
}

#[test]
fn nobody_but_an_administrator_changes_previews_or_applies() {
    let office = office();
    office.set(1, &settings(Some(90), false, None));
    let token = office.create(&office.anna, "Desktop", None);
    let before = office.everything();
    let (wish, notice) = (settings(Some(30), false, None), json!({ "notice_days": 0 }));
    let key = format!("authorization: Bearer {}", office.stage.key);
    let secret = format!("authorization: Bearer {}", token["secret"].as_str().unwrap());
    let cookie = format!("cookie: {}", office.admin);
    for (method, path, body) in
        [("PUT", POLICY, &wish), ("POST", PREVIEW, &wish), ("POST", APPLY, &notice)]
    {
        let user = office.send(&office.anna, method, path, "\"2\"", body);
        check(&user, 403, "actor.not_permitted");
        let ask = |headers: &[&str]| {
            let seen = ["if-match: \"2\""];
            office.stage.json(method, path, &[&seen, headers].concat(), body)
        };
        check(&ask(&[]), 401, "credential.missing");
        check(&ask(&["cookie: __Host-exportgate=00"]), 401, "credential.invalid");
        check(&ask(&[&key]), 403, "actor.not_permitted");
        check(&ask(&[&secret]), 403, "actor.not_permitted");
        // Another page that the administrator's browser shows.
        check(&ask(&[&cookie]), 403, "actor.not_permitted");
        let elsewhere = [cookie.as_str(), "origin: https://evil.example"];
        check(&ask(&elsewhere), 403, "actor.not_permitted");
    }
    check(&office.stage.ask(&[], POLICY), 401, "credential.missing");
    check(&office.stage.ask(&["-H", &key], POLICY), 403, "actor.not_permitted");
    for (method, path) in [("POST", POLICY), ("DELETE", POLICY), ("GET", PREVIEW), ("PUT", APPLY)] {
        let answer = office.stage.as_user(&office.admin, method, path, &json!({}));
        check(&answer, 405, "method.not_allowed");
    }
    assert_eq!(office.everything(), before);

    // Whoever stops being an administrator stops at once.
    office.stage.host.told(&["user", "add", "dora", "--role", "administrator"]);
    let dora = office.stage.cookie("dora");
    assert_eq!(office.stage.as_user(&dora, "POST", PREVIEW, &wish).status, 200);
    office.stage.host.told(&["user", "set-role", "dora", "user"]);
    let late = office.send(&dora, "PUT", POLICY, "\"2\"", &wish);
    check(&late, 403, "actor.not_permitted");
    assert_eq!(office.policy(&dora).body, before[0]);
}
