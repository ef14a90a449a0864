//! Filters: conditions of the form `attribute eq value`, joined by `and`. It is what Entra ID and
//! Okta send; whatever else RFC 7644 section 3.4.2.2 knows is refused with `invalidFilter`.

use serde_json::Value;

use super::{ScimError, is_name, own_name, profile::boolean};
use crate::store::ScimFilter;

/// So many conditions are more than any directory sends.
const MAXIMUM_CONDITIONS: usize = 10;

/// One condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// The attribute in lower case, with its sub-attribute behind a dot.
    pub attribute: String,
    /// What it has to be.
    pub value: Value,
}

/// Reads a filter.
///
/// # Errors
/// `invalidFilter`.
pub fn parse(text: &str) -> Result<Vec<Condition>, ScimError> {
    let mut conditions = Vec::new();
    let mut rest = text.trim();
    loop {
        let (attribute, after) = word(rest);
        let (operator, after) = word(after);
        if !operator.eq_ignore_ascii_case("eq") {
            let detail = "a filter is `attribute eq value`, several joined by `and`";
            return Err(ScimError::filter(detail));
        }
        let own = own_name(attribute).ok().flatten();
        let own = own.filter(|name| name.split('.').all(is_name));
        let own = own.ok_or_else(|| ScimError::filter("the filter names no known attribute"))?;
        let mut values = serde_json::Deserializer::from_str(after).into_iter::<Value>();
        let value = values.next().and_then(Result::ok);
        let value = value.filter(|value| value.is_string() || value.is_boolean());
        let value = value.ok_or_else(|| {
            ScimError::filter("the value is a text in quotation marks, true or false")
        })?;
        let after = after.get(values.byte_offset()..).unwrap_or_default();
        conditions.push(Condition { attribute: own.to_ascii_lowercase(), value });
        if after.trim().is_empty() {
            return Ok(conditions);
        }
        let (and, after) = word(after);
        if !and.eq_ignore_ascii_case("and") || conditions.len() == MAXIMUM_CONDITIONS {
            return Err(ScimError::filter("conditions are joined by `and`, at most 10 of them"));
        }
        rest = after;
    }
}

fn word(text: &str) -> (&str, &str) {
    let text = text.trim_start();
    text.split_at(text.find(char::is_whitespace).unwrap_or(text.len()))
}

/// Reads a filter of a list of users.
///
/// # Errors
/// `invalidFilter`, also for attributes by which nobody can be looked up.
pub fn of_users(text: &str) -> Result<Vec<ScimFilter>, ScimError> {
    let conditions = parse(text)?;
    conditions
        .into_iter()
        .map(|Condition { attribute, value }| of_user(&attribute, &value))
        .collect()
}

fn of_user(attribute: &str, value: &Value) -> Result<ScimFilter, ScimError> {
    let text = || {
        let text = value.as_str().map(str::to_owned);
        text.ok_or_else(|| ScimError::filter("this attribute is a text"))
    };
    match attribute {
        "id" => text().map(ScimFilter::Id),
        "username" => text().map(ScimFilter::UserName),
        "externalid" => text().map(ScimFilter::ExternalId),
        "emails" | "emails.value" => text().map(ScimFilter::Email),
        "active" => match boolean("active", value) {
            Ok(Some(active)) => Ok(ScimFilter::Active(active)),
            _ => Err(ScimError::filter("`active` is true or false")),
        },
        _ => Err(ScimError::filter(
            "users are looked up by id, userName, externalId, emails or active",
        )),
    }
}
