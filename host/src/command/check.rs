//! `exportgate check`: reads the whole database and tells whether every invariant holds.

use std::path::{Path, PathBuf};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use rusqlite::{Connection, OpenFlags};

use crate::{
    check,
    cli::{CheckArgs, Failure, Global, Output},
    command::backup,
    data,
    lock::{Lock, LockError},
};

/// Checks the database itself, or, while a host holds it, a copy that the host makes.
///
/// # Errors
/// When an invariant does not hold, or the database cannot be read.
pub fn run(args: CheckArgs, global: &Global) -> Result<(), Failure> {
    let output = Output::new(global.json);
    let database = data::database(&global.data, args.config.as_deref()).map_err(Failure::failed)?;
    if !database.exists() {
        let sentence = format!("there is no database `{}`", database.display());
        return Err(Failure::failed(sentence));
    }
    let report = match Lock::acquire(&global.data) {
        Ok(_lock) => read(&database)?,
        Err(LockError::InUse { .. }) => {
            let copy = Copy::make(global)?;
            read(&copy.0)?
        }
        Err(error) => return Err(Failure::failed(error)),
    };
    if output.is_json() {
        output.document(&report)?;
    } else {
        for problem in &report.problems {
            output.line(problem)?;
        }
        output.line(&format!(
            "{}: {} tokens and {} events read, {} problems",
            if report.ok { "every invariant holds" } else { "NOT every invariant holds" },
            report.n_tokens,
            report.n_events,
            report.problems.len(),
        ))?;
    }
    if report.ok {
        return Ok(());
    }
    Err(Failure::failed("the database does not hold what it should; keep it and restore a backup"))
}

/// A copy that is gone when it was read.
struct Copy(PathBuf);

impl Copy {
    fn make(global: &Global) -> Result<Self, Failure> {
        let name = format!(".check-{}.db", std::process::id());
        let folder = std::path::absolute(&global.data).map_err(Failure::failed)?;
        let copy = Self(folder.join(name));
        let file = copy.0.to_str().ok_or_else(|| Failure::usage("the path is not UTF-8"))?;
        backup::request(file, global)?;
        Ok(copy)
    }
}

impl Drop for Copy {
    fn drop(&mut self) {
        // Nothing depends on it; what is left behind has a name that says what it was.
        let _ = std::fs::remove_file(&self.0);
    }
}

fn read(database: &Path) -> Result<check::Report, Failure> {
    let unreadable = |error: rusqlite::Error| {
        Failure::failed(format!("the database `{}` cannot be read: {error}", database.display()))
    };
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(database, flags).map_err(unreadable)?;
    connection.execute_batch("PRAGMA locking_mode = EXCLUSIVE").map_err(unreadable)?;
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
    if let Ok(style) = ProgressStyle::with_template("{bar:40} {pos}/{len} rows, {eta} left") {
        bar.set_style(style);
    }
    let report = check::check(&connection, &mut |n_read, n_rows| {
        bar.set_length(n_rows);
        bar.set_position(n_read);
    });
    bar.finish_and_clear();
    report.map_err(unreadable)
}
