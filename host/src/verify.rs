//! Reads a whole history again and tells whether it is what it was: every digest, the Merkle tree
//! above them, the checkpoint that the host signed last, and one that somebody kept.

mod organization;
mod tiles;

use exportgate_core::checkpoint::VerifierKey;
use rusqlite::Connection;
use serde::Serialize;

use crate::store::{StoreError, organizations};

/// What was found in one organization's history.
#[derive(Debug, Serialize)]
pub struct Verified {
    /// The organization.
    pub org_id: String,
    /// How many events were read.
    pub n_events: u64,
    /// The root over them, recomputed, base64.
    pub root: String,
    /// How many of them have only their digest left, as `keep_days` says.
    pub n_removed: u64,
    /// The first event that differs, where it can be told.
    pub first_difference: Option<u64>,
    /// What does not hold, in sentences.
    pub problems: Vec<String>,
    /// Why the kept checkpoint proves nothing, if it does not: that says nothing of the history.
    pub checkpoint_refused: Option<String>,
}

/// What checks the checkpoints of an organization.
pub type KeyOf<'k> = &'k dyn Fn(&str) -> Option<VerifierKey>;

/// A checkpoint that somebody kept.
pub struct Kept<'k> {
    /// The signed note.
    pub note: &'k str,
    /// Of which organization.
    pub org_id: &'k str,
}

/// Verifies the history of every organization. `progress` hears how many events were read.
///
/// # Errors
/// When the database cannot be read on.
pub fn verify(
    connection: &Connection,
    key_of: KeyOf<'_>,
    kept: Option<&Kept<'_>>,
    progress: &mut dyn FnMut(u64),
) -> Result<Vec<Verified>, StoreError> {
    let mut verified = Vec::new();
    let mut n_before = 0;
    for (org_seq, org_id) in organizations(connection)? {
        let kept = kept.filter(|kept| kept.org_id == org_id.as_str()).map(|kept| kept.note);
        let checkpoints = organization::Checkpoints { key: key_of(org_id.as_str()), kept };
        let mut counted = |n_read| progress(n_before + n_read);
        let one =
            organization::verify(connection, org_seq, org_id.as_str(), &checkpoints, &mut counted)?;
        n_before += one.n_events;
        verified.push(one);
    }
    Ok(verified)
}

/// How many events there are to read.
///
/// # Errors
/// When the database cannot be read.
pub fn n_events(connection: &Connection) -> Result<u64, StoreError> {
    Ok(connection.query_row("SELECT count(*) FROM events", [], |row| row.get(0))?)
}
