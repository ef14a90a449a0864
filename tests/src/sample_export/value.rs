//! Knows one cell of the export and how it reads in JSON, in CSV and in a `$filter`.

use std::borrow::Cow;
use std::fmt::Write as _;

/// One cell.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Value {
    /// No value; `null` in JSON, nothing at all in CSV.
    Null,
    /// Text; the empty text is a value of its own and is not [`Value::Null`].
    Text(Cow<'static, str>),
    /// A date or an instant, already in its OData form, which needs no escaping.
    Moment(String),
    /// An amount of money in hundredths, so that no digit is lost on the way.
    Cents(i64),
    /// A whole number.
    Whole(i64),
    /// Yes or no.
    Flag(bool),
}

impl Value {
    /// Adds the cell to a JSON document.
    pub fn write_json(&self, json: &mut String) {
        match self {
            Self::Null => json.push_str("null"),
            // A `Value::String` always prints; `Display` of serde_json escapes as JSON wants it.
            Self::Text(text) => write_shown(json, &serde_json::Value::from(text.as_ref())),
            Self::Moment(text) => write_shown(json, &format_args!("\"{text}\"")),
            Self::Cents(_) | Self::Whole(_) | Self::Flag(_) => self.write_plain(json),
        }
    }

    /// Adds the cell to a CSV record as RFC 4180 says; the empty text gets quotation marks, so
    /// that it can be told from a missing value.
    pub fn write_csv(&self, csv: &mut String) {
        match self {
            Self::Text(text) => {
                if text.is_empty() || text.contains(['"', ',', '\r', '\n']) || text.trim() != text {
                    csv.push('"');
                    csv.push_str(&text.replace('"', "\"\""));
                    csv.push('"');
                } else {
                    csv.push_str(text);
                }
            }
            _ => self.write_plain(csv),
        }
    }

    /// The cell as the reader of the feed must see it: the form that digests are taken of.
    pub fn write_plain(&self, out: &mut String) {
        match self {
            Self::Null => {}
            Self::Text(text) => out.push_str(text),
            Self::Moment(text) => out.push_str(text),
            Self::Cents(cents) => {
                let sign = if *cents < 0 { "-" } else { "" };
                let cents = cents.unsigned_abs();
                write_shown(out, &format_args!("{sign}{}.{:02}", cents / 100, cents % 100));
            }
            Self::Whole(number) => write_shown(out, number),
            Self::Flag(flag) => write_shown(out, flag),
        }
    }

    /// Whether the cell equals a literal of a `$filter` such as `'Prospecting'`, `true`, `-12.50`,
    /// `2026-03-31` or `null`.
    pub fn equals_literal(&self, literal: &str) -> bool {
        match self {
            Self::Null => literal == "null",
            Self::Text(text) => quoted(literal).is_some_and(|inner| inner == *text),
            Self::Moment(text) => text == literal,
            Self::Flag(flag) => literal == if *flag { "true" } else { "false" },
            Self::Whole(number) => literal.parse() == Ok(*number),
            Self::Cents(cents) => cents_of(literal) == Some(*cents),
        }
    }
}

/// The text inside an OData string literal, in which `''` stands for one `'`.
pub fn quoted(literal: &str) -> Option<String> {
    let inner = literal.strip_prefix('\'')?.strip_suffix('\'')?;
    Some(inner.replace("''", "'"))
}

/// Hundredths of a decimal literal with at most two digits after the point.
fn cents_of(literal: &str) -> Option<i64> {
    let (negative, digits) =
        literal.strip_prefix('-').map_or((false, literal), |rest| (true, rest));
    let (units, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    if fraction.is_empty()
        || fraction.len() > 2
        || !digits.starts_with(|c: char| c.is_ascii_digit())
    {
        return None;
    }
    let hundredths: i64 = format!("{fraction:0<2}").parse().ok()?;
    let cents = units.parse::<i64>().ok()?.checked_mul(100)?.checked_add(hundredths)?;
    Some(if negative { -cents } else { cents })
}

/// Writing to a `String` cannot fail, so there is no error to hand on.
fn write_shown(out: &mut String, shown: &dyn std::fmt::Display) {
    let _ = write!(out, "{shown}");
}
