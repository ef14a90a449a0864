//! Reads a whole database and tells whether every invariant holds.
//!
//! The history is read from its beginning, and what it says of each token is compared with the
//! token's row: neither may know of something that the other does not.

use std::collections::HashMap;

use exportgate_core::{history::canonical_bytes, id::TokenId, wire::Event};
use rusqlite::Connection;
use serde::Serialize;

use crate::{store::StoreError, verify::verify};

/// So many problems are told one by one; a database with more of them needs another tool.
const MAXIMUM_PROBLEMS: usize = 100;

/// What was found.
#[derive(Debug, Serialize)]
pub struct Report {
    /// Whether every invariant holds.
    pub ok: bool,
    /// How many tokens were read.
    pub n_tokens: u64,
    /// How many events were read.
    pub n_events: u64,
    /// What does not hold, in sentences.
    pub problems: Vec<String>,
}

/// What the history says of a token.
struct Told {
    label: String,
    expires_at: Option<i64>,
    revoked_at: Option<i64>,
}

struct Checker<'p> {
    report: Report,
    told: HashMap<String, Told>,
    progress: &'p mut dyn FnMut(u64, u64),
}

/// Checks the database behind `connection`. `progress` hears how many of how many rows were read.
///
/// # Errors
/// When SQLite cannot read on.
pub fn check(
    connection: &Connection,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Report, StoreError> {
    let report = Report { ok: true, n_tokens: 0, n_events: 0, problems: Vec::new() };
    let mut checker = Checker { report, told: HashMap::new(), progress };
    checker.pages(connection)?;
    checker.histories(connection)?;
    let n_rows: u64 = connection.query_row(
        "SELECT (SELECT count(*) FROM events) + (SELECT count(*) FROM tokens)",
        [],
        |row| row.get(0),
    )?;
    checker.events(connection, n_rows)?;
    checker.tokens(connection, n_rows)?;
    let mut report = checker.report;
    report.ok = report.problems.is_empty();
    Ok(report)
}

impl Checker<'_> {
    fn problem(&mut self, sentence: impl Into<String>) {
        if self.report.problems.len() < MAXIMUM_PROBLEMS {
            self.report.problems.push(sentence.into());
        }
    }

    fn read(&mut self, n_rows: u64) {
        let n_read = self.report.n_events + self.report.n_tokens;
        if n_read.is_multiple_of(1024) || n_read == n_rows {
            (self.progress)(n_read, n_rows);
        }
    }

    /// SQLite's own structure.
    fn pages(&mut self, connection: &Connection) -> rusqlite::Result<()> {
        let mut statement = connection.prepare("PRAGMA integrity_check(20)")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let line: String = row.get(0)?;
            if line != "ok" {
                self.problem(format!("the database's structure is damaged: {line}"));
            }
        }
        let mut statement = connection.prepare("PRAGMA foreign_key_check")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let table: String = row.get(0)?;
            self.problem(format!("a row of `{table}` refers to one that is not there"));
        }
        Ok(())
    }

    /// Digests, places and trees. Signatures are for `history verify`, which knows the key.
    fn histories(&mut self, connection: &Connection) -> Result<(), StoreError> {
        for verified in verify(connection, &|_| None, None, &mut |_| {})? {
            for problem in verified.problems {
                self.problem(format!("history of `{}`: {problem}", verified.org_id));
            }
        }
        Ok(())
    }

    fn events(&mut self, connection: &Connection, n_rows: u64) -> rusqlite::Result<()> {
        let mut statement = connection.prepare(
            "SELECT org_id, sequence, at, kind, token_id, canonical
             FROM events JOIN organizations USING (org_seq) ORDER BY org_seq, sequence",
        )?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let (org_id, sequence): (String, u64) = (row.get(0)?, row.get(1)?);
            let canonical: Option<Vec<u8>> = row.get(5)?;
            let named = format!("event {sequence} of `{org_id}`");
            self.report.n_events += 1;
            self.read(n_rows);
            // Of a gathered use that was removed the digest is left, and `verify` looks at it.
            let Some(canonical) = canonical else { continue };
            match serde_json::from_slice::<Event>(&canonical) {
                Ok(event) => {
                    if canonical_bytes(&event).ok().as_ref() != Some(&canonical) {
                        self.problem(format!("{named} is not in canonical form"));
                    }
                    let columns = (row.get::<_, i64>(2)?, row.get::<_, String>(3)?);
                    let repeated = (event.at.unix_seconds(), event.kind.clone());
                    let token_id: Option<String> = row.get(4)?;
                    if columns != repeated
                        || event.sequence != sequence
                        || event.org_id.as_str() != org_id
                        || event.token_id.as_ref().map(TokenId::as_str) != token_id.as_deref()
                    {
                        self.problem(format!("{named} differs from the columns beside it"));
                    }
                    self.follow(&named, &event);
                }
                Err(error) => self.problem(format!("{named} cannot be read: {error}")),
            }
        }
        Ok(())
    }

    /// Does to the told token what the event says.
    fn follow(&mut self, named: &str, event: &Event) {
        let Some(token_id) = event.token_id.as_ref().map(ToString::to_string) else { return };
        let label = event.label.as_ref().map(ToString::to_string).unwrap_or_default();
        let instant = |name: &str| {
            let text = event.details.get(name)?.as_str()?;
            Some(exportgate_core::time::Timestamp::parse(text).ok()?.unix_seconds())
        };
        if event.kind == "token.created" {
            let told = Told { label, expires_at: instant("expires_at"), revoked_at: None };
            if self.told.insert(token_id, told).is_some() {
                self.problem(format!("{named} creates a token that exists already"));
            }
            return;
        }
        let Some(told) = self.told.get_mut(&token_id) else {
            self.problem(format!("{named} is about a token that was never created"));
            return;
        };
        match event.kind.as_str() {
            "token.renamed" => told.label = label,
            "token.expiry_changed" => told.expires_at = instant("new_expires_at"),
            "token.revoked" if told.revoked_at.is_some() => {
                self.problem(format!("{named} revokes a token that is revoked already"));
            }
            "token.revoked" => told.revoked_at = Some(event.at.unix_seconds()),
            _ => {}
        }
    }

    fn tokens(&mut self, connection: &Connection, n_rows: u64) -> rusqlite::Result<()> {
        let mut statement =
            connection.prepare("SELECT token_id, label, expires_at, revoked_at FROM tokens")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let token_id: String = row.get(0)?;
            match self.told.remove(&token_id) {
                None => self.problem(format!("the history does not know token `{token_id}`")),
                Some(told) => {
                    if told.label != row.get::<_, String>(1)? {
                        self.problem(format!("token `{token_id}` has another label than told"));
                    }
                    if told.expires_at != row.get(2)? {
                        self.problem(format!("token `{token_id}` has another expiry than told"));
                    }
                    if told.revoked_at != row.get(3)? {
                        self.problem(format!(
                            "token `{token_id}` and its history differ on its revocation"
                        ));
                    }
                }
            }
            self.report.n_tokens += 1;
            self.read(n_rows);
        }
        let lost: Vec<String> = self.told.drain().map(|(token_id, _)| token_id).collect();
        for token_id in lost {
            self.problem(format!("token `{token_id}` is in the history only"));
        }
        Ok(())
    }
}
