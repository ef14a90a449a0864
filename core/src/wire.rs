//! JSON shapes: the only place that knows the names of JSON fields.
//!
//! Each rare operation reads one document and answers with one, so that the host's engine, the
//! browser module and the corpus in `tests/cases` speak the same words: [`Verb`] lists them.

use alloc::{string::String, string::ToString};
use core::fmt;

mod apply_policy;
mod change_policy;
mod create_token;
mod event;
mod expire_tokens;
mod expiry_choices;
mod judge_draft;
mod merkle;
mod preview_policy;
mod records;
mod rename_token;
mod revoke_tokens;
mod token_status;
mod validate_export;
mod verb;

pub use apply_policy::{ApplyPolicyAnswer, ApplyPolicyInput, ChangedToken};
pub use change_policy::{ChangePolicyAnswer, ChangePolicyInput, ChangedPolicy};
pub use create_token::{
    CreateTokenAnswer, CreateTokenFacts, CreateTokenInput, CreatedToken, Draft,
};
pub use event::{ActorRecord, Event, EventDraftRecord};
pub use expire_tokens::{ExpireTokensAnswer, ExpireTokensInput};
pub use expiry_choices::{
    ChoiceKeyRecord, ExpiryChoiceRecord, ExpiryChoicesAnswer, ExpiryChoicesInput,
};
pub use judge_draft::{AcceptedDraft, JudgeDraftAnswer, JudgeDraftInput};
pub use merkle::{
    CanonicalEvent, CheckpointRefusal, OpenCheckpointAnswer, OpenCheckpointInput, OpenedCheckpoint,
    Proven, TreeRecord, VerifyConsistencyInput, VerifyInclusionInput,
};
pub use preview_policy::{
    EndingEarlier, ExistingTokenRecord, PolicyPreview, PreviewPolicyAnswer, PreviewPolicyInput,
};
pub use records::{
    InspectionRecord, MistakeRecord, NamedUserRecord, OwnedTokenRecord, OwnerRecord, PolicyRecord,
    RefusedRecord, TokenRecord, TokenView, VersionedPolicyRecord,
};
pub use rename_token::{RenameTokenAnswer, RenameTokenInput, RenamedToken};
pub use revoke_tokens::{CauseRecord, RevokeTokensAnswer, RevokeTokensInput, RevokedToken};
pub use token_status::{InstantsRecord, StatusRecord, TokenStatusAnswer, TokenStatusInput};
pub use validate_export::{KnownTokenRecord, ValidateExportAnswer, ValidateExportInput};
pub use verb::Verb;

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
