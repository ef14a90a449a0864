//! The store: durable, atomic, ordered.
//!
//! What it promises, whatever is behind it:
//!
//! - **Durable**: [`Store::write`] returns after the change is on the disk, not before.
//! - **Atomic**: a change is whole or not there; a refused one leaves nothing.
//! - **Ordered**: changes happen one after the other. What a change registers with
//!   [`Tx::after_commit`] runs after its commit, in that order, before its answer leaves.
//!
//! Behind it: one SQLite connection on one thread (`writer`), since the exclusive locking mode
//! that keeps shared memory, and with it SIGBUS on a full disk, out of the process allows no
//! second one. Changes that wait together are committed together, each under a savepoint of its
//! own. Validation never comes here: it reads memory ([`crate::index`]).

mod assertions;
mod backup;
mod clock_mark;
mod connection;
mod events;
pub mod history;
mod identities;
mod live_rows;
mod log;
mod newer;
mod organizations;
mod people;
mod reserve;
mod scim;
mod services;
mod sessions;
mod standing;
mod synced_file;
mod tokens;
pub mod tree;
pub mod uses;
mod writer;

#[cfg(test)]
mod tests;

use std::{io, path::PathBuf, sync::mpsc, thread::JoinHandle};

use rusqlite::Connection;
use tokio::sync::oneshot;
use tracing::warn;

pub use self::{
    backup::BackupError,
    clock_mark::KnownInstants,
    connection::OpenError,
    live_rows::LiveRow,
    newer::{NewerStore, NewerToken, NewerUser},
    organizations::{Organization, organizations},
    people::{NewUser, StoredUser},
    reserve::RESERVE_SUFFIX,
    scim::{ScimFilter, ScimUser, removed_users},
    services::{ServiceKind, StoredService},
    sessions::{EndedSessions, ProviderSession, StoredSession},
    standing::{Relation, STANDING_LENGTH, Standing, StoreId},
    tokens::{NewToken, StoredToken, TokenFilter, TokenPage},
    writer::Tx,
};
use self::{
    log::Log,
    reserve::Reserve,
    writer::{Asked, Job, Writer},
};
use crate::{clock::Clock, metrics::Metrics, witness::Witness};

/// How many jobs may wait. More than this means that the disk cannot follow: the answer is 503.
const QUEUE_LENGTH: usize = 8192;

/// The store cannot answer. Nothing was changed, unless the disk failed in the very moment of the
/// commit: then nobody knows, and whoever asks must look.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// SQLite said so.
    #[error("the store failed: {0}")]
    Sqlite(#[from] rusqlite::Error),
    /// A stored record is not one: somebody else wrote to the database.
    #[error("the store holds a record that cannot be read: {0}")]
    Unreadable(String),
    /// What start-up needs is not to be had.
    #[error("a thread cannot be started: {0}")]
    Thread(io::Error),
    /// The file that remembers where the store stands cannot be written.
    #[error("the witness cannot be written: {0}")]
    Witness(io::Error),
    /// What is left of the disk is for changes that end somebody's access.
    #[error("the disk is full")]
    Full,
    /// The writer's queue is full, or it has stopped.
    #[error("the store takes no more changes now")]
    Busy,
}

/// Why a change did not happen.
#[derive(Debug)]
pub enum WriteError<E> {
    /// A rule refused it.
    Refused(E),
    /// The store failed.
    Store(StoreError),
}

impl<E> From<StoreError> for WriteError<E> {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl<E> From<rusqlite::Error> for WriteError<E> {
    fn from(error: rusqlite::Error) -> Self {
        Self::Store(error.into())
    }
}

/// A handle to the writer's thread. Dropping it stops the thread after the last waiting job.
pub struct Store {
    jobs: Option<mpsc::SyncSender<Job>>,
    thread: Option<JoinHandle<()>>,
    file: PathBuf,
}

impl Store {
    /// Opens or creates the database in `file` and starts the writer. `engine` is the digest of
    /// the component that decides; every event carries it.
    ///
    /// # Errors
    /// [`OpenError`] with a sentence for the operator.
    pub fn open(file: PathBuf, engine: &'static str, metrics: Metrics) -> Result<Self, OpenError> {
        let is_new = !file.exists();
        let connection = connection::open(&file)?;
        let (reserve, made) = Reserve::open(&file);
        match made {
            Err(error) if is_new && error.kind() == io::ErrorKind::StorageFull => {
                return Err(OpenError::DiskFull { file });
            }
            // What is there is validated all the same.
            Err(error) => warn!(%error, "there is no room for the reserve: no change is taken"),
            Ok(()) => {}
        }
        let (jobs, queue) = mpsc::sync_channel(QUEUE_LENGTH);
        let log =
            Log::of(&connection, &file).map_err(|source| OpenError::from_sqlite(&file, source))?;
        let writer = Writer::new(connection, engine, metrics, log, reserve);
        let thread = std::thread::Builder::new()
            .name("store".into())
            .spawn(move || writer.run(&queue))
            .map_err(|source| OpenError::Thread { source })?;
        Ok(Self { jobs: Some(jobs), thread: Some(thread), file })
    }

    /// The database file.
    #[must_use]
    pub fn file(&self) -> &PathBuf {
        &self.file
    }

    /// Loads, decides and saves in one atomic change. `change` runs on the writer's thread; what
    /// it reads cannot be changed by anybody before its commit.
    ///
    /// # Errors
    /// What `change` refused, or a failure of the store. Either way nothing was changed.
    pub async fn write<T, E, F>(&self, change: F) -> Result<T, WriteError<E>>
    where
        T: Send + 'static,
        E: Send + 'static,
        F: FnOnce(&mut Tx<'_>) -> Result<T, WriteError<E>> + Send + 'static,
    {
        self.ask(once(change), false).await
    }

    /// [`Store::write`] for what ends somebody's access: on a full disk it gets the space that is
    /// kept for that, and `change` may be run a second time when the first one found no space.
    ///
    /// # Errors
    /// As [`Store::write`].
    pub async fn end_access<T, E, F>(&self, change: F) -> Result<T, WriteError<E>>
    where
        T: Send + 'static,
        E: Send + 'static,
        F: FnMut(&mut Tx<'_>) -> Result<T, WriteError<E>> + Send + 'static,
    {
        self.ask(change, true).await
    }

    async fn ask<T, E, F>(&self, change: F, ends_access: bool) -> Result<T, WriteError<E>>
    where
        T: Send + 'static,
        E: Send + 'static,
        F: FnMut(&mut Tx<'_>) -> Result<T, WriteError<E>> + Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        let answer = |outcome| {
            // Nobody waits any more when the request was dropped; that is no failure.
            let _ = answer.send(outcome);
        };
        self.send(Job::Write(Box::new(Asked::new(change, ends_access, answer))))?;
        answered.await.unwrap_or(Err(WriteError::Store(StoreError::Busy)))
    }

    /// Reads what is committed.
    ///
    /// # Errors
    /// A failure of the store.
    pub async fn read<T, F>(&self, read: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        self.send(Job::Read(Box::new(move |connection| {
            // Nobody waits any more when the request was dropped; that is no failure.
            let _ = answer.send(read(connection));
        })))?;
        answered.await.unwrap_or(Err(StoreError::Busy))
    }

    /// [`Store::read`] for start-up, before there is anybody to wait.
    ///
    /// # Errors
    /// A failure of the store.
    pub fn read_blocking<T, F>(&self, read: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    {
        let (answer, answered) = mpsc::sync_channel(1);
        self.send(Job::Read(Box::new(move |connection| {
            let _ = answer.send(read(connection));
        })))?;
        answered.recv().unwrap_or(Err(StoreError::Busy))
    }

    /// [`Store::write`] for start-up, before there is anybody to wait.
    ///
    /// # Errors
    /// As [`Store::write`].
    pub fn write_blocking<T, E, F>(&self, change: F) -> Result<T, WriteError<E>>
    where
        T: Send + 'static,
        E: Send + 'static,
        F: FnOnce(&mut Tx<'_>) -> Result<T, WriteError<E>> + Send + 'static,
    {
        let (answer, answered) = mpsc::sync_channel(1);
        let answer = move |outcome| {
            let _ = answer.send(outcome);
        };
        self.send(Job::Write(Box::new(Asked::new(once(change), false, answer))))?;
        answered.recv().unwrap_or(Err(WriteError::Store(StoreError::Busy)))
    }

    /// Has where the store stands noted in `witness`: now, and from now on after each commit,
    /// before its answers leave. Each commit then also holds the instant that `clock` tells.
    ///
    /// # Errors
    /// A failure of the store.
    pub fn watch(&self, witness: Witness, clock: Clock) -> Result<(), StoreError> {
        self.send(Job::Watch(witness, clock))
    }

    fn send(&self, job: Job) -> Result<(), StoreError> {
        let jobs = self.jobs.as_ref().ok_or(StoreError::Busy)?;
        jobs.try_send(job).map_err(|_| StoreError::Busy)
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        drop(self.jobs.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// A change that is run once as one that could be run again.
fn once<T, E>(
    change: impl FnOnce(&mut Tx<'_>) -> Result<T, WriteError<E>>,
) -> impl FnMut(&mut Tx<'_>) -> Result<T, WriteError<E>> {
    let mut change = Some(change);
    move |tx| match change.take() {
        Some(change) => change(tx),
        None => Err(WriteError::Store(StoreError::Busy)),
    }
}

/// Reads a column's text as one of the core's words.
pub(crate) fn read_word<T, E: std::fmt::Display>(
    text: &str,
    parse: impl FnOnce(&str) -> Result<T, E>,
) -> Result<T, StoreError> {
    parse(text).map_err(|error| StoreError::Unreadable(format!("`{text}`: {error}")))
}

/// Reads a column's number as an instant.
pub(crate) fn read_instant(seconds: i64) -> Result<exportgate_core::time::Timestamp, StoreError> {
    exportgate_core::time::Timestamp::from_unix_seconds(seconds)
        .ok_or_else(|| StoreError::Unreadable(format!("`{seconds}` is not an instant")))
}
