//! Knows which routes there are, who may call them, and what they read.

use serde_json::{Value, json};

/// One method of one route.
pub struct Route {
    pub method: String,
    /// As in `/v1/tokens/{token_id}`.
    pub path: String,
    /// The name that the contract gives to the credential; empty where none is needed.
    pub credential: String,
    /// Names of query parameters.
    pub query: Vec<String>,
    pub body: Option<Body>,
    pub on_socket: bool,
}

/// What a route reads.
pub struct Body {
    pub media_type: String,
    /// A body that can be read, whatever the route then thinks of it.
    pub good: Value,
    /// Names of all fields that are text.
    pub texts: Vec<String>,
    /// Names of all fields that must be there.
    pub required: Vec<String>,
    /// Names of all fields that may be `null`.
    pub nullable: Vec<String>,
}

impl Body {
    pub fn is_json(&self) -> bool {
        self.media_type == "application/json" || self.is_scim()
    }

    /// SCIM ignores what it does not know (RFC 7644 section 3.3).
    pub fn is_scim(&self) -> bool {
        self.media_type == "application/scim+json"
    }

    fn of(contract: &Value, media_type: &str, content: &Value) -> Self {
        let mut schema = &content["schema"];
        if let Some(name) = schema["$ref"].as_str() {
            schema = contract.pointer(name.trim_start_matches('#')).expect("a schema");
        }
        let required: Vec<String> = list(&schema["required"]);
        let fields = schema["properties"].as_object().expect("an object's fields");
        let example = |field: &Value| match kinds(field).first().map(String::as_str) {
            Some("string") => json!("x"),
            Some("integer" | "number") => json!(1),
            Some("boolean") => json!(false),
            Some("array") => json!([]),
            other => panic!("no example for a field of the kind {other:?}: {field}"),
        };
        let good = required.iter().map(|name| (name.clone(), example(&fields[name]))).collect();
        let is_text = |field: &Value| kinds(field).iter().any(|kind| kind == "string");
        let texts = fields.iter().filter(|(_, field)| is_text(field)).map(|(name, _)| name.clone());
        let is_nullable = |field: &Value| kinds(field).iter().any(|kind| kind == "null");
        let nullable = fields.iter().filter(|(_, field)| is_nullable(field));
        Self {
            media_type: media_type.to_owned(),
            good: Value::Object(good),
            texts: texts.collect(),
            required,
            nullable: nullable.map(|(name, _)| name.clone()).collect(),
        }
    }
}

/// A type or a list of types.
fn kinds(field: &Value) -> Vec<String> {
    field["type"].as_str().map_or_else(|| list(&field["type"]), |kind| vec![kind.to_owned()])
}

fn list(names: &Value) -> Vec<String> {
    let names = names.as_array().map(Vec::as_slice).unwrap_or_default();
    names.iter().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// Every route of the contract.
pub fn routes_of(contract: &Value) -> Vec<Route> {
    let mut routes = Vec::new();
    for (path, methods) in contract["paths"].as_object().expect("paths") {
        for (method, operation) in methods.as_object().expect("methods") {
            let credential = operation["security"][0].as_object();
            let parameters = operation["parameters"].as_array().map(Vec::as_slice);
            let in_query = |it: &&Value| it["in"] == "query";
            let query = parameters.unwrap_or_default().iter().filter(in_query);
            let content = operation["requestBody"]["content"].as_object();
            let body = content.and_then(|content| content.iter().next());
            routes.push(Route {
                method: method.to_uppercase(),
                path: path.clone(),
                credential: credential
                    .and_then(|credential| credential.keys().next().cloned())
                    .unwrap_or_default(),
                query: query.filter_map(|it| Some(it["name"].as_str()?.to_owned())).collect(),
                body: body.map(|(media_type, content)| Body::of(contract, media_type, content)),
                on_socket: false,
            });
        }
    }
    routes
}

/// The operator's routes: method, path, fields that must be there, other text fields.
pub fn operator_routes() -> Vec<Route> {
    let table: [(&str, &str, &[&str], &[&str]); 16] = [
        ("GET", "/v1/operator/users", &[], &[]),
        (
            "POST",
            "/v1/operator/users",
            &["user_name"],
            &["display_name", "email", "role", "org_id"],
        ),
        ("POST", "/v1/operator/users/{user_name}/deactivate", &[], &[]),
        ("POST", "/v1/operator/users/{user_name}/reactivate", &[], &[]),
        ("PUT", "/v1/operator/users/{user_name}/role", &["role"], &[]),
        ("POST", "/v1/operator/sign-in-codes", &["user_name"], &["org_id"]),
        ("GET", "/v1/operator/services", &[], &[]),
        ("POST", "/v1/operator/services", &["name"], &["org_id"]),
        ("POST", "/v1/operator/services/{name}/revoke", &[], &[]),
        ("GET", "/v1/operator/scim-keys", &[], &[]),
        ("POST", "/v1/operator/scim-keys", &["name"], &["org_id"]),
        ("POST", "/v1/operator/scim-keys/{name}/revoke", &[], &[]),
        ("POST", "/v1/operator/backups", &["file"], &[]),
        ("GET", "/v1/operator/policy", &[], &[]),
        ("GET", "/v1/operator/history", &[], &[]),
        ("GET", "/v1/operator/history/checkpoint", &[], &[]),
    ];
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    let route = |(method, path, required, optional): (&str, &str, &[&str], &[&str])| Route {
        method: method.to_owned(),
        path: path.to_owned(),
        credential: String::new(),
        query: Vec::new(),
        body: (!required.is_empty()).then(|| Body {
            media_type: "application/json".to_owned(),
            good: required.iter().map(|name| ((*name).to_owned(), json!("x"))).collect(),
            texts: [names(required), names(optional)].concat(),
            required: names(required),
            nullable: Vec::new(),
        }),
        on_socket: true,
    };
    table.map(route).into()
}
