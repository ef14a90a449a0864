//! What validation knows of a token: a value of its own, made without an allocation.

use std::{fmt, sync::Arc};

use exportgate_core::{
    id::{ID_RANDOM_BYTES, TOKEN_ID_LENGTH, TokenId},
    label::Label,
    time::Timestamp,
};
use serde::{Serialize, Serializer};

use crate::{directory::User, store::StoredToken};

/// Labels of up to so many bytes are copied; longer ones are shared. With it a [`LiveLabel`] has
/// 48 bytes.
pub(super) const SHORT_LABEL: usize = 46;

/// What validation needs to know of a token, as it was at one moment.
#[derive(Clone, Debug)]
pub struct LiveToken {
    /// The row in the store.
    pub token_seq: i64,
    /// Names the token.
    pub token_id: LiveId,
    /// For answers and events.
    pub label: LiveLabel,
    /// When it was created.
    pub created_at: Timestamp,
    /// The first instant at which it is no longer valid.
    pub expires_at: Option<Timestamp>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
    /// Whose it is, and whether the account is active.
    pub user: Arc<User>,
}

impl LiveToken {
    /// A stored token of `user`.
    #[must_use]
    pub fn new(stored: &StoredToken, user: Arc<User>) -> Self {
        let token = &stored.token;
        Self {
            token_seq: stored.token_seq,
            token_id: (&token.token_id).into(),
            label: (&token.label).into(),
            created_at: token.created_at,
            expires_at: token.expires_at,
            revoked_at: token.revoked_at,
            user,
        }
    }
}

/// A token's id: the number that it was made of, or, if somebody else made it, its text.
#[derive(Clone, PartialEq, Eq)]
pub enum LiveId {
    /// As [`TokenId::from_random`] takes it.
    Random([u8; ID_RANDOM_BYTES]),
    /// Of another form.
    Other(Arc<TokenId>),
}

impl LiveId {
    /// The id as text, which `place` may have to hold.
    #[must_use]
    pub fn text<'t>(&'t self, place: &'t mut [u8; TOKEN_ID_LENGTH]) -> &'t str {
        match self {
            Self::Random(random) => TokenId::write_random(*random, place),
            Self::Other(token_id) => token_id.as_str(),
        }
    }

    /// The id for documents.
    #[must_use]
    pub fn to_token_id(&self) -> TokenId {
        match self {
            Self::Random(random) => TokenId::from_random(*random),
            Self::Other(token_id) => (**token_id).clone(),
        }
    }
}

impl From<&TokenId> for LiveId {
    fn from(token_id: &TokenId) -> Self {
        TokenId::read_random(token_id.as_str())
            .map_or_else(|| Self::Other(Arc::new(token_id.clone())), Self::Random)
    }
}

impl fmt::Display for LiveId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text(&mut [0; TOKEN_ID_LENGTH]))
    }
}

impl fmt::Debug for LiveId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for LiveId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.text(&mut [0; TOKEN_ID_LENGTH]))
    }
}

/// A token's label.
#[derive(Clone, PartialEq, Eq)]
pub struct LiveLabel(Form);

#[derive(Clone, PartialEq, Eq)]
enum Form {
    /// What lies behind the first `length` bytes is 0.
    Short { length: u8, bytes: [u8; SHORT_LABEL] },
    /// A good label that is too long for that.
    Long(Arc<Label>),
}

impl LiveLabel {
    /// A label that needs no look at single characters: visible ASCII with spaces within, and short.
    /// `None` says nothing about others; [`Label::parse`] knows.
    #[must_use]
    pub fn plain(text: &str) -> Option<Self> {
        let visible = text.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic());
        let trimmed = !text.is_empty() && !text.starts_with(' ') && !text.ends_with(' ');
        if visible && trimmed { Self::short(text.as_bytes()) } else { None }
    }

    /// A label whose bytes were written down here.
    pub(super) fn short(text: &[u8]) -> Option<Self> {
        let mut bytes = [0; SHORT_LABEL];
        bytes.get_mut(..text.len())?.copy_from_slice(text);
        Some(Self(Form::Short { length: u8::try_from(text.len()).ok()?, bytes }))
    }

    /// The label as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match &self.0 {
            Form::Short { length, bytes } => {
                let text = bytes.get(..usize::from(*length)).unwrap_or_default();
                std::str::from_utf8(text).unwrap_or_default()
            }
            Form::Long(label) => label.as_str(),
        }
    }

    /// Whether it is one that is copied.
    pub(super) const fn is_short(&self) -> bool {
        matches!(self.0, Form::Short { .. })
    }

    /// The label for documents. It was one, so that there always is one.
    #[must_use]
    pub fn to_label(&self) -> Option<Label> {
        match &self.0 {
            Form::Short { .. } => Label::parse(self.as_str(), "").ok(),
            Form::Long(label) => Some((**label).clone()),
        }
    }
}

impl From<&Label> for LiveLabel {
    fn from(label: &Label) -> Self {
        Self::short(label.as_str().as_bytes())
            .unwrap_or_else(|| Self(Form::Long(Arc::new(label.clone()))))
    }
}

impl fmt::Debug for LiveLabel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.as_str())
    }
}

impl Serialize for LiveLabel {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}
