//! A user looks at own tokens.

use std::sync::Arc;

use exportgate_core::{id::TokenId, token::Status, wire::TokenView};

use super::Failure;
use crate::{
    app::App,
    directory::User,
    store::{StoredToken, TokenFilter, TokenPage},
    uses::Uses,
};

/// A page of a user's tokens as people and programs see it.
pub struct ListedTokens {
    /// Newest first.
    pub items: Vec<TokenView>,
    /// The row before which the next page begins; none on the last page.
    pub next_before_seq: Option<i64>,
    /// How many of the user's tokens are active, filtered or not.
    pub n_active: u32,
}

/// Lists `user`'s own tokens.
///
/// # Errors
/// A failure of the store.
pub async fn list_tokens(
    app: &App,
    user: &Arc<User>,
    filter: TokenFilter,
) -> Result<ListedTokens, Failure> {
    let (now, user_seq) = (app.clock.now(), user.user_seq);
    let page = app
        .store
        .read(move |connection| TokenPage::read(connection, user_seq, &filter, now))
        .await?;
    let last_seq = page.tokens.last().map(|stored| stored.token_seq);
    Ok(ListedTokens {
        items: page.tokens.iter().map(|stored| view(stored, &app.uses, now)).collect(),
        next_before_seq: last_seq.filter(|_| page.more),
        n_active: page.n_active,
    })
}

/// One of `user`'s own tokens.
///
/// # Errors
/// `token.not_found`, or a failure of the store.
pub async fn get_token(
    app: &App,
    user: &Arc<User>,
    token_id: TokenId,
) -> Result<TokenView, Failure> {
    let (now, user_seq) = (app.clock.now(), user.user_seq);
    let stored = app
        .store
        .read(move |connection| StoredToken::find(connection, user_seq, &token_id))
        .await?
        .ok_or_else(Failure::token_not_found)?;
    Ok(view(&stored, &app.uses, now))
}

/// Reads the status of a list's filter.
///
/// # Errors
/// `request.malformed`.
pub fn parse_status(text: &str) -> Result<Status, String> {
    Status::parse(text).ok_or_else(|| "`status` is `active`, `expired` or `revoked`".to_owned())
}

/// A stored token with the use that open minutes know of.
pub(super) fn view(
    stored: &StoredToken,
    uses: &Uses,
    now: exportgate_core::time::Timestamp,
) -> TokenView {
    let last_used_at = stored.last_used_at.max(uses.last_allowed_at(stored.token_seq));
    TokenView::at(&stored.token, last_used_at, now)
}
