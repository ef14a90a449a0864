//! A user looks at the uses of own tokens: per UTC day, over the last 28.

use std::sync::Arc;

use exportgate_core::{id::TokenId, time::Timestamp};

use super::Failure;
use crate::{
    app::App,
    directory::User,
    store::{
        StoredToken,
        uses::{DAYS_SHOWN, UsesOfDay, first_day_shown, of_token, start_of_day},
    },
};

/// The uses of one token.
pub struct ShownUses {
    /// 00:00 UTC of each day with its uses, oldest first.
    pub days: Vec<(Timestamp, UsesOfDay)>,
}

/// The uses of one of `user`'s own tokens, open minutes included.
///
/// # Errors
/// `token.not_found`, or a failure of the store.
pub async fn show_uses(
    app: &App,
    user: &Arc<User>,
    token_id: TokenId,
) -> Result<ShownUses, Failure> {
    let (now, user_seq) = (app.clock.now(), user.user_seq);
    let found = app.store.read(move |connection| {
        let Some(stored) = StoredToken::find(connection, user_seq, &token_id)? else {
            return Ok(None);
        };
        Ok(Some((stored.token_seq, of_token(connection, stored.token_seq, now)?)))
    });
    let (token_seq, days) = found.await?.ok_or_else(Failure::token_not_found)?;
    Ok(shown(app, token_seq, days, now))
}

/// Stored uses with those of open minutes.
pub(super) fn shown(
    app: &App,
    token_seq: i64,
    mut days: [UsesOfDay; DAYS_SHOWN],
    now: Timestamp,
) -> ShownUses {
    let first = first_day_shown(now);
    for (day, open) in app.uses.open_uses(token_seq) {
        let place = usize::try_from(day - first).ok();
        if let Some(day) = place.and_then(|place| days.get_mut(place)) {
            day.n_allowed += open.n_allowed;
            day.n_denied += open.n_denied;
        }
    }
    let days = (first..).map(start_of_day).zip(days).collect();
    ShownUses { days }
}
