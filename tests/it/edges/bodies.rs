//! Bodies over 64 KiB are refused on routes that read none, too.

use super::{Edges as _, check};
use crate::stage::stage;

const SAME_ORIGIN: &str = "sec-fetch-site: same-origin";

#[test]
fn a_long_body_is_refused_where_none_is_read_and_nothing_is_done() {
    let stage = stage();
    let (token_id, _) = stage.token();
    let cookie = stage.cookie_header("anna");
    let file = stage.folder.path().join("body");
    std::fs::write(&file, vec![b'x'; 64 * 1024 + 1]).unwrap();
    let data = format!("@{}", file.display());
    let routes =
        ["/v1/tokens/revoke-all", &format!("/v1/tokens/{token_id}/revoke"), "/v1/sign-out"];
    for chunked in [false, true] {
        for route in routes {
            let mut options = vec!["-H", &cookie, "-H", SAME_ORIGIN, "--data-binary", &data];
            if chunked {
                options.extend(["-H", "transfer-encoding: chunked"]);
            }
            check(&stage.fetch(&options, route), 413, "request.too_large");
        }
    }
    let listed = stage.fetch(&["-H", &cookie], "/v1/tokens").json();
    assert_eq!(listed["n_active"], 1, "{listed}");
}

#[test]
fn a_short_body_is_ignored_where_none_is_read() {
    let stage = stage();
    let (token_id, _) = stage.token();
    let cookie = stage.cookie_header("anna");
    for chunked in ["x: y", "transfer-encoding: chunked"] {
        let options = ["-H", &cookie, "-H", SAME_ORIGIN, "-H", chunked, "--data-raw", "whatever"];
        let revoked = stage.fetch(&options, &format!("/v1/tokens/{token_id}/revoke"));
        assert_eq!(revoked.json()["status"], "revoked");
    }
    let options = ["-H", &cookie, "-H", SAME_ORIGIN, "--data-raw", "whatever"];
    assert_eq!(stage.fetch(&options, "/v1/sign-out").status, 204);
}

#[test]
fn chunks_are_read_like_any_other_body() {
    let stage = stage();
    let bearer = format!("authorization: Bearer {}", stage.key);
    let chunked = ["-H", &bearer, "-H", "transfer-encoding: chunked", "--json"];
    let ask = |body: &str| stage.fetch(&[&chunked[..], &[body]].concat(), "/v1/exports/validate");
    assert_eq!(ask("{\"secret\": \"x\"}").json()["reason"], "malformed");
    check(&ask("{\"secret\": "), 400, "request.malformed");
}
