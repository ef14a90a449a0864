//! `exportgate restore FILE`: puts a backup in the place of the database.

mod exchange;
mod prepare;

use std::{io, path::Path};

use rusqlite::{Connection, OpenFlags};
use serde::Serialize;

use crate::{
    check,
    cli::{Failure, Global, Output, RestoreArgs},
    config::{Config, Overrides},
    data,
    lock::Lock,
    store::StoreError,
    usecase::accept_rollback::Accepted,
};

#[derive(Serialize)]
struct Restored {
    file: String,
    database: String,
    kept_as: Option<String>,
    n_tokens: u64,
    n_events: u64,
    /// Whether the data folder could tell nothing of what was revoked since.
    nothing_to_compare: bool,
    /// What could have been revived, and was not.
    #[serde(flatten)]
    accepted: Accepted,
}

/// Why a backup is not put in place; the former database still is.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "each variant carries its sentence")]
pub enum RestoreError {
    #[error("the backup could not be put in place: {0}")]
    Exchange(#[from] io::Error),
    #[error("{0}")]
    Refused(String),
}

/// Checks the backup, revokes in it what was revoked since, then exchanges the database in one
/// step. The former database is kept.
///
/// # Errors
/// While a host holds the data folder; for a backup that does not hold what it should; for one that
/// would bring back what cannot be proven live, unless the operator accepts that this is revoked.
pub fn run(args: RestoreArgs, global: &Global) -> Result<(), Failure> {
    let output = Output::new(global.json);
    let config = Config::load(&global.data, args.config.as_deref(), Overrides::default())
        .map_err(Failure::failed)?;
    let database = config.store.file(&global.data);
    data::prepare(&global.data).map_err(Failure::failed)?;
    let _lock = Lock::acquire(&global.data).map_err(Failure::failed)?;
    let report = check_backup(&args.file)?;
    if let Some(problem) = report.problems.first() {
        return Err(Failure::failed(format!(
            "the backup `{}` is not used: {problem}",
            args.file.display()
        )));
    }
    let preparation = prepare::Preparation {
        backup: &args.file,
        database: &database,
        data: &global.data,
        engine: &config.engine,
        accept: args.accept_rollback,
    };
    let exchanged =
        exchange::put_in_place(&args.file, &database, |incoming| preparation.prepare(incoming));
    let (prepared, kept_as) = exchanged.map_err(|error: RestoreError| Failure::failed(error))?;
    prepared.note(&global.data).map_err(|error| {
        Failure::failed(format!("the backup is in place, but its witness is not: {error}"))
    })?;
    if prepared.is_trusted_blindly {
        output.note(
            "nothing in this data folder tells whether the backup is the newest: what was revoked \
             after it was made lives again; with `--accept-rollback` every token and key of it is \
             revoked",
        );
    }
    let kept_as = kept_as.map(|kept| kept.display().to_string());
    let accepted = prepared.accepted;
    if output.is_json() {
        return output.document(&Restored {
            file: args.file.display().to_string(),
            database: database.display().to_string(),
            kept_as,
            n_tokens: report.n_tokens,
            n_events: report.n_events,
            nothing_to_compare: prepared.is_trusted_blindly,
            accepted,
        });
    }
    output.line(&format!(
        "restored {} tokens and {} events from {}",
        report.n_tokens,
        report.n_events,
        args.file.display()
    ))?;
    if let Some(kept_as) = kept_as {
        output.line(&format!("the former database is kept as {kept_as}"))?;
    }
    let (n_tokens, n_keys) = accepted.n_revoked();
    if n_tokens + n_keys > 0 {
        output.line(&format!(
            "revoked {n_tokens} tokens and {n_keys} keys of it, which would have lived again"
        ))?;
    }
    if accepted.n_deactivated_users > 0 {
        output.line(&format!("deactivated {} accounts again", accepted.n_deactivated_users))?;
    }
    Ok(())
}

fn check_backup(file: &Path) -> Result<check::Report, Failure> {
    let unreadable = |error: StoreError| {
        Failure::failed(format!("the backup `{}` cannot be read: {error}", file.display()))
    };
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection =
        Connection::open_with_flags(file, flags).map_err(|error| unreadable(error.into()))?;
    check::check(&connection, &mut |_, _| {}).map_err(unreadable)
}
