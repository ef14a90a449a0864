//! Well-formed secrets that nobody was given.

use anyhow::anyhow;
use exportgate_core::secret::{SECRET_RANDOM_BYTES, Secret, SecretKind};

/// Another one at each call.
///
/// # Errors
///
/// When the random bytes do not suffice, which does not happen.
pub fn forged(kind: SecretKind) -> anyhow::Result<String> {
    let mut random = [0; SECRET_RANDOM_BYTES];
    random.fill_with(|| fastrand::u8(..));
    let secret = Secret::generate(kind, &random).map_err(|_| anyhow!("too few random bytes"))?;
    Ok(secret.expose().to_owned())
}
