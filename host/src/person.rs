//! Somebody whom another system names, with all that it says about the person.

use exportgate_core::{
    id::{OrgId, UserId},
    name::Name,
    user::Role,
};

/// How the other system says so. One issuer can do both, with another subject for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// With a signed assertion.
    Assertion,
    /// As an OpenID provider.
    OpenId,
}

impl Protocol {
    /// Its word in the store.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Assertion => "assertion",
            Self::OpenId => "openid",
        }
    }
}

/// Who it is for the other system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// How it is said.
    pub protocol: Protocol,
    /// Who says so: `iss`.
    pub issuer: String,
    /// `sub`, unique and never given to anybody else within the issuer.
    pub subject: String,
}

/// Whom another system names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// The organization that the issuer speaks for.
    pub org_id: OrgId,
    /// Who it is there.
    pub identity: Identity,
    /// Who it is here, or becomes.
    pub user_id: UserId,
    /// The user name that the issuer knows, where it can be one.
    pub user_name: Option<Name>,
    /// The user name of somebody new whose other one is missing or taken. `None`: nobody new
    /// comes in without a free one.
    pub other_user_name: Option<Name>,
    /// The name for people, where it can be shown.
    pub display_name: Option<String>,
    /// What the person may do, from issuers that say so.
    pub role: Option<Role>,
    /// Whether somebody new joins the account that has this user name.
    pub links_by_user_name: bool,
}

/// A name for people, without what could confuse whoever reads it. A colon, which user names may
/// not have, is fine.
#[must_use]
pub fn display_name(text: &str) -> Option<String> {
    let text = text.trim();
    Name::parse(&text.replace(':', ".")).is_ok().then(|| text.to_owned())
}
