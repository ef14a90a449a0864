//! Whether the database may be served: it must continue what the witness beside it has seen, unless
//! the operator accepts that it does not.

use std::path::{Path, PathBuf};

use exportgate_core::time::Timestamp;
use tracing::{info, warn};

use crate::{
    engine::Engine,
    store::{Relation, Standing, Store, StoreError},
    usecase::accept_rollback::{Acceptance, Accepted, Known, NotAccepted, accept_rollback},
    witness::{WITNESS_NAME, Witness, WitnessError},
};

/// What ends every refusal.
const WHAT_TO_DO: &str = "put the newest database back, or start once with `--accept-rollback`: \
                          then every token and key that cannot be proven live is revoked";

/// Why the database is not served, in sentences for the operator.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "each variant carries its sentence")]
pub enum RollbackError {
    #[error(
        "the database `{}` is older than what was served from this data folder: it ends with \
         change {}, and {WITNESS_NAME} has seen change {}, so what was revoked since would be \
         accepted again; {WHAT_TO_DO}",
        .0.file.display(), .0.found.generation, .0.seen.generation
    )]
    Older(Box<Compared>),
    #[error(
        "the database `{}` was changed somewhere else: it ends with change {}, but lacks event {} \
         of change {} that {WITNESS_NAME} has seen, so what was revoked here would be accepted \
         again; {WHAT_TO_DO}",
        .0.file.display(), .0.found.generation, .0.seen.last_event, .0.seen.generation
    )]
    Parted(Box<Compared>),
    #[error(
        "the database `{}` belongs to another store ({}, at change {}) than the one that \
         {WITNESS_NAME} has seen in this data folder ({}, at change {}); give it a data folder of \
         its own, or {WHAT_TO_DO}",
        .0.file.display(), .0.found.store_id, .0.found.generation, .0.seen.store_id, .0.seen.generation
    )]
    OtherStore(Box<Compared>),
    #[error("{source}, so nothing tells whether the database is the newest; {WHAT_TO_DO}")]
    Witness { source: WitnessError },
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the older database could not be accepted: {0:?}")]
    NotAccepted(NotAccepted),
}

/// A database and what was seen before it.
#[derive(Debug)]
pub struct Compared {
    /// The database.
    pub file: PathBuf,
    /// Where it stands.
    pub found: Standing,
    /// Where the witness saw it stand.
    pub seen: Standing,
}

/// What to do about a database, given what it is to what the witness has seen; `None`: nothing.
const fn known_after(relation: Relation) -> Option<Known> {
    match relation {
        Relation::Continues => None,
        Relation::OlderWithWholeHistory => Some(Known::WholeHistory),
        Relation::Older | Relation::Parted | Relation::OtherStore => Some(Known::Nothing),
    }
}

/// Judges the store that was opened in `data`, and gives the witness that has to watch it from now
/// on. With `accept`, what the database could revive is revoked first.
///
/// # Errors
/// [`RollbackError`] with a sentence for the operator.
pub fn judge(
    store: &Store,
    engine: &Engine,
    data: &Path,
    accept: bool,
    now: Timestamp,
) -> Result<Witness, RollbackError> {
    let (witness, is_readable) = match Witness::open(data) {
        Ok(witness) => (witness, true),
        Err(source) if !accept => return Err(RollbackError::Witness { source }),
        Err(error) => {
            warn!(%error, "the witness cannot be read and is made anew");
            (Witness::anew(data), false)
        }
    };
    let seen = witness.seen().copied();
    let (found, relation) = store.read_blocking(move |connection| {
        let found = Standing::read(connection)?;
        let relation = match &seen {
            Some(seen) if !seen.is_accepted(connection)? => Some(found.relation(connection, seen)?),
            Some(_) => Some(Relation::Continues),
            None => None,
        };
        Ok((found, relation))
    })?;
    let known = match (relation, seen) {
        (Some(relation), Some(seen)) => {
            let known = known_after(relation);
            if known.is_some() && !accept {
                return Err(refusal(relation, store.file(), found, seen));
            }
            known
        }
        // Nobody knows whether there was a newer one. Whoever says that there was is believed.
        _ if accept => Some(Known::Nothing),
        _ => {
            if found.generation > 0 {
                let file = store.file().display();
                warn!(%file, "there is no {WITNESS_NAME} yet: the database is taken as the newest");
            }
            None
        }
    };
    match known {
        Some(known) => {
            let highest = seen.map_or(found.generation, |seen| seen.generation);
            let acceptance = Acceptance {
                known,
                witnessed: seen,
                highest_generation: highest,
                may_revoke_unproven: true,
            };
            let accepted = accept_rollback(store, engine, acceptance, now);
            tell(&accepted.map_err(RollbackError::NotAccepted)?);
        }
        None if accept && is_readable => info!("the database is the newest: nothing to accept"),
        None => {}
    }
    Ok(witness)
}

fn refusal(relation: Relation, file: &Path, found: Standing, seen: Standing) -> RollbackError {
    let compared = Box::new(Compared { file: file.to_path_buf(), found, seen });
    match relation {
        Relation::OtherStore => RollbackError::OtherStore(compared),
        Relation::Parted => RollbackError::Parted(compared),
        Relation::Continues | Relation::OlderWithWholeHistory | Relation::Older => {
            RollbackError::Older(compared)
        }
    }
}

fn tell(accepted: &Accepted) {
    let (n_tokens, n_keys) = accepted.n_revoked();
    warn!(
        n_tokens,
        n_keys,
        "an older database was accepted: what cannot be proven live is revoked, all sessions are \
         ended, and accounts are as it has them: deactivate again who has left since"
    );
}
