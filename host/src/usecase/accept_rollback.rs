//! The operator accepts that the database is older than another one was in its place: what cannot
//! be proven live is revoked, and nobody stays signed in.
//!
//! It happens before anything is served, in one transaction: a host or a restore that is killed
//! meanwhile has accepted all of it or nothing.

use std::path::PathBuf;

use exportgate_core::{
    history::{Actor, EventDraft, EventKind},
    id::OrgId,
    revoke_token::Cause,
    time::Timestamp,
    token::{Owner, Status, Token},
    user::{NamedUser, Role},
    wire::{OwnerRecord, RevokeTokensAnswer, RevokeTokensInput, Verb},
};
use serde::Serialize;

use super::{Failure, TOKENS_PER_QUESTION, ask, manage_services::revocation_of};
use crate::{
    engine::{Engine, EngineError},
    store::{
        NewerStore, NewerToken, NewerUser, Standing, Store, StoredService, StoredToken, StoredUser,
        Tx, WriteError,
    },
};

/// What is known of the time that is missing in the database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Known {
    /// Nothing: whatever lives in it may have been revoked.
    Nothing,
    /// Every event of that time, since the history is whole: nothing was revoked.
    WholeHistory,
    /// What this newer database says, which holds every invariant.
    Newer(PathBuf),
}

/// What is accepted.
#[derive(Clone, Debug)]
pub struct Acceptance {
    /// What is known.
    pub known: Known,
    /// What the witness has seen, if there is one.
    pub witnessed: Option<Standing>,
    /// No database of this store was ever ahead of this number of changes, as far as is known.
    pub highest_generation: u64,
    /// Whether the operator said that what cannot be proven live may be revoked.
    pub may_revoke_unproven: bool,
}

/// What was done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Accepted {
    /// Tokens that the newer database knows as no longer active.
    pub n_ended_tokens: u64,
    /// Tokens that now end when the newer database says.
    pub n_shortened_tokens: u64,
    /// Tokens of which nothing is known.
    pub n_unproven_tokens: u64,
    /// Keys of export services and directories that the newer database knows as revoked.
    pub n_ended_keys: u64,
    /// Keys of which nothing is known.
    pub n_unproven_keys: u64,
    /// Accounts that the newer database knows as deactivated.
    pub n_deactivated_users: u64,
    /// Administrators whom the newer database knows as users.
    pub n_demoted_users: u64,
}

/// Why a rollback is not accepted.
#[derive(Debug)]
pub enum NotAccepted {
    /// So much cannot be proven live, and the operator did not say that it may be revoked.
    Unproven(Accepted),
    /// Store or engine failed.
    Failed(Failure),
}

impl<E: Into<Failure>> From<E> for NotAccepted {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

/// What becomes of something that lives in the older database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    /// It lives in both.
    Stays,
    /// It lives in both, and ends earlier in the newer one.
    EndsAt(Timestamp),
    /// It does not live in the newer one.
    Ended,
    /// The newer one does not know it, or there is none.
    Unproven,
}

/// What becomes of a token that is active in the older database.
fn fate_of_token(older: &Token, newer: Option<NewerToken>, now: Timestamp) -> Fate {
    let Some(NewerToken { revoked_at, expires_at }) = newer else { return Fate::Unproven };
    match (Status::at(now, revoked_at, expires_at), expires_at, older.expires_at) {
        (Status::Revoked | Status::Expired, ..) => Fate::Ended,
        (Status::Active, Some(newer), Some(older)) if newer < older => Fate::EndsAt(newer),
        (Status::Active, Some(newer), None) => Fate::EndsAt(newer),
        (Status::Active, ..) => Fate::Stays,
    }
}

/// What becomes of a key that is live in the older database.
const fn fate_of_key(newer_is_live: Option<bool>) -> Fate {
    match newer_is_live {
        Some(true) => Fate::Stays,
        Some(false) => Fate::Ended,
        None => Fate::Unproven,
    }
}

/// Whether an account that is active in the older database must be deactivated, and whether an
/// administrator in it must become a user. A newer database takes away and gives nothing; who is
/// in none has no session and no token any more.
fn fate_of_user(older: Role, newer: Option<NewerUser>) -> (bool, bool) {
    newer.map_or((false, false), |newer| {
        (!newer.active, older == Role::Administrator && newer.role == Role::User)
    })
}

/// Accepts, within one durable change, that the database is older.
///
/// # Errors
/// [`NotAccepted`]; nothing was changed.
pub fn accept_rollback(
    store: &Store,
    engine: &Engine,
    acceptance: Acceptance,
    now: Timestamp,
) -> Result<Accepted, NotAccepted> {
    let engine = engine.clone();
    let accepted = store.write_blocking(move |tx| {
        let newer = match &acceptance.known {
            Known::Newer(file) => Some(NewerStore::open(file).map_err(refused)?),
            Known::Nothing | Known::WholeHistory => None,
        };
        let mut accepting = Accepting { tx, engine, newer, now, done: Accepted::default() };
        if acceptance.known != Known::WholeHistory {
            accepting.users()?;
            accepting.keys()?;
        }
        let Accepting { tx, done, .. } = accepting;
        let unproven = done.n_unproven_tokens + done.n_unproven_keys;
        if unproven > 0 && !acceptance.may_revoke_unproven {
            return Err(WriteError::Refused(NotAccepted::Unproven(done)));
        }
        // Who signed out since would be signed in again.
        tx.delete_all_sessions()?;
        tx.accept_standing(acceptance.witnessed.as_ref(), acceptance.highest_generation)?;
        Ok(done)
    });
    accepted.map_err(|error| match error {
        WriteError::Refused(not_accepted) => not_accepted,
        WriteError::Store(error) => error.into(),
    })
}

fn refused(error: impl Into<Failure>) -> WriteError<NotAccepted> {
    WriteError::Refused(NotAccepted::Failed(error.into()))
}

/// One acceptance in the making.
struct Accepting<'t, 'c> {
    tx: &'t mut Tx<'c>,
    engine: Engine,
    newer: Option<NewerStore>,
    now: Timestamp,
    done: Accepted,
}

impl Accepting<'_, '_> {
    fn users(&mut self) -> Result<(), WriteError<NotAccepted>> {
        let mut users = Vec::new();
        StoredUser::for_each(self.tx, |user| users.push(user))?;
        for user in users {
            self.tokens_of(&user)?;
            let newer = match &self.newer {
                Some(newer) => newer.user(&user.org_id, &user.user_id)?,
                None => None,
            };
            let (deactivate, demote) = fate_of_user(user.role, newer);
            let named =
                NamedUser { user_id: user.user_id.clone(), user_name: user.user_name.clone() };
            if demote {
                self.tx.set_user_role(user.user_seq, Role::User)?;
                let (old_role, new_role) = (user.role, Role::User);
                let kind = EventKind::UserRoleChanged { user: named.clone(), old_role, new_role };
                self.tell(&user.org_id, kind)?;
                self.done.n_demoted_users += 1;
            }
            if deactivate && user.active {
                self.tx.set_user_active(user.user_seq, false)?;
                self.tell(&user.org_id, EventKind::UserDeactivated(named))?;
                self.done.n_deactivated_users += 1;
            }
        }
        Ok(())
    }

    fn tokens_of(&mut self, user: &StoredUser) -> Result<(), WriteError<NotAccepted>> {
        let (org_id, user_id) = (user.org_id.clone(), user.user_id.clone());
        let owner = Owner { org_id, user_id, user_name: user.user_name.clone() };
        let mut to_revoke = Vec::new();
        for stored in StoredToken::active(self.tx, user.user_seq, self.now)? {
            let newer = match &self.newer {
                Some(newer) => newer.token(&stored.digest)?,
                None => None,
            };
            match fate_of_token(&stored.token, newer, self.now) {
                Fate::Stays => continue,
                Fate::EndsAt(end) => {
                    self.shorten(&stored, &owner, end)?;
                    continue;
                }
                Fate::Ended => self.done.n_ended_tokens += 1,
                Fate::Unproven => self.done.n_unproven_tokens += 1,
            }
            to_revoke.push(stored);
        }
        for part in to_revoke.chunks(TOKENS_PER_QUESTION) {
            self.revoke(part, &owner)?;
        }
        Ok(())
    }

    fn shorten(
        &mut self,
        stored: &StoredToken,
        owner: &Owner,
        end: Timestamp,
    ) -> Result<(), WriteError<NotAccepted>> {
        let token = Token { expires_at: Some(end), ..stored.token.clone() };
        let kind = EventKind::TokenExpiryChanged {
            old_expires_at: stored.token.expires_at,
            new_expires_at: token.expires_at,
        };
        let event = EventDraft::about_token(&token, owner, Actor::Operator, kind, self.now);
        self.tx.update_token(stored.token_seq, &token)?;
        self.tx.append((&event).into())?;
        self.done.n_shortened_tokens += 1;
        Ok(())
    }

    fn revoke(
        &mut self,
        stored: &[StoredToken],
        owner: &Owner,
    ) -> Result<(), WriteError<NotAccepted>> {
        let input = RevokeTokensInput {
            tokens: stored.iter().map(|stored| (&stored.token).into()).collect(),
            owner: OwnerRecord::from(owner),
            cause: Cause::Rollback.into(),
            now: self.now,
        };
        let answer: RevokeTokensAnswer =
            ask(&self.engine, Verb::RevokeTokens, &input).map_err(refused)?;
        let unreadable = |what: &str| refused(EngineError::Unreadable(what.to_owned()));
        // Each of them was active: an answer with fewer would leave one alive.
        if answer.revoked.len() != stored.len() {
            return Err(unreadable("an active token that was not revoked"));
        }
        for (stored, revoked) in stored.iter().zip(answer.revoked) {
            let token = Token::try_from(revoked.token).map_err(|_| unreadable("token"))?;
            if token.token_id != stored.token.token_id {
                return Err(unreadable("a revoked token that was not asked about"));
            }
            self.tx.update_token(stored.token_seq, &token)?;
            self.tx.append(revoked.event)?;
        }
        Ok(())
    }

    fn keys(&mut self) -> Result<(), WriteError<NotAccepted>> {
        for stored in StoredService::all(self.tx)? {
            if stored.revoked_at.is_some() {
                continue;
            }
            let newer = match &self.newer {
                Some(newer) => newer.key_is_live(&stored.digest)?,
                None => None,
            };
            match fate_of_key(newer) {
                Fate::Stays | Fate::EndsAt(_) => continue,
                Fate::Ended => self.done.n_ended_keys += 1,
                Fate::Unproven => self.done.n_unproven_keys += 1,
            }
            self.tx.revoke_service(stored.service_seq, self.now)?;
            self.tell(&stored.org_id, revocation_of(&stored))?;
        }
        Ok(())
    }

    fn tell(&mut self, org_id: &OrgId, kind: EventKind) -> Result<(), WriteError<NotAccepted>> {
        let event = EventDraft::about_organization(org_id.clone(), Actor::Operator, kind, self.now);
        self.tx.append((&event).into())?;
        Ok(())
    }
}

impl Accepted {
    /// How many tokens and keys are revoked now.
    #[must_use]
    pub const fn n_revoked(&self) -> (u64, u64) {
        let n_tokens = self.n_ended_tokens + self.n_unproven_tokens;
        (n_tokens, self.n_ended_keys + self.n_unproven_keys)
    }
}

#[cfg(test)]
mod tests;
