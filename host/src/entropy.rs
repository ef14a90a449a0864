//! Random bytes from the operating system.

/// The operating system gave no random bytes. No secret is made without them.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the operating system gives no random bytes: {0}")]
pub struct NoEntropy(getrandom::Error);

/// `N` random bytes, fit for secrets.
///
/// # Errors
/// [`NoEntropy`] when the operating system has none.
pub fn random_bytes<const N: usize>() -> Result<[u8; N], NoEntropy> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(NoEntropy)?;
    Ok(bytes)
}
