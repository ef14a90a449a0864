//! PATCH: operations one after the other on a person; the first that fails leaves nothing changed.

use serde_json::{Map, Value};

use super::{
    PATCH_SCHEMA, ScimError,
    filter::{self, Condition},
    is_name,
    json::member,
    own_name,
    profile::{Manner, Profile, check_schemas, is_plain},
};

/// The most operations of one request.
pub const MAXIMUM_OPERATIONS: usize = 100;

/// One operation.
#[derive(Clone, Debug)]
pub struct Operation {
    verb: Verb,
    path: Option<Path>,
    value: Value,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verb {
    Set(Manner),
    Remove,
}

/// Where an operation leads.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Path {
    /// To an attribute of the enterprise extension, of which nothing is kept.
    Elsewhere,
    /// To an attribute, all in lower case.
    Attribute { name: String, conditions: Option<Vec<Condition>>, sub: Option<String> },
}

/// Reads the body of a PATCH.
///
/// # Errors
/// `invalidSyntax`, `invalidPath`, `invalidFilter`, `noTarget`.
pub fn read(body: &Map<String, Value>) -> Result<Vec<Operation>, ScimError> {
    check_schemas(body, PATCH_SCHEMA)?;
    let operations = member(body, "Operations").and_then(Value::as_array);
    let operations =
        operations.ok_or_else(|| ScimError::syntax("`Operations` is a list of operations"))?;
    if operations.is_empty() || operations.len() > MAXIMUM_OPERATIONS {
        let detail = format!("`Operations` are 1 to {MAXIMUM_OPERATIONS}");
        return Err(ScimError::syntax(detail));
    }
    operations.iter().map(Operation::read).collect()
}

impl Operation {
    fn read(operation: &Value) -> Result<Self, ScimError> {
        let operation =
            operation.as_object().ok_or_else(|| ScimError::syntax("an operation is an object"))?;
        let verb = member(operation, "op").and_then(Value::as_str).unwrap_or_default();
        let verb = match verb.to_ascii_lowercase().as_str() {
            "add" => Verb::Set(Manner::Add),
            "replace" => Verb::Set(Manner::Replace),
            "remove" => Verb::Remove,
            _ => return Err(ScimError::syntax("`op` is `add`, `replace` or `remove`")),
        };
        let path = match member(operation, "path") {
            None => None,
            Some(Value::String(path)) if path.is_empty() => None,
            Some(Value::String(path)) => Some(Path::read(path)?),
            Some(_) => return Err(ScimError::path("`path` is a text")),
        };
        if verb == Verb::Remove && path.is_none() {
            return Err(ScimError::no_target("`remove` needs a `path`"));
        }
        let given = operation.iter().find(|(name, _)| name.eq_ignore_ascii_case("value"));
        if verb != Verb::Remove && given.is_none() {
            return Err(ScimError::value("an operation that sets needs a `value`"));
        }
        let value = given.map_or(Value::Null, |(_, value)| value.clone());
        Ok(Self { verb, path, value })
    }

    /// Changes the person.
    ///
    /// # Errors
    /// `invalidPath`, `invalidValue`, `mutability`.
    pub fn apply(&self, profile: &mut Profile) -> Result<(), ScimError> {
        match (self.verb, &self.path) {
            (Verb::Set(manner), Some(path)) => path.set(profile, &self.value, manner, false),
            (Verb::Set(manner), None) => {
                let Value::Object(values) = &self.value else {
                    return Err(ScimError::value("without a `path` the `value` is an object"));
                };
                for (name, value) in values {
                    // Entra ID puts paths into names.
                    let path = if is_plain(name) { Path::plain(name) } else { Path::read(name)? };
                    path.set(profile, value, manner, true)?;
                }
                Ok(())
            }
            (Verb::Remove, Some(path)) => path.remove(profile),
            (Verb::Remove, None) => Err(ScimError::no_target("`remove` needs a `path`")),
        }
    }
}

impl Path {
    fn plain(name: &str) -> Self {
        Self::Attribute { name: name.to_ascii_lowercase(), conditions: None, sub: None }
    }

    fn read(text: &str) -> Result<Self, ScimError> {
        let own = own_name(text)
            .map_err(|_| ScimError::path("`path` names a schema that is not supported here"))?;
        let Some(own) = own else { return Ok(Self::Elsewhere) };
        let malformed = || ScimError::path("`path` is malformed");
        let (name, conditions, sub) = match own.split_once('[') {
            None => match own.split_once('.') {
                None => (own, None, None),
                Some((name, sub)) => (name, None, Some(sub)),
            },
            Some((name, rest)) => {
                // The last bracket: a text inside may hold one.
                let (conditions, rest) = rest.rsplit_once(']').ok_or_else(malformed)?;
                let sub = match rest {
                    "" => None,
                    rest => Some(rest.strip_prefix('.').ok_or_else(malformed)?),
                };
                (name, Some(filter::parse(conditions)?), sub)
            }
        };
        if !is_name(name) || !sub.is_none_or(is_name) {
            return Err(malformed());
        }
        Ok(Self::Attribute {
            name: name.to_ascii_lowercase(),
            conditions,
            sub: sub.map(str::to_ascii_lowercase),
        })
    }

    /// `lenient`: a name that nobody knows is ignored, as everywhere in a body.
    fn set(
        &self,
        profile: &mut Profile,
        value: &Value,
        manner: Manner,
        lenient: bool,
    ) -> Result<(), ScimError> {
        let Self::Attribute { name, conditions, sub } = self else { return Ok(()) };
        if matches!(name.as_str(), "id" | "meta" | "schemas") {
            return if lenient { Ok(()) } else { Err(read_only(name)) };
        }
        let kept = match conditions {
            Some(conditions) if name == "emails" => {
                profile.set_emails(conditions, sub.as_deref(), value).map(|()| true)
            }
            Some(_) => profile.is_list(name),
            None => profile.set(name, sub.as_deref(), value, manner),
        };
        if kept? || lenient { Ok(()) } else { Err(unknown()) }
    }

    fn remove(&self, profile: &mut Profile) -> Result<(), ScimError> {
        let Self::Attribute { name, conditions, sub } = self else { return Ok(()) };
        if matches!(name.as_str(), "id" | "meta" | "schemas") {
            return Err(read_only(name));
        }
        let kept = match conditions {
            Some(conditions) if name == "emails" => {
                profile.remove_emails(conditions, sub.as_deref());
                Ok(true)
            }
            Some(_) => profile.is_list(name),
            None => profile.remove(name, sub.as_deref()),
        };
        if kept? { Ok(()) } else { Err(unknown()) }
    }
}

fn read_only(name: &str) -> ScimError {
    ScimError::mutability(format!("`{name}` cannot be changed"))
}

fn unknown() -> ScimError {
    ScimError::path("`path` leads to an attribute that users do not have")
}
