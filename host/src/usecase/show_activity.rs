//! Exports per UTC day are added up: a user's own, or all of the organization.

use exportgate_core::{code::Code, id::TOKEN_ID_LENGTH};

use super::{Failure, read_history::Question};
use crate::{
    app::App,
    store::uses::{DAYS_SHOWN, Days, add_stored, day_of, last_day_before},
};

/// The longest period: a leap year.
const MAXIMUM_DAYS: i64 = 366;

/// The exports of each day of the period that `question` asks for, open minutes included: from the
/// day of its first instant to the day of its last one, both whole. Gathered uses that the history
/// no longer holds (`keep_days`) count all the same, since the sums per day are kept.
///
/// # Errors
/// `request.malformed` for a period of more than 366 days, or a failure of the store.
pub async fn show_activity(app: &App, question: Question) -> Result<Days, Failure> {
    let Question { org_id, filter } = question;
    let last = filter.to.map_or_else(|| day_of(app.clock.now()), last_day_before);
    let first = filter.from.map_or(last - DAYS_SHOWN + 1, day_of);
    let n_days = last - first + 1;
    if n_days > MAXIMUM_DAYS {
        let detail = format!("`from` to `to` are {n_days} days; at most {MAXIMUM_DAYS} are shown");
        return Err(Failure::Refused(Code::RequestMalformed, detail));
    }
    let read = app.store.read(move |connection| {
        let mut days = Days::between(first, last);
        add_stored(connection, &org_id, &filter, &mut days)?;
        Ok((days, org_id, filter))
    });
    let (mut days, org_id, filter) = read.await?;
    let mut place = [0; TOKEN_ID_LENGTH];
    app.uses.for_each_open(|token, day, uses| {
        let owner = &token.user.owner();
        if owner.org_id == org_id
            && filter.user_id.as_deref().is_none_or(|id| id == owner.user_id.as_str())
            && filter.token_id.as_deref().is_none_or(|id| id == token.token_id.text(&mut place))
        {
            days.add(day, uses);
        }
    });
    Ok(days)
}
