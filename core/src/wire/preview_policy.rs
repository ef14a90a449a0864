//! Documents of `preview_policy`.

use alloc::{boxed::Box, string::String, vec::Vec};

use serde::{Deserialize, Serialize};

use super::{NamedUserRecord, PolicyRecord, RefusedRecord, Unreadable};
use crate::{
    code::Mistake,
    id::TokenId,
    label::Label,
    policy::Policy,
    preview_policy::{EndsEarlier, ExistingToken, Instants, NoticeDays, ending_earlier},
    time::Timestamp,
    token::Status,
};

/// Over so many days uses are counted.
const DAYS_OF_USE: f64 = 28.0;
const DAYS_PER_WEEK: f64 = 7.0;

/// What a preview takes.
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PreviewPolicyInput {
    /// The policy to preview.
    pub policy: PolicyRecord,
    /// The notice period, 0 to 365; `null`: 7.
    pub notice_days: Option<i64>,
    /// Existing tokens.
    pub tokens: Vec<ExistingTokenRecord>,
    /// The present instant.
    pub now: Timestamp,
}

/// An existing token with its use.
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the fields are those of `preview_policy::ExistingToken`")]
pub struct ExistingTokenRecord {
    pub token_id: TokenId,
    pub label: Label,
    pub owner: NamedUserRecord,
    pub created_at: Timestamp,
    pub expires_at: Option<Timestamp>,
    pub revoked_at: Option<Timestamp>,
    pub last_used_at: Option<Timestamp>,
    pub n_uses: u64,
}

impl From<ExistingTokenRecord> for ExistingToken {
    fn from(record: ExistingTokenRecord) -> Self {
        let ExistingTokenRecord { token_id, label, owner, last_used_at, n_uses, .. } = record;
        let instants = Instants {
            created_at: record.created_at,
            expires_at: record.expires_at,
            revoked_at: record.revoked_at,
        };
        Self { token_id, label, owner: owner.into(), instants, last_used_at, n_uses }
    }
}

/// A preview, or why there is none.
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PreviewPolicyAnswer {
    /// What the policy would change.
    Previewed(Box<PolicyPreview>),
    /// The policy or the notice period is none.
    Refused(RefusedRecord),
}

/// What a policy would change now.
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PolicyPreview {
    /// What it means for new tokens, in sentences.
    pub new_tokens: String,
    /// The latest allowed expiry of a token that is created now; `null`: there is no maximum.
    #[cfg_attr(feature = "openapi", schema(required = true, value_type = Option<String>, format = DateTime))]
    pub latest_allowed: Option<Timestamp>,
    /// The notice period, in days.
    pub notice_days: u32,
    /// How many tokens are active now.
    pub n_active: u64,
    /// How many of them would end earlier.
    pub n_ending_earlier: u64,
    /// How many of those were used over the last 28 days.
    pub n_ending_earlier_in_use: u64,
    /// Those that would end earlier, the one that was used most recently first.
    pub ending_earlier: Vec<EndingEarlier>,
}

/// An existing token that would end earlier.
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct EndingEarlier {
    /// Names the token.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub token_id: TokenId,
    /// By which its owner recognises it.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub label: Label,
    /// Whose it is.
    pub owner: NamedUserRecord,
    /// When it ends now; `null`: never.
    #[cfg_attr(feature = "openapi", schema(required = true, value_type = Option<String>, format = DateTime))]
    pub old_expires_at: Option<Timestamp>,
    /// When it would end.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub new_expires_at: Timestamp,
    /// The minute of the last allowed export.
    #[cfg_attr(feature = "openapi", schema(required = true, value_type = Option<String>, format = DateTime))]
    pub last_used_at: Option<Timestamp>,
    /// Allowed exports per week, the average of the last 28 days.
    pub uses_per_week: f64,
}

impl From<EndsEarlier> for EndingEarlier {
    fn from(ends: EndsEarlier) -> Self {
        let EndsEarlier { token, new_expires_at } = ends;
        // Exact up to 2^53 uses; a quarter of a whole number has a short decimal form.
        #[expect(clippy::cast_precision_loss, reason = "an average for people")]
        let uses_per_week = token.n_uses as f64 * DAYS_PER_WEEK / DAYS_OF_USE;
        Self {
            token_id: token.token_id,
            label: token.label,
            owner: (&token.owner).into(),
            old_expires_at: token.instants.expires_at,
            new_expires_at,
            last_used_at: token.last_used_at.map(Timestamp::start_of_minute),
            uses_per_week,
        }
    }
}

pub(super) fn run(input: PreviewPolicyInput) -> Result<PreviewPolicyAnswer, Unreadable> {
    let (policy, notice) = match read(input.policy, input.notice_days) {
        Ok(good) => good,
        Err(mistakes) => return Ok(PreviewPolicyAnswer::Refused(mistakes.into())),
    };
    let tokens: Vec<ExistingToken> = input.tokens.into_iter().map(Into::into).collect();
    let is_active = |token: &&ExistingToken| {
        let Instants { expires_at, revoked_at, .. } = token.instants;
        Status::at(input.now, revoked_at, expires_at) == Status::Active
    };
    let n_active = tokens.iter().filter(is_active).count() as u64;
    let ending = ending_earlier(&policy, notice, tokens, input.now);
    Ok(PreviewPolicyAnswer::Previewed(Box::new(PolicyPreview {
        new_tokens: policy.meaning(),
        latest_allowed: policy.latest_allowed(input.now),
        notice_days: notice.get(),
        n_active,
        n_ending_earlier: ending.len() as u64,
        n_ending_earlier_in_use: ending.iter().filter(|ends| ends.token.n_uses > 0).count() as u64,
        ending_earlier: ending.into_iter().map(Into::into).collect(),
    })))
}

/// Reads policy and notice period; tells all mistakes at once.
pub(super) fn read(
    policy: PolicyRecord,
    notice_days: Option<i64>,
) -> Result<(Policy, NoticeDays), Vec<Mistake>> {
    let notice = notice_days.map_or_else(|| Ok(NoticeDays::default()), NoticeDays::new);
    match (Policy::try_from(policy), notice) {
        (Ok(policy), Ok(notice)) => Ok((policy, notice)),
        (policy, notice) => {
            let mut mistakes = policy.err().unwrap_or_default();
            mistakes.extend(notice.err());
            Err(mistakes)
        }
    }
}
