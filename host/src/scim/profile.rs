//! A person as a directory sees one: read from JSON, changed attribute by attribute, written out.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{ENTERPRISE_SCHEMA, ScimError, USER_SCHEMA, filter::Condition, json::member, own_name};

/// The longest text of an attribute, in characters.
const MAXIMUM_CHARACTERS: usize = 256;
/// The most mail addresses of a person.
const MAXIMUM_EMAILS: usize = 20;
/// Attributes of RFC 7643's user that a directory may send and that are not kept.
const NOT_KEPT: [&str; 17] = [
    "nickname",
    "profileurl",
    "title",
    "usertype",
    "preferredlanguage",
    "locale",
    "timezone",
    "password",
    "phonenumbers",
    "ims",
    "photos",
    "addresses",
    "groups",
    "entitlements",
    "roles",
    "x509certificates",
    "department",
];

/// A mail address.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "RFC 7643 section 4.1.2 says what the fields mean")]
pub struct Email {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub primary: Option<bool>,
}

impl Email {
    /// The one address of somebody whom the operator added.
    #[must_use]
    pub fn work(value: &str) -> Self {
        Self { value: Some(value.to_owned()), kind: Some("work".to_owned()), primary: Some(true) }
    }

    fn read(value: &Value) -> Result<Self, ScimError> {
        let mut email = Self::default();
        match value {
            Value::String(_) => email.set("value", value)?,
            Value::Object(object) => {
                for (name, value) in object {
                    email.set(&name.to_ascii_lowercase(), value)?;
                }
            }
            _ => return Err(ScimError::value("`emails` holds objects with `value` and `type`")),
        }
        Ok(email)
    }

    /// Sets a sub-attribute; others than the three are ignored.
    fn set(&mut self, name: &str, value: &Value) -> Result<(), ScimError> {
        match name {
            "value" => self.value = text("emails.value", value)?,
            "type" => self.kind = text("emails.type", value)?,
            "primary" => self.primary = boolean("emails.primary", value)?,
            _ => {}
        }
        Ok(())
    }

    fn meets(&self, conditions: &[Condition]) -> bool {
        let same = |ours: &Option<String>, wanted: &Value| {
            let wanted = wanted.as_str();
            ours.as_deref()
                .zip(wanted)
                .is_some_and(|(ours, wanted)| ours.eq_ignore_ascii_case(wanted))
        };
        conditions.iter().all(|condition| match condition.attribute.as_str() {
            "value" => same(&self.value, &condition.value),
            "type" => same(&self.kind, &condition.value),
            "primary" => {
                let wanted = boolean("primary", &condition.value).ok().flatten();
                wanted == Some(self.primary.unwrap_or(false))
            }
            _ => false,
        })
    }
}

/// What is kept beside the user's row.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "RFC 7643 section 4.1 says what the fields mean")]
pub struct Attributes {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub formatted: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub family_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub given_name: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub emails: Vec<Email>,
}

/// Everything that a directory can say of a person.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "RFC 7643 section 4.1 says what the fields mean")]
pub struct Profile {
    pub user_name: String,
    pub external_id: Option<String>,
    pub active: bool,
    pub attributes: Attributes,
}

/// How a value meets what is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    /// Lists grow.
    Add,
    /// Lists are replaced.
    Replace,
}

impl Profile {
    /// Reads the body of a POST or PUT. `active` is what holds where the body does not say.
    ///
    /// # Errors
    /// `invalidSyntax` for other schemas, `invalidValue` for what an attribute does not take.
    pub fn read(body: &Map<String, Value>, active: bool) -> Result<Self, ScimError> {
        check_schemas(body, USER_SCHEMA)?;
        let user_name = String::new();
        let attributes = Attributes::default();
        let mut profile = Self { user_name, external_id: None, active, attributes };
        profile.set_all(body, Manner::Replace)?;
        if profile.user_name.is_empty() {
            return Err(ScimError::value("`userName` is required"));
        }
        Ok(profile)
    }

    /// Sets every attribute of an object that is kept; all others are ignored (RFC 7644 section
    /// 3.3), and so is what only the host can say.
    fn set_all(&mut self, object: &Map<String, Value>, manner: Manner) -> Result<(), ScimError> {
        for (name, value) in object {
            let lower = name.to_ascii_lowercase();
            if !value.is_null() && !matches!(lower.as_str(), "schemas" | "id" | "meta") {
                self.set(&lower, None, value, manner)?;
            }
        }
        Ok(())
    }

    /// Sets one attribute, named in lower case; says whether it is kept.
    ///
    /// # Errors
    /// `invalidValue`, `mutability`.
    pub fn set(
        &mut self,
        name: &str,
        sub: Option<&str>,
        value: &Value,
        manner: Manner,
    ) -> Result<bool, ScimError> {
        if value.is_null() {
            return self.remove(name, sub);
        }
        let kept = &mut self.attributes;
        match (name, sub) {
            ("username", None) => {
                let given = text("userName", value)?;
                self.user_name = given.ok_or_else(|| ScimError::value("`userName` is required"))?;
            }
            ("externalid", None) => self.external_id = text("externalId", value)?,
            ("displayname", None) => kept.display_name = text("displayName", value)?,
            ("active", None) => {
                let given = boolean("active", value)?;
                self.active = given.ok_or_else(|| ScimError::value("`active` is a boolean"))?;
            }
            ("name", None) => {
                let Value::Object(name) = value else {
                    return Err(ScimError::value("`name` is an object"));
                };
                for (sub, value) in name {
                    self.set("name", Some(&sub.to_ascii_lowercase()), value, manner)?;
                }
            }
            ("name", Some("formatted")) => kept.formatted = text("name.formatted", value)?,
            ("name", Some("familyname")) => kept.family_name = text("name.familyName", value)?,
            ("name", Some("givenname")) => kept.given_name = text("name.givenName", value)?,
            ("name", Some(_)) => {}
            ("emails", None) => {
                let given = match value {
                    Value::Array(values) => {
                        values.iter().map(Email::read).collect::<Result<_, _>>()?
                    }
                    value => vec![Email::read(value)?],
                };
                if manner == Manner::Replace {
                    kept.emails.clear();
                }
                for email in given {
                    kept.put_email(email)?;
                }
            }
            ("emails", Some(sub)) => self.set_emails(&[], Some(sub), value)?,
            _ => return Ok(is_known(name)),
        }
        Ok(true)
    }

    /// Sets what a path such as `emails[type eq "work"].value` leads to. Where no address meets
    /// the conditions one is made of them: Entra ID replaces what is not there yet, and a change
    /// that deactivates somebody must not fail on a mail address.
    ///
    /// # Errors
    /// `invalidValue`.
    pub fn set_emails(
        &mut self,
        conditions: &[Condition],
        sub: Option<&str>,
        value: &Value,
    ) -> Result<(), ScimError> {
        let emails = &mut self.attributes.emails;
        let place = match emails.iter().position(|email| email.meets(conditions)) {
            Some(place) => place,
            None => {
                let mut email = Email::default();
                for condition in conditions {
                    email.set(&condition.attribute, &condition.value)?;
                }
                emails.push(email);
                emails.len() - 1
            }
        };
        self.attributes.check_emails()?;
        let Some(email) = self.attributes.emails.get_mut(place) else { return Ok(()) };
        match (sub, value) {
            (Some(sub), value) => email.set(sub, value)?,
            (None, Value::Array(values)) => {
                let first = values.first().ok_or_else(|| ScimError::value("an empty list"))?;
                *email = Email::read(first)?;
            }
            (None, value) => *email = Email::read(value)?,
        }
        self.attributes.keep_one_primary(place);
        self.attributes.emails.retain(|email| *email != Email::default());
        Ok(())
    }

    /// Removes an attribute; says whether it is one that is kept.
    ///
    /// # Errors
    /// `mutability` for what every person has.
    pub fn remove(&mut self, name: &str, sub: Option<&str>) -> Result<bool, ScimError> {
        let kept = &mut self.attributes;
        match (name, sub) {
            ("username" | "active", None) => {
                let detail =
                    format!("`{}` is required", if name == "active" { name } else { "userName" });
                return Err(ScimError::mutability(detail));
            }
            ("externalid", None) => self.external_id = None,
            ("displayname", None) => kept.display_name = None,
            ("name", None) => {
                kept.formatted = None;
                kept.family_name = None;
                kept.given_name = None;
            }
            ("name", Some("formatted")) => kept.formatted = None,
            ("name", Some("familyname")) => kept.family_name = None,
            ("name", Some("givenname")) => kept.given_name = None,
            ("name", Some(_)) => {}
            ("emails", None) => kept.emails.clear(),
            ("emails", Some(sub)) => self.remove_emails(&[], Some(sub)),
            _ => return Ok(is_known(name)),
        }
        Ok(true)
    }

    /// Removes what a path with conditions leads to.
    pub fn remove_emails(&mut self, conditions: &[Condition], sub: Option<&str>) {
        let emails = &mut self.attributes.emails;
        for email in emails.iter_mut().filter(|email| email.meets(conditions)) {
            match sub {
                None => *email = Email::default(),
                Some("value") => email.value = None,
                Some("type") => email.kind = None,
                Some("primary") => email.primary = None,
                Some(_) => {}
            }
        }
        emails.retain(|email| *email != Email::default());
    }

    /// Whether an attribute that is not kept may have several values, so that a path may choose
    /// among them.
    ///
    /// # Errors
    /// `invalidPath` for an attribute with one value.
    pub fn is_list(&self, name: &str) -> Result<bool, ScimError> {
        match name {
            "username" | "externalid" | "displayname" | "active" | "name" => {
                Err(ScimError::path("`path` chooses among values of an attribute that has one"))
            }
            name => Ok(is_known(name)),
        }
    }

    /// The name that pages show.
    #[must_use]
    pub fn shown_name(&self) -> String {
        let kept = &self.attributes;
        let whole = match (&kept.given_name, &kept.family_name) {
            (Some(given), Some(family)) => Some(format!("{given} {family}")),
            (given, family) => given.clone().or_else(|| family.clone()),
        };
        let shown = kept.display_name.clone().or_else(|| kept.formatted.clone()).or(whole);
        shown.unwrap_or_else(|| self.user_name.clone())
    }

    /// The address under which the person is reached: the primary one, one for work, or the first.
    #[must_use]
    pub fn main_email(&self) -> Option<String> {
        let emails = &self.attributes.emails;
        let primary = emails.iter().find(|email| email.primary == Some(true));
        let work = || emails.iter().find(|email| email.kind.as_deref() == Some("work"));
        primary.or_else(work).or_else(|| emails.first())?.value.clone()
    }

    /// The document that a directory is shown.
    #[must_use]
    pub fn document(&self, id: &str, created: &str, modified: &str, location: &str) -> Value {
        let kept = &self.attributes;
        let mut document = json!({
            "schemas": [USER_SCHEMA],
            "id": id,
            "userName": self.user_name,
            "active": self.active,
            "meta": {
                "resourceType": "User",
                "created": created,
                "lastModified": modified,
                "location": location,
            },
        });
        let name: Map<String, Value> = [
            ("formatted", &kept.formatted),
            ("familyName", &kept.family_name),
            ("givenName", &kept.given_name),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), value.clone()?.into())))
        .collect();
        if let Some(document) = document.as_object_mut() {
            let mut put = |name: &str, value: Value| document.insert(name.to_owned(), value);
            if let Some(external_id) = &self.external_id {
                put("externalId", external_id.clone().into());
            }
            if let Some(display_name) = &kept.display_name {
                put("displayName", display_name.clone().into());
            }
            if !name.is_empty() {
                put("name", name.into());
            }
            if !kept.emails.is_empty() {
                put("emails", json!(kept.emails));
            }
        }
        document
    }
}

impl Attributes {
    fn put_email(&mut self, email: Email) -> Result<(), ScimError> {
        if email == Email::default() {
            return Ok(());
        }
        self.emails.retain(|other| (&other.value, &other.kind) != (&email.value, &email.kind));
        self.emails.push(email);
        self.keep_one_primary(self.emails.len() - 1);
        self.check_emails()
    }

    fn check_emails(&self) -> Result<(), ScimError> {
        if self.emails.len() <= MAXIMUM_EMAILS {
            return Ok(());
        }
        Err(ScimError::value(format!("a person has at most {MAXIMUM_EMAILS} mail addresses")))
    }

    /// At most one address is the primary one (RFC 7643 section 2.4): that which came last.
    fn keep_one_primary(&mut self, last: usize) {
        if self.emails.get(last).is_some_and(|email| email.primary == Some(true)) {
            for (place, email) in self.emails.iter_mut().enumerate() {
                if place != last && email.primary == Some(true) {
                    email.primary = Some(false);
                }
            }
        }
    }
}

/// Whether a name is one of RFC 7643's attributes of a user that are not kept.
fn is_known(name: &str) -> bool {
    NOT_KEPT.contains(&name)
}

/// Refuses a body that is not of the wanted schema, or also of an unknown one.
///
/// # Errors
/// `invalidSyntax`.
pub fn check_schemas(body: &Map<String, Value>, wanted: &str) -> Result<(), ScimError> {
    let schemas = member(body, "schemas").and_then(Value::as_array);
    let schemas = schemas.ok_or_else(|| ScimError::syntax("`schemas` is a list of schemas"))?;
    let mut is_wanted = false;
    for schema in schemas {
        let schema = schema.as_str().unwrap_or_default();
        is_wanted |= schema.eq_ignore_ascii_case(wanted);
        let known = schema.eq_ignore_ascii_case(wanted)
            || wanted == USER_SCHEMA && schema.eq_ignore_ascii_case(ENTERPRISE_SCHEMA);
        if !known {
            return Err(ScimError::syntax("`schemas` names a schema that is not supported here"));
        }
    }
    if is_wanted { Ok(()) } else { Err(ScimError::syntax(format!("`schemas` lacks `{wanted}`"))) }
}

/// Reads a text that is shown to people as it is; an empty one counts as absent.
fn text(name: &str, value: &Value) -> Result<Option<String>, ScimError> {
    let text = match value {
        Value::Null => return Ok(None),
        Value::String(text) => text,
        _ => return Err(ScimError::value(format!("`{name}` is a text"))),
    };
    if text.chars().count() > MAXIMUM_CHARACTERS || text.chars().any(char::is_control) {
        let detail =
            format!("`{name}` has control characters or more than {MAXIMUM_CHARACTERS} characters");
        return Err(ScimError::value(detail));
    }
    Ok(Some(text.clone()).filter(|text| !text.is_empty()))
}

/// Reads a boolean, also as the text that Entra ID sends.
///
/// # Errors
/// `invalidValue`.
pub(super) fn boolean(name: &str, value: &Value) -> Result<Option<bool>, ScimError> {
    match value {
        Value::Null => Ok(None),
        Value::Bool(value) => Ok(Some(*value)),
        Value::String(text) if text.eq_ignore_ascii_case("true") => Ok(Some(true)),
        Value::String(text) if text.eq_ignore_ascii_case("false") => Ok(Some(false)),
        _ => Err(ScimError::value(format!("`{name}` is `true` or `false`"))),
    }
}

/// Whether a key of a path-less operation needs to be read as a path.
pub(super) fn is_plain(name: &str) -> bool {
    own_name(name).is_ok_and(|own| own == Some(name)) && !name.contains(['.', '['])
}
