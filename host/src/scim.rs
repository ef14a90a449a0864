//! SCIM 2.0 (RFC 7643, RFC 7644) as documents: what a directory sends, what it is told. Pure: no
//! store, no HTTP.
//!
//! Reading order: [`profile`] is a person as a directory sees one, [`filter`] and [`patch`] read
//! what it asks and wants changed, [`discovery`] says what is supported.

pub mod discovery;
pub mod filter;
pub mod json;
pub mod patch;
pub mod profile;

/// The schema of users.
pub const USER_SCHEMA: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
/// An extension that Entra ID and Okta name in `schemas`; nothing of it is kept.
pub const ENTERPRISE_SCHEMA: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
/// The message of a PATCH.
pub const PATCH_SCHEMA: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
/// The message of a list.
pub const LIST_SCHEMA: &str = "urn:ietf:params:scim:api:messages:2.0:ListResponse";
/// The message of an error.
pub const ERROR_SCHEMA: &str = "urn:ietf:params:scim:api:messages:2.0:Error";

/// What is wrong with a request, in the words of RFC 7644 section 3.12.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScimError {
    /// The HTTP status.
    pub status: u16,
    /// The stable word of table 9, where there is one.
    pub scim_type: Option<&'static str>,
    /// What happened, for people.
    pub detail: String,
}

impl ScimError {
    fn bad(scim_type: &'static str, detail: impl Into<String>) -> Self {
        Self { status: 400, scim_type: Some(scim_type), detail: detail.into() }
    }

    /// The body is not JSON, or not of the message's form.
    pub fn syntax(detail: impl Into<String>) -> Self {
        Self::bad("invalidSyntax", detail)
    }

    /// A value is not what its attribute takes.
    pub fn value(detail: impl Into<String>) -> Self {
        Self::bad("invalidValue", detail)
    }

    /// A filter that cannot be read or is not supported.
    pub fn filter(detail: impl Into<String>) -> Self {
        Self::bad("invalidFilter", detail)
    }

    /// A path of a PATCH that leads nowhere.
    pub fn path(detail: impl Into<String>) -> Self {
        Self::bad("invalidPath", detail)
    }

    /// An attribute that cannot be changed so.
    pub fn mutability(detail: impl Into<String>) -> Self {
        Self::bad("mutability", detail)
    }

    /// A removal that does not say of what.
    pub fn no_target(detail: impl Into<String>) -> Self {
        Self::bad("noTarget", detail)
    }

    /// Somebody else has the user name.
    #[must_use]
    pub fn uniqueness() -> Self {
        let detail = "another user of the organization has this userName".to_owned();
        Self { status: 409, scim_type: Some("uniqueness"), detail }
    }

    /// There is nobody with this id; the same for another organization's users.
    #[must_use]
    pub fn not_found() -> Self {
        Self { status: 404, scim_type: None, detail: "there is no user with this id".to_owned() }
    }
}

/// An attribute's name without the schema that it may be prefixed with; `None` for the name of an
/// attribute of the enterprise extension, of which nothing is kept.
///
/// # Errors
/// The name itself, when it belongs to an unknown schema.
pub fn own_name(name: &str) -> Result<Option<&str>, &str> {
    let within = |schema: &str| {
        let head = name.get(..schema.len())?;
        head.eq_ignore_ascii_case(schema).then(|| name.get(schema.len()..).unwrap_or_default())
    };
    if let Some(rest) = within(USER_SCHEMA) {
        return rest.strip_prefix(':').map(Some).ok_or(name);
    }
    match within(ENTERPRISE_SCHEMA) {
        Some(rest) if rest.is_empty() || rest.starts_with(':') => Ok(None),
        None if !name.to_ascii_lowercase().starts_with("urn:") => Ok(Some(name)),
        _ => Err(name),
    }
}

/// Whether this is an attribute's name (RFC 7643 section 2.1).
#[must_use]
pub fn is_name(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_$".contains(&byte))
}

#[cfg(test)]
mod tests;
