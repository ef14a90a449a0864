//! What the SCIM surface says of itself: its features, its resource types, its schemas.

use serde_json::{Value, json};

use super::{LIST_SCHEMA, USER_SCHEMA};

/// The most users of one page.
pub const MAXIMUM_RESULTS: i64 = 200;

const CONFIG_SCHEMA: &str = "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig";
const TYPE_SCHEMA: &str = "urn:ietf:params:scim:schemas:core:2.0:ResourceType";
const SCHEMA_SCHEMA: &str = "urn:ietf:params:scim:schemas:core:2.0:Schema";

/// RFC 7643 section 5.
#[must_use]
pub fn service_provider_config(base: &str) -> Value {
    let unsupported = json!({ "supported": false });
    json!({
        "schemas": [CONFIG_SCHEMA],
        "patch": { "supported": true },
        "bulk": { "supported": false, "maxOperations": 0, "maxPayloadSize": 0 },
        "filter": { "supported": true, "maxResults": MAXIMUM_RESULTS },
        "changePassword": unsupported,
        "sort": unsupported,
        "etag": unsupported,
        "authenticationSchemes": [{
            "type": "oauthbearertoken",
            "name": "SCIM key",
            "description": "The key that `exportgate scim-key add` shows once, as a bearer token.",
            "specUri": "https://www.rfc-editor.org/info/rfc6750",
            "primary": true,
        }],
        "meta": {
            "resourceType": "ServiceProviderConfig",
            "location": format!("{base}/ServiceProviderConfig"),
        },
    })
}

/// RFC 7643 section 6.
#[must_use]
pub fn user_type(base: &str) -> Value {
    json!({
        "schemas": [TYPE_SCHEMA],
        "id": "User",
        "name": "User",
        "description": "A person of the organization that the key belongs to",
        "endpoint": "/Users",
        "schema": USER_SCHEMA,
        "schemaExtensions": [],
        "meta": { "resourceType": "ResourceType", "location": format!("{base}/ResourceTypes/User") },
    })
}

/// RFC 7643 section 7: what is kept of a user. The role is given in Exportgate, not by a directory.
#[must_use]
pub fn user_schema(base: &str) -> Value {
    let user_name = text("userName", "The name for sign-in and for Power BI; unique, without `:`");
    let active = attribute(
        "active",
        "boolean",
        "Whether the person's tokens are valid. Taking it away stops them at once, and giving it \
         back restores them. True where a new user does not say; it is never without a value.",
    );
    let external_id = text("externalId", "The directory's own id of the person");
    let name = attribute("name", "complex", "The parts of the person's name");
    let name_parts = json!([
        text("formatted", "The whole name"),
        text("familyName", "The family name"),
        text("givenName", "The given name"),
    ]);
    let emails = attribute(
        "emails",
        "complex",
        "Mail addresses; the primary one, or else the one for work, is shown to operators",
    );
    let email_parts = json!([
        text("value", "The address"),
        with(
            text("type", "What the address is for"),
            json!({ "canonicalValues": ["work", "home", "other"] }),
        ),
        attribute("primary", "boolean", "Whether this is the preferred address"),
    ]);
    json!({
        "schemas": [SCHEMA_SCHEMA],
        "id": USER_SCHEMA,
        "name": "User",
        "description": "A person. Other attributes of RFC 7643 are accepted and not kept; roles \
                        are given by the operator.",
        "attributes": [
            with(user_name, json!({ "required": true, "uniqueness": "server" })),
            text("displayName", "The name that pages show"),
            with(active, json!({ "required": true })),
            with(external_id, json!({ "caseExact": true })),
            with(name, json!({ "subAttributes": name_parts })),
            with(emails, json!({ "multiValued": true, "subAttributes": email_parts })),
        ],
        "meta": { "resourceType": "Schema", "location": format!("{base}/Schemas/{USER_SCHEMA}") },
    })
}

fn text(name: &str, description: &str) -> Value {
    with(
        attribute(name, "string", description),
        json!({ "caseExact": false, "uniqueness": "none" }),
    )
}

/// An attribute with more said of it.
fn with(mut attribute: Value, more: Value) -> Value {
    if let (Value::Object(attribute), Value::Object(more)) = (&mut attribute, more) {
        attribute.extend(more);
    }
    attribute
}

fn attribute(name: &str, kind: &str, description: &str) -> Value {
    json!({
        "name": name,
        "type": kind,
        "multiValued": false,
        "description": description,
        "required": false,
        "mutability": "readWrite",
        "returned": "default",
    })
}

/// RFC 7644 section 3.4.2: one page of a list.
#[must_use]
pub fn list(n_all: i64, start: i64, resources: Vec<Value>) -> Value {
    json!({
        "schemas": [LIST_SCHEMA],
        "totalResults": n_all,
        "startIndex": start,
        "itemsPerPage": resources.len(),
        "Resources": resources,
    })
}
