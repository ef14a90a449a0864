//! Reads JSON in which nothing is said twice: names of attributes are compared without case
//! (RFC 7643 section 2.1), so that `active` and `Active` would contradict each other.

use std::{collections::HashSet, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{Error, MapAccess, SeqAccess, Visitor},
};
use serde_json::{Map, Value};

use super::ScimError;

/// Reads an object.
///
/// # Errors
/// `invalidSyntax`.
pub fn object(bytes: &[u8]) -> Result<Map<String, Value>, ScimError> {
    let unreadable = |error: serde_json::Error| {
        // The position alone: serde's sentence may repeat a value.
        let place = (error.line(), error.column());
        let what = if error.is_data() { "a name is given twice" } else { "not JSON" };
        ScimError::syntax(format!(
            "the body cannot be read ({what}, line {}, column {})",
            place.0, place.1
        ))
    };
    match serde_json::from_slice::<Strict>(bytes).map_err(unreadable)?.0 {
        Value::Object(object) => Ok(object),
        _ => Err(ScimError::syntax("the body is not a JSON object")),
    }
}

/// A member of an object, whatever its case; `null` counts as absent (RFC 7643 section 2.5).
#[must_use]
pub fn member<'a>(object: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    let found = object.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
    found.map(|(_, value)| value).filter(|value| !value.is_null())
}

struct Strict(Value);

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader).map(Self)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(Strict(value)) = seq.next_element()? {
            values.push(value);
        }
        Ok(Value::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let (mut object, mut seen) = (Map::new(), HashSet::new());
        while let Some((key, Strict(value))) = map.next_entry::<String, Strict>()? {
            if !seen.insert(key.to_ascii_lowercase()) {
                return Err(A::Error::custom("a name is given twice"));
            }
            object.insert(key, value);
        }
        Ok(Value::Object(object))
    }
}
