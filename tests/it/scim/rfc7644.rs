//! The examples of RFC 7644: create, retrieve, query, replace, patch, delete.

use serde_json::{Value, json};

use super::{ENTERPRISE, LIST, Scim, USER, check, text};

/// Section 3.3 with what sections 3.4.1 and 3.5.1 show of the same person.
fn bjensen() -> Value {
    json!({
        "schemas": [USER],
        "userName": "bjensen",
        "externalId": "bjensen",
        "name": {
            "formatted": "Ms. Barbara J Jensen III",
            "familyName": "Jensen",
            "givenName": "Barbara",
        },
    })
}

#[test]
fn a_resource_is_created_retrieved_and_queried() {
    let scim = Scim::new();
    let created = scim.send("POST", "/Users", &bjensen());
    assert_eq!(created.status, 201, "{}", created.body);
    let (id, location) = (text(&created.body["id"]), text(&created.body["meta"]["location"]));
    assert_eq!(location, format!("{}/scim/v2/Users/{id}", scim.stage.host.url()));
    assert!(created.head.contains(&format!("location: {location}")), "{}", created.head);
    assert!(created.head.contains("content-type: application/scim+json"), "{}", created.head);
    for (name, value) in bjensen().as_object().unwrap() {
        assert_eq!(&created.body[name], value);
    }
    assert_eq!(created.body["active"], true);
    assert_eq!(created.body["meta"]["resourceType"], "User");
    assert_eq!(created.body["meta"]["created"], created.body["meta"]["lastModified"]);
    check(&scim.send("POST", "/Users", &bjensen()), 409, Some("uniqueness"));

    let path = format!("/Users/{id}");
    assert_eq!(scim.get(&path).body, created.body);
    let parts = scim.get(&format!("{path}?attributes=userName,name.familyName")).body;
    let expected = json!({ "schemas": [USER], "id": id, "userName": "bjensen",
        "name": { "familyName": "Jensen" } });
    assert_eq!(parts, expected);
    let parts = scim.get(&format!("{path}?excludedAttributes=name,meta")).body;
    assert_eq!(
        (&parts["name"], &parts["meta"], &parts["userName"]),
        (&Value::Null, &Value::Null, &json!("bjensen"))
    );

    for filter in [
        "userName eq \"BJENSEN\"",
        "externalId eq \"bjensen\"",
        "externalId eq \"bjensen\" and active eq true",
        &format!("id eq \"{id}\""),
        &format!("{USER}:userName eq \"bjensen\""),
    ] {
        let found = scim.find(filter);
        assert_eq!(found["totalResults"], 1, "{filter}");
        assert_eq!(found["Resources"][0], created.body, "{filter}");
    }
    let nobody = scim.find("userName eq \"bjensen\" and active eq false");
    assert_eq!(
        nobody,
        json!({ "schemas": [LIST], "totalResults": 0, "startIndex": 1,
        "itemsPerPage": 0, "Resources": [] })
    );
}

#[test]
fn a_resource_is_replaced_and_what_is_not_named_is_gone() {
    let scim = Scim::new();
    let id = text(&scim.send("POST", "/Users", &bjensen()).body["id"]);
    let path = format!("/Users/{id}");
    // Section 3.5.1, with what only the host can say, and an attribute that is not kept.
    let body = json!({
        "schemas": [USER, ENTERPRISE],
        "id": "2819c223-7f76-453a-919d-413861904646",
        "userName": "bjensen",
        "externalId": "bjensen",
        "roles": [],
        "emails": [
            { "value": "bjensen@example.com" },
            { "value": "babs@jensen.org", "type": "home", "primary": true },
        ],
    });
    let replaced = scim.send("PUT", &path, &body);
    assert_eq!(replaced.status, 200, "{}", replaced.body);
    assert_eq!((&replaced.body["id"], &replaced.body["name"]), (&json!(id), &Value::Null));
    assert_eq!(replaced.body["emails"], body["emails"]);
    assert_eq!(scim.find("emails.value eq \"BABS@jensen.org\"")["totalResults"], 1);
    assert_eq!(scim.send("PUT", &path, &body).body, replaced.body);

    // Whoever is deactivated is not activated by a body that does not say so.
    scim.patch(&id, &json!([{ "op": "replace", "path": "active", "value": false }]));
    assert_eq!(scim.send("PUT", &path, &body).body["active"], false);
    let mut active = body.clone();
    active["active"] = json!(true);
    assert_eq!(scim.send("PUT", &path, &active).body["active"], true);
    check(&scim.send("PUT", "/Users/nobody", &body), 404, None);
}

#[test]
fn a_resource_is_patched() {
    let scim = Scim::new();
    let id = text(&scim.send("POST", "/Users", &bjensen()).body["id"]);
    // Section 3.5.2.1: an object without a path.
    let added = scim.patch(
        &id,
        &json!([{ "op": "add", "value": {
        "emails": [{ "value": "babs@jensen.org", "type": "home" }],
        "nickname": "Babs",
    } }]),
    );
    assert_eq!(added.status, 200, "{}", added.body);
    assert_eq!(added.body["emails"], json!([{ "value": "babs@jensen.org", "type": "home" }]));
    // Adding what is there changes nothing.
    let again = json!([{ "op": "add", "path": "emails",
        "value": [{ "value": "babs@jensen.org", "type": "home" }] }]);
    assert_eq!(scim.patch(&id, &again).body, added.body);
    // Section 3.5.2.3: a filter and a sub-attribute.
    let replaced = scim.patch(
        &id,
        &json!([
            { "op": "replace", "path": "emails[type eq \"home\"].value", "value": "b@jensen.org" },
            { "op": "replace", "path": "name.familyName", "value": "Smith" },
        ]),
    );
    assert_eq!(replaced.body["emails"], json!([{ "value": "b@jensen.org", "type": "home" }]));
    assert_eq!(replaced.body["name"]["familyName"], "Smith");
    assert_eq!(replaced.body["name"]["givenName"], "Barbara");
    // Section 3.5.2.2: removal of one value and of an attribute.
    let removed = scim.patch(
        &id,
        &json!([
            { "op": "remove", "path": "emails[type eq \"home\" and value eq \"b@jensen.org\"]" },
            { "op": "remove", "path": "name" },
            { "op": "remove", "path": "externalId" },
        ]),
    );
    for name in ["emails", "name", "externalId"] {
        assert_eq!(removed.body[name], Value::Null, "{name}");
    }
    assert_eq!(scim.get(&format!("/Users/{id}")).body, removed.body);
}

#[test]
fn what_is_supported_is_told() {
    let scim = Scim::new();
    let config = scim.get("/ServiceProviderConfig").body;
    for (name, supported) in [
        ("patch", true),
        ("filter", true),
        ("bulk", false),
        ("sort", false),
        ("etag", false),
        ("changePassword", false),
    ] {
        assert_eq!(config[name]["supported"], supported, "{name}");
    }
    assert_eq!(config["authenticationSchemes"][0]["type"], "oauthbearertoken");
    let types = scim.get("/ResourceTypes").body;
    assert_eq!(
        (&types["totalResults"], &types["Resources"][0]["endpoint"]),
        (&json!(1), &json!("/Users"))
    );
    assert_eq!(scim.get("/ResourceTypes/User").body, types["Resources"][0]);
    let schemas = scim.get("/Schemas").body;
    assert_eq!(scim.get(&format!("/Schemas/{USER}")).body, schemas["Resources"][0]);
    let names: Vec<_> = schemas["Resources"][0]["attributes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|attribute| text(&attribute["name"]))
        .collect();
    assert_eq!(names, ["userName", "displayName", "active", "externalId", "name", "emails"]);
    check(&scim.get("/Schemas/urn:nobody"), 404, None);
    check(&scim.get("/ResourceTypes/Group"), 404, None);
}
