//! Cookies: how one is read, and with which attributes every one is set.

use exportgate_core::code::Code;
use http::{HeaderMap, HeaderValue, header};

use super::problem::Problem;

/// Whether a cookie comes along when another site leads here.
#[derive(Clone, Copy)]
pub enum SameSite {
    /// It does.
    Lax,
    /// It does not.
    Strict,
}

/// The value of a cookie.
pub fn read<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .find_map(|pair| pair.trim().strip_prefix(name)?.strip_prefix('='))
}

/// The header `Set-Cookie` for a cookie that lives so many seconds. A name that begins with
/// `__Host-` makes browsers insist on the attributes (RFC 6265bis section 4.1.3).
///
/// # Errors
/// `internal` for a value that no header can hold.
pub fn set(
    name: &str,
    value: &str,
    seconds: i64,
    same_site: SameSite,
) -> Result<HeaderValue, Problem> {
    let same_site = match same_site {
        SameSite::Lax => "Lax",
        SameSite::Strict => "Strict",
    };
    let text = format!(
        "{name}={value}; Path=/; Max-Age={seconds}; Secure; HttpOnly; SameSite={same_site}"
    );
    HeaderValue::from_str(&text).map_err(|error| Problem::new(Code::Internal, error.to_string()))
}
