//! The writer's thread: group commit, each change under its own savepoint, and between commits the
//! log is copied into the database.

use std::{
    ops::Deref,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::mpsc::{Receiver, RecvTimeoutError},
    thread,
    time::{Duration, Instant},
};

use rusqlite::{Connection, ErrorCode};
use tracing::{error, info, warn};

use super::{
    Standing, StoreError, WriteError,
    log::{Copied, Log},
    reserve::Reserve,
};
use crate::{clock::Clock, metrics::Metrics, witness::Witness};

/// How many changes are committed together at the most: the last one waits for the first.
const BATCH_LENGTH: usize = 512;
/// How long the thread waits for work before it looks after the reserve.
const IDLE: Duration = Duration::from_millis(200);

type Effect = Box<dyn FnOnce() + Send>;

/// One thing for the writer to do.
pub(super) enum Job {
    /// Runs within the batch's transaction.
    Write(Box<dyn Change>),
    /// Runs between transactions.
    Read(Box<dyn FnOnce(&Connection) + Send>),
    /// From now on each commit is noted here before its answers leave, and holds the instant.
    Watch(Witness, Clock),
}

/// A change that somebody asked for, and waits for.
pub(super) trait Change: Send {
    /// Makes the change; says whether it wants to be kept. A second time only where it
    /// [ends access](Self::ends_access).
    fn run(&mut self, tx: &mut Tx<'_>) -> bool;
    /// Whether it may use the reserve of the disk, and be run once more for that.
    fn ends_access(&self) -> bool;
    /// Whether it failed as the disk is full.
    fn met_a_full_disk(&self) -> bool;
    /// Answers whoever waits.
    fn answer(self: Box<Self>, committed: Result<(), StoreError>);
}

/// The one kind of changes there is.
pub(super) struct Asked<T, E, F, A> {
    change: F,
    ends_access: bool,
    outcome: Option<Result<T, WriteError<E>>>,
    answer: A,
}

impl<T, E, F, A> Asked<T, E, F, A> {
    pub(super) fn new(change: F, ends_access: bool, answer: A) -> Self {
        Self { change, ends_access, outcome: None, answer }
    }
}

impl<T, E, F, A> Change for Asked<T, E, F, A>
where
    T: Send,
    E: Send,
    F: FnMut(&mut Tx<'_>) -> Result<T, WriteError<E>> + Send,
    A: FnOnce(Result<T, WriteError<E>>) + Send,
{
    fn run(&mut self, tx: &mut Tx<'_>) -> bool {
        let outcome = (self.change)(tx);
        let keep = outcome.is_ok();
        self.outcome = Some(outcome);
        keep
    }

    fn ends_access(&self) -> bool {
        self.ends_access
    }

    fn met_a_full_disk(&self) -> bool {
        match &self.outcome {
            Some(Err(WriteError::Store(StoreError::Sqlite(error)))) => is_full(error),
            _ => false,
        }
    }

    fn answer(self: Box<Self>, committed: Result<(), StoreError>) {
        let outcome = match (self.outcome, committed) {
            (Some(outcome), Ok(())) => outcome,
            // A refusal stands, whatever became of the others in the batch.
            (Some(outcome), Err(error)) => outcome.and(Err(WriteError::Store(error))),
            (None, committed) => {
                Err(WriteError::Store(committed.err().unwrap_or(StoreError::Busy)))
            }
        };
        (self.answer)(outcome);
    }
}

fn is_full(error: &rusqlite::Error) -> bool {
    error.sqlite_error_code() == Some(ErrorCode::DiskFull)
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

    /// Between the rows of a long change that nobody waits for: validations go first.
    pub fn step_aside(&self) {
        step_aside();
    }
}

/// Leaves the core to a thread that validates, if one waits for it. Where all cores are busy the
/// system would let this thread run for milliseconds, and validations wait for as long.
fn step_aside() {
    thread::yield_now();
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
    witness: Option<Witness>,
    /// Tells the instant that each commit holds.
    clock: Option<Clock>,
    /// Whether the last note failed: that is told once.
    witness_fails: bool,
    log: Log,
    reserve: Reserve,
}

/// What was done in a transaction that is not committed yet.
#[derive(Default)]
struct Batch {
    changes: Vec<Box<dyn Change>>,
    effects: Vec<Effect>,
    n_kept: usize,
}

impl Writer {
    pub(super) fn new(
        connection: Connection,
        engine: &'static str,
        metrics: Metrics,
        log: Log,
        reserve: Reserve,
    ) -> Self {
        Self {
            connection,
            engine,
            metrics,
            witness: None,
            clock: None,
            witness_fails: false,
            log,
            reserve,
        }
    }

    pub(super) fn run(mut self, queue: &Receiver<Job>) {
        // Before anybody is told of a commit that a kill cut off, it has to be on the disk.
        self.log.settle(&self.connection);
        loop {
            match queue.recv_timeout(IDLE) {
                Ok(Job::Read(read)) => self.read(read),
                Ok(Job::Watch(witness, clock)) => self.watch(witness, clock),
                Ok(Job::Write(change)) => {
                    self.batch(change, queue);
                    self.log.copy_if_due(&self.connection);
                }
                Err(RecvTimeoutError::Timeout) => {
                    if self.reserve.is_due() {
                        // What was written from it may find room in the database itself.
                        self.log.empty(&self.connection);
                        self.reserve.make();
                    }
                }
                Err(RecvTimeoutError::Disconnected) => break,
            }
        }
        self.log.empty(&self.connection);
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
    fn batch(&mut self, first: Box<dyn Change>, queue: &Receiver<Job>) {
        let started = Instant::now();
        let mut reads = Vec::new();
        let settled = self.log.settle(&self.connection);
        if settled == Copied::Failed || !self.begin() {
            // Dropping the change answers its caller with "unavailable".
            return;
        }
        let mut batch = Batch::default();
        let mut next = Some(first);
        let mut n_changes = 0;
        while let Some(change) = next.take() {
            n_changes += 1;
            // What ends access is not held up by anybody.
            if n_changes > 1 && !change.ends_access() {
                step_aside();
            }
            let has_space =
                settled == Copied::Whole && (self.reserve.is_there() || self.reserve.make());
            if has_space || change.ends_access() {
                self.change(change, &mut batch);
            } else {
                change.answer(Err(StoreError::Full));
            }
            // A read that came in between waits for the commit: it may only see what is durable.
            while n_changes + reads.len() < BATCH_LENGTH && next.is_none() {
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
        for again in self.end(batch, started) {
            self.use_reserve(again);
        }
        for read in reads {
            self.read(read);
        }
    }

    /// A disk that is full refuses everybody, but what ends access gets the reserve.
    fn use_reserve(&mut self, again: Box<dyn Change>) {
        self.reserve.release();
        let mut again = Some(again);
        // The log is copied into the database only if it has to be, as somebody waits.
        for log_was_copied in [false, true] {
            let Some(change) = again.take() else { return };
            if log_was_copied {
                self.log.empty(&self.connection);
            }
            if !self.begin() {
                return;
            }
            let mut batch = Batch::default();
            self.change(change, &mut batch);
            again = self.end(batch, Instant::now()).pop();
        }
        if let Some(change) = again {
            change.answer(Err(StoreError::Full));
        }
    }

    fn begin(&self) -> bool {
        let begun = self.connection.execute_batch("BEGIN IMMEDIATE");
        if let Err(error) = &begun {
            error!(%error, "no transaction could begin");
        }
        begun.is_ok()
    }

    /// Commits a batch and answers; returns those changes that are to be tried again with the
    /// reserve of the disk.
    fn end(&mut self, batch: Batch, started: Instant) -> Vec<Box<dyn Change>> {
        let committed = self.commit(batch.n_kept);
        if let Err(error) = &committed {
            let n_changes = batch.changes.len();
            error!(%error, n_changes, "commit failed; nothing was acknowledged");
            if !self.connection.is_autocommit()
                && let Err(error) = self.connection.execute_batch("ROLLBACK")
            {
                error!(%error, "roll-back failed");
            }
            self.log.cut();
        } else {
            if batch.n_kept > 0 {
                self.log.committed(&self.connection, started.elapsed());
            }
            for effect in batch.effects {
                effect();
            }
            if batch.n_kept > 0 {
                self.note();
                self.metrics.commit(batch.n_kept, started.elapsed());
            }
        }
        let is_full = committed.as_ref().is_err_and(is_full)
            || batch.changes.iter().any(|change| change.met_a_full_disk());
        let mut again = Vec::new();
        for change in batch.changes {
            let failed = committed.is_err() || change.met_a_full_disk();
            if is_full && failed && change.ends_access() {
                again.push(change);
            } else {
                change.answer(committed.as_ref().map_err(copy_of).copied());
            }
        }
        again
    }

    /// Runs one change under its own savepoint. One that panics is dropped, which answers with
    /// "unavailable".
    fn change(&self, mut change: Box<dyn Change>, batch: &mut Batch) {
        // After some failures of the disk SQLite takes the whole transaction back by itself; a
        // savepoint would then begin one of its own, and its release would commit it.
        if self.connection.is_autocommit() {
            // It shares the fate of those before it.
            batch.changes.push(change);
            return;
        }
        if let Err(error) = self.connection.execute_batch("SAVEPOINT change") {
            error!(%error, "a change could not begin");
            return;
        }
        let mut tx = Tx { connection: &self.connection, engine: self.engine, effects: Vec::new() };
        let outcome = catch_unwind(AssertUnwindSafe(|| change.run(&mut tx)));
        let keep = outcome.as_ref().is_ok_and(|keep| *keep);
        let own_effects = tx.effects;
        let end = if keep { "RELEASE change" } else { "ROLLBACK TO change; RELEASE change" };
        let ended = self.connection.execute_batch(end);
        if let Err(error) = &ended {
            warn!(%error, "a change could not be ended");
        }
        if outcome.is_err() {
            error!("a change of the store panicked and was taken back");
        } else if keep && ended.is_err() {
            change.answer(Err(StoreError::Busy));
        } else {
            if keep {
                batch.n_kept += 1;
                batch.effects.extend(own_effects);
            }
            batch.changes.push(change);
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
        self.connection.execute_batch("COMMIT")
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
