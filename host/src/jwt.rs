//! JSON Web Tokens (RFC 7519) of other systems: which signatures are checked how, and with which
//! keys. What a token claims is judged by whoever it was made for.

mod jwks;
mod keys;

use jsonwebtoken::{Algorithm, Validation, decode_header, errors::ErrorKind};
use serde::{Deserialize, de::DeserializeOwned};

pub use self::{
    jwks::Jwks,
    keys::{KeyError, PublicKey},
};

/// What the host accepts (RFC 8725 section 3.2); which of them, the issuer's key decides.
const ALGORITHMS: [Algorithm; 4] =
    [Algorithm::RS256, Algorithm::PS256, Algorithm::ES256, Algorithm::EdDSA];

/// Why a token is refused before its claims are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum JwtError {
    Malformed,
    AlgorithmWrong,
    CriticalHeader,
    KeyUnknown,
    KeysUnavailable,
    SignatureWrong,
}

impl JwtError {
    /// Its stable name in logs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Malformed => "token_malformed",
            Self::AlgorithmWrong => "algorithm_wrong",
            Self::CriticalHeader => "critical_header",
            Self::KeyUnknown => "key_unknown",
            Self::KeysUnavailable => "keys_unavailable",
            Self::SignatureWrong => "signature_wrong",
        }
    }
}

/// What a token's header says. Not believed: it only says which key is to be tried.
pub struct Header {
    /// Which of the issuer's keys.
    pub kid: Option<String>,
    /// How it is signed.
    pub algorithm: Algorithm,
    /// Which kind of token it is, in small letters and without `application/`.
    pub typ: Option<String>,
}

/// Reads a token's header.
///
/// # Errors
/// [`JwtError::Malformed`], [`JwtError::CriticalHeader`] or [`JwtError::AlgorithmWrong`].
pub fn read_header(jwt: &str) -> Result<Header, JwtError> {
    let header = decode_header(jwt).map_err(|_| JwtError::Malformed)?;
    if header.crit.is_some() {
        return Err(JwtError::CriticalHeader);
    }
    if !ALGORITHMS.contains(&header.alg) {
        return Err(JwtError::AlgorithmWrong);
    }
    let typ = header.typ.map(|typ| {
        let typ = typ.to_ascii_lowercase();
        typ.strip_prefix("application/").map(str::to_owned).unwrap_or(typ)
    });
    Ok(Header { kid: header.kid, algorithm: header.alg, typ })
}

/// Checks the signature, and reads the claims that it covers.
///
/// # Errors
/// [`JwtError::SignatureWrong`], [`JwtError::AlgorithmWrong`] or [`JwtError::Malformed`].
pub fn verify<T: DeserializeOwned>(
    jwt: &str,
    key: &PublicKey,
    algorithm: Algorithm,
) -> Result<T, JwtError> {
    // A second installation finds the first one, which is the same.
    let _ = keys::BY_RING.install_default();
    let mut signature_only = Validation::new(algorithm);
    // The claims are judged elsewhere, with the host's own clock.
    signature_only.required_spec_claims.clear();
    signature_only.validate_exp = false;
    signature_only.validate_nbf = false;
    signature_only.validate_aud = false;
    let decoded = jsonwebtoken::decode::<T>(jwt, key.decoding_key(), &signature_only);
    decoded.map(|decoded| decoded.claims).map_err(|error| match error.kind() {
        ErrorKind::InvalidSignature => JwtError::SignatureWrong,
        ErrorKind::InvalidAlgorithm => JwtError::AlgorithmWrong,
        _ => JwtError::Malformed,
    })
}

/// `aud`: one text or several (RFC 7519 section 4.1.3).
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum Audience {
    /// One.
    One(String),
    /// Several.
    Several(Vec<String>),
}

impl Audience {
    /// Whether the token is meant for this one.
    #[must_use]
    pub fn names(&self, audience: &str) -> bool {
        match self {
            Self::One(one) => one == audience,
            Self::Several(several) => several.iter().any(|one| one == audience),
        }
    }
}

/// Seconds since 1970; a fraction is allowed (RFC 7519 section 2) and of no weight.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(untagged)]
pub enum NumericDate {
    /// Whole seconds.
    Whole(i64),
    /// With a fraction.
    Fraction(f64),
}

impl NumericDate {
    /// Whole seconds.
    #[must_use]
    pub fn seconds(self) -> i64 {
        match self {
            Self::Whole(seconds) => seconds,
            #[expect(clippy::cast_possible_truncation, reason = "`as` saturates")]
            Self::Fraction(seconds) => seconds.floor() as i64,
        }
    }
}
