//! Users as the rules see them: their role, and how events name them.

use crate::{id::UserId, name::Name, token::Owner};

/// What a user may do beyond own tokens and own history (DOMAIN section 5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Own tokens, own history.
    User,
    /// The same, and the organization's policy and all of its history.
    Administrator,
}

impl Role {
    /// The role as programs read it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Administrator => "administrator",
        }
    }

    /// Reads a role.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::User, Self::Administrator].into_iter().find(|role| role.as_str() == text)
    }
}

/// A user as an event names one: by id, and by the name at that time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedUser {
    /// Names the user within the organization.
    pub user_id: UserId,
    /// The name for people.
    pub user_name: Name,
}

impl From<&Owner> for NamedUser {
    fn from(owner: &Owner) -> Self {
        Self { user_id: owner.user_id.clone(), user_name: owner.user_name.clone() }
    }
}
