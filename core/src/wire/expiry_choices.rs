//! Documents of `expiry_choices`.

use alloc::{string::String, vec::Vec};

use serde::{Deserialize, Serialize};

use super::{PolicyRecord, Unreadable};
use crate::{
    expiry_choices::{Choice, ChoiceKey, expiry_choices},
    time::Timestamp,
};

/// What the question for choices takes.
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExpiryChoicesInput {
    /// The organization's policy.
    pub policy: PolicyRecord,
    /// The present instant.
    pub now: Timestamp,
}

/// What may be chosen.
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ExpiryChoicesAnswer {
    /// The earliest end first, no end last.
    pub choices: Vec<ExpiryChoiceRecord>,
}

/// One expiry that the policy allows now.
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ExpiryChoiceRecord {
    /// Which one it is; stable.
    pub key: ChoiceKeyRecord,
    /// So many UTC days after today; `null`: no expiry.
    pub n_days: Option<u32>,
    /// The first instant at which the token would no longer be valid; `null`: no expiry. This is
    /// what a draft takes.
    pub expires_at: Option<Timestamp>,
    /// The last UTC day on which the token would be valid, for people; `null`: no expiry.
    pub last_day: Option<String>,
}

/// [`ChoiceKey`] as programs read it.
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the variants are those of `expiry_choices::ChoiceKey`")]
pub enum ChoiceKeyRecord {
    #[serde(rename = "days_7")]
    Days7,
    #[serde(rename = "days_30")]
    Days30,
    #[serde(rename = "days_90")]
    Days90,
    Maximum,
    Never,
}

impl From<ChoiceKey> for ChoiceKeyRecord {
    fn from(key: ChoiceKey) -> Self {
        match key {
            ChoiceKey::Days7 => Self::Days7,
            ChoiceKey::Days30 => Self::Days30,
            ChoiceKey::Days90 => Self::Days90,
            ChoiceKey::Maximum => Self::Maximum,
            ChoiceKey::Never => Self::Never,
        }
    }
}

impl From<&Choice> for ExpiryChoiceRecord {
    fn from(choice: &Choice) -> Self {
        let Choice { key, n_days, expires_at } = *choice;
        Self { key: key.into(), n_days, expires_at, last_day: choice.last_day() }
    }
}

pub(super) fn run(input: ExpiryChoicesInput) -> Result<ExpiryChoicesAnswer, Unreadable> {
    let choices = expiry_choices(&input.policy.read()?, input.now);
    Ok(ExpiryChoicesAnswer { choices: choices.iter().map(Into::into).collect() })
}
