//! Reads a value of JavaScript as serde_json would read its `JSON.stringify`.
//!
//! serde-wasm-bindgen, which writes the answers, cannot be trusted with the questions: it takes
//! `undefined` for `null` and does not see fields that a type does not have. A setting that
//! somebody forgot must not mean "no limit", nor must a misspelt one go unseen. Its error messages
//! cost 30 KB, too.

use core::fmt;

use js_sys::{Array, Number, Object};
use serde::de::{
    DeserializeSeed, Deserializer, Error, Expected, MapAccess, SeqAccess, Unexpected, Visitor,
};
use serde::forward_to_deserialize_any;
use wasm_bindgen::{JsCast as _, JsValue};

/// A value that shall be a verb's input.
pub(super) struct Document(pub(super) JsValue);

// Not generic, so that there is one of each in the module.
impl Document {
    fn text(&self) -> Result<String, Unreadable> {
        self.0.as_string().ok_or(Unreadable(OTHER_TYPE))
    }

    fn items(self) -> Result<Items, Unreadable> {
        let list = self.0.dyn_into::<Array>().map_err(|_| Unreadable(OTHER_TYPE))?;
        Ok(Items { list, next: 0 })
    }

    fn fields(self) -> Result<Fields, Unreadable> {
        let good = self.0.is_object() && !Array::is_array(&self.0);
        let object: Object = good.then(|| self.0.unchecked_into()).ok_or(Unreadable(OTHER_TYPE))?;
        Ok(Fields { fields: Object::entries(&object), next: 0, value: JsValue::UNDEFINED })
    }

    /// A whole number where it can be told for sure, any other number where it is finite.
    fn number(&self) -> Result<(Option<i64>, f64), Unreadable> {
        let number = self.0.as_f64().ok_or(Unreadable(OTHER_TYPE))?;
        if !number.is_finite() {
            // `JSON.stringify` would make `null` of it.
            return Err(Unreadable(NO_NUMBER));
        }
        #[expect(clippy::cast_possible_truncation, reason = "a safe integer is whole")]
        let whole = Number::is_safe_integer(&self.0).then_some(number as i64);
        Ok((whole, number))
    }
}

macro_rules! by {
    ($($method:ident: $self:ident, $visitor:ident => $run:expr;)*) => {
        $(
            fn $method<V: Visitor<'de>>($self, $visitor: V) -> Result<V::Value, Unreadable> {
                $run
            }
        )*
    };
}

macro_rules! numbers {
    ($($method:ident)*) => {
        by! {
            $($method: self, visitor => match self.number()? {
                (Some(whole), _) => visitor.visit_i64(whole),
                (None, number) => visitor.visit_f64(number),
            };)*
        }
    };
}

impl<'de> Deserializer<'de> for Document {
    type Error = Unreadable;

    // Each way names the one form that its type has: a visit of another form would be code for
    // nothing.
    by! {
        deserialize_any: self, visitor => match &self.0 {
            value if value.is_null() => visitor.visit_unit(),
            value if value.is_string() => visitor.visit_string(self.text()?),
            value if Array::is_array(value) => visitor.visit_seq(self.items()?),
            value if value.is_object() => visitor.visit_map(self.fields()?),
            value => match value.as_bool() {
                Some(truth) => visitor.visit_bool(truth),
                None => self.deserialize_f64(visitor),
            }
        };
        deserialize_bool: self, visitor =>
            visitor.visit_bool(self.0.as_bool().ok_or(Unreadable(OTHER_TYPE))?);
        deserialize_str: self, visitor => visitor.visit_string(self.text()?);
        deserialize_string: self, visitor => visitor.visit_string(self.text()?);
        deserialize_identifier: self, visitor => visitor.visit_str(&self.text()?);
        deserialize_seq: self, visitor => visitor.visit_seq(self.items()?);
        deserialize_map: self, visitor => visitor.visit_map(self.fields()?);
        deserialize_option: self, visitor =>
            if self.0.is_null() { visitor.visit_none() } else { visitor.visit_some(self) };
    }
    numbers!(deserialize_i64 deserialize_u32 deserialize_u64 deserialize_f64);

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Unreadable> {
        visitor.visit_map(self.fields()?)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Unreadable> {
        visitor.visit_newtype_struct(self)
    }

    // No page's document has these.
    forward_to_deserialize_any! {
        i8 i16 i32 u8 u16 f32 char bytes byte_buf unit unit_struct tuple tuple_struct enum
        ignored_any
    }
}

/// The items of a list that are still to come.
struct Items {
    list: Array,
    next: u32,
}

impl<'de> SeqAccess<'de> for Items {
    type Error = Unreadable;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Unreadable> {
        if self.next >= self.list.length() {
            return Ok(None);
        }
        let item = self.list.get(self.next);
        self.next += 1;
        seed.deserialize(Document(item)).map(Some)
    }
}

/// The fields of an object that are still to come, as pairs of name and value.
struct Fields {
    fields: Array,
    next: u32,
    value: JsValue,
}

impl<'de> MapAccess<'de> for Fields {
    type Error = Unreadable;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Unreadable> {
        while self.next < self.fields.length() {
            let field: Array = self.fields.get(self.next).unchecked_into();
            self.next += 1;
            self.value = field.get(1);
            // `undefined` is how JavaScript says that a field is not there.
            if !self.value.is_undefined() {
                return seed.deserialize(Document(field.get(0))).map(Some);
            }
        }
        Ok(None)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(
        &mut self,
        seed: V,
    ) -> Result<V::Value, Unreadable> {
        seed.deserialize(Document(self.value.clone()))
    }
}

const NO_NUMBER: &str = "a number is not finite";
const OTHER_TYPE: &str = "a value has another type or range than its field";
const UNKNOWN_FIELD: &str = "there is a field that the type does not have";
const MISSING_FIELD: &str = "a field is missing";

/// Why a value is not the document: for the developer of a page, whom the TypeScript types have
/// told already. So it does not say where.
#[derive(Debug)]
pub(super) struct Unreadable(&'static str);

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl core::error::Error for Unreadable {}

impl Error for Unreadable {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self("a text is not what its field takes")
    }

    fn invalid_type(_: Unexpected<'_>, _: &dyn Expected) -> Self {
        Self(OTHER_TYPE)
    }

    fn invalid_value(_: Unexpected<'_>, _: &dyn Expected) -> Self {
        Self(OTHER_TYPE)
    }

    fn unknown_field(_: &str, _: &'static [&'static str]) -> Self {
        Self(UNKNOWN_FIELD)
    }

    fn missing_field(_: &'static str) -> Self {
        Self(MISSING_FIELD)
    }
}
