//! History events: what happened, who did it, and the bytes that stand for it for ever.

use alloc::{boxed::Box, vec::Vec};

use crate::{
    id::{OrgId, ServiceId, TokenId},
    label::Label,
    name::Name,
    policy::VersionedPolicy,
    preview_policy::NoticeDays,
    revoke_token::Cause,
    secret::Hint,
    time::Timestamp,
    token::{Owner, Token},
    user::{NamedUser, Role},
    validate_export::Reason,
    wire,
};

/// Whoever did something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Actor {
    /// A person who was signed in.
    User(NamedUser),
    /// An export service.
    Service,
    /// The directory that provisions the organization's people over SCIM, by its key. The event's
    /// details name the key.
    Directory(NamedService),
    /// The person with access to the host's own machine.
    Operator,
    /// The host itself, when an instant has passed.
    Host,
    /// Whoever presented a token's secret itself.
    SecretHolder,
}

impl Actor {
    /// The owner as actor.
    #[must_use]
    pub fn user(owner: &Owner) -> Self {
        Self::User(owner.into())
    }

    /// The kind of actor as programs read it.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::User(_) => "user",
            Self::Service => "service",
            Self::Directory(_) => "directory",
            Self::Operator => "operator",
            Self::Host => "host",
            Self::SecretHolder => "secret_holder",
        }
    }
}

/// Exports with one token from one data source and client address in one minute, through one
/// export service, with one outcome.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Uses {
    /// How many.
    pub n_exports: u64,
    /// The first of them.
    pub first_at: Timestamp,
    /// The last of them.
    pub last_at: Timestamp,
    /// What was exported, as the export service named it.
    pub data_source: Option<Box<str>>,
    /// From where, as the export service or its proxy said.
    pub client_address: Option<Box<str>>,
    /// The export service that asked; absent for a proxy on a trusted address.
    pub service: Option<NamedService>,
}

/// An export service, or a SCIM key, as an event names one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedService {
    /// Names the service.
    pub service_id: ServiceId,
    /// Its name for people.
    pub name: Name,
}

/// What happened, with what is particular to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EventKind {
    /// A token was created.
    TokenCreated {
        /// The end of its secret.
        hint: Hint,
        /// When it will expire.
        expires_at: Option<Timestamp>,
    },
    /// A token got a new label.
    TokenRenamed {
        /// The label until now.
        old_label: Label,
    },
    /// A token was revoked.
    TokenRevoked {
        /// Why.
        cause: Cause,
    },
    /// A token's time was over; the event's instant is its `expires_at`.
    TokenExpired,
    /// A policy's application moved a token's expiry.
    TokenExpiryChanged {
        /// The expiry until now.
        old_expires_at: Option<Timestamp>,
        /// The expiry from now on.
        new_expires_at: Option<Timestamp>,
    },
    /// Exports ran.
    ExportAllowed(Uses),
    /// Exports were refused although the secret matched a token.
    ExportDenied(Reason, Uses),
    /// The policy was changed.
    PolicyChanged {
        /// The policy until now.
        old: VersionedPolicy,
        /// The policy from now on.
        new: VersionedPolicy,
    },
    /// The policy's maximum expiry period was applied to existing tokens; each token that ends
    /// earlier has an event of its own.
    PolicyApplied {
        /// The policy.
        policy: VersionedPolicy,
        /// How long no token could end.
        notice_days: NoticeDays,
        /// How many tokens end earlier.
        n_changed: u64,
    },
    /// The gathered uses of one UTC day were removed, as `keep_days` of the configuration says.
    /// Their digests stay in the Merkle tree.
    HistorySealed {
        /// 00:00 UTC of that day.
        day: Timestamp,
        /// How many events.
        n_events: u64,
    },
    /// A user signed in.
    UserSignedIn,
    /// A user got another role.
    UserRoleChanged {
        /// Whose role.
        user: NamedUser,
        /// The role until now.
        old_role: Role,
        /// The role from now on.
        new_role: Role,
    },
    /// A user's account was deactivated.
    UserDeactivated(NamedUser),
    /// A user's account was activated again.
    UserReactivated(NamedUser),
    /// An export service got a key.
    ServiceCreated(NamedService),
    /// An export service's key was revoked.
    ServiceRevoked(NamedService),
    /// A directory got a SCIM key.
    ScimKeyCreated(NamedService),
    /// A SCIM key was revoked.
    ScimKeyRevoked(NamedService),
}

impl EventKind {
    /// The kind as programs read it.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::TokenCreated { .. } => "token.created",
            Self::TokenRenamed { .. } => "token.renamed",
            Self::TokenRevoked { .. } => "token.revoked",
            Self::TokenExpired => "token.expired",
            Self::TokenExpiryChanged { .. } => "token.expiry_changed",
            Self::ExportAllowed(_) => "export.allowed",
            Self::ExportDenied(..) => "export.denied",
            Self::PolicyChanged { .. } => "policy.changed",
            Self::PolicyApplied { .. } => "policy.applied",
            Self::HistorySealed { .. } => "history.sealed",
            Self::UserSignedIn => "user.signed_in",
            Self::UserRoleChanged { .. } => "user.role_changed",
            Self::UserDeactivated(_) => "user.deactivated",
            Self::UserReactivated(_) => "user.reactivated",
            Self::ServiceCreated(_) => "service.created",
            Self::ServiceRevoked(_) => "service.revoked",
            Self::ScimKeyCreated(_) => "scim_key.created",
            Self::ScimKeyRevoked(_) => "scim_key.revoked",
        }
    }

    /// Every kind, as programs read it.
    pub const ALL: [&'static str; 18] = [
        "token.created",
        "token.renamed",
        "token.revoked",
        "token.expired",
        "token.expiry_changed",
        "export.allowed",
        "export.denied",
        "policy.changed",
        "policy.applied",
        "history.sealed",
        "user.signed_in",
        "user.role_changed",
        "user.deactivated",
        "user.reactivated",
        "service.created",
        "service.revoked",
        "scim_key.created",
        "scim_key.revoked",
    ];
}

/// An event before it has its place: the writer gives it the organization's next sequence and the
/// digest of the engine that decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventDraft {
    /// In which organization it happened.
    pub org_id: OrgId,
    /// When it happened.
    pub at: Timestamp,
    /// Who did it.
    pub actor: Actor,
    /// The token it is about.
    pub token_id: Option<TokenId>,
    /// That token's label at that time.
    pub label: Option<Label>,
    /// That token's owner.
    pub owner: Option<NamedUser>,
    /// What happened.
    pub kind: EventKind,
}

impl EventDraft {
    /// An event about a token.
    #[must_use]
    pub fn about_token(
        token: &Token,
        owner: &Owner,
        actor: Actor,
        kind: EventKind,
        at: Timestamp,
    ) -> Self {
        Self {
            org_id: owner.org_id.clone(),
            at,
            actor,
            token_id: Some(token.token_id.clone()),
            label: Some(token.label.clone()),
            owner: Some(owner.into()),
            kind,
        }
    }

    /// An event about an organization's people, services or policy.
    #[must_use]
    pub fn about_organization(org_id: OrgId, actor: Actor, kind: EventKind, at: Timestamp) -> Self {
        Self { org_id, at, actor, token_id: None, label: None, owner: None, kind }
    }
}

/// The bytes that stand for an event in digests and in the Merkle tree: its JSON document in the
/// canonical form of RFC 8785 (JCS). All our numbers are integers below 2^53 and all our names are
/// ASCII, so sorted names and `serde_json`'s shortest escapes are that form; the tests compare
/// with a JCS library.
///
/// # Errors
/// [`wire::Unreadable`] never in practice: a document of this type can always be written.
pub fn canonical_bytes(event: &wire::Event) -> Result<Vec<u8>, wire::Unreadable> {
    // `Value`'s map is ordered by name.
    let sorted = serde_json::to_value(event).map_err(wire::Unreadable::from)?;
    serde_json::to_vec(&sorted).map_err(wire::Unreadable::from)
}
