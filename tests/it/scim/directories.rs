//! The requests that Entra ID and Okta send, in the order and form in which they document them.

use serde_json::{Value, json};

use super::{ENTERPRISE, Scim, USER, check, text};

/// "Develop and plan provisioning for a SCIM endpoint in Microsoft Entra ID".
#[test]
fn entra_id_tests_its_connection_and_provisions_changes_disables_and_removes_a_user() {
    let scim = Scim::new();
    // The connection test asks for a user who is not there.
    assert_eq!(
        scim.find("userName eq \"7b49eb7b-1b3c-4b1e-8f5c-0d6f1f3f0e11\"")["totalResults"],
        0
    );
    let created = scim.send("POST", "/Users", &json!({
        "schemas": [USER, ENTERPRISE],
        "externalId": "0a21f0f2-8d2a-4f8e-bf98-7363c4aed4ef",
        "userName": "Test_User_ab6490ee@testuser.com",
        "active": true,
        "displayName": "Test User",
        "emails": [{ "primary": true, "type": "work", "value": "Test_User_fd0ea19b@testuser.com" }],
        "meta": { "resourceType": "User" },
        "name": { "formatted": "givenName familyName", "familyName": "familyName",
            "givenName": "givenName" },
        "roles": [],
        ENTERPRISE: { "employeeNumber": "701984", "department": "Sales" },
    }));
    assert_eq!(created.status, 201, "{}", created.body);
    let id = text(&created.body["id"]);
    let path = format!("/Users/{id}");
    assert_eq!(scim.get(&path).status, 200);
    for filter in [
        "userName eq \"test_user_AB6490EE@testuser.com\"",
        "externalId eq \"0a21f0f2-8d2a-4f8e-bf98-7363c4aed4ef\"",
    ] {
        assert_eq!(scim.find(filter)["Resources"][0]["id"], id, "{filter}");
    }

    let changed = scim.patch(&id, &json!([
        { "op": "Replace", "path": "emails[type eq \"work\"].value", "value": "updated@microsoft.com" },
        { "op": "Replace", "path": "name.familyName", "value": "updatedFamilyName" },
        { "op": "Add", "path": format!("{ENTERPRISE}:department"), "value": "Finance" },
        { "op": "Add", "path": "addresses[type eq \"work\"].country", "value": "DE" },
        { "op": "Add", "path": "phoneNumbers[type eq \"mobile\"].value", "value": "+49 1" },
        { "op": "Add", "path": "title", "value": "Guide" },
    ]));
    assert_eq!(changed.status, 200, "{}", changed.body);
    assert_eq!(changed.body["emails"][0]["value"], "updated@microsoft.com");
    assert_eq!(changed.body["name"]["familyName"], "updatedFamilyName");
    // Names with dots and filters in an object, as Entra ID sends them without its new flag.
    let loose = scim.patch(
        &id,
        &json!([{ "op": "Add", "value": {
        "name.givenName": "Given",
        "emails[type eq \"home\"].value": "home@example.com",
        "displayName": "New Name",
        format!("{ENTERPRISE}:employeeNumber"): "7",
    } }]),
    );
    assert_eq!(loose.body["name"]["givenName"], "Given", "{}", loose.body);
    assert_eq!(loose.body["emails"][1], json!({ "value": "home@example.com", "type": "home" }));
    let renamed =
        json!([{ "op": "Replace", "path": "userName", "value": "5b50642d@testuser.com" }]);
    assert_eq!(scim.patch(&id, &renamed).body["userName"], "5b50642d@testuser.com");

    let disabled = json!([{ "op": "Replace", "path": "active", "value": "False" }]);
    assert_eq!(scim.patch(&id, &disabled).body["active"], false);
    assert_eq!(scim.find("userName eq \"5b50642d@testuser.com\"")["Resources"][0]["active"], false);
    assert_eq!(
        scim.patch(&id, &json!([{ "op": "Replace", "path": "active", "value": "True" }])).body["active"],
        true
    );
    assert_eq!(scim.send("DELETE", &path, &Value::Null).status, 204);
    check(&scim.get(&path), 404, None);
}

/// "Okta and SCIM Version 2.0".
#[test]
fn okta_looks_up_creates_updates_deactivates_and_reactivates_a_user() {
    let scim = Scim::new();
    let lookup = scim
        .get("/Users?filter=userName%20eq%20%22test.user%40okta.local%22&startIndex=1&count=100");
    assert_eq!((lookup.status, &lookup.body["totalResults"]), (200, &json!(0)));
    let created = scim.send(
        "POST",
        "/Users",
        &json!({
            "schemas": [USER],
            "userName": "test.user@okta.local",
            "name": { "givenName": "Test", "familyName": "User" },
            "emails": [{ "primary": true, "value": "test.user@okta.local", "type": "work" }],
            "displayName": "Test User",
            "locale": "en-US",
            "externalId": "00ujl29u0le5T6Aj10h7",
            "groups": [],
            "password": "1mz050nq",
            "active": true,
        }),
    );
    assert_eq!(created.status, 201, "{}", created.body);
    assert!(!created.text.contains("1mz050nq"));
    let id = text(&created.body["id"]);
    let path = format!("/Users/{id}");
    assert_eq!(scim.get("/Users?startIndex=1&count=2").body["itemsPerPage"], 2);

    // Okta reads the user and puts the whole of it back, changed.
    let mut profile = scim.get(&path).body;
    profile["name"] =
        json!({ "givenName": "Another", "middleName": "Excited", "familyName": "User" });
    profile["groups"] = json!([]);
    let updated = scim.send("PUT", &path, &profile);
    assert_eq!(updated.status, 200, "{}", updated.body);
    assert_eq!(updated.body["name"], json!({ "givenName": "Another", "familyName": "User" }));
    assert_eq!(updated.body["emails"], created.body["emails"]);

    let active = |active: bool| json!([{ "op": "replace", "value": { "active": active } }]);
    assert_eq!(scim.patch(&id, &active(false)).body["active"], false);
    assert_eq!(scim.patch(&id, &active(true)).body["active"], true);
    profile["active"] = json!(false);
    assert_eq!(scim.send("PUT", &path, &profile).body["active"], false);
    assert_eq!(scim.told_of_people().len(), 3);
}
