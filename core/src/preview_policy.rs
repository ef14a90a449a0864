//! Previewing a policy: what it would mean for existing tokens if it were applied now.
//!
//! A changed policy leaves existing tokens alone. Applying it to them is a step of its own
//! ([`crate::apply_policy`]) that asks the same function, [`new_expiry`], for the same facts: what
//! a preview shows is what an application does.

use alloc::{format, vec::Vec};
use core::cmp::{Ordering, Reverse};

use crate::{
    code::{Code, Mistake},
    id::TokenId,
    label::Label,
    policy::Policy,
    time::Timestamp,
    token::Status,
    user::NamedUser,
};

/// The longest notice period, in days.
pub const MAXIMUM_NOTICE_DAYS: u32 = 365;
/// The notice period where the administrator chooses none, in days.
pub const DEFAULT_NOTICE_DAYS: u32 = 7;
const SECONDS_PER_DAY: i64 = 86_400;

/// How many days have to pass before an applied policy ends any token: 0 to 365.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoticeDays(u32);

impl Default for NoticeDays {
    /// 7 days.
    fn default() -> Self {
        Self(DEFAULT_NOTICE_DAYS)
    }
}

impl NoticeDays {
    /// A notice period.
    ///
    /// # Errors
    /// [`Code::RequestMalformed`] unless it is 0 to 365 days.
    pub fn new(days: i64) -> Result<Self, Mistake> {
        let good = u32::try_from(days).ok().filter(|days| *days <= MAXIMUM_NOTICE_DAYS);
        good.map(Self).ok_or_else(|| {
            let detail = format!(
                "the notice period in days is {days}; allowed are 0 to {MAXIMUM_NOTICE_DAYS}"
            );
            Mistake::new("/notice_days", Code::RequestMalformed, detail)
        })
    }

    /// The number of days.
    #[must_use]
    pub const fn get(self) -> u32 {
        self.0
    }
}

/// The instants of a token that decide about its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Instants {
    /// When it was created.
    pub created_at: Timestamp,
    /// When it expires.
    pub expires_at: Option<Timestamp>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
}

/// The expiry that applying `policy` now would give an existing token; `None`: it keeps its own.
///
/// The new one is `latest_allowed` of the token's creation, but never earlier than the notice
/// period from now, and never later than its own. Only active tokens end earlier.
#[must_use]
pub fn new_expiry(
    policy: &Policy,
    notice: NoticeDays,
    token: Instants,
    now: Timestamp,
) -> Option<Timestamp> {
    if Status::at(now, token.revoked_at, token.expires_at) != Status::Active {
        return None;
    }
    let notice_end = now.saturating_add_secs(i64::from(notice.0) * SECONDS_PER_DAY);
    let new = policy.latest_allowed(token.created_at)?.max(notice_end);
    token.expires_at.is_none_or(|own| new < own).then_some(new)
}

/// An existing token, and what is known of its use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExistingToken {
    /// Names it.
    pub token_id: TokenId,
    /// By which its owner recognises it.
    pub label: Label,
    /// Whose it is.
    pub owner: NamedUser,
    /// Its instants.
    pub instants: Instants,
    /// When an export last ran with it.
    pub last_used_at: Option<Timestamp>,
    /// How many exports ran with it over the last 28 days.
    pub n_uses: u64,
}

/// An existing token that would end earlier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndsEarlier {
    /// The token as it is.
    pub token: ExistingToken,
    /// When it would end.
    pub new_expires_at: Timestamp,
}

/// Those of `tokens` that would end earlier, the one that was used most recently first: it is
/// where somebody would notice.
#[must_use]
pub fn ending_earlier(
    policy: &Policy,
    notice: NoticeDays,
    tokens: Vec<ExistingToken>,
    now: Timestamp,
) -> Vec<EndsEarlier> {
    let mut ending: Vec<EndsEarlier> = tokens
        .into_iter()
        .filter_map(|token| {
            let new_expires_at = new_expiry(policy, notice, token.instants, now)?;
            Some(EndsEarlier { token, new_expires_at })
        })
        .collect();
    ending.sort_by(|a, b| {
        most_recently_used_first(
            (a.token.last_used_at, &a.token.token_id),
            (b.token.last_used_at, &b.token.token_id),
        )
    });
    ending
}

/// The order of a preview: the token that was used most recently first, those never used last.
#[must_use]
pub fn most_recently_used_first(
    (a_used_at, a_id): (Option<Timestamp>, &TokenId),
    (b_used_at, b_id): (Option<Timestamp>, &TokenId),
) -> Ordering {
    Reverse(a_used_at).cmp(&Reverse(b_used_at)).then_with(|| a_id.cmp(b_id))
}
