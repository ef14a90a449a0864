//! Validating an export request: may this export run now? (DOMAIN section 6)

use alloc::{borrow::Cow, format};

use crate::{
    id::OrgId,
    secret::{Secret, SecretKind},
    time::Timestamp,
    token::{Owner, Status, Token},
};

/// What the host knows about a presented secret. A fact that was not looked up because an earlier
/// one had failed is false.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// The secret has the right form and checksum.
    pub well_formed: bool,
    /// A token has this secret's digest.
    pub known: bool,
    /// The token's organization is that of the asking export service.
    pub same_organization: bool,
    /// No user name was presented, or it is the owner's.
    pub user_name_matches: bool,
    /// The owner's account is active.
    pub owner_active: bool,
}

/// Why an export may run or not, in the order in which the rules are tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// Not the form of a secret, or a wrong checksum.
    Malformed,
    /// No token has this digest.
    Unknown,
    /// The token belongs to another organization than the export service; told as `unknown`.
    OtherOrganization,
    /// The presented user name is not the owner's.
    UserMismatch,
    /// The owner's account is not active.
    OwnerInactive,
    /// The token was revoked.
    Revoked,
    /// The token's time is over.
    Expired,
    /// None of the above.
    Allowed,
}

impl Reason {
    /// Every reason, in the order of the rules.
    pub const ALL: [Self; 8] = [
        Self::Malformed,
        Self::Unknown,
        Self::OtherOrganization,
        Self::UserMismatch,
        Self::OwnerInactive,
        Self::Revoked,
        Self::Expired,
        Self::Allowed,
    ];

    /// The reason as programs read it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::Unknown => "unknown",
            Self::OtherOrganization => "other_organization",
            Self::UserMismatch => "user_mismatch",
            Self::OwnerInactive => "owner_inactive",
            Self::Revoked => "revoked",
            Self::Expired => "expired",
            Self::Allowed => "allowed",
        }
    }

    /// Whether the export may run.
    #[must_use]
    pub const fn is_allowed(self) -> bool {
        matches!(self, Self::Allowed)
    }

    /// `allow` or `deny`.
    #[must_use]
    pub const fn decision(self) -> &'static str {
        if self.is_allowed() { "allow" } else { "deny" }
    }

    /// What the export service is told: an organization does not learn of another's tokens.
    #[must_use]
    pub const fn told(self) -> Self {
        match self {
            Self::OtherOrganization => Self::Unknown,
            told => told,
        }
    }

    /// Whether the secret matched a token of the asking service's organization: then, and only
    /// then, the answer and the history name the token.
    #[must_use]
    pub const fn names_token(self) -> bool {
        !matches!(self, Self::Malformed | Self::Unknown | Self::OtherOrganization)
    }

    /// The reason in a sentence for people: what happened, and where it helps, what to do.
    #[must_use]
    pub fn message(
        self,
        revoked_at: Option<Timestamp>,
        expires_at: Option<Timestamp>,
    ) -> Cow<'static, str> {
        match (self.told(), revoked_at, expires_at) {
            (Self::Revoked, Some(at), _) => {
                format!("the access token was revoked at {at}; create a new one").into()
            }
            (Self::Expired, _, Some(at)) => {
                format!("the access token expired at {at}; create a new one").into()
            }
            (Self::Malformed, ..) => "the secret is incomplete or mistyped: an access token \
                                      starts with `egt_` and has 42 characters"
                .into(),
            (Self::Unknown | Self::OtherOrganization, ..) => {
                "no access token has this secret".into()
            }
            (Self::UserMismatch, ..) => {
                "the access token belongs to another user than the user name says".into()
            }
            (Self::OwnerInactive, ..) => "the account of the token's owner is not active".into(),
            (Self::Revoked, ..) => "the access token was revoked; create a new one".into(),
            (Self::Expired, ..) => "the access token expired; create a new one".into(),
            (Self::Allowed, ..) => "the export may run".into(),
        }
    }
}

/// The rules, top to bottom: the first that matches wins.
#[must_use]
pub fn decide(
    facts: Facts,
    revoked_at: Option<Timestamp>,
    expires_at: Option<Timestamp>,
    now: Timestamp,
) -> Reason {
    if !facts.well_formed {
        return Reason::Malformed;
    }
    if !facts.known {
        return Reason::Unknown;
    }
    if !facts.same_organization {
        return Reason::OtherOrganization;
    }
    if !facts.user_name_matches {
        return Reason::UserMismatch;
    }
    if !facts.owner_active {
        return Reason::OwnerInactive;
    }
    match Status::at(now, revoked_at, expires_at) {
        Status::Revoked => Reason::Revoked,
        Status::Expired => Reason::Expired,
        Status::Active => Reason::Allowed,
    }
}

/// What an export service presents on behalf of Power BI.
#[derive(Clone, Copy)]
pub struct ExportRequest<'a> {
    /// The asking export service's organization.
    pub org_id: &'a OrgId,
    /// The presented text; secret, so this type has no `Debug`.
    pub secret: &'a str,
    /// The presented user name, if any.
    pub user_name: Option<&'a str>,
}

/// A token with what validation needs to know of its owner.
#[derive(Clone, Debug)]
pub struct KnownToken {
    /// The record.
    pub token: Token,
    /// Whose it is.
    pub owner: Owner,
    /// Whether the owner's account is active.
    pub owner_active: bool,
}

/// Validates a whole request against the token that `look_up` finds for the secret's digest.
///
/// The host does the same in parts, since its hot path hands only flat facts to the engine: see
/// [`gather`] and [`decide`].
pub fn validate_export<'t>(
    request: ExportRequest<'_>,
    look_up: impl FnOnce(&Secret) -> Option<&'t KnownToken>,
    now: Timestamp,
) -> (Reason, Option<&'t KnownToken>) {
    let secret = Secret::parse(SecretKind::AccessToken, request.secret).ok();
    let known = secret.as_ref().and_then(look_up);
    let facts = Facts {
        well_formed: secret.is_some(),
        ..known.map_or_else(Facts::default, |known| {
            gather(request.org_id, request.user_name, &known.owner, known.owner_active)
        })
    };
    let token = known.map(|known| &known.token);
    let reason = decide(
        facts,
        token.and_then(|token| token.revoked_at),
        token.and_then(|token| token.expires_at),
        now,
    );
    (reason, known.filter(|_| reason.names_token()))
}

/// The facts about a secret that matched a token of `owner`.
#[must_use]
pub fn gather(org_id: &OrgId, user_name: Option<&str>, owner: &Owner, owner_active: bool) -> Facts {
    Facts {
        well_formed: true,
        known: true,
        same_organization: *org_id == owner.org_id,
        user_name_matches: user_name.is_none_or(|presented| owner.user_name.matches(presented)),
        owner_active,
    }
}
