//! Knows what must be done to a copy of a backup before it takes the place of the database: nothing
//! that was revoked since the backup may live in it.

use std::{io, path::Path};

use super::{RestoreError, exchange};
use crate::{
    check,
    clock::Clock,
    config::EngineConfig,
    engine::Engine,
    metrics::Metrics,
    store::{KnownInstants, NewerStore, Relation, Standing, Store, StoreError},
    usecase::accept_rollback::{Acceptance, Accepted, Known, NotAccepted, accept_rollback},
    witness::Witness,
};

/// What a preparation works with.
pub struct Preparation<'a> {
    pub backup: &'a Path,
    pub database: &'a Path,
    pub data: &'a Path,
    pub engine: &'a EngineConfig,
    /// Whether what cannot be proven live may be revoked.
    pub accept: bool,
}

/// A copy that may take the database's place.
pub struct Prepared {
    /// What was revoked in it.
    pub accepted: Accepted,
    /// Whether nothing in the data folder could tell that there was a newer one.
    pub is_trusted_blindly: bool,
    /// Where it stands.
    standing: Standing,
}

impl Prepared {
    /// Notes in the witness of the data folder that this is the newest database now.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn note(&self, data: &Path) -> io::Result<()> {
        let mut witness = Witness::open(data).unwrap_or_else(|_| Witness::anew(data));
        witness.note(&self.standing)?;
        witness.sync()
    }
}

/// What is known of the newest database that there was in the data folder.
struct Newest {
    /// By the witness.
    seen: Option<Standing>,
    /// By the database that is in place, where it can be trusted.
    former: Option<Standing>,
    /// Whether there was one, as far as is known: a witness or a database, readable or not.
    is_any: bool,
}

/// What is known of the time after the backup, given what the backup is to the former database and
/// to what the witness has seen, and what the former database is to the latter. `None`: there is no
/// such time, the backup continues all that is known.
fn known_after(
    to_former: Option<Relation>,
    to_seen: Option<Relation>,
    former_to_seen: Option<Relation>,
    former: impl FnOnce() -> Known,
) -> Option<Known> {
    let is_newest =
        |relation: Option<Relation>| matches!(relation, None | Some(Relation::Continues));
    match (to_former, to_seen) {
        (to_former, to_seen) if is_newest(to_former) && is_newest(to_seen) => None,
        // The former database tells all, if it is of this store and nothing newer was seen.
        (Some(relation), _) if relation != Relation::OtherStore && is_newest(former_to_seen) => {
            Some(former())
        }
        (_, Some(Relation::OlderWithWholeHistory)) => Some(Known::WholeHistory),
        _ => Some(Known::Nothing),
    }
}

impl Preparation<'_> {
    /// Revokes in the copy `incoming` what the former database knows as revoked, or, if there is
    /// none to ask, all that cannot be proven live.
    ///
    /// # Errors
    /// Where that would revoke what may be live, without the operator's word; a failure of the
    /// store or the engine.
    pub fn prepare(&self, incoming: &Path) -> Result<Prepared, RestoreError> {
        let failed = |error: &dyn std::fmt::Display| {
            let backup = self.backup.display();
            RestoreError::Refused(format!("the backup `{backup}` is not used: {error}"))
        };
        let engine = Engine::within(self.engine).map_err(|error| failed(&error))?;
        let store = Store::open(incoming.to_path_buf(), engine.sha256(), Metrics::default())
            .map_err(|error| failed(&error))?;
        let (seen, is_witness) = match Witness::open(self.data) {
            Ok(witness) => (witness.seen().copied(), witness.seen().is_some()),
            // It has seen something, whatever it was.
            Err(_) => (None, true),
        };
        let mut newest =
            Newest { seen, former: None, is_any: is_witness || self.database.exists() };
        let mut former_to_seen = None;
        if let Some(former) = self.former() {
            let former_stands = Standing::read(former.connection()).ok();
            former_to_seen = former_stands
                .zip(seen)
                .map(|(stands, seen)| stands.relation(former.connection(), &seen))
                .transpose()
                .map_err(|error| failed(&error))?;
            newest.former = former_stands;
        }
        let known = self.known(&store, &newest, former_to_seen).map_err(|error| failed(&error))?;
        let mut accepted = Accepted::default();
        if let Some(known) = known {
            let generations = [newest.seen, newest.former].map(|s| s.map_or(0, |s| s.generation));
            let acceptance = Acceptance {
                known,
                witnessed: newest.seen,
                highest_generation: generations.into_iter().max().unwrap_or_default(),
                may_revoke_unproven: self.accept,
            };
            // Events of the backup may be later than a clock that was set back.
            let known = store.read_blocking(KnownInstants::read).map_err(|error| failed(&error))?;
            let now = Clock::System.now();
            let now = known.latest().map_or(now, |latest| latest.max(now));
            accepted = accept_rollback(&store, &engine, acceptance, now)
                .map_err(|error| self.not_accepted(error))?;
        }
        let standing = store.read_blocking(Standing::read).map_err(|error| failed(&error))?;
        let is_trusted_blindly = !newest.is_any && !self.accept;
        Ok(Prepared { accepted, is_trusted_blindly, standing })
    }

    /// The database that is in place, if it holds every invariant.
    fn former(&self) -> Option<NewerStore> {
        if !self.database.exists() {
            return None;
        }
        // What a killed host has left in the log belongs to it.
        exchange::take_over_log(self.database).ok()?;
        let former = NewerStore::open(self.database).ok()?;
        let report = check::check(former.connection(), &mut |_, _| {}).ok()?;
        report.ok.then_some(former)
    }

    fn known(
        &self,
        store: &Store,
        newest: &Newest,
        former_to_seen: Option<Relation>,
    ) -> Result<Option<Known>, StoreError> {
        let (former, seen) = (newest.former, newest.seen);
        let (to_former, to_seen) = store.read_blocking(move |connection| {
            let found = Standing::read(connection)?;
            let relation = |other: Option<Standing>| {
                other.map(|other| found.relation(connection, &other)).transpose()
            };
            Ok((relation(former)?, relation(seen)?))
        })?;
        if former.is_none() && seen.is_none() {
            if newest.is_any || self.accept {
                return Ok(Some(Known::Nothing));
            }
            // An empty data folder: whoever moves a store to a new machine does this.
            return Ok(Some(Known::WholeHistory));
        }
        let newer = || Known::Newer(self.database.to_path_buf());
        Ok(known_after(to_former, to_seen, former_to_seen, newer))
    }

    fn not_accepted(&self, error: NotAccepted) -> RestoreError {
        let backup = self.backup.display();
        RestoreError::Refused(match error {
            NotAccepted::Unproven(accepted) => format!(
                "the backup `{backup}` is not put in place: nothing proves that {} tokens and {} \
                 keys of it were not revoked since; restore the newest backup, or restore this one \
                 with `--accept-rollback`, which revokes them",
                accepted.n_unproven_tokens, accepted.n_unproven_keys
            ),
            NotAccepted::Failed(failure) => {
                format!("the backup `{backup}` is not used: {failure:?}")
            }
        })
    }
}

#[cfg(test)]
mod tests;
