//! Signed assertions (RFC 7519, RFC 7523, RFC 8725): another system says who is calling.
//!
//! Judged in this order, and refused at the first thing that is wrong: length, form, header,
//! issuer, key, signature ([`crate::jwt`]), then what is claimed (`claims`, pure). That it is
//! accepted only once is the store's: [`crate::usecase::recognise_person`].

pub mod claims;

use std::{fmt, path::PathBuf, sync::Arc};

use exportgate_core::time::Timestamp;
use jsonwebtoken::{Algorithm, dangerous::insecure_decode_claims};

pub use self::claims::Asserted;
use self::claims::Expected;
use crate::{
    config::{Issuer as IssuerConfig, IssuerKeys},
    jwt::{self, Jwks, JwtError, KeyError, PublicKey},
    outbound::Web,
};

/// The longest assertion. Salesforce's have about 1 KiB.
pub const MAXIMUM_BYTES: usize = 8 * 1024;

/// Why an assertion is refused, for the operator's log. Whoever presented it learns only that it
/// is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Refusal {
    TooLong,
    Malformed,
    AlgorithmWrong,
    CriticalHeader,
    TypeWrong,
    IssuerUnknown,
    KeyUnknown,
    KeysUnavailable,
    SignatureWrong,
    AudienceWrong,
    ExpiryMissing,
    Expired,
    ExpiryTooFar,
    NotYetValid,
    OrganizationWrong,
    SubjectMissing,
    SubjectMalformed,
    JtiMissing,
    RoleUnknown,
    Replayed,
    UserNameTaken,
    UserInactive,
}

impl Refusal {
    /// Its stable name in logs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::TooLong => "assertion.too_long",
            Self::Malformed => "assertion.malformed",
            Self::AlgorithmWrong => "assertion.algorithm_wrong",
            Self::CriticalHeader => "assertion.critical_header",
            Self::TypeWrong => "assertion.type_wrong",
            Self::IssuerUnknown => "assertion.issuer_unknown",
            Self::KeyUnknown => "assertion.key_unknown",
            Self::KeysUnavailable => "assertion.keys_unavailable",
            Self::SignatureWrong => "assertion.signature_wrong",
            Self::AudienceWrong => "assertion.audience_wrong",
            Self::ExpiryMissing => "assertion.expiry_missing",
            Self::Expired => "assertion.expired",
            Self::ExpiryTooFar => "assertion.expiry_too_far",
            Self::NotYetValid => "assertion.not_yet_valid",
            Self::OrganizationWrong => "assertion.organization_wrong",
            Self::SubjectMissing => "assertion.subject_missing",
            Self::SubjectMalformed => "assertion.subject_malformed",
            Self::JtiMissing => "assertion.jti_missing",
            Self::RoleUnknown => "assertion.role_unknown",
            Self::Replayed => "assertion.replayed",
            Self::UserNameTaken => "assertion.user_name_taken",
            Self::UserInactive => "assertion.user_inactive",
        }
    }
}

impl From<JwtError> for Refusal {
    fn from(error: JwtError) -> Self {
        match error {
            JwtError::Malformed => Self::Malformed,
            JwtError::AlgorithmWrong => Self::AlgorithmWrong,
            JwtError::CriticalHeader => Self::CriticalHeader,
            JwtError::KeyUnknown => Self::KeyUnknown,
            JwtError::KeysUnavailable => Self::KeysUnavailable,
            JwtError::SignatureWrong => Self::SignatureWrong,
        }
    }
}

/// Why an issuer's key cannot be used, in a sentence for the operator.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "each variant carries its sentence")]
pub enum IssuerError {
    #[error("`{setting}` of the issuer `{issuer}`: cannot read `{}`: {cause}", file.display())]
    Unreadable { setting: &'static str, issuer: String, file: PathBuf, cause: std::io::Error },
    #[error("`{setting}` of the issuer `{issuer}`: `{}`: {cause}", file.display())]
    Key { setting: &'static str, issuer: String, file: PathBuf, cause: KeyError },
    #[error("`jwks_url` of the issuer `{issuer}`: no connection can be prepared: {cause}")]
    Jwks { issuer: String, cause: String },
}

/// Whom the host believes about who is calling.
#[derive(Default)]
pub struct Issuers(Vec<Issuer>);

struct Issuer {
    expected: Expected,
    key_id: Option<String>,
    keys: Keys,
}

enum Keys {
    One(PublicKey),
    Set(Jwks),
}

impl fmt::Debug for Issuers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter().map(|issuer| &issuer.expected.issuer)).finish()
    }
}

impl Issuers {
    /// Reads the certificates and public keys that the configuration names. Key sets are fetched
    /// when they are needed.
    ///
    /// # Errors
    /// [`IssuerError`] for the first issuer whose key cannot be used.
    pub fn load(configured: &[IssuerConfig]) -> Result<Self, IssuerError> {
        configured.iter().map(Issuer::load).collect::<Result<_, _>>().map(Self)
    }

    /// Whom an assertion names, if its issuer is known and everything about it is in order.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub async fn judge(
        &self,
        assertion: &str,
        audience: &str,
        now: Timestamp,
    ) -> Result<Asserted, Refusal> {
        if assertion.len() > MAXIMUM_BYTES {
            return Err(Refusal::TooLong);
        }
        let header = jwt::read_header(assertion)?;
        if header.typ.as_deref().is_some_and(|typ| !is_assertion_type(typ)) {
            return Err(Refusal::TypeWrong);
        }
        let algorithm = header.algorithm;
        // Not believed yet: it only says whose key is to be tried.
        let named: Named = insecure_decode_claims(assertion).map_err(|_| Refusal::Malformed)?;
        let issuer = self.0.iter().find(|issuer| issuer.expected.issuer == named.iss);
        let issuer = issuer.ok_or(Refusal::IssuerUnknown)?;
        let key = issuer.key(header.kid.as_deref(), algorithm).await?;
        let claims = jwt::verify(assertion, &key, algorithm)?;
        claims::check(&claims, &issuer.expected, audience, now)
    }
}

#[derive(serde::Deserialize)]
struct Named {
    iss: String,
}

impl Issuer {
    fn load(configured: &IssuerConfig) -> Result<Self, IssuerError> {
        let issuer = || configured.issuer.clone();
        let read = |setting, file: &PathBuf, parse: fn(&[u8]) -> Result<PublicKey, KeyError>| {
            let pem = std::fs::read(file).map_err(|cause| IssuerError::Unreadable {
                setting,
                issuer: issuer(),
                file: file.clone(),
                cause,
            })?;
            parse(&pem).map(Keys::One).map_err(|cause| IssuerError::Key {
                setting,
                issuer: issuer(),
                file: file.clone(),
                cause,
            })
        };
        let keys = match &configured.keys {
            IssuerKeys::CertificateFile(file) => {
                read("certificate_file", file, PublicKey::from_certificate)?
            }
            IssuerKeys::PublicKeyFile(file) => read("public_key_file", file, PublicKey::from_pem)?,
            IssuerKeys::Jwks { url, may_be_internal } => {
                let web = Web::new(url.clone(), *may_be_internal).map_err(|cause| {
                    IssuerError::Jwks { issuer: issuer(), cause: cause.to_string() }
                })?;
                Keys::Set(Jwks::new(url.clone(), Arc::new(web)))
            }
        };
        let expected = Expected {
            issuer: issuer(),
            org_id: configured.org_id.clone(),
            salesforce_org: configured.salesforce_org.clone(),
            gives_roles: configured.gives_roles,
            links_by_user_name: configured.links_by_user_name,
        };
        Ok(Self { expected, key_id: configured.key_id.clone(), keys })
    }

    /// `kid` is compared with names of keys, and used for nothing else.
    async fn key(&self, kid: Option<&str>, algorithm: Algorithm) -> Result<PublicKey, Refusal> {
        match &self.keys {
            Keys::Set(jwks) => Ok(jwks.find(kid, algorithm).await?),
            Keys::One(key) => {
                if let (Some(kid), Some(expected)) = (kid, &self.key_id)
                    && kid != expected
                {
                    return Err(Refusal::KeyUnknown);
                }
                key.fits(algorithm).then(|| key.clone()).ok_or(Refusal::AlgorithmWrong)
            }
        }
    }
}

/// `JWT`, or a more particular kind of it, as in `client-authentication+jwt`. What is another kind
/// on purpose (`at+jwt`, `logout+jwt`, `dpop+jwt`) was not made for this.
fn is_assertion_type(typ: &str) -> bool {
    matches!(typ, "jwt" | "client-authentication+jwt")
}

/// Whether a bearer credential is meant as an assertion: no other one has dots, or is so long.
#[must_use]
pub fn is_meant(credential: &str) -> bool {
    credential.len() > MAXIMUM_BYTES || credential.contains('.')
}
