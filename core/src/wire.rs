//! JSON shapes: the only place that knows the names of JSON fields.
//!
//! Each rare operation reads one document and answers with one, so that the host's engine, the
//! browser module and the corpus in `tests/cases` speak the same words: [`create_token()`],
//! [`rename_token()`], [`revoke_tokens()`], [`validate_export()`], [`inspect_secret()`].

use alloc::{string::String, string::ToString};
use core::fmt;

use serde::{Serialize, de::DeserializeOwned};

mod create_token;
mod event;
mod records;
mod rename_token;
mod revoke_tokens;
mod validate_export;

pub use create_token::{
    CreateTokenAnswer, CreateTokenFacts, CreateTokenInput, CreatedToken, Draft,
};
pub use event::{ActorRecord, Event, EventDraftRecord};
pub use records::{
    InspectionRecord, MistakeRecord, NamedUserRecord, OwnerRecord, PolicyRecord, RefusedRecord,
    TokenRecord, TokenView,
};
pub use rename_token::{RenameTokenAnswer, RenameTokenInput, RenamedToken};
pub use revoke_tokens::{CauseRecord, RevokeTokensAnswer, RevokeTokensInput, RevokedToken};
pub use validate_export::{KnownTokenRecord, ValidateExportAnswer, ValidateExportInput};

use crate::secret;

/// A document that cannot be read as what the operation takes: the calling program's mistake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable(String);

impl Unreadable {
    fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl core::error::Error for Unreadable {}

impl From<serde_json::Error> for Unreadable {
    fn from(error: serde_json::Error) -> Self {
        Self(error.to_string())
    }
}

fn answer<I: DeserializeOwned, O: Serialize>(
    input: &str,
    operation: impl FnOnce(I) -> Result<O, Unreadable>,
) -> Result<String, Unreadable> {
    let output = operation(serde_json::from_str(input)?)?;
    Ok(serde_json::to_string(&output)?)
}

/// [`crate::create_token`] on documents: [`CreateTokenInput`] to [`CreateTokenAnswer`].
///
/// # Errors
/// [`Unreadable`] for another document.
pub fn create_token(input: &str) -> Result<String, Unreadable> {
    answer(input, create_token::run)
}

/// [`crate::rename_token`] on documents: [`RenameTokenInput`] to [`RenameTokenAnswer`].
///
/// # Errors
/// [`Unreadable`] for another document.
pub fn rename_token(input: &str) -> Result<String, Unreadable> {
    answer(input, rename_token::run)
}

/// [`crate::revoke_token`] on documents: [`RevokeTokensInput`] to [`RevokeTokensAnswer`].
///
/// # Errors
/// [`Unreadable`] for another document.
pub fn revoke_tokens(input: &str) -> Result<String, Unreadable> {
    answer(input, revoke_tokens::run)
}

/// [`crate::validate_export`] on documents: [`ValidateExportInput`] to [`ValidateExportAnswer`].
///
/// # Errors
/// [`Unreadable`] for another document.
pub fn validate_export(input: &str) -> Result<String, Unreadable> {
    answer(input, validate_export::run)
}

/// [`secret::inspect`] on documents: a JSON string to an [`InspectionRecord`].
///
/// # Errors
/// [`Unreadable`] for anything but a JSON string.
pub fn inspect_secret(input: &str) -> Result<String, Unreadable> {
    answer(input, |text: String| Ok(InspectionRecord::from(secret::inspect(&text))))
}
