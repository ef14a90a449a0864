//! Documents of `validate_export`.

use alloc::string::String;

use serde::{Deserialize, Serialize};

use super::{OwnerRecord, TokenRecord, Unreadable};
use crate::{
    id::OrgId,
    time::Timestamp,
    validate_export::{ExportRequest, KnownToken, validate_export},
};

/// What a validation takes.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ValidateExportInput {
    /// The asking export service's organization.
    pub org_id: OrgId,
    /// The presented text.
    pub secret: String,
    /// The presented user name.
    #[serde(default)]
    pub user_name: Option<String>,
    /// The token that may have this secret; found only if the digest is the secret's.
    #[serde(default)]
    pub known: Option<KnownTokenRecord>,
    /// The present instant.
    pub now: Timestamp,
}

/// A token with what validation needs to know of its owner.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KnownTokenRecord {
    /// The record.
    pub token: TokenRecord,
    /// Whose it is.
    pub owner: OwnerRecord,
    /// Whether the owner's account is active.
    pub owner_active: bool,
    /// SHA-256 of the token's secret, in hexadecimal.
    pub digest: String,
}

/// A decision with its reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ValidateExportAnswer {
    /// `allow` or `deny`.
    pub decision: &'static str,
    /// Why, as the history has it.
    pub reason: &'static str,
    /// Why, as the export service is told.
    pub told: &'static str,
    /// Why, for people.
    pub message: String,
    /// Whether the answer may name the token.
    pub names_token: bool,
}

pub(super) fn run(input: ValidateExportInput) -> Result<ValidateExportAnswer, Unreadable> {
    let known = match input.known {
        None => None,
        Some(record) => {
            let token = record.token.try_into()?;
            let (owner, owner_active) = (record.owner.into(), record.owner_active);
            Some((KnownToken { token, owner, owner_active }, record.digest))
        }
    };
    let request = ExportRequest {
        org_id: &input.org_id,
        secret: &input.secret,
        user_name: input.user_name.as_deref(),
    };
    let look_up = |secret: &crate::secret::Secret| {
        let digest = hex::encode(secret.digest().as_bytes());
        known.as_ref().filter(|(_, stored)| *stored == digest).map(|(token, _)| token)
    };
    let (reason, named) = validate_export(request, look_up, input.now);
    let token = named.map(|known| &known.token);
    let message = reason.message(
        token.and_then(|token| token.revoked_at),
        token.and_then(|token| token.expires_at),
    );
    Ok(ValidateExportAnswer {
        decision: reason.decision(),
        reason: reason.as_str(),
        told: reason.told().as_str(),
        message: message.into(),
        names_token: named.is_some(),
    })
}
