//! History events: appended in the same transaction as the change they tell of, never touched
//! again.

use exportgate_core::{
    history::canonical_bytes,
    id::{OrgId, TokenId, UserId},
    wire::{Event, EventDraftRecord},
};
use sha2::{Digest as _, Sha256};

use super::{StoreError, Tx};

impl Tx<'_> {
    /// Gives the event its place in its organization's history and stores it.
    ///
    /// # Errors
    /// A failure of the store.
    pub fn append(&mut self, draft: EventDraftRecord) -> Result<Event, StoreError> {
        let (org_seq, sequence) = self.next_place(&draft.org_id)?;
        let event = draft.at_place(sequence, self.engine);
        let canonical = canonical_bytes(&event)
            .map_err(|error| StoreError::Unreadable(format!("event: {error}")))?;
        let digest: [u8; 32] = Sha256::digest(&canonical).into();
        self.prepare_cached(
            "INSERT INTO events (org_seq, sequence, at, kind, token_id, user_id, canonical, digest)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        )?
        .execute((
            org_seq,
            sequence,
            event.at.unix_seconds(),
            &event.kind,
            event.token_id.as_ref().map(TokenId::as_str),
            subject(&event),
            canonical,
            digest,
        ))?;
        Ok(event)
    }

    fn next_place(&self, org_id: &OrgId) -> Result<(i64, u64), StoreError> {
        let place = self
            .prepare_cached(
                "UPDATE organizations SET n_events = n_events + 1 WHERE org_id = ?1
                 RETURNING org_seq, n_events - 1",
            )?
            .query_row([org_id.as_str()], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(place)
    }
}

/// The user whom an event is about, by whom it can be filtered: a token's owner, or the person
/// who signed in or whose account was changed.
pub(super) fn subject(event: &Event) -> Option<&str> {
    let owner = event.owner.as_ref().map(|owner| owner.user_id.as_str());
    let named = event.details.get("user_id").and_then(|user_id| user_id.as_str());
    let actor = event.actor.user_id.as_ref().map(UserId::as_str);
    owner.or(named).or(actor)
}
