//! The history as CSV and as lines of JSON.

use serde_json::{Value, json};

use crate::stage::stage;

#[test]
fn csv_holds_everything_and_nothing_that_a_spreadsheet_would_run() {
    let stage = stage();
    let (anna, admin) = (stage.cookie("anna"), stage.cookie("admin"));
    for label in ["=HYPERLINK(\"http://evil.example\")", "a, \"b\"", "+1", "@x", "Grüße 🌍"] {
        let created = stage.as_user(&anna, "POST", "/v1/tokens", &json!({ "label": label }));
        assert_eq!(created.status, 201);
    }
    let cookie = format!("cookie: {admin}");
    let csv = stage.ask(&["-H", &cookie, "-H", "accept: text/csv"], "/v1/history?scope=all");
    assert_eq!(csv.status, 200);
    assert!(csv.head.contains("content-type: text/csv; charset=utf-8; header=present"));
    assert!(csv.head.contains("content-disposition: attachment"));
    assert!(csv.head.contains("cache-control: no-store"));
    let lines: Vec<&str> = csv.text.split_terminator("\r\n").collect();
    assert_eq!(lines.len(), 1 + 5 + 2 + 1, "{}", csv.text);
    assert!(lines[0].starts_with("sequence,at,kind,actor_kind,"));
    for cell in [
        ",\"'=HYPERLINK(\"\"http://evil.example\"\")\",",
        ",\"a, \"\"b\"\"\",",
        ",'+1,",
        ",'@x,",
        ",Grüße 🌍,",
    ] {
        assert!(csv.text.contains(cell), "{cell}");
    }
    let own =
        stage.ask(&["-H", &format!("cookie: {anna}"), "-H", "accept: text/csv"], "/v1/history");
    assert_eq!(own.text.lines().count(), 1 + 5 + 1);
}

#[test]
fn lines_of_json_are_the_events_themselves() {
    let stage = stage();
    let anna = stage.cookie("anna");
    stage.as_user(&anna, "POST", "/v1/tokens", &json!({ "label": "Sales" }));
    let cookie = format!("cookie: {anna}");
    let accept = "accept: application/x-ndjson, text/csv;q=0.5";
    let answer = stage.ask(&["-H", &cookie, "-H", accept], "/v1/history");
    assert!(answer.head.contains("content-type: application/x-ndjson"), "{}", answer.head);
    let lines: Vec<Value> =
        answer.text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let page = stage.as_user(&anna, "GET", "/v1/history", &json!({})).body;
    assert_eq!(page["items"], json!(lines));
}
