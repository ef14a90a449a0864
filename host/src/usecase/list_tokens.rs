//! A user looks at own tokens.

use std::{collections::HashMap, sync::Arc};

use exportgate_core::{id::TokenId, token::Status, wire::TokenView};

use super::Failure;
use crate::{
    app::App,
    directory::User,
    store::{
        StoreError, StoredToken, TokenFilter, TokenPage,
        uses::{Days, of_tokens},
    },
    uses::Uses,
};

/// A page of a user's tokens as people and programs see it.
pub struct ListedTokens {
    /// Newest first, each with its uses of the last 28 days where they were asked for.
    pub items: Vec<(TokenView, Option<Days>)>,
    /// The row before which the next page begins; none on the last page.
    pub next_before_seq: Option<i64>,
    /// How many of the user's tokens are active, filtered or not.
    pub n_active: u32,
}

/// Lists `user`'s own tokens, with their uses where `with_uses` says so.
///
/// # Errors
/// A failure of the store.
pub async fn list_tokens(
    app: &App,
    user: &Arc<User>,
    filter: TokenFilter,
    with_uses: bool,
) -> Result<ListedTokens, Failure> {
    let (now, user_seq) = (app.clock.now(), user.user_seq);
    let read = app.store.read(move |connection| {
        let page = TokenPage::read(connection, user_seq, &filter, now)?;
        let days = if with_uses {
            of_tokens(connection, page.tokens.iter().map(|stored| stored.token_seq), now)?
        } else {
            HashMap::new()
        };
        Ok::<_, StoreError>((page, days))
    });
    let (page, mut days) = read.await?;
    if with_uses {
        add_open(&app.uses, &mut days);
    }
    let last_seq = page.tokens.last().map(|stored| stored.token_seq);
    let item =
        |stored: &StoredToken| (view(stored, &app.uses, now), days.remove(&stored.token_seq));
    Ok(ListedTokens {
        items: page.tokens.iter().map(item).collect(),
        next_before_seq: last_seq.filter(|_| page.more),
        n_active: page.n_active,
    })
}

/// Adds the uses of open minutes to those of some tokens.
fn add_open(uses: &Uses, days: &mut HashMap<i64, Days>) {
    uses.for_each_open(|token, day, uses| {
        if let Some(days) = days.get_mut(&token.token_seq) {
            days.add(day, uses);
        }
    });
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
