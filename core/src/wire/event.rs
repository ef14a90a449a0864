//! The document of a history event, the same over HTTP, in the store and in the Merkle tree.

use alloc::{borrow::ToOwned, string::String};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{NamedUserRecord, PolicyRecord, Unreadable};
use crate::{
    history::{Actor, EventDraft, EventKind, NamedService, Uses},
    id::{OrgId, TokenId, UserId},
    label::Label,
    name::Name,
    policy::VersionedPolicy,
    time::Timestamp,
    user::NamedUser,
};

/// A history event with its place. What has no value is `null`, never absent, so that every event
/// has the same shape.
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
// In a browser an `Event` is something else.
#[cfg_attr(feature = "typescript", ts(rename = "HistoryEvent"))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Event {
    /// The organization in whose history it stands.
    pub org_id: OrgId,
    /// Its place: 0, 1, 2, … without gaps. It is the leaf's index in the Merkle tree.
    pub sequence: u64,
    /// When it happened.
    pub at: Timestamp,
    /// What happened, as in `token.created`.
    pub kind: String,
    /// Who did it.
    pub actor: ActorRecord,
    /// The token it is about.
    pub token_id: Option<TokenId>,
    /// That token's label at that time.
    pub label: Option<Label>,
    /// That token's owner.
    pub owner: Option<NamedUserRecord>,
    /// Why an export was refused.
    pub reason: Option<String>,
    /// What is particular to the kind.
    pub details: Value,
    /// SHA-256 of the engine component that decided, in hexadecimal.
    pub engine: String,
}

/// Whoever did something.
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ActorRecord {
    /// `user`, `service`, `directory`, `operator`, `host` or `secret_holder`.
    pub kind: String,
    /// For a user.
    pub user_id: Option<UserId>,
    /// For a user: the name at that time.
    pub user_name: Option<Name>,
}

/// A history event before it has its place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the fields are those of `Event`")]
pub struct EventDraftRecord {
    pub org_id: OrgId,
    pub at: Timestamp,
    pub kind: String,
    pub actor: ActorRecord,
    pub token_id: Option<TokenId>,
    pub label: Option<Label>,
    pub owner: Option<NamedUserRecord>,
    pub reason: Option<String>,
    pub details: Value,
}

impl EventDraftRecord {
    /// The event at its place.
    #[must_use]
    pub fn at_place(self, sequence: u64, engine: &str) -> Event {
        let Self { org_id, at, kind, actor, token_id, label, owner, reason, details } = self;
        let engine = engine.to_owned();
        Event { org_id, sequence, at, kind, actor, token_id, label, owner, reason, details, engine }
    }
}

impl From<&Actor> for ActorRecord {
    fn from(actor: &Actor) -> Self {
        let (user_id, user_name) = match actor {
            Actor::User(user) => (Some(user.user_id.clone()), Some(user.user_name.clone())),
            _ => (None, None),
        };
        Self { kind: actor.kind().into(), user_id, user_name }
    }
}

impl TryFrom<ActorRecord> for Actor {
    type Error = Unreadable;

    fn try_from(record: ActorRecord) -> Result<Self, Unreadable> {
        match (record.kind.as_str(), record.user_id, record.user_name) {
            ("user", Some(user_id), Some(user_name)) => {
                Ok(Self::User(NamedUser { user_id, user_name }))
            }
            ("service", None, None) => Ok(Self::Service),
            ("operator", None, None) => Ok(Self::Operator),
            ("host", None, None) => Ok(Self::Host),
            ("secret_holder", None, None) => Ok(Self::SecretHolder),
            _ => Err(Unreadable::new("there is no such actor")),
        }
    }
}

impl From<&EventDraft> for EventDraftRecord {
    fn from(draft: &EventDraft) -> Self {
        let reason = match &draft.kind {
            EventKind::ExportDenied(reason, _) => Some(reason.as_str().into()),
            _ => None,
        };
        Self {
            org_id: draft.org_id.clone(),
            at: draft.at,
            kind: draft.kind.as_str().into(),
            actor: (&draft.actor).into(),
            token_id: draft.token_id.clone(),
            label: draft.label.clone(),
            owner: draft.owner.as_ref().map(Into::into),
            reason,
            details: details(draft),
        }
    }
}

/// What is particular to the kind, and which key a directory used.
fn details(draft: &EventDraft) -> Value {
    let mut details = details_of(&draft.kind);
    if let (Actor::Directory(key), Some(details)) = (&draft.actor, details.as_object_mut()) {
        details.insert("scim_key".into(), service_details(key));
    }
    details
}

fn details_of(kind: &EventKind) -> Value {
    match kind {
        EventKind::TokenCreated { hint, expires_at } => {
            json!({ "hint": hint.as_str(), "expires_at": expires_at })
        }
        EventKind::TokenRenamed { old_label } => json!({ "old_label": old_label }),
        EventKind::TokenRevoked { cause } => json!({ "cause": cause.as_str() }),
        EventKind::TokenExpired | EventKind::UserSignedIn => json!({}),
        EventKind::TokenExpiryChanged { old_expires_at, new_expires_at } => {
            json!({ "old_expires_at": old_expires_at, "new_expires_at": new_expires_at })
        }
        EventKind::ExportAllowed(uses) | EventKind::ExportDenied(_, uses) => uses_details(uses),
        EventKind::PolicyChanged { old, new } => {
            json!({ "old": policy_details(old), "new": policy_details(new) })
        }
        EventKind::PolicyApplied { policy, notice_days, n_changed } => json!({
            "policy": policy_details(policy),
            "notice_days": notice_days.get(),
            "n_changed": n_changed,
        }),
        EventKind::HistorySealed { day, n_events } => {
            json!({ "date": day.date_text(), "n_events": n_events })
        }
        EventKind::UserRoleChanged { user, old_role, new_role } => json!({
            "user_id": user.user_id,
            "user_name": user.user_name,
            "old_role": old_role.as_str(),
            "new_role": new_role.as_str(),
        }),
        EventKind::UserDeactivated(user) | EventKind::UserReactivated(user) => {
            json!({ "user_id": user.user_id, "user_name": user.user_name })
        }
        EventKind::ServiceCreated(service)
        | EventKind::ServiceRevoked(service)
        | EventKind::ScimKeyCreated(service)
        | EventKind::ScimKeyRevoked(service) => service_details(service),
    }
}

fn uses_details(uses: &Uses) -> Value {
    json!({
        "n_exports": uses.n_exports,
        "first_at": uses.first_at,
        "last_at": uses.last_at,
        "data_source": uses.data_source,
        "client_address": uses.client_address,
        "service": uses.service.as_ref().map(service_details),
    })
}

fn service_details(service: &NamedService) -> Value {
    json!({ "service_id": service.service_id, "name": service.name })
}

fn policy_details(VersionedPolicy { policy, version }: &VersionedPolicy) -> Value {
    let PolicyRecord { maximum_expiry_days, automatic_expiration, maximum_active_tokens } =
        (*policy).into();
    json!({
        "maximum_expiry_days": maximum_expiry_days,
        "automatic_expiration": automatic_expiration,
        "maximum_active_tokens": maximum_active_tokens,
        "version": version,
    })
}
