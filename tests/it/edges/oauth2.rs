//! OAuth clients send parameters that we do not know (RFC 6749 section 3.2).

use super::{Edges as _, check};
use crate::stage::stage;

#[test]
fn unknown_parameters_are_ignored_and_ours_are_taken_once() {
    let stage = stage();
    let (_, secret) = stage.token();
    let bearer = format!("authorization: Bearer {}", stage.key);
    let ask = |route: &str, form: &str| stage.fetch(&["-H", &bearer, "--data-raw", form], route);
    for route in ["/oauth2/introspect", "/oauth2/revoke"] {
        check(&ask(route, "client_id=x"), 400, "request.malformed");
        check(&ask(route, "token=x&token=y"), 400, "request.malformed");
        let twice = "token=x&token_type_hint=a&token_type_hint=b";
        check(&ask(route, twice), 400, "request.malformed");
    }
    let form = format!("client_id=x&resource=a&resource=b&token={secret}");
    assert_eq!(ask("/oauth2/introspect", &form).json()["active"], true);
    assert_eq!(ask("/oauth2/revoke", &form).status, 200);
    assert_eq!(ask("/oauth2/introspect", &form).json()["active"], false);
}
