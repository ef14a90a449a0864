//! Events as CSV (RFC 4180), harmless in a spreadsheet.

use std::borrow::Cow;

use csv::{Terminator, WriterBuilder};
use exportgate_core::{
    id::{TokenId, UserId},
    label::Label,
    name::Name,
    wire::Event,
};

use crate::store::history::StoredEvent;

const COLUMNS: [&str; 15] = [
    "sequence",
    "at",
    "kind",
    "actor_kind",
    "actor_user_id",
    "actor_user_name",
    "token_id",
    "label",
    "owner_user_id",
    "owner_user_name",
    "reason",
    "n_exports",
    "details",
    "org_id",
    "engine",
];

/// The head: the names of the columns.
///
/// # Errors
/// Never in practice: it is written to memory.
pub fn head() -> Result<Vec<u8>, csv::Error> {
    lines([COLUMNS.map(Cow::Borrowed)].into_iter())
}

/// A line for each event.
///
/// # Errors
/// An event that cannot be read: somebody else wrote to the database.
pub fn rows(events: &[StoredEvent]) -> Result<Vec<u8>, csv::Error> {
    let events = events
        .iter()
        .map(|stored| serde_json::from_str(&stored.canonical))
        .collect::<Result<Vec<Event>, _>>()
        .map_err(std::io::Error::from)?;
    lines(events.iter().map(cells))
}

fn lines<'a>(
    rows: impl Iterator<Item = [Cow<'a, str>; COLUMNS.len()]>,
) -> Result<Vec<u8>, csv::Error> {
    let mut writer = WriterBuilder::new().terminator(Terminator::CRLF).from_writer(Vec::new());
    for row in rows {
        writer.write_record(row.iter().map(|cell| harmless(cell).into_owned()))?;
    }
    writer.into_inner().map_err(|error| error.into_error().into())
}

fn cells(event: &Event) -> [Cow<'_, str>; COLUMNS.len()] {
    let owned = |text: String| Cow::Owned(text);
    let shown = |text: Option<&str>| text.unwrap_or_default().to_owned().into();
    let (actor, owner) = (&event.actor, event.owner.as_ref());
    [
        owned(event.sequence.to_string()),
        owned(event.at.to_string()),
        Cow::Borrowed(&event.kind),
        Cow::Borrowed(&actor.kind),
        shown(actor.user_id.as_ref().map(UserId::as_str)),
        shown(actor.user_name.as_ref().map(Name::as_str)),
        shown(event.token_id.as_ref().map(TokenId::as_str)),
        shown(event.label.as_ref().map(Label::as_str)),
        shown(owner.map(|owner| owner.user_id.as_str())),
        shown(owner.map(|owner| owner.user_name.as_str())),
        shown(event.reason.as_deref()),
        owned(event.details.get("n_exports").map(ToString::to_string).unwrap_or_default()),
        owned(event.details.to_string()),
        Cow::Borrowed(event.org_id.as_str()),
        Cow::Borrowed(&event.engine),
    ]
}

/// A cell that no spreadsheet runs as a formula: an apostrophe is put before what would begin one
/// (OWASP ASVS 5.0, 1.2.10).
fn harmless(cell: &str) -> Cow<'_, str> {
    // The wide forms are read as formulas under East Asian settings.
    const BEGINS_A_FORMULA: [char; 10] =
        ['=', '+', '-', '@', '\t', '\r', '\u{FF1D}', '\u{FF0B}', '\u{FF0D}', '\u{FF20}'];
    if cell.starts_with(BEGINS_A_FORMULA) { format!("'{cell}").into() } else { cell.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_that_would_be_formulas_are_text() {
        for cell in ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "\u{FF1D}1"] {
            assert_eq!(harmless(cell), format!("'{cell}"));
        }
        for cell in ["", "a=1", "1-1", " =1", "2027-03-01T00:00:00Z", "{\"a\":1}"] {
            assert_eq!(harmless(cell), cell);
        }
    }

    #[test]
    fn lines_are_those_of_rfc_4180() {
        let canonical = r#"{"org_id":"default","sequence":7,"at":"2027-03-01T00:00:00Z",
            "kind":"token.renamed","actor":{"kind":"user","user_id":"usr_1","user_name":"anna"},
            "token_id":"tok_1","label":"=HYPERLINK(\"x\")","owner":{"user_id":"usr_1",
            "user_name":"anna"},"reason":null,"details":{"old_label":"a,\"b\""},"engine":"00"}"#;
        let stored = StoredEvent { sequence: 7, canonical: canonical.to_owned() };
        let text = String::from_utf8([head().unwrap(), rows(&[stored]).unwrap()].concat()).unwrap();
        let mut lines = text.split("\r\n");
        assert_eq!(lines.next().unwrap().split(',').count(), COLUMNS.len());
        assert_eq!(
            lines.next(),
            Some(
                "7,2027-03-01T00:00:00Z,token.renamed,user,usr_1,anna,tok_1,\
                 \"'=HYPERLINK(\"\"x\"\")\",usr_1,anna,,,\
                 \"{\"\"old_label\"\":\"\"a,\\\"\"b\\\"\"\"\"}\",default,00"
            )
        );
        assert_eq!((lines.next(), lines.next()), (Some(""), None));
    }
}
