//! Identifiers: opaque words that name organizations, users, tokens and export services.

use alloc::{boxed::Box, string::String};
use core::fmt;

use serde::{Deserialize, Deserializer, Serialize};

/// The longest identifier, in characters. Salesforce ids have 18; this leaves room for others.
pub const MAXIMUM_ID_CHARACTERS: usize = 64;

/// The text is not an identifier: 1 to 64 characters out of `A-Z a-z 0-9 _ -`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an identifier of 1 to 64 letters, digits, `_` and `-`")]
pub struct MalformedId;

fn is_id(text: &str) -> bool {
    (1..=MAXIMUM_ID_CHARACTERS).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'))
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
        #[cfg_attr(feature = "typescript", ts(type = "string"))]
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        #[serde(transparent)]
        pub struct $name(Box<str>);

        impl $name {
            /// Reads an identifier.
            ///
            /// # Errors
            /// [`MalformedId`] unless it is 1 to 64 characters out of `A-Z a-z 0-9 _ -`.
            pub fn parse(text: &str) -> Result<Self, MalformedId> {
                if is_id(text) { Ok(Self(text.into())) } else { Err(MalformedId) }
            }

            /// The identifier as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                Self::parse(&String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
            }
        }
    };
}

id!(
    /// Names an organization (tenant): a Salesforce organization id, or `default`.
    OrgId
);
id!(
    /// Names a user within an organization.
    UserId
);
id!(
    /// Names a token. It is public: the secret cannot be derived from it.
    TokenId
);
id!(
    /// Names an export service, or a SCIM key.
    ServiceId
);

/// How many random bytes a new identifier takes: 128 bits never meet by chance.
pub const ID_RANDOM_BYTES: usize = 16;

const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// The base62 digit for `value modulo 62`: `0-9`, `A-Z`, `a-z`.
#[expect(clippy::indexing_slicing, reason = "a remainder by 62 is within the 62 digits")]
pub(crate) fn base62_digit(value: u32) -> char {
    char::from(BASE62[(value % 62) as usize])
}

/// `prefix` and 22 base62 digits of a random number, as in `tok_0Lq…`.
#[must_use]
fn random_id(prefix: &str, random: [u8; ID_RANDOM_BYTES]) -> Box<str> {
    const DIGITS: u32 = 22; // 62^22 > 2^128
    let number = u128::from_be_bytes(random);
    let mut text = String::from(prefix);
    for place in (0..DIGITS).rev() {
        text.push(base62_digit((number / 62u128.pow(place) % 62) as u32));
    }
    text.into()
}

impl TokenId {
    /// A new token's id: `tok_` and 22 base62 digits.
    #[must_use]
    pub fn from_random(random: [u8; ID_RANDOM_BYTES]) -> Self {
        Self(random_id("tok_", random))
    }
}

/// How many characters a token's id of our own form has: `tok_` and 22 base62 digits.
pub const TOKEN_ID_LENGTH: usize = 26;

/// 62^10, the most digits that a `u64` holds: its division costs a fraction of a `u128`'s.
const TEN_DIGITS: u64 = 62u64.pow(10);

impl TokenId {
    /// The number that [`TokenId::from_random`] made `text` of, for memories that hold millions of
    /// ids; `None` for an id of another form. [`TokenId::write_random`] is the way back.
    #[must_use]
    pub fn read_random(text: &str) -> Option<[u8; ID_RANDOM_BYTES]> {
        let (highest, rest) = text.strip_prefix("tok_")?.as_bytes().split_first_chunk::<2>()?;
        let (middle, lowest) = rest.split_first_chunk::<10>()?;
        let lowest: &[u8; 10] = lowest.try_into().ok()?;
        let [highest, middle, lowest] =
            [base62_number(highest)?, base62_number(middle)?, base62_number(lowest)?];
        u128::from(highest)
            .checked_mul(u128::from(TEN_DIGITS) * u128::from(TEN_DIGITS))?
            .checked_add(u128::from(middle) * u128::from(TEN_DIGITS) + u128::from(lowest))
            .map(u128::to_be_bytes)
    }

    /// Writes the id that [`TokenId::from_random`] makes, without an allocation.
    #[must_use]
    pub fn write_random(random: [u8; ID_RANDOM_BYTES], place: &mut [u8; TOKEN_ID_LENGTH]) -> &str {
        let number = u128::from_be_bytes(random);
        let (rest, lowest) =
            (number / u128::from(TEN_DIGITS), (number % u128::from(TEN_DIGITS)) as u64);
        let (highest, middle) =
            ((rest / u128::from(TEN_DIGITS)) as u64, (rest % u128::from(TEN_DIGITS)) as u64);
        *place = *b"tok_0000000000000000000000";
        let mut digits = place.iter_mut().rev();
        for (mut part, n_digits) in [(lowest, 10), (middle, 10), (highest, 2)] {
            for digit in digits.by_ref().take(n_digits) {
                *digit = BASE62.get((part % 62) as usize).copied().unwrap_or_default();
                part /= 62;
            }
        }
        core::str::from_utf8(place).unwrap_or_default()
    }
}

/// What each byte stands for as a base62 digit; [`NO_DIGIT`] for those that are none. A table, as
/// nobody can foresee which of three ranges the next random digit is in.
#[expect(clippy::indexing_slicing, reason = "each byte has its place among 256")]
const BASE62_VALUES: [u8; 256] = {
    let (mut values, mut byte) = ([NO_DIGIT; 256], 0_u8);
    loop {
        values[byte as usize] = match byte {
            b'0'..=b'9' => byte - b'0',
            b'A'..=b'Z' => byte - b'A' + 10,
            b'a'..=b'z' => byte - b'a' + 36,
            _ => NO_DIGIT,
        };
        if byte == u8::MAX {
            break values;
        }
        byte += 1;
    }
};
const NO_DIGIT: u8 = 0x80;

/// The number that base62 digits stand for; at most ten, so that it fits.
fn base62_number(digits: &[u8]) -> Option<u64> {
    let (mut number, mut seen) = (0_u64, 0);
    for digit in digits {
        let value = BASE62_VALUES.get(usize::from(*digit)).copied().unwrap_or(NO_DIGIT);
        seen |= value;
        // Wraps only where there is no digit.
        number = number.wrapping_mul(62).wrapping_add(u64::from(value));
    }
    (seen & NO_DIGIT == 0).then_some(number)
}

impl UserId {
    /// A new user's id, where no other system gives one: `usr_` and 22 base62 digits.
    #[must_use]
    pub fn from_random(random: [u8; ID_RANDOM_BYTES]) -> Self {
        Self(random_id("usr_", random))
    }
}

impl ServiceId {
    /// A new export service's id: `svc_` and 22 base62 digits.
    #[must_use]
    pub fn from_random(random: [u8; ID_RANDOM_BYTES]) -> Self {
        Self(random_id("svc_", random))
    }

    /// A new SCIM key's id: `scim_` and 22 base62 digits.
    #[must_use]
    pub fn of_scim_key(random: [u8; ID_RANDOM_BYTES]) -> Self {
        Self(random_id("scim_", random))
    }
}

#[cfg(test)]
mod tests;
