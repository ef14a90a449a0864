//! Documents of `judge_draft`.

use serde::{Deserialize, Serialize};

use super::{Draft, PolicyRecord, RefusedRecord, Unreadable};
use crate::{create_token::judge_draft, label::Label, time::Timestamp};

/// What a judgement takes: a draft, and what the host told about its user.
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JudgeDraftInput {
    /// What the user asks for, as far as it is typed.
    pub draft: Draft,
    /// The organization's policy.
    pub policy: PolicyRecord,
    /// The user's active tokens.
    pub n_active: u32,
    /// The present instant.
    pub now: Timestamp,
}

/// What a creation would answer.
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum JudgeDraftAnswer {
    /// A token would be created.
    Accepted(AcceptedDraft),
    /// Nothing would be created.
    Refused(RefusedRecord),
}

/// The token that would be created.
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AcceptedDraft {
    /// Trimmed.
    pub label: Label,
    /// When it would expire; `null`: never.
    pub expires_at: Option<Timestamp>,
    /// The latest instant that could have been asked for; `null`: there is no maximum.
    pub latest_allowed: Option<Timestamp>,
}

pub(super) fn run(input: JudgeDraftInput) -> Result<JudgeDraftAnswer, Unreadable> {
    let policy = input.policy.read()?;
    Ok(match judge_draft(input.draft.as_draft(), &policy, input.n_active, input.now) {
        Ok((label, expires_at)) => {
            let latest_allowed = policy.latest_allowed(input.now);
            JudgeDraftAnswer::Accepted(AcceptedDraft { label, expires_at, latest_allowed })
        }
        Err(mistakes) => JudgeDraftAnswer::Refused(mistakes.into()),
    })
}
