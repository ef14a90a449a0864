//! Knows the exit code and the words of each failure.

use super::Failure;
use crate::cli::Problem;

fn problem(status: u16, more: &str) -> Failure {
    let body = format!(
        "{{\"type\":\"t\",\"title\":\"T\",\"status\":{status},\"detail\":\"a\\u001b[1mb\",\
         \"code\":\"label.empty\",\"request_id\":\"r7\"{more}}}"
    );
    Failure::Refused(Box::new(Problem::read(&body).unwrap()))
}

#[test]
fn every_kind_of_failure_has_its_exit_code() {
    assert_eq!(Failure::failed("x").exit_code(), 1);
    assert_eq!(Failure::usage("x").exit_code(), 2);
    assert_eq!(Failure::refused("backup.host_running", "x").exit_code(), 3);
    assert_eq!(Failure::Denied.exit_code(), 3);
    assert_eq!(Failure::unreachable("x").exit_code(), 4);
    assert_eq!(Failure::PipeClosed.exit_code(), 141);
}

#[test]
fn a_problem_is_a_refusal_only_when_its_status_is_4xx() {
    for status in [400, 401, 403, 404, 409, 412, 413, 422, 429] {
        assert_eq!(problem(status, "").exit_code(), 3, "{status}");
    }
    for status in [500, 503] {
        assert_eq!(problem(status, "").exit_code(), 1, "{status}");
    }
}

#[test]
fn words_hold_the_code_and_every_mistake_and_no_control_character() {
    let failure = problem(
        422,
        ",\"errors\":[{\"pointer\":\"/label\",\"code\":\"label.empty\",\"detail\":\"one\"},\
         {\"pointer\":\"/expires_on\",\"code\":\"expiry.beyond_maximum\",\"detail\":\"two\"}],\
         \"latest_allowed\":\"2027-04-01T00:00:00Z\"",
    );
    assert_eq!(
        failure.text(false).unwrap(),
        "refused: label.empty: a\\u{1b}[1mb\n  /label: label.empty: one\n  \
         /expires_on: expiry.beyond_maximum: two\nlatest allowed: 2027-04-01T00:00:00Z"
    );
}

#[test]
fn a_single_mistake_is_told_once_without_its_pointer() {
    let failure = problem(
        422,
        ",\"errors\":[{\"pointer\":\"/label\",\"code\":\"label.empty\",\"detail\":\"one\"}]",
    );
    assert_eq!(failure.text(false).unwrap(), "refused: label.empty: a\\u{1b}[1mb");
}

#[test]
fn a_failure_of_the_host_names_the_request_for_its_log() {
    let text = problem(503, "").text(false).unwrap();
    assert!(text.starts_with("error: label.empty"), "{text}");
    assert!(text.ends_with("under request r7"), "{text}");
}

#[test]
fn json_tells_the_problem_document_on_one_line() {
    let text = problem(422, ",\n\"errors\":[]").text(true).unwrap();
    assert_eq!(text.lines().count(), 1);
    let value: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(value["code"], "label.empty");
    let text = Failure::refused("a.b", "why").text(true).unwrap();
    assert_eq!(serde_json::from_str::<serde_json::Value>(&text).unwrap()["detail"], "why");
}

#[test]
fn a_denied_export_and_a_closed_pipe_add_no_words() {
    assert_eq!(Failure::Denied.text(false), None);
    assert_eq!(Failure::PipeClosed.text(true), None);
}
