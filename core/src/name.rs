//! Names of people and export services: text that people type and programs compare.

use alloc::{boxed::Box, string::String};
use core::fmt;

use serde::{Deserialize, Deserializer, Serialize};

use crate::label::is_forbidden;

/// The longest user name or service name, in characters (Unicode scalar values).
pub const MAXIMUM_NAME_CHARACTERS: usize = 128;

/// The text is no name: 1 to 128 characters without `:`, control or bidirectional formatting
/// characters, with no space at either end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "not a name of 1 to 128 characters without `:`, control or bidirectional formatting \
     characters, and without space at its ends"
)]
pub struct MalformedName;

/// A user's name for sign-in and for HTTP Basic, or an export service's name. RFC 7617 section 2
/// forbids `:` in it. Compared without case, shown as it was given.
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[cfg_attr(feature = "typescript", ts(type = "string"))]
#[derive(Clone, Serialize)]
#[serde(transparent)]
pub struct Name(Box<str>);

impl Name {
    /// Reads a name.
    ///
    /// # Errors
    /// [`MalformedName`] for an empty or long one, space at an end, `:`, control or bidirectional
    /// formatting characters.
    pub fn parse(text: &str) -> Result<Self, MalformedName> {
        let good = !text.is_empty()
            && text.trim() == text
            && text.chars().count() <= MAXIMUM_NAME_CHARACTERS
            && !text.chars().any(|c| c == ':' || is_forbidden(c));
        if good { Ok(Self(text.into())) } else { Err(MalformedName) }
    }

    /// The name as it was given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The form that is equal for names that differ in case only: what look-ups use.
    #[must_use]
    pub fn folded(&self) -> String {
        fold(&self.0)
    }

    /// Whether `presented` is this name, compared without case.
    #[must_use]
    pub fn matches(&self, presented: &str) -> bool {
        self.0.eq_ignore_ascii_case(presented) || folded(&self.0).eq(folded(presented))
    }
}

/// `text` in the form of [`Name::folded`].
#[must_use]
pub fn fold(text: &str) -> String {
    folded(text).collect()
}

fn folded(text: &str) -> impl Iterator<Item = char> + '_ {
    text.chars().flat_map(char::to_lowercase)
}

impl PartialEq for Name {
    fn eq(&self, other: &Self) -> bool {
        self.matches(&other.0)
    }
}

impl Eq for Name {}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", &*self.0)
    }
}

impl<'de> Deserialize<'de> for Name {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests;
