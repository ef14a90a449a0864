//! Documents of `create_token`.

use alloc::{boxed::Box, string::String, vec::Vec};

use serde::{Deserialize, Serialize};

use super::{EventDraftRecord, OwnerRecord, PolicyRecord, RefusedRecord, TokenRecord, Unreadable};
use crate::{
    create_token::{self as operation, CREATE_RANDOM_BYTES, Facts, Refused, create_token},
    policy::ExpiryWish,
    time::Timestamp,
};

/// What a creation takes.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CreateTokenInput {
    /// What the user asks for.
    pub draft: Draft,
    /// What the host knows.
    pub facts: CreateTokenFacts,
    /// The present instant.
    pub now: Timestamp,
    /// [`CREATE_RANDOM_BYTES`] bytes in hexadecimal.
    pub random_bytes: String,
}

impl core::fmt::Debug for CreateTokenInput {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        // The random bytes are the secret.
        f.debug_struct("CreateTokenInput").field("draft", &self.draft).finish_non_exhaustive()
    }
}

/// The body of `POST /v1/tokens`.
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Draft {
    /// 1 to 80 characters after trimming.
    pub label: String,
    /// An instant, RFC 3339.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(optional = nullable))]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub expires_at: Option<String>,
    /// A date, `YYYY-MM-DD`: the end of that UTC day.
    #[serde(default)]
    #[cfg_attr(feature = "typescript", ts(optional = nullable))]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = Date))]
    pub expires_on: Option<String>,
}

impl Draft {
    /// The draft as the rules take it.
    #[must_use]
    pub fn as_draft(&self) -> operation::Draft<'_> {
        operation::Draft {
            label: &self.label,
            expiry: ExpiryWish {
                expires_at: self.expires_at.as_deref(),
                expires_on: self.expires_on.as_deref(),
            },
        }
    }
}

/// What the host knows when a user creates a token.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CreateTokenFacts {
    /// Who creates it.
    pub owner: OwnerRecord,
    /// The organization's policy.
    pub policy: PolicyRecord,
    /// The owner's active tokens.
    pub n_active: u32,
}

/// A token, or why there is none.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CreateTokenAnswer {
    /// Store it, show the secret once.
    Created(Box<CreatedToken>),
    /// Nothing was created.
    Refused(RefusedRecord),
}

/// A new token.
#[derive(Clone, Serialize, Deserialize)]
pub struct CreatedToken {
    /// The record.
    pub token: TokenRecord,
    /// The secret.
    pub secret: String,
    /// SHA-256 of the secret, in hexadecimal.
    pub digest: String,
    /// `token.created`.
    pub event: EventDraftRecord,
}

impl core::fmt::Debug for CreatedToken {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("CreatedToken").field("token", &self.token).finish_non_exhaustive()
    }
}

pub(super) fn run(input: CreateTokenInput) -> Result<CreateTokenAnswer, Unreadable> {
    let bytes: Vec<u8> = hex::decode(&input.random_bytes)
        .map_err(|_| Unreadable::new("random bytes are not hex"))?;
    let random: &[u8; CREATE_RANDOM_BYTES] =
        bytes.as_slice().try_into().map_err(|_| Unreadable::new("wrong number of random bytes"))?;
    let facts = Facts {
        owner: input.facts.owner.into(),
        policy: input.facts.policy.read()?,
        n_active: input.facts.n_active,
    };
    match create_token(input.draft.as_draft(), &facts, input.now, random) {
        Ok(created) => Ok(CreateTokenAnswer::Created(Box::new(CreatedToken {
            token: (&created.token).into(),
            secret: created.secret.expose().into(),
            digest: hex::encode(created.secret.digest().as_bytes()),
            event: (&created.event).into(),
        }))),
        Err(Refused::Mistakes(mistakes)) => Ok(CreateTokenAnswer::Refused(mistakes.into())),
        Err(Refused::Random) => Err(Unreadable::new("the random bytes did not suffice")),
    }
}
