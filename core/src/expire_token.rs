//! Telling that a token's time was over: nothing changes but the history.

use crate::{
    history::{Actor, EventDraft, EventKind},
    time::Timestamp,
    token::{Owner, Status, Token},
};

/// `token.expired`, at the token's `expires_at`, once `now` has reached it. `None` for a token that
/// is active, or was revoked before. The caller remembers that it has been told.
#[must_use]
pub fn expire_token(token: &Token, owner: &Owner, now: Timestamp) -> Option<EventDraft> {
    match (token.status(now), token.expires_at) {
        (Status::Expired, Some(expires_at)) => {
            let kind = EventKind::TokenExpired;
            Some(EventDraft::about_token(token, owner, Actor::Host, kind, expires_at))
        }
        _ => None,
    }
}
