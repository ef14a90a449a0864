//! The `Authorization` header: what is read is what was sent, and nothing is read out of two headers
//! or out of another scheme.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use exportgate_host::http::actor::Credential;
use http::{HeaderMap, HeaderValue, header};

use crate::{Verdict, choices::Choices, hold};

const ALPHABET: &[char] = &[
    'a', 'Z', '9', ':', ' ', '\t', '=', '+', '/', '-', '_', '.', ',', '"', '\\', '%', 'é', '\u{7f}',
];

/// What a header says, in plain words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// There is none.
    Nothing,
    /// It cannot be read.
    Refused,
    /// `Bearer`, and with what.
    Bearer(String),
    /// `Basic`, with name and password.
    Basic(String, String),
}

/// Judges the host's reader.
///
/// # Errors
///
/// When something does not hold.
pub fn check(data: &[u8]) -> Verdict {
    judge_made(data, read)
}

/// As the host reads it.
#[must_use]
pub fn read(headers: &HeaderMap) -> Said {
    match Credential::authorization(headers) {
        Ok(Credential::None) => Said::Nothing,
        Ok(Credential::Bearer(text)) => Said::Bearer(text.to_owned()),
        Ok(Credential::Basic { name, password }) => Said::Basic(name, password),
        // Cookies are another header.
        Ok(Credential::Session(_)) | Err(_) => Said::Refused,
    }
}

/// Compares a reader with plain words, by the headers that lie in `data`.
///
/// # Errors
///
/// When something does not hold.
pub fn judge_made(data: &[u8], read: impl Fn(&HeaderMap) -> Said) -> Verdict {
    let mut choices = Choices::new(data);
    let n_headers = choices.one_of(&[0, 1, 1, 1, 1, 1, 1, 2]);
    let mut headers = HeaderMap::new();
    let mut said = Said::Nothing;
    for n in 0..n_headers {
        let (text, meant) = header(&mut choices);
        let Ok(value) = HeaderValue::from_bytes(text.as_bytes()) else { return Ok(()) };
        headers.append(header::AUTHORIZATION, value);
        said = if n == 0 { meant } else { Said::Refused };
    }
    let found = read(&headers);
    hold(found == said, || format!("{headers:?} is read as {found:?} and says {said:?}"))
}

/// A header's text and what it says (RFC 9110 section 11.4, RFC 6750 section 2.1, RFC 7617 section 2).
fn header(choices: &mut Choices<'_>) -> (String, Said) {
    let scheme = choices.one_of(&["Bearer", "Basic", "bearer", "BASIC", "Digest", "Bearer:", ""]);
    let gap = choices.one_of(&[" ", " ", " ", "  ", "", "\t", " \t "]);
    let is_basic = scheme.eq_ignore_ascii_case("basic");
    let (name, password) = (choices.text(ALPHABET, 12), choices.text(ALPHABET, 12));
    let (credential, in_it) = if is_basic && !choices.once_in(4) {
        let pair = format!("{name}:{password}");
        // The name ends at the first colon, wherever it came from.
        let (name, password) = pair.split_once(':').unwrap_or_default();
        let said = Said::Basic(name.to_owned(), password.to_owned());
        let encoded = STANDARD.encode(&pair);
        match choices.byte() % 8 {
            0 => (STANDARD.encode(pair.replace(':', "")), Said::Refused),
            1 if encoded.contains('=') => (encoded.replace('=', ""), Said::Refused),
            2 => (format!("{encoded}*"), Said::Refused),
            3 => (STANDARD.encode([pair.as_bytes(), &[0xff]].concat()), Said::Refused),
            _ => (encoded, said),
        }
    } else {
        let text = choices.text(ALPHABET, 24);
        let trimmed = text.trim().to_owned();
        let said = if is_basic { basic(&trimmed) } else { Said::Bearer(trimmed) };
        (text, said)
    };
    let text = format!("{scheme}{gap}{credential}");
    let is_known = is_basic || scheme.eq_ignore_ascii_case("bearer");
    // Outside of ASCII nothing is agreed on (RFC 9110 section 5.5).
    let is_visible = text.bytes().all(|byte| byte == b'\t' || (b' '..=b'~').contains(&byte));
    // Exactly one space ends the scheme; what stands before it must be the scheme alone.
    let ends_well = gap.starts_with(' ') || (gap.is_empty() && credential.starts_with(' '));
    let said = if is_known && is_visible && ends_well { in_it } else { Said::Refused };
    (text, said)
}

/// What any text says behind `Basic`.
fn basic(text: &str) -> Said {
    let decoded = STANDARD.decode(text).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    match decoded.as_deref().and_then(|text| text.split_once(':')) {
        Some((name, password)) => Said::Basic(name.to_owned(), password.to_owned()),
        None => Said::Refused,
    }
}
