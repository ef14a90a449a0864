//! Whom a provider's claims let in, and as what: pure, after their origin was checked.

use exportgate_core::{
    id::{OrgId, UserId},
    name::Name,
    user::Role,
};
use serde_json::Value;

use super::SignInError;
use crate::{
    config::{Organizations, Provider as ProviderConfig, Roles},
    person::{Identity, Person, Protocol, display_name},
};

/// The person whom the claims name. `user_id` is the id of somebody new.
///
/// # Errors
/// [`SignInError::NotPermitted`] for a person of no allowed organization, and
/// [`SignInError::NotAccepted`] without a user name.
pub fn person(
    claims: &Value,
    subject: &str,
    config: &ProviderConfig,
    user_id: UserId,
) -> Result<Person, SignInError> {
    let org_id = organization(claims, &config.organizations)
        .ok_or(SignInError::NotPermitted("organization_not_allowed"))?;
    let text = |claim| texts(claims, claim).into_iter().next();
    let user_name = text(&config.user_name_claim).and_then(|name| Name::parse(name).ok());
    let user_name = user_name.ok_or(SignInError::NotAccepted("user_name_missing"))?;
    Ok(Person {
        org_id,
        identity: Identity {
            protocol: Protocol::OpenId,
            issuer: config.issuer_text.clone(),
            subject: subject.to_owned(),
        },
        user_id,
        user_name: Some(user_name),
        other_user_name: None,
        display_name: text("name").and_then(display_name),
        role: config.roles.as_ref().map(|roles| role(claims, roles)),
        links_by_user_name: config.links_by_user_name,
    })
}

/// The one organization that the claims stand for.
fn organization(claims: &Value, organizations: &Organizations) -> Option<OrgId> {
    match organizations {
        Organizations::One(org_id) => Some(org_id.clone()),
        Organizations::ByClaim { claim, organizations } => {
            let values = texts(claims, claim);
            let mut found = organizations
                .iter()
                .filter(|(value, _)| values.contains(&value.as_str()))
                .map(|(_, org_id)| org_id);
            let first = found.next()?;
            // Somebody of two organizations is to say which one is meant, and cannot.
            found.all(|other| other == first).then(|| first.clone())
        }
    }
}

fn role(claims: &Value, roles: &Roles) -> Role {
    let given = texts(claims, &roles.claim);
    let is_one = |value: &String| given.contains(&value.as_str());
    if roles.administrators.iter().any(is_one) { Role::Administrator } else { Role::User }
}

/// A claim's text, or all texts of its list. A claim is named by its name, or by a JSON pointer
/// (RFC 6901) into it.
fn texts<'a>(claims: &'a Value, claim: &str) -> Vec<&'a str> {
    let found = if claim.starts_with('/') { claims.pointer(claim) } else { claims.get(claim) };
    match found {
        Some(Value::String(text)) => vec![text],
        Some(Value::Array(items)) => items.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn config() -> ProviderConfig {
        ProviderConfig {
            name: None,
            display_name: "Acme".to_owned(),
            issuer: "https://login.example".parse().unwrap(),
            issuer_text: "https://login.example".to_owned(),
            client_id: "exportgate".to_owned(),
            client_secret_file: None,
            scopes: Vec::new(),
            organizations: Organizations::One(OrgId::parse("acme").unwrap()),
            user_name_claim: "preferred_username".to_owned(),
            roles: None,
            links_by_user_name: false,
            may_be_internal: false,
            listed: true,
        }
    }

    fn judged(claims: &Value, config: &ProviderConfig) -> Result<Person, SignInError> {
        person(claims, "s", config, UserId::from_random([0; 16]))
    }

    #[test]
    fn a_role_is_what_the_groups_say() {
        let with = |claim: &str| ProviderConfig {
            roles: Some(Roles {
                claim: claim.to_owned(),
                administrators: vec!["exportgate".to_owned(), "it".to_owned()],
            }),
            ..config()
        };
        let role = |claim: &str, groups: Value| {
            let mut claims = json!({ "preferred_username": "anna" });
            for (name, value) in groups.as_object().unwrap() {
                claims[name] = value.clone();
            }
            judged(&claims, &with(claim)).unwrap().role
        };
        for (claim, groups, expected) in [
            ("groups", json!({ "groups": ["sales", "it"] }), Role::Administrator),
            ("groups", json!({ "groups": "it" }), Role::Administrator),
            ("groups", json!({ "groups": ["IT", "its", 7, null] }), Role::User),
            ("groups", json!({ "groups": [["it"]] }), Role::User),
            ("groups", json!({}), Role::User),
            ("/a/roles", json!({ "a": { "roles": ["it"] } }), Role::Administrator),
            ("/a~1b/roles", json!({ "a/b": { "roles": ["it"] } }), Role::Administrator),
            ("/a/roles", json!({ "a": 1 }), Role::User),
        ] {
            assert_eq!(role(claim, groups.clone()), Some(expected), "{claim} {groups}");
        }
        assert_eq!(judged(&json!({ "preferred_username": "a" }), &config()).unwrap().role, None);
    }

    #[test]
    fn only_people_of_allowed_organizations_come_in() {
        let org = |text| OrgId::parse(text).unwrap();
        let organizations = [("t1", "acme"), ("t2", "beta"), ("t3", "acme")];
        let organizations = Organizations::ByClaim {
            claim: "tid".to_owned(),
            organizations: organizations.map(|(tid, id)| (tid.to_owned(), org(id))).to_vec(),
        };
        let config = ProviderConfig { organizations, ..config() };
        let found = |tid: Value| {
            let claims = json!({ "preferred_username": "anna", "tid": tid });
            judged(&claims, &config).map(|person| person.org_id)
        };
        let refused = Err(SignInError::NotPermitted("organization_not_allowed"));
        for (tid, expected) in [
            (json!("t1"), Ok(org("acme"))),
            (json!("t2"), Ok(org("beta"))),
            (json!(["t1", "t3"]), Ok(org("acme"))),
            (json!(["t1", "t2"]), refused.clone()),
            (json!("T1"), refused.clone()),
            (json!("acme"), refused.clone()),
            (json!(""), refused.clone()),
            (json!(null), refused.clone()),
            (json!(1), refused),
        ] {
            assert_eq!(found(tid.clone()), expected, "{tid}");
        }
    }

    #[test]
    fn nobody_comes_in_without_a_user_name() {
        let missing = Err(SignInError::NotAccepted("user_name_missing"));
        for name in [json!(null), json!(""), json!("a:b"), json!(7), json!("a\u{0}b")] {
            assert_eq!(judged(&json!({ "preferred_username": name }), &config()), missing);
        }
        let by_mail = ProviderConfig { user_name_claim: "email".to_owned(), ..config() };
        let claims = json!({ "email": "anna@acme.example", "name": " Anna " });
        let person = judged(&claims, &by_mail).unwrap();
        assert_eq!(person.user_name, Some(Name::parse("anna@acme.example").unwrap()));
        assert_eq!(person.display_name.as_deref(), Some("Anna"));
    }
}
