//! Use cases, one file per verb: load the facts, ask the engine once, save once.

pub mod accept_rollback;
pub mod apply_policy;
pub mod change_policy;
pub mod close_minutes;
pub mod create_token;
pub mod expire_tokens;
pub mod issue_sign_in_code;
pub mod list_tokens;
mod live_tokens;
pub mod manage_services;
pub mod manage_users;
pub mod preview_policy;
pub mod prove_history;
pub mod provision_users;
pub mod read_history;
pub mod recognise_person;
pub mod rename_token;
pub mod revoke_tokens;
pub mod seal_history;
pub mod show_activity;
pub mod show_uses;
pub mod sign_in;
pub mod sign_in_with_provider;
pub mod validate_export;

use exportgate_core::{
    code::{Code, Mistake},
    wire::{MistakeRecord, Verb},
};
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    engine::{Engine, EngineError},
    entropy::NoEntropy,
    store::{StoreError, WriteError},
};

/// So many tokens are asked about at once: a policy may allow any number, and a document of all of
/// them would not fit into the engine's memory.
pub(crate) const TOKENS_PER_QUESTION: usize = 200;

/// Why a use case did not do what it was asked.
#[derive(Debug)]
pub enum Failure {
    /// A rule refused it, for these reasons.
    Mistakes(Vec<MistakeRecord>),
    /// A rule refused it.
    Refused(Code, String),
    /// The store cannot answer.
    Store(StoreError),
    /// The engine cannot answer.
    Engine(EngineError),
    /// There are no random bytes.
    Entropy(NoEntropy),
}

impl Failure {
    /// The same answer for a token that does not exist and for somebody else's.
    #[must_use]
    pub fn token_not_found() -> Self {
        Self::Refused(Code::TokenNotFound, "you have no token with this id".to_owned())
    }

    /// One mistake in a request.
    #[must_use]
    pub fn mistake(pointer: &'static str, code: Code, detail: impl Into<String>) -> Self {
        Self::Mistakes(vec![Mistake::new(pointer, code, detail).into()])
    }
}

impl From<NoEntropy> for Failure {
    fn from(error: NoEntropy) -> Self {
        Self::Entropy(error)
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<EngineError> for Failure {
    fn from(error: EngineError) -> Self {
        Self::Engine(error)
    }
}

impl From<Failure> for WriteError<Failure> {
    fn from(failure: Failure) -> Self {
        Self::Refused(failure)
    }
}

impl From<EngineError> for WriteError<Failure> {
    fn from(error: EngineError) -> Self {
        Self::Refused(error.into())
    }
}

impl From<WriteError<Failure>> for Failure {
    fn from(error: WriteError<Failure>) -> Self {
        match error {
            WriteError::Refused(failure) => failure,
            WriteError::Store(error) => Self::Store(error),
        }
    }
}

/// Asks the engine for one operation on documents.
fn ask<I: Serialize, O: DeserializeOwned>(
    engine: &Engine,
    verb: Verb,
    input: &I,
) -> Result<O, EngineError> {
    let unreadable = |error: serde_json::Error| EngineError::Unreadable(error.to_string());
    let input = serde_json::to_string(input).map_err(unreadable)?;
    let output = engine.run(verb, &input)?;
    serde_json::from_str(&output).map_err(unreadable)
}
