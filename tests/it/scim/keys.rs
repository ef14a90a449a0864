//! SCIM keys: what they open, what they do not, and that nobody learns of them.

use serde_json::{Value, json};

use super::{Scim, add_key, check, text};
use crate::stage::check as check_problem;

#[test]
fn a_key_opens_the_people_of_its_organization_and_nothing_else() {
    let scim = Scim::new();
    let stage = &scim.stage;
    stage.host.told(&["user", "add", "olga", "--org", "other"]);
    let other = add_key(stage, "okta", "other");
    let anna = scim.id_of("anna");
    let list = scim.send_with(&other, "GET", "/Users", &Value::Null).body;
    assert_eq!(
        (&list["totalResults"], &list["Resources"][0]["userName"]),
        (&json!(1), &json!("olga"))
    );
    let path = format!("/Users/{anna}");
    let off = json!({ "schemas": [super::PATCH],
        "Operations": [{ "op": "replace", "path": "active", "value": false }] });
    let put = json!({ "schemas": [super::USER], "userName": "anna", "active": false });
    for (method, body) in
        [("GET", &Value::Null), ("PATCH", &off), ("PUT", &put), ("DELETE", &Value::Null)]
    {
        check(&scim.send_with(&other, method, &path, body), 404, None);
    }
    assert_eq!(scim.get(&path).body["active"], true);
    // A name of one organization is free in the other.
    let same = json!({ "schemas": [super::USER], "userName": "anna" });
    assert_eq!(scim.send_with(&other, "POST", "/Users", &same).status, 201);

    let bearer = format!("authorization: Bearer {other}");
    for path in ["/v1/tokens", "/v1/me", "/v1/policy"] {
        let answer = stage.ask(&["-H", &bearer], path);
        assert!(matches!(answer.status, 401 | 403), "{path}: {}", answer.body);
    }
    let body = json!({ "secret": "x" });
    check_problem(
        &stage.json("POST", "/v1/exports/validate", &[&bearer], &body),
        403,
        "actor.not_permitted",
    );
}

#[test]
fn other_credentials_do_not_open_it_and_a_revoked_key_no_longer_does() {
    let scim = Scim::new();
    let stage = &scim.stage;
    let nobody = stage.ask(&[], "/scim/v2/Users");
    check(&nobody, 401, None);
    assert!(nobody.head.contains("www-authenticate: Bearer"), "{}", nobody.head);
    let cookie = stage.cookie("anna");
    let created = stage.as_user(&cookie, "POST", "/v1/tokens", &json!({ "label": "Sales" }));
    check(&stage.ask(&["-H", &format!("cookie: {cookie}")], "/scim/v2/Users"), 401, None);
    for key in [stage.key.clone(), text(&created.body["secret"])] {
        check(&scim.send_with(&key, "GET", "/Users", &Value::Null), 403, None);
    }
    let revoked = stage.host.told(&["scim-key", "revoke", "entra"]);
    assert!(revoked["revoked_at"].is_string(), "{revoked}");
    let answer = scim.get("/Users");
    check(&answer, 401, None);
    assert!(answer.head.contains("error=\"invalid_token\""), "{}", answer.head);
    // Guesses are slowed down like those of service keys.
    let limited = (0..60).map(|_| scim.get("/Users")).find(|answer| answer.status != 401);
    let limited = limited.expect("a limit");
    check(&limited, 429, None);
    assert!(limited.head.contains("retry-after: "));
    let good = add_key(stage, "entra", "default");
    assert_eq!(scim.send_with(&good, "GET", "/Users", &Value::Null).status, 200);
}

#[test]
fn keys_are_shown_once_listed_without_themselves_and_told_in_the_history() {
    let scim = Scim::new();
    let stage = &scim.stage;
    assert!(scim.key.starts_with("egp_") && scim.key.len() == 42);
    let again = stage.host.cli(&["scim-key", "add", "Entra"]);
    assert_eq!(again.status.code(), Some(3), "a live name is taken, whatever its case");
    // An export service may have the same name: another thing.
    stage.host.told(&["service", "add", "entra"]);
    let listed = String::from_utf8(stage.host.cli(&["scim-key", "list"]).stdout).unwrap();
    assert_eq!(listed.lines().count(), 1);
    assert!(listed.contains("\"scim_") && !listed.contains(&scim.key), "{listed}");
    let services = String::from_utf8(stage.host.cli(&["service", "list"]).stdout).unwrap();
    assert!(!services.contains("\"scim_"), "{services}");
    stage.host.told(&["scim-key", "revoke", "ENTRA"]);
    let told = String::from_utf8(stage.host.cli(&["history", "--all"]).stdout).unwrap();
    for kind in ["scim_key.created", "scim_key.revoked"] {
        assert!(told.contains(&format!("\"kind\":\"{kind}\"")), "{told}");
    }
    assert!(!told.contains(&scim.key));
}

#[test]
fn neither_key_nor_people_are_in_the_log() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    std::fs::create_dir(&data).unwrap();
    std::fs::write(data.join("exportgate.toml"), "[log]\nlevel = \"trace\"\n").unwrap();
    let stage = crate::stage::stage_in(folder);
    let key = add_key(&stage, "entra", "default");
    let scim = Scim { stage, key };
    let id = text(&scim.create("zoe.zimt@contoso.test")["id"]);
    scim.find("userName eq \"zoe.zimt@contoso.test\"");
    let password = json!({ "schemas": [super::USER], "userName": "zoe.zimt@contoso.test",
        "password": "t1meMa$heen" });
    assert_eq!(scim.send("PUT", &format!("/Users/{id}"), &password).status, 200);
    check(&scim.get(&format!("/Users?filter={}", scim.key)), 400, None);
    // A name that was given is stored; so that no whole key is, its last character is missing.
    let nearly = &scim.key[..scim.key.len() - 1];
    scim.send("POST", "/Users", &json!({ "schemas": [super::USER], "userName": nearly }));
    let log = scim.stage.host.log();
    for word in [nearly, &nearly[4..], "zoe.zimt", "t1meMa$heen", "panicked"] {
        assert!(!log.contains(word), "`{word}` is in the log");
    }
}
