//! Opens the database: the settings on which durability rests are set first and read back.

use std::{
    ffi::OsString,
    fs, io,
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

use rusqlite::{Connection, ErrorCode, OpenFlags, functions::FunctionFlags};
use rusqlite_migration::{M, MigrationDefinitionError, Migrations};

use exportgate_core::{name::fold, time::Timestamp, token::Status};

/// Marks the file as ours ("Xgat"), so that no other SQLite file is taken for it.
const APPLICATION_ID: i64 = 0x5867_6174;

const MIGRATIONS: &[M<'static>] = &[
    M::up(include_str!("../../migrations/0001_start.sql")),
    M::up(include_str!("../../migrations/0002_scim.sql")),
    M::up(include_str!("../../migrations/0003_assertions.sql")),
    M::up(include_str!("../../migrations/0004_identities.sql")),
    M::up(include_str!("../../migrations/0005_live_tokens.sql")),
    M::up(include_str!("../../migrations/0006_accepted_standing.sql")),
    M::up(include_str!("../../migrations/0007_clock_mark.sql")),
];

/// Why the database cannot be opened, in sentences for the operator.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "each variant carries its sentence")]
pub enum OpenError {
    #[error("the database `{}` cannot be created or opened for writing: {source}", file.display())]
    File { file: PathBuf, source: io::Error },
    #[error("the file `{}` is not an Exportgate database", file.display())]
    NotOurs { file: PathBuf },
    #[error(
        "the database `{}` is damaged ({source}); stop here, keep the file, and put the last \
         backup in place with `exportgate restore FILE`",
        file.display()
    )]
    Damaged { file: PathBuf, source: rusqlite::Error },
    #[error("the database `{}` is in use by another process", file.display())]
    InUse { file: PathBuf },
    #[error("the disk of the database `{}` is full", file.display())]
    DiskFull { file: PathBuf },
    #[error(
        "the database `{}` was written by a newer version of exportgate; start that version",
        file.display()
    )]
    TooNew { file: PathBuf },
    #[error("the database `{}` cannot be brought to this version: {source}", file.display())]
    Migration { file: PathBuf, source: rusqlite_migration::Error },
    #[error(
        "the database `{}` does not hold the setting `{setting}`: wanted `{wanted}`, found \
         `{found}`; without it acknowledged changes could be lost",
        file.display()
    )]
    Setting { file: PathBuf, setting: &'static str, wanted: &'static str, found: String },
    #[error("the database `{}` cannot be used: {source}", file.display())]
    Sqlite { file: PathBuf, source: rusqlite::Error },
    #[error("the store's thread cannot be started: {source}")]
    Thread { source: io::Error },
}

impl OpenError {
    /// Says what SQLite's error means for the operator.
    pub fn from_sqlite(file: &Path, source: rusqlite::Error) -> Self {
        let file = file.to_path_buf();
        match source.sqlite_error_code() {
            Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => {
                Self::Damaged { file, source }
            }
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::InUse { file },
            Some(ErrorCode::DiskFull) => Self::DiskFull { file },
            _ => Self::Sqlite { file, source },
        }
    }
}

/// Opens or creates the database for the one process that may write to it.
pub fn open(file: &Path) -> Result<Connection, OpenError> {
    create_private(file)?;
    let connection = Connection::open_with_flags(
        file,
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )
    .map_err(|source| OpenError::from_sqlite(file, source))?;
    // Before the first access, so that SQLite never maps a shared-memory file: on a full disk
    // such a mapping ends the process with SIGBUS.
    connection
        .pragma_update(None, "locking_mode", "EXCLUSIVE")
        .map_err(|source| OpenError::from_sqlite(file, source))?;
    // Before the first setting that is written into the file: another program's must stay as it is.
    let is_new = is_new(&connection, file)?;
    configure(&connection, file)?;
    migrate(connection, file, is_new)
}

/// SQLite would create the file readable for others. The write-ahead log takes its mode over.
fn create_private(file: &Path) -> Result<(), OpenError> {
    fs::OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(file)
        .map(drop)
        .map_err(|source| OpenError::File { file: file.to_path_buf(), source })
}

/// The name of a file beside the database.
pub(super) fn with_suffix(file: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(file);
    name.push(suffix);
    name.into()
}

fn configure(connection: &Connection, file: &Path) -> Result<(), OpenError> {
    let sqlite = |source| OpenError::from_sqlite(file, source);
    connection.pragma_update(None, "journal_mode", "WAL").map_err(sqlite)?;
    // With NORMAL, acknowledged changes do not survive a power cut.
    connection.pragma_update(None, "synchronous", "FULL").map_err(sqlite)?;
    // Checkpoints are made between commits, not inside of one.
    connection.pragma_update(None, "wal_autocheckpoint", 0).map_err(sqlite)?;
    connection.pragma_update(None, "foreign_keys", true).map_err(sqlite)?;
    connection.pragma_update(None, "trusted_schema", false).map_err(sqlite)?;
    connection.pragma_update(None, "mmap_size", 0).map_err(sqlite)?;
    connection.set_prepared_statement_cache_capacity(128);
    add_functions(connection).map_err(sqlite)?;
    for (setting, wanted) in
        [("locking_mode", "exclusive"), ("journal_mode", "wal"), ("synchronous", "2")]
    {
        let found = connection
            .pragma_query_value(None, setting, |row| {
                row.get_ref(0).map(|value| match value {
                    rusqlite::types::ValueRef::Integer(number) => number.to_string(),
                    value => value.as_str().unwrap_or_default().to_owned(),
                })
            })
            .map_err(sqlite)?;
        if found != wanted {
            let file = file.to_path_buf();
            return Err(OpenError::Setting { file, setting, wanted, found });
        }
    }
    Ok(())
}

/// Whether nothing was ever written into the database.
fn is_new(connection: &Connection, file: &Path) -> Result<bool, OpenError> {
    let (application_id, n_tables): (i64, i64) = connection
        .query_row(
            "SELECT (SELECT application_id FROM pragma_application_id), count(*)
             FROM sqlite_schema",
            [],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .map_err(|source| OpenError::from_sqlite(file, source))?;
    match (application_id, n_tables) {
        (APPLICATION_ID, _) => Ok(false),
        (0, 0) => Ok(true),
        _ => Err(OpenError::NotOurs { file: file.to_path_buf() }),
    }
}

fn migrate(mut connection: Connection, file: &Path, is_new: bool) -> Result<Connection, OpenError> {
    let sqlite = |source| OpenError::from_sqlite(file, source);
    if is_new {
        connection.pragma_update(None, "application_id", APPLICATION_ID).map_err(sqlite)?;
    }
    let migrations = Migrations::from_slice(MIGRATIONS);
    migrations.to_latest(&mut connection).map_err(|source| match source {
        rusqlite_migration::Error::RusqliteError { err, .. } => sqlite(err),
        rusqlite_migration::Error::MigrationDefinition(
            MigrationDefinitionError::DatabaseTooFarAhead,
        ) => OpenError::TooNew { file: file.to_path_buf() },
        source => OpenError::Migration { file: file.to_path_buf(), source },
    })?;
    Ok(connection)
}

/// The core's rules as SQL functions, so that no query repeats one.
fn add_functions(connection: &Connection) -> rusqlite::Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    connection.create_scalar_function("token_status", 3, flags, |row| {
        let instant = |index| -> rusqlite::Result<Option<Timestamp>> {
            Ok(row.get::<Option<i64>>(index)?.and_then(Timestamp::from_unix_seconds))
        };
        let now = instant(2)?.unwrap_or(Timestamp::MAX);
        Ok(Status::at(now, instant(0)?, instant(1)?).as_str())
    })?;
    connection.create_scalar_function("contains_folded", 2, flags, |row| {
        let text = row.get_raw(0).as_str().unwrap_or_default();
        let part = row.get_raw(1).as_str().unwrap_or_default();
        Ok(fold(text).contains(part))
    })
}
