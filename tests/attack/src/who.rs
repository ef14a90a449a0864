//! Everybody who can ask, what they present, and what is due to them.

use exportgate_core::secret::SecretKind;
use http::StatusCode;

use crate::forged::forged;
use crate::operations::basic;
use crate::scene::{Headers, Person, Scene, with_cookie};

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    Nobody,
    User,
    Administrator,
    /// A person whom an assertion names.
    Asserted,
    /// The same assertion once more.
    AssertedAgain,
    /// An export service with its key, where the route reads it.
    Service,
    /// The same, as HTTP Basic.
    ServiceBasic,
    Scim,
    /// Somebody who takes an access token for a credential of the host itself.
    AccessToken,
    RevokedService,
    RevokedScim,
    /// A well-formed key that nobody was given.
    ForgedService,
    ForgedScim,
    SignedOut,
    Deactivated,
    ForgedSession,
    /// The administrator's browser, made by another site to ask.
    CrossSite,
    SameSite,
    /// The same without a word about where it comes from.
    NoSite,
    ForeignOrigin,
    /// Whoever is on the machine itself.
    Operator,
    /// The administrator's session there.
    AdministratorLocally,
}

impl Who {
    pub const ALL: [Self; 22] = [
        Self::Nobody,
        Self::User,
        Self::Administrator,
        Self::Asserted,
        Self::AssertedAgain,
        Self::Service,
        Self::ServiceBasic,
        Self::Scim,
        Self::AccessToken,
        Self::RevokedService,
        Self::RevokedScim,
        Self::ForgedService,
        Self::ForgedScim,
        Self::SignedOut,
        Self::Deactivated,
        Self::ForgedSession,
        Self::CrossSite,
        Self::SameSite,
        Self::NoSite,
        Self::ForeignOrigin,
        Self::Operator,
        Self::AdministratorLocally,
    ];

    /// The person whose things are "own".
    pub fn person(self) -> Person {
        match self {
            Self::Administrator
            | Self::CrossSite
            | Self::SameSite
            | Self::NoSite
            | Self::ForeignOrigin
            | Self::AdministratorLocally => Person::Adam,
            Self::Asserted | Self::AssertedAgain => Person::Asta,
            Self::SignedOut => Person::Olaf,
            Self::Deactivated => Person::Lena,
            _ => Person::Anna,
        }
    }

    /// Whether the request goes through the socket.
    pub fn is_local(self) -> bool {
        matches!(self, Self::Operator | Self::AdministratorLocally)
    }

    /// A session whose request may come from elsewhere.
    fn is_doubtful(self) -> bool {
        matches!(self, Self::CrossSite | Self::SameSite | Self::NoSite | Self::ForeignOrigin)
    }

    /// Whether the credential is a forged one, or one that has ended, of those that people and export
    /// services present.
    const fn is_no_good(self) -> bool {
        matches!(
            self,
            Self::AssertedAgain
                | Self::RevokedService
                | Self::ForgedService
                | Self::SignedOut
                | Self::Deactivated
                | Self::ForgedSession
        )
    }

    /// What is presented. `access` tells where an export service's key is read.
    ///
    /// # Errors
    ///
    /// When nothing can be signed.
    pub async fn headers(self, scene: &mut Scene, access: Access) -> anyhow::Result<Headers> {
        let adam = scene.cookie(Person::Adam);
        let bearer = |key: &str| {
            if access == Access::Proxy {
                vec![("x-exportgate-service", key.to_owned())]
            } else {
                vec![("authorization", format!("Bearer {key}"))]
            }
        };
        let doubtful = |more: Option<(&'static str, &str)>| {
            let more = more.map(|(name, value)| (name, value.to_owned()));
            [("cookie", adam.clone())].into_iter().chain(more).collect()
        };
        Ok(match self {
            Self::Nobody | Self::Operator => Vec::new(),
            Self::User => scene.headers_of(Person::Anna)?,
            Self::Administrator | Self::AdministratorLocally => scene.headers_of(Person::Adam)?,
            Self::Asserted => scene.headers_of(Person::Asta)?,
            Self::AssertedAgain => {
                let headers = scene.headers_of(Person::Asta)?;
                let none = exportgate_tests::client::Body::Empty;
                scene.send(http::Method::GET, "/v1/me", &headers, none).await?;
                headers
            }
            Self::Service => bearer(&scene.ours.service),
            Self::ServiceBasic => {
                vec![("authorization", basic(&scene.ours.service_id, &scene.ours.service))]
            }
            Self::Scim => bearer(&scene.ours.scim),
            Self::AccessToken => bearer(&scene.token(Person::Anna).await?.secret),
            Self::RevokedService => bearer(&scene.revoked.service),
            Self::RevokedScim => bearer(&scene.revoked.scim),
            Self::ForgedService => bearer(&forged(SecretKind::ServiceKey)?),
            Self::ForgedScim => bearer(&forged(SecretKind::ScimKey)?),
            Self::SignedOut => with_cookie(&scene.signed_out),
            Self::Deactivated => with_cookie(&scene.deactivated),
            Self::ForgedSession => with_cookie(&format!("__Host-exportgate={}", "0".repeat(48))),
            Self::CrossSite => doubtful(Some(("sec-fetch-site", "cross-site"))),
            Self::SameSite => doubtful(Some(("sec-fetch-site", "same-site"))),
            Self::NoSite => doubtful(None),
            Self::ForeignOrigin => doubtful(Some(("origin", "https://evil.example"))),
        })
    }
}

/// Whom a route is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    Anybody,
    /// Whoever is signed in or named by an assertion.
    Person,
    /// Whoever has a session.
    Session,
    Administrator,
    /// An export service.
    Service,
    /// A proxy with the key of an export service, in a header of its own.
    Proxy,
    /// A directory with its SCIM key.
    Scim,
    /// The operator, on the socket.
    Operator,
}

/// What is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Due {
    /// What the route does.
    Served,
    Refused(StatusCode, &'static str),
}

const MISSING: Due = Due::Refused(StatusCode::UNAUTHORIZED, "credential.missing");
const INVALID: Due = Due::Refused(StatusCode::UNAUTHORIZED, "credential.invalid");
const NOT_PERMITTED: Due = Due::Refused(StatusCode::FORBIDDEN, "actor.not_permitted");
const NO_ROUTE: Due = Due::Refused(StatusCode::NOT_FOUND, "route.not_found");

/// What is due to somebody at a route.
pub fn due(access: Access, who: Who, is_safe: bool) -> Due {
    use Who as W;
    match access {
        Access::Anybody => Due::Served,
        Access::Operator if !who.is_local() => NO_ROUTE,
        Access::Operator if who == W::Operator => Due::Served,
        Access::Operator => NOT_PERMITTED,
        Access::Proxy => match who {
            W::Service => Due::Served,
            W::Scim | W::AccessToken | W::RevokedScim | W::ForgedScim => NOT_PERMITTED,
            W::RevokedService | W::ForgedService => INVALID,
            // Their credential is what the proxy's client would present.
            _ => MISSING,
        },
        Access::Scim => match who {
            W::Scim => Due::Served,
            W::RevokedScim | W::ForgedScim => INVALID,
            W::Service
            | W::ServiceBasic
            | W::AccessToken
            | W::RevokedService
            | W::ForgedService => NOT_PERMITTED,
            W::Asserted | W::AssertedAgain => INVALID,
            // A cookie is no credential there.
            _ => MISSING,
        },
        Access::Service => match who {
            W::Nobody => MISSING,
            W::Service | W::ServiceBasic => Due::Served,
            _ if who.is_no_good() => INVALID,
            _ => NOT_PERMITTED,
        },
        Access::Person | Access::Session | Access::Administrator => match who {
            W::Nobody => MISSING,
            W::User | W::Asserted if access == Access::Administrator => NOT_PERMITTED,
            W::Asserted if access == Access::Session => NOT_PERMITTED,
            W::User | W::Asserted | W::Administrator | W::AdministratorLocally => Due::Served,
            _ if who.is_no_good() => INVALID,
            _ if who.is_doubtful() && is_safe => Due::Served,
            _ => NOT_PERMITTED,
        },
    }
}
