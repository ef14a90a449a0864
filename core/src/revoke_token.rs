//! Revoking tokens: final, repeatable, and by the owner or by whoever holds the secret.

use crate::{
    history::{Actor, EventDraft, EventKind},
    time::Timestamp,
    token::{Owner, Status, Token},
};

/// Why a token is revoked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The owner revoked this one.
    Owner,
    /// The owner revoked all active ones.
    RevokeAll,
    /// Somebody presented the secret and asked for its end (RFC 7009), which proves possession.
    SecretReported,
    /// The database is older than another that was in its place, and nothing proves that the token
    /// was not revoked since.
    Rollback,
}

impl Cause {
    /// The cause as programs read it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::RevokeAll => "revoke_all",
            Self::SecretReported => "secret_reported",
            Self::Rollback => "rollback",
        }
    }

    /// Who acts with this cause.
    fn actor(self, owner: &Owner) -> Actor {
        match self {
            Self::Owner | Self::RevokeAll => Actor::user(owner),
            Self::SecretReported => Actor::SecretHolder,
            Self::Rollback => Actor::Operator,
        }
    }
}

/// Revokes a token, if there is anything to revoke: `None` for one that is revoked already, and,
/// with [`Cause::RevokeAll`] and [`Cause::Rollback`], for one that is not active. Revoking an expired token makes it
/// revoked.
#[must_use]
pub fn revoke_token(
    token: &Token,
    owner: &Owner,
    cause: Cause,
    now: Timestamp,
) -> Option<(Token, EventDraft)> {
    match (token.status(now), cause) {
        (Status::Revoked, _) | (Status::Expired, Cause::RevokeAll | Cause::Rollback) => None,
        (Status::Active | Status::Expired, _) => {
            let revoked = Token { revoked_at: Some(now), ..token.clone() };
            let kind = EventKind::TokenRevoked { cause };
            let event = EventDraft::about_token(&revoked, owner, cause.actor(owner), kind, now);
            Some((revoked, event))
        }
    }
}
