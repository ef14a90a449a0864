//! A user looks at the uses of own tokens: per UTC day, over the last 28.

use std::sync::Arc;

use exportgate_core::id::TokenId;

use super::Failure;
use crate::{
    app::App,
    directory::User,
    store::{
        StoredToken,
        uses::{Days, of_token},
    },
};

/// The uses of one of `user`'s own tokens, open minutes included.
///
/// # Errors
/// `token.not_found`, or a failure of the store.
pub async fn show_uses(app: &App, user: &Arc<User>, token_id: TokenId) -> Result<Days, Failure> {
    let (now, user_seq) = (app.clock.now(), user.user_seq);
    let found = app.store.read(move |connection| {
        let Some(stored) = StoredToken::find(connection, user_seq, &token_id)? else {
            return Ok(None);
        };
        Ok(Some((stored.token_seq, of_token(connection, stored.token_seq, now)?)))
    });
    let (token_seq, days) = found.await?.ok_or_else(Failure::token_not_found)?;
    Ok(app.uses.with_open(token_seq, days))
}
