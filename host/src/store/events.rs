//! History events: appended in the same transaction as the change they tell of, never touched
//! again.

use exportgate_core::{
    history::canonical_bytes,
    id::{OrgId, TokenId, UserId},
    merkle::{Frontier, Hash},
    wire::{Event, EventDraftRecord},
};

use super::{StoreError, Tx, tree};

impl Tx<'_> {
    /// Gives the event its place in its organization's history and stores it. The cost does not
    /// depend on how many there are.
    ///
    /// # Errors
    /// A failure of the store.
    pub fn append(&mut self, draft: EventDraftRecord) -> Result<Event, StoreError> {
        let (org_seq, mut frontier) = self.frontier(&draft.org_id)?;
        let event = draft.at_place(frontier.size(), self.engine);
        let canonical = canonical_bytes(&event)
            .map_err(|error| StoreError::Unreadable(format!("event: {error}")))?;
        let leaf = Hash::of_leaf(&canonical);
        self.prepare_cached(
            "INSERT INTO events (org_seq, sequence, at, kind, token_id, user_id, digest, canonical)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        )?
        .execute((
            org_seq,
            event.sequence,
            event.at.unix_seconds(),
            &event.kind,
            event.token_id.as_ref().map(TokenId::as_str),
            subject(&event),
            leaf.as_bytes(),
            canonical,
        ))?;
        tree::grow(self, org_seq, &mut frontier, leaf)?;
        self.prepare_cached(
            "UPDATE organizations SET n_events = ?2, frontier = ?3 WHERE org_seq = ?1",
        )?
        .execute((org_seq, frontier.size(), frontier.to_bytes()))?;
        Ok(event)
    }

    fn frontier(&self, org_id: &OrgId) -> Result<(i64, Frontier), StoreError> {
        let mut statement = self.prepare_cached(
            "SELECT org_seq, n_events, frontier FROM organizations WHERE org_id = ?1",
        )?;
        let (org_seq, size, hashes) = statement.query_row([org_id.as_str()], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get::<_, Vec<u8>>(2)?))
        })?;
        Ok((org_seq, tree::read_frontier(size, &hashes)?))
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
