//! Tokens: what happened to one, and what that means at an instant.

use crate::{
    id::{OrgId, TokenId, UserId},
    label::Label,
    name::Name,
    secret::Hint,
    time::Timestamp,
};

/// The stored record of an access token. It holds no secret and no status: a status is computed
/// for an instant, so a clock can never make a stored one wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// Names the token.
    pub token_id: TokenId,
    /// By which the owner recognises it.
    pub label: Label,
    /// The last characters of the secret's random part.
    pub hint: Hint,
    /// When it was created.
    pub created_at: Timestamp,
    /// The first instant at which it is no longer valid; `None`: it does not expire.
    pub expires_at: Option<Timestamp>,
    /// When it was revoked; never undone.
    pub revoked_at: Option<Timestamp>,
}

/// Who a token belongs to. It never changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    /// The owner's organization.
    pub org_id: OrgId,
    /// Names the owner within it.
    pub user_id: UserId,
    /// The name with which the owner signs in and Power BI presents the token.
    pub user_name: Name,
}

/// What a token's record means at one instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// It can be used.
    Active,
    /// Its time is over.
    Expired,
    /// It was revoked; that outranks [`Status::Expired`].
    Revoked,
}

impl Status {
    /// The status as programs read it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Expired => "expired",
            Self::Revoked => "revoked",
        }
    }

    /// Reads a status.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Active, Self::Expired, Self::Revoked].into_iter().find(|s| s.as_str() == text)
    }

    /// The status at `now` of a token with these two instants. The only place that compares an
    /// expiry: `expires_at` is the first instant at which the token is no longer valid.
    #[must_use]
    pub fn at(
        now: Timestamp,
        revoked_at: Option<Timestamp>,
        expires_at: Option<Timestamp>,
    ) -> Self {
        match (revoked_at, expires_at) {
            (Some(_), _) => Self::Revoked,
            (None, Some(end)) if now >= end => Self::Expired,
            (None, _) => Self::Active,
        }
    }
}

impl Token {
    /// What the record means at `now`.
    #[must_use]
    pub fn status(&self, now: Timestamp) -> Status {
        Status::at(now, self.revoked_at, self.expires_at)
    }
}
