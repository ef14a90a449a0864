//! Labels: the text by which an owner recognises a token.

use alloc::{boxed::Box, string::String, vec::Vec};
use core::fmt;

use serde::{Deserialize, Deserializer, Serialize};

use crate::code::{Code, Mistake};

/// The longest label after trimming, in characters (Unicode scalar values).
pub const MAXIMUM_LABEL_CHARACTERS: usize = 80;

/// A good label: trimmed, 1 to 80 characters, no control and no bidirectional formatting
/// characters (DOMAIN section 2). Any other text is allowed, markup too: it is shown as text.
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[cfg_attr(feature = "typescript", ts(type = "string"))]
#[derive(Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Label(Box<str>);

impl Label {
    /// Trims and judges a label; `pointer` says where in the request it stands (RFC 6901).
    ///
    /// # Errors
    /// All mistakes at once: [`Code::LabelEmpty`], [`Code::LabelTooLong`],
    /// [`Code::LabelControlCharacter`].
    pub fn parse(text: &str, pointer: &'static str) -> Result<Self, Vec<Mistake>> {
        let text = text.trim();
        let n_characters = text.chars().count();
        let mut mistakes = Vec::new();
        if n_characters == 0 {
            mistakes.push(Mistake::new(pointer, Code::LabelEmpty, "the label is empty"));
        }
        if n_characters > MAXIMUM_LABEL_CHARACTERS {
            let detail = alloc::format!(
                "the label has {n_characters} characters; {MAXIMUM_LABEL_CHARACTERS} are allowed"
            );
            mistakes.push(Mistake::new(pointer, Code::LabelTooLong, detail));
        }
        if let Some(bad) = text.chars().find(|&c| is_forbidden(c)) {
            let detail = alloc::format!(
                "the label contains the character U+{:04X}, which cannot be seen",
                u32::from(bad)
            );
            mistakes.push(Mistake::new(pointer, Code::LabelControlCharacter, detail));
        }
        if mistakes.is_empty() { Ok(Self(text.into())) } else { Err(mistakes) }
    }

    /// The label as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Control characters, and the bidirectional formatting characters U+202A to U+202E and U+2066 to
/// U+2069, with which a text can show something else than it is.
#[must_use]
pub fn is_forbidden(c: char) -> bool {
    c.is_control() || matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

impl fmt::Debug for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", &*self.0)
    }
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Label {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?, "/label").map_err(|mistakes| {
            let first = mistakes.into_iter().next().map(|mistake| mistake.detail);
            serde::de::Error::custom(first.unwrap_or_default())
        })
    }
}

#[cfg(test)]
mod tests;
