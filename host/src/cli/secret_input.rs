//! Knows how a secret comes in: by standard input, never as an argument that others could see.

use std::io::{self, IsTerminal, Read};

use crate::cli::failure::Failure;

/// A secret has 42 characters; a request body may have 64 KiB (HTTP.md).
const LENGTH_LIMIT: u64 = 32 * 1024;

/// Reads a secret from standard input, without its line break. On a terminal it asks, and
/// shows nothing of what is typed.
///
/// # Errors
/// When standard input cannot be read or holds far more than a secret.
pub fn read() -> Result<String, Failure> {
    let failed = |error: io::Error| {
        Failure::failed(format_args!("cannot read the secret from standard input: {error}"))
    };
    if io::stdin().is_terminal() {
        return rpassword::prompt_password("Secret (not shown): ").map_err(failed);
    }
    let mut bytes = Vec::new();
    io::stdin().lock().take(LENGTH_LIMIT + 1).read_to_end(&mut bytes).map_err(failed)?;
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > LENGTH_LIMIT {
        return Err(Failure::usage("standard input holds far more than a secret"));
    }
    Ok(without_line_break(&String::from_utf8_lossy(&bytes)).to_owned())
}

/// Takes away one line break, as `echo` adds it; anything more belongs to the text.
pub(super) fn without_line_break(text: &str) -> &str {
    text.strip_suffix("\r\n").or_else(|| text.strip_suffix('\n')).unwrap_or(text)
}
