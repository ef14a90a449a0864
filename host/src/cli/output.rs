//! Knows how results reach standard output and words reach standard error.

use std::io::{self, Write};
use std::time::Duration;

use indicatif::ProgressBar;
use serde::Serialize;
use serde_json::value::RawValue;

use crate::cli::failure::Failure;

/// Where a command puts its result: documents for programs, tables and sentences for people.
pub struct Output {
    json: bool,
}

impl Output {
    /// `json` chooses documents.
    #[must_use]
    pub fn new(json: bool) -> Self {
        Self { json }
    }

    /// True when programs read the result.
    #[must_use]
    pub fn is_json(&self) -> bool {
        self.json
    }

    /// Writes a host's document as it came, on one line.
    ///
    /// # Errors
    /// When standard output does not take it.
    pub fn raw(&self, document: &RawValue) -> Result<(), Failure> {
        self.line(&one_line(document.get()))
    }

    /// Writes a document of our own on one line.
    ///
    /// # Errors
    /// When standard output does not take it.
    pub fn document(&self, document: &impl Serialize) -> Result<(), Failure> {
        let text = serde_json::to_string(document).map_err(Failure::failed)?;
        self.line(&text)
    }

    /// Writes one line that is already fit for a terminal.
    ///
    /// # Errors
    /// When standard output does not take it.
    pub fn line(&self, text: &str) -> Result<(), Failure> {
        self.bytes(format!("{text}\n").as_bytes())
    }

    /// Writes `text` and flushes, so that a full disk or a closed pipe is noticed here.
    ///
    /// # Errors
    /// [`Failure::PipeClosed`] when the reader has gone.
    pub fn bytes(&self, text: &[u8]) -> Result<(), Failure> {
        let mut out = io::stdout().lock();
        out.write_all(text).and_then(|()| out.flush()).map_err(|error| match error.kind() {
            io::ErrorKind::BrokenPipe => Failure::PipeClosed,
            _ => Failure::failed(format_args!("cannot write to standard output: {error}")),
        })
    }

    /// Tells people something beside the result; programs are spared.
    pub fn note(&self, text: &str) {
        if !self.json {
            let _ = writeln!(io::stderr().lock(), "{text}");
        }
    }

    /// Shows on a terminal that something takes its time; silent elsewhere.
    #[must_use]
    pub fn spinner(&self, message: &str) -> ProgressBar {
        let spinner = ProgressBar::new_spinner().with_message(message.to_owned());
        spinner.enable_steady_tick(Duration::from_millis(100));
        spinner
    }
}

/// A table for people, without lines, so that `grep` and `cut` like it too.
#[must_use]
pub fn table<const N: usize>(header: [&str; N], rows: Vec<[String; N]>) -> String {
    let mut table = comfy_table::Table::new();
    table.load_style(comfy_table::presets::NOTHING);
    table.set_header(header.map(str::to_owned));
    for row in rows {
        table.add_row(row.map(|cell| printable(&cell)));
    }
    let text = table.trim_fmt();
    // The style leaves a column of blanks on the left.
    text.lines().map(|line| line.strip_prefix(' ').unwrap_or(line)).collect::<Vec<_>>().join("\n")
}

/// `text` without anything that could move a terminal's cursor, colour it or turn its
/// direction of writing: such characters become `\u{…}`.
///
/// Labels and names come from other people, and an error may quote them.
#[must_use]
pub fn printable(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        if is_safe(character) {
            shown.push(character);
        } else {
            shown.extend(character.escape_default());
        }
    }
    shown
}

/// `text` as one word of a command line that people copy into their shell.
#[must_use]
pub fn shell_word(text: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '@' | '+');
    // A word that begins with a dash would be an option.
    let dashes = if text.starts_with('-') { "-- " } else { "" };
    if !text.is_empty() && text.chars().all(is_plain) {
        return format!("{dashes}{text}");
    }
    format!("{dashes}'{}'", printable(text).replace('\'', "'\\''"))
}

/// Bidirectional formatting, line and paragraph separators count as unsafe like controls.
fn is_safe(character: char) -> bool {
    let turns = matches!(
        character,
        '\u{061C}' | '\u{200E}' | '\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2066}'..='\u{2069}'
    );
    !turns && !character.is_control()
}

/// A JSON document on one line. Line breaks in JSON can only stand between its parts
/// (inside texts they are escaped), so a blank means the same.
#[must_use]
pub fn one_line(document: &str) -> String {
    document.trim().replace(['\n', '\r'], " ")
}

#[cfg(test)]
mod tests;
