//! `exportgate restore FILE`: puts a backup in the place of the database.

mod exchange;

use std::path::Path;

use rusqlite::{Connection, OpenFlags};
use serde::Serialize;

use crate::{
    check,
    cli::{Failure, Global, Output, RestoreArgs},
    data,
    lock::Lock,
    store::StoreError,
};

#[derive(Serialize)]
struct Restored {
    file: String,
    database: String,
    kept_as: Option<String>,
    n_tokens: u64,
    n_events: u64,
}

/// Checks the backup, then exchanges the database in one step. The former database is kept.
///
/// # Errors
/// While a host holds the data folder; for a backup that does not hold what it should.
pub fn run(args: RestoreArgs, global: &Global) -> Result<(), Failure> {
    let output = Output::new(global.json);
    let database = data::database(&global.data, args.config.as_deref()).map_err(Failure::failed)?;
    data::prepare(&global.data).map_err(Failure::failed)?;
    let _lock = Lock::acquire(&global.data).map_err(Failure::failed)?;
    let report = check_backup(&args.file)?;
    if let Some(problem) = report.problems.first() {
        return Err(Failure::failed(format!(
            "the backup `{}` is not used: {problem}",
            args.file.display()
        )));
    }
    let kept_as = exchange::put_in_place(&args.file, &database).map_err(|error| {
        Failure::failed(format!("the backup could not be put in place: {error}"))
    })?;
    let kept_as = kept_as.map(|kept| kept.display().to_string());
    if output.is_json() {
        return output.document(&Restored {
            file: args.file.display().to_string(),
            database: database.display().to_string(),
            kept_as,
            n_tokens: report.n_tokens,
            n_events: report.n_events,
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
