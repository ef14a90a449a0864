//! Canonical bytes of events: read back they are the event, they are RFC 8785, and another event has
//! others.

use exportgate_core::{
    history::canonical_bytes,
    wire::{Event, Verb},
};
use serde_json::Value;

use crate::{Verdict, choices::Choices, documents::make, hold};

/// Judges the canonical form of one event.
///
/// # Errors
///
/// When something does not hold.
pub fn check(data: &[u8]) -> Verdict {
    judge_made(data, |event| canonical_bytes(event).ok())?;
    let Some(event) = event(&mut Choices::new(data)) else { return Ok(()) };
    let other = Event { sequence: event.sequence ^ 1, ..event.clone() };
    hold(canonical_bytes(&other) != canonical_bytes(&event), || {
        format!("two events have the bytes of {event:?}")
    })
}

/// As [`judge`], by the event that lies in `data`, if one does.
pub(crate) fn judge_made(data: &[u8], write: impl Fn(&Event) -> Option<Vec<u8>>) -> Verdict {
    let Some(event) = event(&mut Choices::new(data)) else { return Ok(()) };
    let document = serde_json::to_value(&event).map_err(|error| error.to_string())?;
    // RFC 8785 has rules for other numbers and names, too; events of ours have none (`history.rs`).
    if is_of_ours(&document) { judge(&event, &document, write) } else { Ok(()) }
}

fn event(choices: &mut Choices<'_>) -> Option<Event> {
    let text = if choices.once_in(8) {
        choices.rest_as_text()
    } else {
        make::document(Verb::CanonicalEvent, choices).to_string()
    };
    serde_json::from_str(&text).ok()
}

/// Compares a writer of canonical bytes with RFC 8785, and reads back what it wrote.
fn judge(event: &Event, document: &Value, write: impl Fn(&Event) -> Option<Vec<u8>>) -> Verdict {
    let bytes = write(event).ok_or("an event that was read cannot be written")?;
    let text = String::from_utf8(bytes).map_err(|error| error.to_string())?;
    let mut expected = String::new();
    write_jcs(document, &mut expected);
    hold(text == expected, || format!("{text}\nis not RFC 8785:\n{expected}"))?;
    let read: Event = serde_json::from_str(&text).map_err(|error| format!("{text}: {error}"))?;
    hold(read == *event, || format!("{text} is read as {read:?}"))
}

/// Whether all numbers are integers and all names ASCII.
fn is_of_ours(value: &Value) -> bool {
    match value {
        Value::Number(number) => !number.is_f64(),
        Value::Array(values) => values.iter().all(is_of_ours),
        Value::Object(fields) => fields.iter().all(|(name, it)| name.is_ascii() && is_of_ours(it)),
        _ => true,
    }
}

/// RFC 8785, as far as our events need it.
fn write_jcs(value: &Value, to: &mut String) {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => *to += &value.to_string(),
        Value::String(text) => write_text(text, to),
        Value::Array(values) => {
            to.push('[');
            for (n, value) in values.iter().enumerate() {
                to.push_str(if n == 0 { "" } else { "," });
                write_jcs(value, to);
            }
            to.push(']');
        }
        Value::Object(fields) => {
            let mut fields: Vec<_> = fields.iter().collect();
            fields.sort_by(|(a, _), (b, _)| a.encode_utf16().cmp(b.encode_utf16()));
            to.push('{');
            for (n, (name, value)) in fields.into_iter().enumerate() {
                to.push_str(if n == 0 { "" } else { "," });
                write_text(name, to);
                to.push(':');
                write_jcs(value, to);
            }
            to.push('}');
        }
    }
}

fn write_text(text: &str, to: &mut String) {
    to.push('"');
    for c in text.chars() {
        match c {
            '"' => to.push_str("\\\""),
            '\\' => to.push_str("\\\\"),
            '\u{8}' => to.push_str("\\b"),
            '\t' => to.push_str("\\t"),
            '\n' => to.push_str("\\n"),
            '\u{c}' => to.push_str("\\f"),
            '\r' => to.push_str("\\r"),
            '\0'..='\u{1f}' => *to += &format!("\\u{:04x}", u32::from(c)),
            _ => to.push(c),
        }
    }
    to.push('"');
}
