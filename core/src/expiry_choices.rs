//! The expiries that are offered for a new token: a few periods, the maximum, and none.

use alloc::{format, string::String, vec::Vec};

use crate::{
    policy::{ExpiryWish, Policy},
    time::Timestamp,
};

const SECONDS_PER_DAY: i64 = 86_400;

/// Which of the offers one is; pages have their words for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChoiceKey {
    /// A week.
    Days7,
    /// A month.
    Days30,
    /// A quarter.
    Days90,
    /// As long as the policy allows.
    Maximum,
    /// No expiry.
    Never,
}

/// An expiry that the policy allows now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// Which one it is.
    pub key: ChoiceKey,
    /// So many UTC days after today; `None`: no expiry.
    pub n_days: Option<u32>,
    /// The first instant at which the token would no longer be valid; `None`: no expiry.
    pub expires_at: Option<Timestamp>,
}

impl Choice {
    /// The last UTC day on which the token would be valid, as in `2027-03-31`.
    #[must_use]
    pub fn last_day(&self) -> Option<String> {
        self.expires_at.map(|end| end.saturating_add_secs(-1).date_text())
    }
}

/// What may be chosen for a token that is created `now`, the earliest end first and no end last.
///
/// Each offer is judged by [`Policy::judge_expiry`] as the token's creation will be, so an offer
/// is never refused. A period that is as long as the maximum is offered as the maximum.
#[must_use]
pub fn expiry_choices(policy: &Policy, now: Timestamp) -> Vec<Choice> {
    let maximum = policy.maximum_expiry_days();
    let periods = [(ChoiceKey::Days7, 7), (ChoiceKey::Days30, 30), (ChoiceKey::Days90, 90)];
    let mut choices: Vec<Choice> = periods
        .into_iter()
        .filter(|(_, n_days)| maximum.is_none_or(|maximum| *n_days < maximum))
        // Shortly before the year 10000 the end can no longer be written.
        .filter(|(_, n_days)| lasts(end(now, *n_days), *n_days, now))
        .chain(maximum.map(|n_days| (ChoiceKey::Maximum, n_days)))
        .map(|(key, n_days)| Choice {
            key,
            n_days: Some(n_days),
            expires_at: Some(end(now, n_days)),
        })
        .collect();
    choices.push(Choice { key: ChoiceKey::Never, n_days: None, expires_at: None });
    choices.retain(|choice| {
        let wish = choice.expires_at.map(|instant| format!("{instant}"));
        let wish = ExpiryWish { expires_at: wish.as_deref(), expires_on: None };
        // Automatic expiration gives an end to a token without one: then none is not offered.
        policy.judge_expiry(wish, now).is_ok_and(|expires_at| expires_at == choice.expires_at)
    });
    choices
}

/// The end of the UTC day that is `n_days` after today (DOMAIN section 4).
fn end(now: Timestamp, n_days: u32) -> Timestamp {
    now.midnight_after_days(n_days + 1)
}

fn lasts(end: Timestamp, n_days: u32, now: Timestamp) -> bool {
    end.unix_seconds() - now.unix_seconds() >= i64::from(n_days) * SECONDS_PER_DAY
}
