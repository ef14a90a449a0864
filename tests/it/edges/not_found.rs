//! What is not there, and who is not known, is told in the same form everywhere.

use super::{Edges as _, check};
use crate::stage::stage;

#[test]
fn every_404_is_a_problem_that_nobody_stores() {
    let stage = stage();
    let paths =
        ["/v1", "/v1/", "/oauth2", "/docs/nope.js", "/docs/../../etc/passwd", "/docs/a/b", "/nope"];
    for path in paths {
        check(&stage.fetch(&[], path), 404, "route.not_found");
    }
    assert_eq!(stage.fetch(&[], "/docs/").status, 200);
    check(&stage.fetch(&["-X", "POST"], "/docs/"), 405, "method.not_allowed");
}

#[test]
fn every_401_says_how_to_become_known() {
    let stage = stage();
    let code = "{\"code\": \"00\"}";
    check(&stage.fetch(&[], "/v1/me"), 401, "credential.missing");
    let cookie = ["-H", "cookie: __Host-exportgate=00"];
    check(&stage.fetch(&cookie, "/v1/me"), 401, "credential.invalid");
    check(&stage.fetch(&["--json", code], "/v1/sign-in"), 401, "credential.invalid");
    check(&stage.fetch(&[], "/v1/exports/authorize"), 401, "credential.missing");
    for authorization in ["Bearer ", "Basic !!!", "Basic YWJj", "Digest x", "junk"] {
        let header = format!("authorization: {authorization}");
        check(&stage.fetch(&["-H", &header], "/v1/me"), 401, "credential.invalid");
    }
}
