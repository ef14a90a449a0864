//! Secrets: the text a person or program presents, its checksum, and the digest that is stored.
//!
//! Form (DOMAIN section 3): a prefix of 4 characters, 32 random base62 characters (190 bits), and
//! 6 base62 characters of CRC-32 over everything before them.

use alloc::string::String;
use core::fmt;

use crc::{CRC_32_ISO_HDLC, Crc, Table};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;
use zeroize::Zeroize;

use crate::id::base62_digit;

const PREFIX_LENGTH: usize = 4;
const RANDOM_LENGTH: usize = 32;
const CHECKSUM_LENGTH: usize = 6;
const BODY_LENGTH: usize = PREFIX_LENGTH + RANDOM_LENGTH;
/// How long every secret is, in characters.
pub const SECRET_LENGTH: usize = BODY_LENGTH + CHECKSUM_LENGTH;
/// How many characters a hint has.
pub const HINT_LENGTH: usize = 4;

/// How many random bytes a new secret takes. About one in 32 is rejected and 32 are needed, so 64
/// fail to suffice with a probability below 2^-90.
pub const SECRET_RANDOM_BYTES: usize = 64;

/// What a secret is for; its prefix says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecretKind {
    /// `egt_`: a user's access token, presented by Power BI.
    AccessToken,
    /// `egs_`: an export service's key to the host.
    ServiceKey,
    /// `egp_`: the key with which a directory provisions people over SCIM.
    ScimKey,
}

impl SecretKind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::AccessToken, Self::ServiceKey, Self::ScimKey];

    /// The first 4 characters of every secret of this kind.
    #[must_use]
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::AccessToken => "egt_",
            Self::ServiceKey => "egs_",
            Self::ScimKey => "egp_",
        }
    }

    /// The kind as programs read it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AccessToken => "access_token",
            Self::ServiceKey => "service_key",
            Self::ScimKey => "scim_key",
        }
    }
}

/// A well-formed secret. It is never shown by `Debug`, has no `Display` and no serde, and its
/// memory is overwritten when it is dropped.
pub struct Secret {
    kind: SecretKind,
    text: [u8; SECRET_LENGTH],
}

/// The text is not a secret of the expected kind, or its checksum is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a secret: its form or checksum is wrong")]
pub struct MalformedSecret;

/// The random bytes did not suffice. With [`SECRET_RANDOM_BYTES`] good ones it never happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the random bytes did not suffice for a secret")]
pub struct TooFewRandomBytes;

impl Secret {
    /// Makes a secret from random bytes, without modulo bias: six bits of each byte are taken,
    /// and the two values that are no base62 digit are rejected.
    ///
    /// # Errors
    /// [`TooFewRandomBytes`] when rejection leaves fewer than 32 digits.
    pub fn generate(kind: SecretKind, random: &[u8]) -> Result<Self, TooFewRandomBytes> {
        let mut digits = random.iter().map(|byte| byte & 0b11_1111).filter(|value| *value < 62);
        let mut text = [0; SECRET_LENGTH];
        let (body, checksum) = text.split_at_mut(BODY_LENGTH);
        let (prefix, random_part) = body.split_at_mut(PREFIX_LENGTH);
        prefix.copy_from_slice(kind.prefix().as_bytes());
        for place in random_part {
            let digit = digits.next().ok_or(TooFewRandomBytes)?;
            *place = base62_digit(u32::from(digit)) as u8;
        }
        checksum.copy_from_slice(&checksum_of(body));
        Ok(Self { kind, text })
    }

    /// Reads a presented secret of one kind.
    ///
    /// # Errors
    /// [`MalformedSecret`] when length, prefix, alphabet or checksum is wrong.
    pub fn parse(kind: SecretKind, presented: &str) -> Result<Self, MalformedSecret> {
        let text: [u8; SECRET_LENGTH] =
            presented.as_bytes().try_into().map_err(|_| MalformedSecret)?;
        let (body, checksum) = text.split_at(BODY_LENGTH);
        let good = body.starts_with(kind.prefix().as_bytes())
            && text.iter().skip(PREFIX_LENGTH).all(u8::is_ascii_alphanumeric)
            && checksum == checksum_of(body);
        if good { Ok(Self { kind, text }) } else { Err(MalformedSecret) }
    }

    /// What the secret is for.
    #[must_use]
    pub const fn kind(&self) -> SecretKind {
        self.kind
    }

    /// The text itself: for the one answer that shows it, and for nothing else.
    #[must_use]
    pub fn expose(&self) -> &str {
        core::str::from_utf8(&self.text).unwrap_or_default()
    }

    /// SHA-256 of the whole text: what is stored and looked up. A slow hash is not needed for 190
    /// random bits (OWASP ASVS 5.0, 6.5.2).
    #[must_use]
    pub fn digest(&self) -> SecretDigest {
        SecretDigest(Sha256::digest(self.text).into())
    }

    /// The last 4 characters of the random part, kept so that the owner can recognise a token.
    #[must_use]
    pub fn hint(&self) -> Hint {
        let mut hint = [0; HINT_LENGTH];
        let end = self.text.iter().skip(BODY_LENGTH - HINT_LENGTH);
        for (place, character) in hint.iter_mut().zip(end) {
            *place = *character;
        }
        Hint(hint)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secret({}…)", self.kind.prefix())
    }
}

impl Drop for Secret {
    fn drop(&mut self) {
        self.text.zeroize();
    }
}

/// CRC-32 (ISO-HDLC, as in zlib) in 6 base62 digits, most significant first.
fn checksum_of(body: &[u8]) -> [u8; CHECKSUM_LENGTH] {
    let mut value = CRC32.checksum(body);
    let mut digits = [b'0'; CHECKSUM_LENGTH];
    for place in digits.iter_mut().rev() {
        *place = base62_digit(value) as u8;
        value /= 62;
    }
    digits
}

/// In a browser with the table of 1 KB: the 16 KB of the faster one cannot be compressed, and would
/// be a fifth of the module.
#[cfg(target_arch = "wasm32")]
type Lookup = Table<1>;
#[cfg(not(target_arch = "wasm32"))]
type Lookup = Table<16>;

const CRC32: Crc<u32, Lookup> = Crc::<u32, Lookup>::new(&CRC_32_ISO_HDLC);

/// SHA-256 of a secret. Compared in constant time; not secret itself.
#[derive(Clone, Copy)]
pub struct SecretDigest([u8; 32]);

impl SecretDigest {
    /// A stored digest.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The 32 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl PartialEq for SecretDigest {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Eq for SecretDigest {}

impl fmt::Debug for SecretDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

/// The 4 characters of a secret that are kept in the open.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Hint([u8; HINT_LENGTH]);

impl Hint {
    /// Reads a stored hint: 4 base62 characters.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let hint: [u8; HINT_LENGTH] = text.as_bytes().try_into().ok()?;
        hint.iter().all(u8::is_ascii_alphanumeric).then_some(Self(hint))
    }

    /// The hint as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        core::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl fmt::Debug for Hint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What can be told of a text without any host: for `exportgate inspect`, for the page's paste
/// field, for secret scanners.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inspection {
    /// Length, prefix and alphabet are those of a secret.
    pub form: bool,
    /// The checksum is right. Never true where the form is wrong.
    pub checksum: bool,
    /// What it would be for; known as soon as the prefix is right.
    pub kind: Option<SecretKind>,
    /// The hint by which the owner finds the token; only where the form is right.
    pub hint: Option<String>,
}

/// Judges form and checksum of a text that may be a secret of any kind.
#[must_use]
pub fn inspect(text: &str) -> Inspection {
    let kind = SecretKind::ALL.into_iter().find(|kind| text.starts_with(kind.prefix()));
    let form = kind.is_some()
        && text.len() == SECRET_LENGTH
        && text.bytes().skip(PREFIX_LENGTH).all(|byte| byte.is_ascii_alphanumeric());
    let checksum = kind.is_some_and(|kind| Secret::parse(kind, text).is_ok());
    let hint = form.then(|| text.chars().skip(BODY_LENGTH - HINT_LENGTH).take(HINT_LENGTH));
    Inspection { form, checksum, kind, hint: hint.map(Iterator::collect) }
}

/// Whether `text` contains something of a secret's form, right checksum or not: such text must
/// not be accepted in a URL nor reach a log.
#[must_use]
pub fn contains_secret(text: &str) -> bool {
    text.as_bytes().windows(SECRET_LENGTH).any(|window| {
        let prefixed = |kind: &SecretKind| window.starts_with(kind.prefix().as_bytes());
        SecretKind::ALL.iter().any(prefixed)
            && window.iter().skip(PREFIX_LENGTH).all(u8::is_ascii_alphanumeric)
    })
}

#[cfg(test)]
mod tests;
