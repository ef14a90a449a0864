//! Every stable code: what programs read, while texts for people may improve.

use alloc::string::String;
use core::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::time::Timestamp;

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $text:literal,)*) => {
        /// A stable code, `area.what`. The host's problem answers (RFC 9457) carry it in `code`.
        #[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code {
            $($(#[$doc])* #[cfg_attr(feature = "typescript", ts(rename = $text))] $name,)*
        }

        impl Code {
            /// Every code, in the order of this list.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The code as programs read it.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)*
                }
            }
        }
    };
}

codes! {
    /// The request cannot be read: broken JSON, an unknown field, a wrong type, a bad parameter.
    RequestMalformed = "request.malformed",
    /// The body is longer than the host reads.
    RequestTooLarge = "request.too_large",
    /// The body is not of the media type that this route reads.
    RequestUnsupportedMediaType = "request.unsupported_media_type",
    /// Nobody said who is calling.
    CredentialMissing = "credential.missing",
    /// The credential is wrong, used up or too late.
    CredentialInvalid = "credential.invalid",
    /// The sign-in did not begin in this browser, took too long or is finished already.
    SignInNotStarted = "sign_in.not_started",
    /// The OpenID provider did not sign the person in.
    SignInDeclined = "sign_in.declined",
    /// What the OpenID provider sent cannot be believed.
    SignInNotAccepted = "sign_in.not_accepted",
    /// The OpenID provider knows the person, who has no access here.
    SignInNotPermitted = "sign_in.not_permitted",
    /// The OpenID provider cannot be asked.
    SignInProviderUnavailable = "sign_in.provider_unavailable",
    /// The caller is known, and may not do this.
    ActorNotPermitted = "actor.not_permitted",
    /// The caller owns no token with this id.
    TokenNotFound = "token.not_found",
    /// There is no such route.
    RouteNotFound = "route.not_found",
    /// The route exists, but not for this method.
    MethodNotAllowed = "method.not_allowed",
    /// Somebody else changed the policy meanwhile.
    PolicyVersionConflict = "policy.version_conflict",
    /// A change of the policy must say which version it changes.
    PolicyVersionRequired = "policy.version_required",
    /// The label is empty after trimming.
    LabelEmpty = "label.empty",
    /// The label has more than 80 characters.
    LabelTooLong = "label.too_long",
    /// The label contains a control or bidirectional formatting character.
    LabelControlCharacter = "label.control_character",
    /// The expiry does not lie in the future.
    ExpiryInThePast = "expiry.in_the_past",
    /// The expiry lies beyond the policy's maximum; comes with `latest_allowed`.
    ExpiryBeyondMaximum = "expiry.beyond_maximum",
    /// The expiry is no instant or date.
    ExpiryMalformed = "expiry.malformed",
    /// A policy's number lies outside its range.
    PolicyMaximumOutOfRange = "policy.maximum_out_of_range",
    /// Automatic expiration needs a maximum expiry period.
    PolicyMaximumRequired = "policy.maximum_required",
    /// The caller may see no history event with this sequence, or there is none yet.
    HistoryEventNotFound = "history.event_not_found",
    /// The user has as many active tokens as the policy allows.
    TokenLimitReached = "token.limit_reached",
    /// Too many failed attempts from this address.
    RateLimited = "rate.limited",
    /// The store cannot answer; nothing was changed.
    StoreUnavailable = "store.unavailable",
    /// The engine cannot answer; nothing was changed.
    EngineUnavailable = "engine.unavailable",
    /// A fault of the host.
    Internal = "internal",
    /// Operator: no user has this name.
    UserNotFound = "user.not_found",
    /// Operator: the user's account is deactivated.
    UserInactive = "user.inactive",
    /// Operator: another user of the organization has this name.
    UserNameTaken = "user.name_taken",
    /// Operator: the text cannot be a user name.
    UserNameMalformed = "user.name_malformed",
    /// Operator: no live export service has this name.
    ServiceNotFound = "service.not_found",
    /// Operator: another live export service of the organization has this name.
    ServiceNameTaken = "service.name_taken",
    /// Operator: the text cannot be a service name.
    ServiceNameMalformed = "service.name_malformed",
    /// Operator: the file to write a backup to exists; it is not overwritten.
    BackupFileRefused = "backup.file_refused",
    /// Operator: the file to write a backup to cannot be created.
    BackupFileUnwritable = "backup.file_unwritable",
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Code {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let known = Self::ALL.iter().copied().find(|code| code.as_str() == text);
        known.ok_or_else(|| serde::de::Error::custom("not a code"))
    }
}

/// One thing that is wrong with a request. All mistakes of a request are told together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// Where it stands in the request, as a JSON pointer (RFC 6901); empty for the whole.
    pub pointer: &'static str,
    /// What it is, for programs.
    pub code: Code,
    /// What it is, for people.
    pub detail: String,
    /// With [`Code::ExpiryBeyondMaximum`]: the latest instant that would have been allowed.
    pub latest_allowed: Option<Timestamp>,
}

impl Mistake {
    /// A mistake without further facts.
    pub fn new(pointer: &'static str, code: Code, detail: impl Into<String>) -> Self {
        Self { pointer, code, detail: detail.into(), latest_allowed: None }
    }
}
