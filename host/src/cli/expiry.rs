//! Knows the three ways to write `--expires`: a date, an instant, a number of days.

use serde::Serialize;
use time::{Date, Duration, OffsetDateTime};

/// When a new token ends, as the host is asked for it.
///
/// The host decides whether it may be; only what resembles neither a date, an instant nor a
/// number of days is refused here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Expiry {
    /// The end of this UTC day.
    ExpiresOn(String),
    /// This instant.
    ExpiresAt(String),
}

/// Reads `--expires` with this machine's clock; the form that clap wants.
///
/// # Errors
/// A sentence when the text has none of the three forms.
pub fn parse(text: &str) -> Result<Expiry, String> {
    parse_on(text, OffsetDateTime::now_utc().date())
}

fn parse_on(text: &str, today: Date) -> Result<Expiry, String> {
    let mistake = || {
        "write a date (2027-03-31), an instant (2027-03-31T12:00:00Z) or days from today (90d)"
            .to_owned()
    };
    if let Some(digits) = text.strip_suffix('d') {
        let n_days: u16 = digits.parse().ok().filter(|_| is_digits(digits)).ok_or_else(mistake)?;
        let day = today.checked_add(Duration::days(i64::from(n_days))).ok_or_else(mistake)?;
        return Ok(Expiry::ExpiresOn(written(day)));
    }
    match (has_date_shape(text.get(..10).unwrap_or_default()), text.get(10..)) {
        (true, Some("")) => Ok(Expiry::ExpiresOn(text.to_owned())),
        (true, Some(rest)) if rest.starts_with(['T', 't', ' ']) => {
            Ok(Expiry::ExpiresAt(text.to_owned()))
        }
        _ => Err(mistake()),
    }
}

/// True for `dddd-dd-dd`; whether that day exists is for the host to say.
fn has_date_shape(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    matches!(parts.as_slice(), [year, month, day]
        if year.len() == 4 && month.len() == 2 && day.len() == 2
            && [year, month, day].into_iter().all(|part| is_digits(part)))
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn written(day: Date) -> String {
    format!("{:04}-{:02}-{:02}", day.year(), u8::from(day.month()), day.day())
}
