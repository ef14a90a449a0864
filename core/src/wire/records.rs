//! Records that several documents share: tokens, owners, policies, mistakes.

use alloc::{string::String, vec::Vec};

use serde::{Deserialize, Deserializer, Serialize};

use super::Unreadable;
use crate::{
    code::{Code, Mistake},
    id::{OrgId, TokenId, UserId},
    label::Label,
    name::Name,
    policy::{Policy, VersionedPolicy},
    secret::{Hint, Inspection, SecretKind},
    time::Timestamp,
    token::{Owner, Token},
    user::NamedUser,
};

/// A token's stored record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the fields are those of `token::Token`")]
pub struct TokenRecord {
    pub token_id: TokenId,
    pub label: Label,
    pub hint: String,
    pub created_at: Timestamp,
    pub expires_at: Option<Timestamp>,
    pub revoked_at: Option<Timestamp>,
}

impl From<&Token> for TokenRecord {
    fn from(token: &Token) -> Self {
        Self {
            token_id: token.token_id.clone(),
            label: token.label.clone(),
            hint: token.hint.as_str().into(),
            created_at: token.created_at,
            expires_at: token.expires_at,
            revoked_at: token.revoked_at,
        }
    }
}

impl TryFrom<TokenRecord> for Token {
    type Error = Unreadable;

    fn try_from(record: TokenRecord) -> Result<Self, Unreadable> {
        let hint = Hint::parse(&record.hint);
        Ok(Self {
            token_id: record.token_id,
            label: record.label,
            hint: hint.ok_or_else(|| Unreadable::new("a hint is 4 letters and digits"))?,
            created_at: record.created_at,
            expires_at: record.expires_at,
            revoked_at: record.revoked_at,
        })
    }
}

/// A token as people and programs see it at one instant.
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "the fields are those of `token::Token`")]
pub struct TokenView {
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub token_id: TokenId,
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub label: Label,
    pub hint: String,
    /// `active`, `expired` or `revoked`, computed for the instant of the answer.
    pub status: &'static str,
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub created_at: Timestamp,
    #[cfg_attr(feature = "openapi", schema(required = true, value_type = Option<String>, format = DateTime))]
    pub expires_at: Option<Timestamp>,
    #[cfg_attr(feature = "openapi", schema(required = true, value_type = Option<String>, format = DateTime))]
    pub revoked_at: Option<Timestamp>,
    /// The minute of the last allowed export.
    #[cfg_attr(feature = "openapi", schema(required = true, value_type = Option<String>, format = DateTime))]
    pub last_used_at: Option<Timestamp>,
}

impl TokenView {
    /// `token` as it is at `now`.
    #[must_use]
    pub fn at(token: &Token, last_used_at: Option<Timestamp>, now: Timestamp) -> Self {
        Self {
            token_id: token.token_id.clone(),
            label: token.label.clone(),
            hint: token.hint.as_str().into(),
            status: token.status(now).as_str(),
            created_at: token.created_at,
            expires_at: token.expires_at,
            revoked_at: token.revoked_at,
            last_used_at: last_used_at.map(Timestamp::start_of_minute),
        }
    }
}

/// A token's owner with the organization.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the fields are those of `token::Owner`")]
pub struct OwnerRecord {
    pub org_id: OrgId,
    pub user_id: UserId,
    pub user_name: Name,
}

impl From<OwnerRecord> for Owner {
    fn from(record: OwnerRecord) -> Self {
        Self { org_id: record.org_id, user_id: record.user_id, user_name: record.user_name }
    }
}

impl From<&Owner> for OwnerRecord {
    fn from(owner: &Owner) -> Self {
        let Owner { org_id, user_id, user_name } = owner.clone();
        Self { org_id, user_id, user_name }
    }
}

/// A token's stored record with its owner.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OwnedTokenRecord {
    /// The record.
    pub token: TokenRecord,
    /// Whose it is.
    pub owner: OwnerRecord,
}

impl OwnedTokenRecord {
    pub(super) fn read(self) -> Result<(Token, Owner), Unreadable> {
        Ok((self.token.try_into()?, self.owner.into()))
    }
}

/// A user as answers and events name one.
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the fields are those of `user::NamedUser`")]
pub struct NamedUserRecord {
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub user_id: UserId,
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub user_name: Name,
}

impl From<&NamedUser> for NamedUserRecord {
    fn from(user: &NamedUser) -> Self {
        Self { user_id: user.user_id.clone(), user_name: user.user_name.clone() }
    }
}

impl From<NamedUserRecord> for NamedUser {
    fn from(record: NamedUserRecord) -> Self {
        Self { user_id: record.user_id, user_name: record.user_name }
    }
}

/// A policy's three settings; all of them are always written.
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the fields are those of `policy::Policy`")]
pub struct PolicyRecord {
    #[serde(deserialize_with = "given")]
    #[cfg_attr(feature = "openapi", schema(required = true, minimum = 1, maximum = 3650))]
    pub maximum_expiry_days: Option<i64>,
    pub automatic_expiration: bool,
    #[serde(deserialize_with = "given")]
    #[cfg_attr(feature = "openapi", schema(required = true, minimum = 1, maximum = 1000))]
    pub maximum_active_tokens: Option<i64>,
}

/// Reads a value that may be `null` but not absent: a setting that somebody forgot must not mean
/// "no limit".
fn given<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    Option::deserialize(deserializer)
}

impl From<Policy> for PolicyRecord {
    fn from(policy: Policy) -> Self {
        Self {
            maximum_expiry_days: policy.maximum_expiry_days().map(i64::from),
            automatic_expiration: policy.automatic_expiration(),
            maximum_active_tokens: policy.maximum_active_tokens().map(i64::from),
        }
    }
}

impl TryFrom<PolicyRecord> for Policy {
    type Error = Vec<Mistake>;

    fn try_from(record: PolicyRecord) -> Result<Self, Vec<Mistake>> {
        let PolicyRecord { maximum_expiry_days, automatic_expiration, maximum_active_tokens } =
            record;
        Self::new(maximum_expiry_days, automatic_expiration, maximum_active_tokens)
    }
}

impl PolicyRecord {
    /// The policy in force, which the host stored: it was judged when it was made.
    pub(super) fn read(self) -> Result<Policy, Unreadable> {
        self.try_into().map_err(|_| Unreadable::new("the policy's numbers are out of range"))
    }
}

/// No policy has this version, nor has the one after any: all numbers of events are below 2^53,
/// which JavaScript can hold (`history::canonical_bytes`).
const LARGEST_VERSION: u64 = (1 << 53) - 1;

/// A policy with its version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VersionedPolicyRecord {
    /// The settings.
    pub policy: PolicyRecord,
    /// Grows by one at each change.
    pub version: u64,
}

impl TryFrom<VersionedPolicyRecord> for VersionedPolicy {
    type Error = Unreadable;

    fn try_from(record: VersionedPolicyRecord) -> Result<Self, Unreadable> {
        if record.version >= LARGEST_VERSION {
            return Err(Unreadable::new("the policy's version is out of range"));
        }
        Ok(Self { policy: record.policy.read()?, version: record.version })
    }
}

impl From<VersionedPolicy> for VersionedPolicyRecord {
    fn from(VersionedPolicy { policy, version }: VersionedPolicy) -> Self {
        Self { policy: policy.into(), version }
    }
}

/// One mistake, as in the `errors` of a problem answer.
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MistakeRecord {
    /// Where it stands in the request (RFC 6901).
    pub pointer: String,
    /// What it is, for programs.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub code: Code,
    /// What it is, for people.
    pub detail: String,
    /// With `expiry.beyond_maximum`: the latest instant that would have been allowed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub latest_allowed: Option<Timestamp>,
}

impl From<Mistake> for MistakeRecord {
    fn from(mistake: Mistake) -> Self {
        let Mistake { pointer, code, detail, latest_allowed } = mistake;
        Self { pointer: pointer.into(), code, detail, latest_allowed }
    }
}

/// All mistakes of a refused request.
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefusedRecord {
    /// At least one.
    pub errors: Vec<MistakeRecord>,
}

impl From<Vec<Mistake>> for RefusedRecord {
    fn from(mistakes: Vec<Mistake>) -> Self {
        Self { errors: mistakes.into_iter().map(MistakeRecord::from).collect() }
    }
}

/// What can be told of a text that may be a secret.
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct InspectionRecord {
    /// The form is right.
    pub form: bool,
    /// The checksum is right.
    pub checksum: bool,
    /// `access_token`, `service_key` or `scim_key`.
    pub kind: Option<&'static str>,
    /// The last 4 characters of the random part.
    pub hint: Option<String>,
}

impl From<Inspection> for InspectionRecord {
    fn from(inspection: Inspection) -> Self {
        let Inspection { form, checksum, kind, hint } = inspection;
        Self { form, checksum, kind: kind.map(SecretKind::as_str), hint }
    }
}
