//! Bodies: forms and JSON are read as plain words say, and nothing is read where two readers could
//! differ.

use axum::body::{Body, Bytes};
use exportgate_host::http::body;
use futures_util::FutureExt as _;
use http::{HeaderMap, HeaderValue, header};
use serde::Deserialize;
use serde_json::Value;

use crate::{Verdict, choices::Choices, hold};

const PIECES: &[&str] = &[
    "token", "secret", "hint", "a", "Z", "9", "egt_", "=", "=", "&", "&", "+", "%41", "%2", "%",
    "%zz", "%ff", "%00", "ü", " ", "\"", "{", "}", "[", "]", ":", ",", "null", "1", "\\u0074",
];

/// What the two routes of OAuth read.
#[derive(Deserialize)]
struct Form {
    token: String,
}

/// What a route reads of a JSON body.
#[derive(Deserialize)]
struct Document {
    secret: String,
    hint: Option<String>,
}

/// Judges the host's readers.
///
/// # Errors
///
/// When something does not hold.
pub fn check(data: &[u8]) -> Verdict {
    judge_forms(data, form)?;
    judge_documents(data, document)
}

/// As the host reads a form.
#[must_use]
pub fn form(text: &str) -> Option<String> {
    let headers = headers("application/x-www-form-urlencoded");
    let read = body::form::<Form>(&headers, whole(text));
    Some(read.now_or_never()?.ok()?.token)
}

/// As the host reads JSON.
#[must_use]
pub fn document(text: &str) -> Option<(String, Option<String>)> {
    let headers = headers("application/json; charset=utf-8");
    let read = body::json::<Document>(&headers, whole(text));
    let Document { secret, hint } = read.now_or_never()?.ok()?;
    Some((secret, hint))
}

fn headers(media_type: &'static str) -> HeaderMap {
    HeaderMap::from_iter([(header::CONTENT_TYPE, HeaderValue::from_static(media_type))])
}

fn whole(text: &str) -> Body {
    Body::from(Bytes::copy_from_slice(text.as_bytes()))
}

/// Compares a reader of forms with plain words.
///
/// # Errors
///
/// When something does not hold.
pub fn judge_forms(data: &[u8], read: impl Fn(&str) -> Option<String>) -> Verdict {
    let mut choices = Choices::new(data);
    let text = match choices.byte() % 4 {
        0 => text(&mut choices),
        1 => format!("token={}", text(&mut choices)),
        2 => format!("{}&token={}", text(&mut choices), text(&mut choices)),
        _ => format!("token={}&{}", text(&mut choices), text(&mut choices)),
    };
    let fields = text.split('&').map(|field| field.split_once('=').unwrap_or((field, "")));
    let mut tokens = fields.filter(|(name, _)| decoded(name) == "token");
    // One of ours that comes twice is refused (RFC 6749 section 3.2).
    let said = match (tokens.next(), tokens.next()) {
        (Some((_, value)), None) => Some(decoded(value)),
        _ => None,
    };
    let found = read(&text);
    hold(found == said, || format!("{text:?} is read as {found:?} and says {said:?}"))
}

/// `application/x-www-form-urlencoded`, byte by byte (WHATWG URL, section 5.1).
fn decoded(text: &str) -> String {
    let (mut bytes, mut rest) = (Vec::new(), text.as_bytes());
    while let [first, behind @ ..] = rest {
        let digit = |place: usize| behind.get(place).and_then(|it| (*it as char).to_digit(16));
        (bytes, rest) = match (first, digit(0), digit(1)) {
            (b'%', Some(high), Some(low)) => {
                bytes.push((high * 16 + low) as u8);
                (bytes, &behind[2..])
            }
            (b'+', ..) => {
                bytes.push(b' ');
                (bytes, behind)
            }
            _ => {
                bytes.push(*first);
                (bytes, behind)
            }
        };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Compares a reader of documents with what is written in them.
///
/// # Errors
///
/// When something does not hold.
pub fn judge_documents(
    data: &[u8],
    read: impl Fn(&str) -> Option<(String, Option<String>)>,
) -> Verdict {
    let mut choices = Choices::new(data);
    let (secret, hint) = (text(&mut choices), text(&mut choices));
    let (a, b) = (Value::from(&*secret), Value::from(&*hint));
    let gap = choices.one_of(&["", " ", "\r\n\t", "\u{feff}", "\u{a0}"]);
    let (text, said) = match choices.byte() % 12 {
        0 => (format!("[{a},{b}]"), None),
        1 => (format!("{{\"secret\":{a},\"secret\":{b}}}"), None),
        2 => (format!("{{\"secret\":{a},\"s\\u0065cret\":{b}}}"), None),
        3 => (format!("{{\"hint\":{b}}}"), None),
        4 => (format!("{{\"secret\":{a}}}{b}"), None),
        5 => (format!("{{\"secret\":[{a}]}}"), None),
        6 => (format!("{{\"secret\":{a},\"hint\":null}}"), Some((secret, None))),
        7 => (format!("{{\"secret\":{a}"), None),
        8 => (format!("{{\"SECRET\":{a}}}"), None),
        _ => (format!("{{\"hint\":{b},\"secret\":{a}}}"), Some((secret, Some(hint)))),
    };
    let text = format!("{gap}{text}");
    // Nothing but these is a blank of JSON (RFC 8259 section 2).
    let said = said.filter(|_| gap.is_ascii());
    let found = read(&text);
    hold(found == said, || format!("{text:?} is read as {found:?} and says {said:?}"))
}

fn text(choices: &mut Choices<'_>) -> String {
    let n_pieces = choices.below(8);
    (0..n_pieces).map(|_| choices.one_of(PIECES)).collect()
}
