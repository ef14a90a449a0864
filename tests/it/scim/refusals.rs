//! What is wrong is told in SCIM's words, and changes nothing.

use serde_json::{Value, json};

use super::{ENTERPRISE, PATCH, Scim, USER, check, text};

#[test]
fn bodies_that_are_no_users_are_refused_with_their_word() {
    let scim = Scim::new();
    let post = |body: Value| scim.send("POST", "/Users", &body);
    check(&post(json!({ "userName": "x" })), 400, Some("invalidSyntax"));
    check(&post(json!({ "schemas": [], "userName": "x" })), 400, Some("invalidSyntax"));
    check(&post(json!({ "schemas": [ENTERPRISE], "userName": "x" })), 400, Some("invalidSyntax"));
    let color = "urn:example:params:color:1.0:User";
    check(&post(json!({ "schemas": [USER, color], "userName": "x" })), 400, Some("invalidSyntax"));
    check(&post(json!([])), 400, Some("invalidSyntax"));
    for bad in [
        json!({}),
        json!({ "userName": "" }),
        json!({ "userName": 7 }),
        json!({ "userName": "a:b" }),
        json!({ "userName": "a\u{202e}b" }),
        json!({ "userName": "x".repeat(129) }),
        json!({ "userName": "x", "displayName": "a\u{0}b" }),
        json!({ "userName": "x", "externalId": "x".repeat(257) }),
        json!({ "userName": "x", "active": "perhaps" }),
        json!({ "userName": "x", "name": "Anna" }),
        json!({ "userName": "x", "emails": 7 }),
        json!({ "userName": "x", "emails": (0..50).map(|n| json!({ "value": n.to_string() })).collect::<Vec<_>>() }),
    ] {
        let mut body = bad.clone();
        body["schemas"] = json!([USER]);
        check(&post(body), 400, Some("invalidValue"));
    }
    for name in ["anna", "ANNA"] {
        check(&post(json!({ "schemas": [USER], "userName": name })), 409, Some("uniqueness"));
    }
    assert_eq!(scim.get("/Users").body["totalResults"], 3, "admin, anna and bert");
}

#[test]
fn unknown_attributes_are_ignored() {
    let scim = Scim::new();
    let answer = scim.send("POST", "/Users", &json!({
        "schemas": [USER, ENTERPRISE], "id": "mine", "userName": "carla", "meta": { "resourceType": "User" },
        "nobodyKnows": { "a": [1, 2] }, "password": "t1meMa$heen", "title": "Guide",
        "roles": [{ "value": "administrator" }], ENTERPRISE: { "department": "Sales" },
    }));
    assert_eq!(answer.status, 201, "{}", answer.body);
    let mut names: Vec<_> = answer.body.as_object().unwrap().keys().cloned().collect();
    names.sort();
    assert_eq!(names, ["active", "id", "meta", "schemas", "userName"]);
    assert_ne!(answer.body["id"], "mine");
    let listed = String::from_utf8(scim.stage.host.cli(&["user", "list"]).stdout).unwrap();
    let carla = listed.lines().find(|line| line.contains("carla")).unwrap();
    assert!(carla.contains("\"role\":\"user\""), "a directory makes no administrators: {carla}");
}

#[test]
fn patches_are_whole_or_not_at_all() {
    let scim = Scim::new();
    let id = text(&scim.create("carla")["id"]);
    let off = json!({ "op": "replace", "path": "active", "value": false });
    for (bad, scim_type) in [
        (json!({ "op": "replace", "path": "nobodyKnows", "value": 1 }), "invalidPath"),
        (json!({ "op": "replace", "path": "emails[", "value": 1 }), "invalidPath"),
        (json!({ "op": "replace", "path": "urn:example:2.0:color", "value": 1 }), "invalidPath"),
        (json!({ "op": "replace", "path": "userName", "value": "anna" }), "uniqueness"),
        (json!({ "op": "replace", "path": "userName", "value": "a:b" }), "invalidValue"),
        (json!({ "op": "replace", "path": "id", "value": "x" }), "mutability"),
        (json!({ "op": "remove", "path": "userName" }), "mutability"),
        (json!({ "op": "remove" }), "noTarget"),
        (json!({ "op": "explode", "path": "active" }), "invalidSyntax"),
        (json!(7), "invalidSyntax"),
    ] {
        let status = if scim_type == "uniqueness" { 409 } else { 400 };
        check(&scim.patch(&id, &json!([off, bad])), status, Some(scim_type));
    }
    check(&scim.patch(&id, &json!([])), 400, Some("invalidSyntax"));
    let many: Vec<_> = (0..101).map(|_| off.clone()).collect();
    check(&scim.patch(&id, &json!(many)), 400, Some("invalidSyntax"));
    let path = format!("/Users/{id}");
    let wrong = json!({ "schemas": [USER], "Operations": [off] });
    check(&scim.send("PATCH", &path, &wrong), 400, Some("invalidSyntax"));
    let body = scim.get(&path).body;
    assert_eq!((&body["active"], &body["userName"]), (&json!(true), &json!("carla")));
    assert_eq!(scim.told_of_people(), []);
}

#[test]
fn lists_are_bounded_and_their_parameters_checked() {
    let scim = Scim::new();
    for n in 0..5 {
        scim.create(&format!("user{n}"));
    }
    let page = |query: &str| scim.get(&format!("/Users?{query}")).body;
    let numbers = |body: &Value| {
        ["totalResults", "startIndex", "itemsPerPage"].map(|name| body[name].as_i64().unwrap())
    };
    assert_eq!(numbers(&page("startIndex=2&count=3")), [8, 2, 3]);
    assert_eq!(numbers(&page("startIndex=0&count=-5")), [8, 1, 0]);
    assert_eq!(numbers(&page("startIndex=8&count=1000000")), [8, 8, 1]);
    assert_eq!(numbers(&page("startIndex=9223372036854775807")), [8, i64::MAX, 0]);
    assert_eq!(numbers(&page("sortBy=userName&sortOrder=descending")), [8, 1, 8]);
    let filtered = page("filter=active+eq+true&startIndex=2&count=2");
    assert_eq!(numbers(&filtered), [8, 2, 2]);
    for query in [
        "startIndex=x",
        "count=1.5",
        "count=99999999999999999999",
        "count=1&count=2",
        "attributes=%00",
    ] {
        check(&scim.get(&format!("/Users?{query}")), 400, Some("invalidValue"));
    }
    for filter in
        ["", "userName", "userName+eq", "userName+co+%22a%22", "title+eq+%22x%22", "a+or+b", "%00"]
    {
        check(&scim.get(&format!("/Users?filter={filter}")), 400, Some("invalidFilter"));
    }
    let only = page("attributes=userName,name.givenName&count=1");
    let names: Vec<_> = only["Resources"][0].as_object().unwrap().keys().cloned().collect();
    assert_eq!(names, ["id", "schemas", "userName"]);
    let without = page("excludedAttributes=meta,emails.type&count=1");
    assert_eq!(without["Resources"][0]["meta"], Value::Null);
}

#[test]
fn huge_and_deep_bodies_are_refused() {
    let scim = Scim::new();
    let file = tempfile::NamedTempFile::new().unwrap();
    let key = format!("authorization: Bearer {}", scim.key);
    let data = format!("@{}", file.path().display());
    let media_type = "content-type: application/scim+json";
    let arguments = ["-H", &key, "-H", media_type, "--data-binary", &data];
    let send = |body: Vec<u8>| {
        std::fs::write(file.path(), body).unwrap();
        scim.stage.ask(&arguments, "/scim/v2/Users")
    };
    check(&send(vec![b' '; 10_000_000]), 413, None);
    check(&send(b"[".repeat(60_000)), 400, Some("invalidSyntax"));
    check(&send(b"{\"a\":".repeat(12_000)), 400, Some("invalidSyntax"));
    check(&send(b"{\"schemas\":[],\"Schemas\":[]}".to_vec()), 400, Some("invalidSyntax"));
    let text = ["-H", &key, "-H", "content-type: text/plain", "--data-raw", "{}"];
    check(&scim.stage.ask(&text, "/scim/v2/Users"), 415, None);
}

#[test]
fn what_does_not_exist_is_told_in_the_same_words() {
    let scim = Scim::new();
    check(&scim.get("/Groups"), 404, None);
    check(&scim.get("/Users/usr_0000000000000000000000"), 404, None);
    check(&scim.get("/Users/%00"), 404, None);
    check(&scim.send("PUT", "/Users", &json!({})), 405, None);
    check(&scim.send("POST", "/ServiceProviderConfig", &json!({})), 405, None);
    for path in ["/Me", "/.search", "/Bulk"] {
        check(&scim.send("POST", path, &json!({})), 501, None);
    }
    assert!(scim.get("/Users").head.contains("cache-control: no-store"));
    let _ = PATCH;
}
