//! The writer's thread: group commit, each change under its own savepoint, checkpoints between
//! commits.

use std::{
    ops::Deref,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::mpsc::{Receiver, RecvTimeoutError},
    time::{Duration, Instant},
};

use rusqlite::{Connection, ErrorCode};
use tokio::sync::oneshot;
use tracing::{error, info, warn};

use super::{Standing, StoreError, WriteError};
use crate::{clock::Clock, metrics::Metrics, witness::Witness};

/// How many changes are committed together at the most: the last one waits for the first.
const BATCH_LENGTH: usize = 512;
/// From this many pages on, the write-ahead log is copied into the database when nobody waits.
const CHECKPOINT_WHEN_IDLE_PAGES: i64 = 1_000;
/// From this many pages on it is copied even if somebody waits: start-up reads all of it.
const CHECKPOINT_ALWAYS_PAGES: i64 = 32_000;
/// How long the thread waits for work before it looks at the write-ahead log.
const IDLE: Duration = Duration::from_millis(200);

type Effect = Box<dyn FnOnce() + Send>;
type Reply = Box<dyn FnOnce(Result<(), StoreError>) + Send>;
type Change = Box<dyn FnOnce(&mut Tx<'_>) -> (bool, Reply) + Send>;

/// One thing for the writer to do.
pub(super) enum Job {
    /// Runs within the batch's transaction; says whether it wants to be kept, and how to answer.
    Write(Change),
    /// Runs between transactions.
    Read(Box<dyn FnOnce(&Connection) + Send>),
    /// From now on each commit is noted here before its answers leave, and holds the instant.
    Watch(Witness, Clock),
}

impl Job {
    pub(super) fn write<T, E, F>(
        change: F,
        answer: oneshot::Sender<Result<T, WriteError<E>>>,
    ) -> Self
    where
        T: Send + 'static,
        E: Send + 'static,
        F: FnOnce(&mut Tx<'_>) -> Result<T, WriteError<E>> + Send + 'static,
    {
        Self::write_and(change, move |outcome| {
            // Nobody waits any more when the request was dropped; that is no failure.
            let _ = answer.send(outcome);
        })
    }

    /// The same with an answer of any kind.
    pub(super) fn write_and<T, E, F>(
        change: F,
        answer: impl FnOnce(Result<T, WriteError<E>>) + Send + 'static,
    ) -> Self
    where
        T: Send + 'static,
        E: Send + 'static,
        F: FnOnce(&mut Tx<'_>) -> Result<T, WriteError<E>> + Send + 'static,
    {
        Self::Write(Box::new(move |tx| {
            let outcome = change(tx);
            let keep = outcome.is_ok();
            let reply: Reply = Box::new(move |committed| {
                let outcome = match committed {
                    Ok(()) => outcome,
                    // A refusal stands, whatever became of the others in the batch.
                    Err(error) => outcome.and(Err(WriteError::Store(error))),
                };
                answer(outcome);
            });
            (keep, reply)
        }))
    }
}

/// A change in the making: reads and writes of one transaction.
pub struct Tx<'c> {
    connection: &'c Connection,
    pub(super) engine: &'static str,
    effects: Vec<Effect>,
}

impl Tx<'_> {
    /// Registers what has to happen in memory once this change is durable, and before anybody is
    /// told about it.
    pub fn after_commit(&mut self, effect: impl FnOnce() + Send + 'static) {
        self.effects.push(Box::new(effect));
    }
}

impl Deref for Tx<'_> {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        self.connection
    }
}

pub(super) struct Writer {
    connection: Connection,
    engine: &'static str,
    metrics: Metrics,
    wal_pages: i64,
    witness: Option<Witness>,
    /// Tells the instant that each commit holds.
    clock: Option<Clock>,
    /// Whether the last note failed: that is told once.
    witness_fails: bool,
}

impl Writer {
    pub(super) fn new(connection: Connection, engine: &'static str, metrics: Metrics) -> Self {
        Self {
            connection,
            engine,
            metrics,
            wal_pages: 0,
            witness: None,
            clock: None,
            witness_fails: false,
        }
    }

    pub(super) fn run(mut self, queue: &Receiver<Job>) {
        loop {
            match queue.recv_timeout(IDLE) {
                Ok(Job::Read(read)) => self.read(read),
                Ok(Job::Watch(witness, clock)) => self.watch(witness, clock),
                Ok(Job::Write(change)) => {
                    self.batch(change, queue);
                    self.checkpoint_if(CHECKPOINT_ALWAYS_PAGES);
                }
                Err(RecvTimeoutError::Timeout) => self.checkpoint_if(CHECKPOINT_WHEN_IDLE_PAGES),
                Err(RecvTimeoutError::Disconnected) => break,
            }
        }
        self.checkpoint_if(1);
        if let Some(Err(error)) = self.witness.as_ref().map(Witness::sync) {
            warn!(%error, "the witness beside the database could not be synced");
        }
        info!("store closed");
    }

    fn read(&self, read: Box<dyn FnOnce(&Connection) + Send>) {
        if catch_unwind(AssertUnwindSafe(|| read(&self.connection))).is_err() {
            error!("a read of the store panicked");
        }
    }

    fn watch(&mut self, witness: Witness, clock: Clock) {
        (self.witness, self.clock) = (Some(witness), Some(clock));
        self.note();
    }

    /// Notes where the store stands. A note that fails does not undo what is committed, nor keep
    /// its answer back: a revocation must be possible whatever the witness's disk does.
    fn note(&mut self) {
        let Some(witness) = &mut self.witness else { return };
        let noted = Standing::read(&self.connection)
            .and_then(|standing| witness.note(&standing).map_err(StoreError::Witness));
        match noted {
            Ok(()) if self.witness_fails => {
                self.witness_fails = false;
                info!("the witness beside the database follows again");
            }
            Err(error) if !self.witness_fails => {
                self.witness_fails = true;
                error!(%error, "the witness beside the database cannot follow");
            }
            Ok(()) | Err(_) => {}
        }
    }

    /// Commits `first` and whatever waits behind it.
    fn batch(&mut self, first: Change, queue: &Receiver<Job>) {
        let started = Instant::now();
        let (mut effects, mut replies, mut reads) = (Vec::new(), Vec::new(), Vec::new());
        if let Err(error) = self.connection.execute_batch("BEGIN IMMEDIATE") {
            // Dropping the change answers its caller with "unavailable".
            error!(%error, "no transaction could begin");
            return;
        }
        let mut n_kept = 0;
        let mut next = Some(first);
        while let Some(change) = next.take() {
            if let Some((kept, reply)) = self.change(change, &mut effects) {
                n_kept += usize::from(kept);
                replies.push(reply);
            }
            // A read that came in between waits for the commit: it may only see what is durable.
            while replies.len() + reads.len() < BATCH_LENGTH && next.is_none() {
                match queue.try_recv() {
                    Ok(Job::Write(change)) => next = Some(change),
                    Ok(Job::Read(read)) => reads.push(read),
                    Ok(Job::Watch(witness, clock)) => {
                        (self.witness, self.clock) = (Some(witness), Some(clock));
                    }
                    Err(_) => break,
                }
            }
        }
        let committed = self.commit(n_kept);
        if let Err(error) = &committed {
            error!(%error, n_changes = replies.len(), "commit failed; nothing was acknowledged");
            if !self.connection.is_autocommit()
                && let Err(error) = self.connection.execute_batch("ROLLBACK")
            {
                error!(%error, "roll-back failed");
            }
        } else {
            for effect in effects {
                effect();
            }
            if n_kept > 0 {
                self.note();
                self.metrics.commit(n_kept, started.elapsed());
            }
        }
        for reply in replies {
            reply(committed.as_ref().map_err(copy_of).copied());
        }
        for read in reads {
            self.read(read);
        }
    }

    /// Runs one change under its own savepoint; `None` when it panicked, which answers nobody:
    /// the waiting side sees the store as unavailable.
    fn change(&self, change: Change, effects: &mut Vec<Effect>) -> Option<(bool, Reply)> {
        // After some failures of the disk SQLite takes the whole transaction back by itself; a
        // savepoint would then begin one of its own, and its release would commit it.
        if self.connection.is_autocommit() {
            return None;
        }
        if let Err(error) = self.connection.execute_batch("SAVEPOINT change") {
            error!(%error, "a change could not begin");
            return None;
        }
        let mut tx = Tx { connection: &self.connection, engine: self.engine, effects: Vec::new() };
        let outcome = catch_unwind(AssertUnwindSafe(|| change(&mut tx)));
        let wanted = outcome.as_ref().is_ok_and(|(keep, _)| *keep);
        let own_effects = tx.effects;
        let end = if wanted { "RELEASE change" } else { "ROLLBACK TO change; RELEASE change" };
        let ended = self.connection.execute_batch(end);
        if let Err(error) = &ended {
            warn!(%error, "a change could not be ended");
        }
        match outcome {
            Ok((keep, reply)) => {
                let kept = keep && ended.is_ok();
                if kept {
                    effects.extend(own_effects);
                } else if keep {
                    reply(Err(StoreError::Busy));
                    return None;
                }
                Some((kept, reply))
            }
            Err(_) => {
                error!("a change of the store panicked and was taken back");
                None
            }
        }
    }

    fn commit(&mut self, n_kept: usize) -> rusqlite::Result<()> {
        if self.connection.is_autocommit() {
            let message = "the transaction was taken back by SQLite".to_owned();
            let code = rusqlite::ffi::Error { code: ErrorCode::OperationAborted, extended_code: 4 };
            return Err(rusqlite::Error::SqliteFailure(code, Some(message)));
        }
        if n_kept == 0 {
            return self.connection.execute_batch("ROLLBACK");
        }
        self.connection
            .prepare_cached(
                "UPDATE store SET change_sequence = change_sequence + 1,
                     clock_mark = max(clock_mark, ?1)",
            )?
            .execute([self.clock.as_ref().map_or(0, |clock| clock.now().unix_seconds())])?;
        self.connection.execute_batch("COMMIT")?;
        // A commit writes about this many pages; the checkpoint counts them exactly.
        self.wal_pages += 8 + 4 * i64::try_from(n_kept).unwrap_or(i64::MAX / 8);
        Ok(())
    }

    fn checkpoint_if(&mut self, pages: i64) {
        if self.wal_pages < pages {
            return;
        }
        self.wal_pages = 0;
        let moved = self.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| {
            Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?))
        });
        match moved {
            Ok((0, _)) => {}
            Ok((busy, _)) => warn!(busy, "the write-ahead log could not be copied whole"),
            // Nothing is lost: the changes are in the log, and the next checkpoint tries again.
            Err(error) => warn!(%error, "the write-ahead log could not be copied"),
        }
    }
}

/// An error for each of several waiting people; SQLite's own cannot be cloned.
fn copy_of(error: &rusqlite::Error) -> StoreError {
    let code = error
        .sqlite_error()
        .copied()
        .unwrap_or(rusqlite::ffi::Error { code: ErrorCode::Unknown, extended_code: 0 });
    StoreError::Sqlite(rusqlite::Error::SqliteFailure(code, Some(error.to_string())))
}
