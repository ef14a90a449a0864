//! A user renames an own token.

use std::sync::Arc;

use exportgate_core::{
    id::TokenId,
    token::Token,
    wire::{RenameTokenAnswer, RenameTokenInput, TokenView, Verb},
};

use super::{Failure, ask, list_tokens::view};
use crate::{
    app::{App, owner_record},
    directory::User,
    engine::EngineError,
    index::LiveToken,
    store::{StoredToken, WriteError},
};

/// Gives one of `user`'s own tokens another label.
///
/// # Errors
/// `token.not_found`, the label's mistakes, or a failure of store or engine.
pub async fn rename_token(
    app: &App,
    user: &Arc<User>,
    token_id: TokenId,
    label: String,
) -> Result<TokenView, Failure> {
    let (user, engine, clock) = (Arc::clone(user), app.engine.clone(), app.clock.clone());
    let (index, uses) = (Arc::clone(&app.index), Arc::clone(&app.uses));
    let renamed = app.store.write(move |tx| {
        let now = clock.now();
        let mut stored = StoredToken::find(tx, user.user_seq, &token_id)?
            .ok_or_else(Failure::token_not_found)?;
        let input = RenameTokenInput {
            token: (&stored.token).into(),
            owner: owner_record(&user),
            label,
            now,
        };
        let renamed = match ask(&engine, Verb::RenameToken, &input)? {
            RenameTokenAnswer::Renamed(renamed) => *renamed,
            RenameTokenAnswer::Refused(refused) => {
                return Err(WriteError::Refused(Failure::Mistakes(refused.errors)));
            }
        };
        if let Some(event) = renamed.event {
            stored.token = Token::try_from(renamed.token)
                .map_err(|error| EngineError::Unreadable(error.to_string()))?;
            tx.update_token(stored.token_seq, &stored.token)?;
            tx.append(event)?;
            let (digest, live) = (stored.digest, LiveToken::new(&stored, user));
            tx.after_commit(move || index.put(&digest, &live));
        }
        Ok(view(&stored, &uses, now))
    });
    Ok(renamed.await?)
}
