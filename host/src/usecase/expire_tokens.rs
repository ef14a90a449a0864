//! The history tells, once, that a token's time was over.

use std::sync::Arc;

use exportgate_core::{
    time::Timestamp,
    token::Status,
    wire::{ExpireTokensAnswer, ExpireTokensInput, OwnedTokenRecord, OwnerRecord, Verb},
};

use super::{Failure, TOKENS_PER_QUESTION, ask, live_tokens::with_owners};
use crate::{
    app::{App, owner_record},
    engine::Engine,
    store::{StoredToken, Tx, WriteError},
};

/// Tells of every token whose time is over by now.
///
/// # Errors
/// A failure of store or engine; what was not told is told the next time.
pub async fn expire_tokens(app: &App) -> Result<(), Failure> {
    loop {
        let now = app.clock.now();
        // Mostly there is none, and a look costs no commit.
        let found =
            app.store.read(move |connection| StoredToken::to_expire(connection, now, 1)).await?;
        if found.is_empty() {
            return Ok(());
        }
        let (engine, directory) = (app.engine.clone(), Arc::clone(&app.directory));
        app.store
            .write(move |tx| {
                let stored = StoredToken::to_expire(tx, now, TOKENS_PER_QUESTION)?;
                let owned = with_owners(&directory, stored)?;
                let over = owned.iter().map(|(stored, user)| (stored, owner_record(user)));
                tell_expiries(tx, &engine, over.collect(), now)
            })
            .await?;
    }
}

/// Whether a stored token's time was over and the history has not told it.
pub(super) fn is_over(stored: &StoredToken, now: Timestamp) -> bool {
    !stored.expiry_told && stored.token.status(now) == Status::Expired
}

/// Appends `token.expired` for each of these tokens, and remembers that.
pub(super) fn tell_expiries(
    tx: &mut Tx<'_>,
    engine: &Engine,
    over: Vec<(&StoredToken, OwnerRecord)>,
    now: Timestamp,
) -> Result<(), WriteError<Failure>> {
    if over.is_empty() {
        return Ok(());
    }
    let tokens = over
        .iter()
        .map(|(stored, owner)| OwnedTokenRecord {
            token: (&stored.token).into(),
            owner: owner.clone(),
        })
        .collect();
    let input = ExpireTokensInput { tokens, now };
    let answer: ExpireTokensAnswer = ask(engine, Verb::ExpireTokens, &input)?;
    for event in answer.expired {
        let told =
            over.iter().find(|(stored, _)| Some(&stored.token.token_id) == event.token_id.as_ref());
        if let Some((stored, _)) = told {
            tx.set_expiry_told(stored.token_seq)?;
        }
        tx.append(event)?;
    }
    Ok(())
}
