//! Names that would be markup, a formula, a header or a line of the log, were they not text.

use percent_encoding::percent_decode_str;
use serde_json::json;

use super::{Edges as _, configured};
use crate::stage::stage;

const USER_NAME: &str = "=2+5+cmd|' /C calc'!A0, \"<img src=x onerror=alert(1)>\" %0d%0aX-Evil; é";
const DISPLAY_NAME: &str = "@SUM(1+1), </script><b>\"; ERROR";
const ASK: &str = "/v1/exports/authorize";
const LABEL: &str = "-1+1 </td><script>alert(1)</script> ${HOME} %0d%0aSet-Cookie";

#[test]
fn what_turns_the_direction_of_text_is_refused_in_every_name() {
    let stage = stage();
    let turned = "anna\u{202e}nimda";
    for words in [
        ["user", "add", turned, "--display-name", "Anna"],
        ["user", "add", "zoe", "--display-name", turned],
    ] {
        let refused = stage.host.cli(&words);
        assert!(!refused.status.success(), "{words:?}");
    }
    let anna = stage.cookie("anna");
    let refused = stage.as_user(&anna, "POST", "/v1/tokens", &json!({ "label": turned }));
    assert_eq!((refused.status, &refused.body["code"]), (422, &json!("label.control_character")));
}

#[test]
fn a_hostile_name_stays_text_in_headers_in_csv_and_out_of_the_log() {
    let stage = configured("history.audit = 'strict'");
    stage.host.told(&["user", "add", USER_NAME, "--display-name", DISPLAY_NAME]);
    let owner = stage.cookie(USER_NAME);
    let created = stage.as_user(&owner, "POST", "/v1/tokens", &json!({ "label": LABEL }));
    assert_eq!((created.status, &created.body["token"]["label"]), (201, &json!(LABEL)));

    let key = format!("x-exportgate-service: {}", stage.key);
    let bearer = format!("authorization: Bearer {}", created.body["secret"].as_str().unwrap());
    let asked = stage.fetch(&["-H", &key, "-H", &bearer], ASK);
    assert_eq!(asked.status, 200, "{}", asked.text());
    let named = asked.header("x-exportgate-user-name");
    assert!(named.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"%.-_@".contains(&byte)));
    assert_eq!(percent_decode_str(named).decode_utf8().unwrap(), USER_NAME);

    let turned = "/odata/\u{202e}stnuoccA\n=1+1";
    let asked = json!({ "secret": created.body["secret"], "data_source": turned });
    assert_eq!(stage.validate(&asked).body["decision"], "allow");

    let admin = stage.cookie_header("admin");
    let whole = "/v1/history?scope=all";
    let csv = stage.ask(&["-H", &admin, "-H", "accept: text/csv"], whole).text;
    let quoted = |text: &str| format!(",\"'{}\",", text.replace('"', "\"\""));
    assert!(csv.contains(&quoted(USER_NAME)), "{csv}");
    assert!(csv.contains(&format!(",'{LABEL},")), "{csv}");
    for cell in csv.split([',', '\n']) {
        assert!(!cell.starts_with(['=', '@', '+', '-']), "a formula: {cell}");
    }

    assert!(csv.contains("\"\"data_source\"\":\"\"/odata/stnuoccA=1+1\"\""), "{csv}");
    assert!(!csv.contains('\u{202e}'), "{csv}");

    let log = stage.host.log();
    for word in ["cmd|", "alert(1)", "@SUM", "Set-Cookie"] {
        assert!(!log.contains(word), "`{word}` is in the log: {log}");
    }
}
