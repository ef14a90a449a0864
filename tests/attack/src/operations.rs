//! Every operation, and how it is asked: whom it is for, about what, and what its good answer is.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use exportgate_core::secret::SecretKind;
use http::Method;
use serde_json::{Value, json};

use crate::document::Operation;
use crate::forged::forged;
use crate::scene::{Headers, Keys, OURS, Person, Scene, THEIRS, text};
use crate::who::Access;

/// Whose the thing is that is asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Whose {
    Own,
    /// Somebody else's of the same organization.
    Others,
    OtherOrganizations,
    /// Nobody's: it is well formed, and does not exist.
    Absent,
}

impl Whose {
    pub const ALL: [Self; 4] = [Self::Own, Self::Others, Self::OtherOrganizations, Self::Absent];
}

/// What an operation is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum About {
    /// Nothing that belongs to anybody, or all that is the asker's own.
    Nothing,
    /// A token, named by its id.
    Token,
    /// A person or token by which a list is narrowed.
    Filter,
    /// A person, named by a directory.
    User,
    /// A token, proven by its secret.
    Secret,
    /// The same, reported by whoever found it.
    Reported,
}

/// One way to ask an operation.
#[derive(Clone, Copy, Debug)]
pub struct Variant {
    pub name: &'static str,
    pub access: Access,
    pub about: About,
    /// The status of the good answer.
    pub good: u16,
}

/// A request, but for its credential.
#[derive(Default)]
pub struct Asked {
    pub path: String,
    pub headers: Headers,
    pub body: Option<Sent>,
    /// What differs in answers about different things, and must not make them differ otherwise.
    pub names: Vec<String>,
    /// Whose token must be as it was.
    pub token: Option<crate::scene::Token>,
}

/// A body.
pub enum Sent {
    Json(Value),
    Form(String),
}

const fn variant(name: &'static str, access: Access, about: About, good: u16) -> Variant {
    Variant { name, access, about, good }
}

/// The ways to ask an operation; none: nobody has said yet whom it is for.
pub fn variants(operation: &Operation) -> Option<Vec<Variant>> {
    use About::{Filter, Nothing, Reported, Secret, Token, User};
    use Access::{Administrator, Anybody, Operator, Person, Proxy, Scim, Service, Session};
    let one = |access, about, good| vec![variant("", access, about, good)];
    Some(match (operation.method.as_str(), operation.path.as_str()) {
        ("GET", "/livez" | "/readyz" | "/metrics" | "/openapi.json" | "/v1/sign-in") => {
            one(Anybody, Nothing, 200)
        }
        ("POST", "/v1/sign-in") => one(Anybody, Nothing, 200),
        // No provider is configured: tests/it/openid asks those that are.
        (_, path) if path.starts_with("/v1/sign-in/oidc") => one(Anybody, Nothing, 404),
        ("POST", "/v1/sign-out") => one(Session, Nothing, 204),
        ("GET", "/v1/me" | "/v1/policy") => one(Person, Nothing, 200),
        ("POST", "/v1/tokens") => one(Person, Nothing, 201),
        ("GET", "/v1/tokens") => one(Person, Nothing, 200),
        ("GET", "/v1/tokens/{token_id}" | "/v1/tokens/{token_id}/uses")
        | ("PATCH", "/v1/tokens/{token_id}")
        | ("POST", "/v1/tokens/{token_id}/revoke") => one(Person, Token, 200),
        ("POST", "/v1/tokens/revoke-all") => one(Person, Nothing, 200),
        ("GET", "/v1/history" | "/v1/history/activity") => vec![
            variant("", Person, Nothing, 200),
            variant("token_id", Person, Filter, 200),
            variant("user_id", Person, Filter, 200),
            variant("scope=all", Administrator, Nothing, 200),
        ],
        (
            "GET",
            "/v1/history/checkpoint"
            | "/v1/history/proof/inclusion"
            | "/v1/history/proof/consistency",
        ) => one(Person, Nothing, 200),
        ("PUT", "/v1/policy") | ("POST", "/v1/policy/preview" | "/v1/policy/apply-to-existing") => {
            one(Administrator, Nothing, 200)
        }
        ("POST", "/v1/exports/validate" | "/oauth2/introspect") => one(Service, Secret, 200),
        ("GET", "/v1/exports/authorize") => one(Proxy, Secret, 200),
        ("POST", "/oauth2/revoke") => one(Anybody, Reported, 200),
        ("GET", "/scim/v2/Users") => one(Scim, Nothing, 200),
        ("POST", "/scim/v2/Users") => one(Scim, Nothing, 201),
        ("GET" | "PUT" | "PATCH", "/scim/v2/Users/{user_id}") => one(Scim, User, 200),
        ("DELETE", "/scim/v2/Users/{user_id}") => one(Scim, User, 204),
        ("GET", path) if path.starts_with("/scim/v2/") => one(Scim, Nothing, 200),
        ("POST", "/v1/operator/users" | "/v1/operator/services" | "/v1/operator/scim-keys")
        | ("POST", "/v1/operator/sign-in-codes" | "/v1/operator/backups") => {
            one(Operator, Nothing, 201)
        }
        (_, path) if path.starts_with("/v1/operator/") => one(Operator, Nothing, 200),
        _ => return None,
    })
}

/// Makes a request for this variant. What a change would end is made anew each time.
///
/// # Errors
///
/// When the scene cannot make what the request is about.
pub async fn asked(
    scene: &mut Scene,
    operation: &Operation,
    variant: Variant,
    asker: Person,
    whose: Whose,
) -> anyhow::Result<Asked> {
    let mut asked = Asked { path: operation.path.clone(), ..Asked::default() };
    let owner = match whose {
        Whose::Own | Whose::Absent => asker,
        Whose::Others => Person::Bert,
        Whose::OtherOrganizations => Person::Gina,
    };
    let token = match (variant.about, whose) {
        (About::Token | About::Filter | About::Secret | About::Reported, Whose::Absent) => {
            crate::scene::Token {
                token_id: "tok_0000000000000000000000".to_owned(),
                secret: forged(SecretKind::AccessToken)?,
            }
        }
        (About::Token | About::Filter | About::Secret | About::Reported, _) => {
            scene.token(owner).await?
        }
        _ => crate::scene::Token { token_id: String::new(), secret: String::new() },
    };
    let json = |value: Value| Some(Sent::Json(value));
    match (operation.method.as_str(), operation.path.as_str()) {
        ("POST", "/v1/sign-in") => {
            asked.body = json(json!({ "code": scene.code("bert", OURS).await? }));
        }
        ("POST", path) if path.starts_with("/v1/sign-in/oidc") => {
            asked.body = Some(Sent::Form("logout_token=x".to_owned()));
        }
        ("POST", "/v1/tokens") => asked.body = json(json!({ "label": "Matrix" })),
        ("PATCH", "/v1/tokens/{token_id}") => asked.body = json(json!({ "label": "Mine now" })),
        ("GET", "/v1/history" | "/v1/history/activity") => match variant.name {
            "token_id" => asked.path += &format!("?token_id={}", token.token_id),
            "user_id" => {
                let id = user_id(scene, whose, asker).await?;
                asked.path += &format!("?user_id={id}");
                asked.names.push(id);
            }
            "scope=all" => asked.path += "?scope=all",
            _ => {}
        },
        ("GET", "/v1/history/proof/inclusion") => asked.path += "?sequence=1",
        ("GET", "/v1/history/proof/consistency") => asked.path += "?from=1",
        ("PUT", "/v1/policy") => {
            asked.headers.push(("if-match", version(scene).await?));
            asked.body = json(policy());
        }
        ("POST", "/v1/policy/preview" | "/v1/operator/policy/preview") => {
            asked.body = json(policy());
        }
        ("POST", "/v1/policy/apply-to-existing") => {
            asked.headers.push(("if-match", version(scene).await?));
            asked.body = json(json!({ "notice_days": 30 }));
        }
        ("POST", "/v1/exports/validate") => asked.body = json(json!({ "secret": token.secret })),
        ("GET", "/v1/exports/authorize") => {
            asked.headers.push(("authorization", format!("Bearer {}", token.secret)));
        }
        ("POST", "/oauth2/introspect" | "/oauth2/revoke") => {
            asked.body = Some(Sent::Form(format!("token={}", token.secret)));
        }
        ("GET", "/scim/v2/ResourceTypes/{name}") => asked.path = filled(operation, "User"),
        ("GET", "/scim/v2/Schemas/{name}") => {
            asked.path = filled(operation, "urn:ietf:params:scim:schemas:core:2.0:User");
        }
        ("POST", "/scim/v2/Users") => asked.body = json(scim_user(&scene.new_name())),
        (method, "/scim/v2/Users/{user_id}") => {
            let keys = if whose == Whose::OtherOrganizations { THEIRS } else { OURS };
            let id = match whose {
                Whose::Absent => "usr_0000000000000000000000".to_owned(),
                _ => provisioned(scene, keys).await?,
            };
            asked.path = filled(operation, &id);
            asked.names.push(id);
            asked.body = match method {
                "PUT" => json(scim_user(&scene.new_name())),
                "PATCH" => json(json!({
                    "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
                    "Operations": [{ "op": "replace", "path": "active", "value": false }],
                })),
                _ => None,
            };
        }
        (_, path) if path.starts_with("/v1/operator/") => {
            operators(scene, operation, &mut asked).await?;
        }
        _ => {}
    }
    if variant.about == About::Token {
        asked.path = filled(operation, &token.token_id);
    }
    asked.names.push(token.token_id.clone());
    let is_there = whose != Whose::Absent && !token.token_id.is_empty();
    asked.token = is_there.then_some(token);
    Ok(asked)
}

async fn operators(
    scene: &mut Scene,
    operation: &Operation,
    asked: &mut Asked,
) -> anyhow::Result<()> {
    let name = scene.new_name();
    let made = |kind: &str| format!("/v1/operator/{kind}");
    let json = |value: Value| Some(Sent::Json(value));
    match (operation.method.as_str(), operation.path.as_str()) {
        ("POST", "/v1/operator/users") => asked.body = json(json!({ "user_name": name })),
        ("POST" | "PUT", path) if path.contains("{user_name}") => {
            let user = json!({ "user_name": name });
            scene.operate(Method::POST, "/v1/operator/users", &user).await?;
            asked.path = filled(operation, &name);
            if operation.method == "PUT" {
                asked.body = json(json!({ "role": "user" }));
            }
        }
        ("POST", "/v1/operator/sign-in-codes") => {
            asked.body = json(json!({ "user_name": "bert" }));
        }
        ("POST", "/v1/operator/services" | "/v1/operator/scim-keys") => {
            asked.body = json(json!({ "name": name }));
        }
        ("POST", path) if path.contains("{name}") => {
            let kind = if path.contains("services") { "services" } else { "scim-keys" };
            let named = json!({ "name": name });
            scene.operate(Method::POST, &made(kind), &named).await?;
            asked.path = filled(operation, &name);
        }
        ("POST", "/v1/operator/backups") => {
            let file = scene.host.data().join(format!("backup-{name}.db"));
            asked.body = json(json!({ "file": file }));
        }
        ("PUT", "/v1/operator/policy") => {
            asked.headers.push(("if-match", version(scene).await?));
            asked.body = json(policy());
        }
        ("POST", "/v1/operator/policy/apply-to-existing") => {
            asked.headers.push(("if-match", version(scene).await?));
            asked.body = json(json!({ "notice_days": 30 }));
        }
        _ => {}
    }
    Ok(())
}

fn policy() -> Value {
    json!({
        "maximum_expiry_days": 365, "automatic_expiration": false, "maximum_active_tokens": null,
    })
}

async fn version(scene: &mut Scene) -> anyhow::Result<String> {
    let policy = scene.operate(Method::GET, "/v1/operator/policy", &Value::Null).await?;
    Ok(format!("\"{}\"", policy.get("version").and_then(Value::as_u64).unwrap_or_default()))
}

/// The path with a name in the place of its parameter.
pub fn filled(operation: &Operation, name: &str) -> String {
    match (operation.path.split_once('{'), operation.path.split_once('}')) {
        (Some((before, _)), Some((_, after))) => format!("{before}{name}{after}"),
        _ => operation.path.clone(),
    }
}

async fn user_id(scene: &mut Scene, whose: Whose, asker: Person) -> anyhow::Result<String> {
    let (user, org) = match whose {
        Whose::Absent => return Ok("usr_0000000000000000000000".to_owned()),
        Whose::Own if asker == Person::Asta => return Ok("asta".to_owned()),
        Whose::Own => (asker.user_name(), OURS),
        Whose::Others => (Person::Bert.user_name(), OURS),
        Whose::OtherOrganizations => (Person::Gina.user_name(), THEIRS),
    };
    let path = format!("/v1/operator/users?org_id={org}");
    let listed = scene.operate(Method::GET, &path, &Value::Null).await?;
    let listed = listed.get("items").and_then(Value::as_array).cloned().unwrap_or_default();
    let found =
        listed.iter().find(|one| one.get("user_name").and_then(Value::as_str) == Some(&user));
    text(found.unwrap_or(&Value::Null), "/user_id")
}

fn scim_user(name: &str) -> Value {
    json!({ "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": name })
}

/// A new person whom a directory of this organization has added.
///
/// # Errors
///
/// When the directory is not served.
pub async fn provisioned(scene: &mut Scene, org: &str) -> anyhow::Result<String> {
    let name = scene.new_name();
    let Keys { scim, .. } = if org == OURS { &scene.ours } else { &scene.theirs };
    let headers: Headers = vec![
        ("authorization", format!("Bearer {scim}")),
        ("content-type", "application/scim+json".to_owned()),
    ];
    let user = scim_user(&name);
    let body = exportgate_tests::client::Body::Json(&user);
    let answer = scene.send(Method::POST, "/scim/v2/Users", &headers, body).await?;
    text(&serde_json::from_slice(answer.body())?, "/id")
}

/// A credential as HTTP Basic.
pub fn basic(name: &str, password: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{name}:{password}")))
}
