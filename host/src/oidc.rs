//! Sign-in with OpenID providers: authorization code flow with PKCE, state and nonce (OpenID
//! Connect Core 1.0 section 3.1, RFC 9700), sign-out there, too (RP-Initiated Logout 1.0), and
//! sign-out from there (Back-Channel Logout 1.0).
//!
//! `openidconnect` builds the requests, reads the answers and verifies ID tokens. This host decides
//! whom it lets in (`claims`), from where it fetches (`provider`), and what a browser must bring
//! along (`attempt`).

pub mod attempt;
mod claims;
mod logout;
mod metadata;
mod provider;

use std::{fmt, path::PathBuf, sync::Arc};

use exportgate_core::code::Code;

pub use self::{
    logout::Logout,
    provider::{Callback, Provider},
};
use crate::config::Provider as ProviderConfig;

/// Where sign-ins begin.
pub const SIGN_IN: &str = "/v1/sign-in/oidc";

/// Why nobody was signed in, for people and for the operator's log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignInError {
    /// Not in this browser, too long ago, or finished already.
    NotStarted,
    /// The provider says no.
    Declined,
    /// What the provider sent cannot be believed.
    NotAccepted(&'static str),
    /// The person is known, and has no place here.
    NotPermitted(&'static str),
    /// The provider cannot be asked, or answers what nobody understands.
    Unavailable(String),
}

impl SignInError {
    /// Its code.
    #[must_use]
    pub const fn code(&self) -> Code {
        match self {
            Self::NotStarted => Code::SignInNotStarted,
            Self::Declined => Code::SignInDeclined,
            Self::NotAccepted(_) => Code::SignInNotAccepted,
            Self::NotPermitted(_) => Code::SignInNotPermitted,
            Self::Unavailable(_) => Code::SignInProviderUnavailable,
        }
    }

    /// What happened, for people.
    #[must_use]
    pub const fn detail(&self) -> &'static str {
        match self {
            Self::NotStarted => {
                "this sign-in did not begin in this browser, took longer than ten minutes or is \
                 finished already; begin again"
            }
            Self::Declined => "the OpenID provider did not sign you in",
            Self::NotAccepted(_) => "the OpenID provider's answer is not accepted; begin again",
            Self::NotPermitted(_) => {
                "the OpenID provider knows you, but you have no access here; ask your administrator"
            }
            Self::Unavailable(_) => {
                "the OpenID provider cannot be asked now; try again later, or sign in with a code"
            }
        }
    }

    /// The reason, for the log.
    #[must_use]
    pub fn reason(&self) -> &str {
        match self {
            Self::NotStarted => "not_started",
            Self::Declined => "declined",
            Self::NotAccepted(reason) | Self::NotPermitted(reason) => reason,
            Self::Unavailable(cause) => cause,
        }
    }
}

/// Why a provider's settings cannot be used, in a sentence for the operator.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "each variant carries its sentence")]
pub enum ProviderError {
    #[error(
        "`client_secret_file` of the OpenID provider `{issuer}`: cannot read `{}`: {cause}",
        file.display()
    )]
    Unreadable { issuer: String, file: PathBuf, cause: std::io::Error },
    #[error("`client_secret_file` of the OpenID provider `{issuer}`: `{}` is empty", file.display())]
    Empty { issuer: String, file: PathBuf },
    #[error("the OpenID provider `{issuer}`: no connection can be prepared: {cause}")]
    Connection { issuer: String, cause: reqwest::Error },
}

/// Who signs people in.
pub struct Providers(Vec<Arc<Provider>>);

impl fmt::Debug for Providers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter().map(|provider| provider.issuer())).finish()
    }
}

impl Providers {
    /// Reads the secrets that the configuration names. Providers are asked when they are needed.
    ///
    /// # Errors
    /// [`ProviderError`] for the first provider whose settings cannot be used.
    pub fn load(configured: &[ProviderConfig], public_url: &str) -> Result<Self, ProviderError> {
        let load = |config: &ProviderConfig| Provider::load(config, public_url).map(Arc::new);
        configured.iter().map(load).collect::<Result<_, _>>().map(Self)
    }

    /// The provider with this name, or the one without.
    #[must_use]
    pub fn find(&self, name: Option<&str>) -> Option<&Arc<Provider>> {
        self.0.iter().find(|provider| provider.name() == name)
    }

    /// The provider that calls itself so.
    #[must_use]
    pub fn of_issuer(&self, issuer: &str) -> Option<&Arc<Provider>> {
        self.0.iter().find(|provider| provider.issuer() == issuer)
    }

    /// Those that everybody may know of.
    pub fn listed(&self) -> impl Iterator<Item = &Arc<Provider>> {
        self.0.iter().filter(|provider| provider.is_listed())
    }
}
