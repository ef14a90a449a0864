//! An organization's policy, and its judgement of a new token's expiry (DOMAIN section 4).

use alloc::{borrow::ToOwned as _, format, string::String, vec::Vec};

use crate::{
    code::{Code, Mistake},
    time::{Timestamp, end_of_day},
};

/// The longest maximum expiry period, in days.
pub const MAXIMUM_EXPIRY_DAYS: u32 = 3650;
/// The highest number of active tokens per user that can be set.
pub const MAXIMUM_ACTIVE_TOKENS: u32 = 1000;
/// How many active tokens a user may have where nobody decided.
pub const DEFAULT_ACTIVE_TOKENS: u32 = 25;

/// The rules for new tokens of one organization. Only [`Policy::new`] makes one, so its numbers
/// are within their ranges.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    maximum_expiry_days: Option<u32>,
    automatic_expiration: bool,
    maximum_active_tokens: Option<u32>,
}

impl Default for Policy {
    /// No maximum expiry period, no automatic expiration, 25 active tokens per user.
    fn default() -> Self {
        Self {
            maximum_expiry_days: None,
            automatic_expiration: false,
            maximum_active_tokens: Some(DEFAULT_ACTIVE_TOKENS),
        }
    }
}

impl Policy {
    /// A policy from its three settings.
    ///
    /// # Errors
    /// All mistakes at once: [`Code::PolicyMaximumOutOfRange`] unless the maximum expiry period is
    /// 1 to 3650 days and the number of active tokens 1 to 1000;
    /// [`Code::PolicyMaximumRequired`] for automatic expiration without a maximum.
    pub fn new(
        maximum_expiry_days: Option<i64>,
        automatic_expiration: bool,
        maximum_active_tokens: Option<i64>,
    ) -> Result<Self, Vec<Mistake>> {
        let mut mistakes = Vec::new();
        let mut within = |value: Option<i64>, highest: u32, pointer, what| {
            let value = value?;
            let good = u32::try_from(value).ok().filter(|n| (1..=highest).contains(n));
            if good.is_none() {
                let detail = format!("{what} is {value}; allowed are 1 to {highest}, or none");
                mistakes.push(Mistake::new(pointer, Code::PolicyMaximumOutOfRange, detail));
            }
            good
        };
        let days = within(
            maximum_expiry_days,
            MAXIMUM_EXPIRY_DAYS,
            "/maximum_expiry_days",
            "the maximum expiry period in days",
        );
        let active = within(
            maximum_active_tokens,
            MAXIMUM_ACTIVE_TOKENS,
            "/maximum_active_tokens",
            "the number of active tokens per user",
        );
        if automatic_expiration && maximum_expiry_days.is_none() {
            mistakes.push(Mistake::new(
                "/automatic_expiration",
                Code::PolicyMaximumRequired,
                "automatic expiration needs a maximum expiry period",
            ));
        }
        if mistakes.is_empty() {
            let maximum_active_tokens = active;
            Ok(Self { maximum_expiry_days: days, automatic_expiration, maximum_active_tokens })
        } else {
            Err(mistakes)
        }
    }

    /// No new token may expire more than so many UTC days after its creation, 1 to 3650.
    #[must_use]
    pub const fn maximum_expiry_days(&self) -> Option<u32> {
        self.maximum_expiry_days
    }

    /// Whether a token that is created without a date expires at the latest allowed instant.
    #[must_use]
    pub const fn automatic_expiration(&self) -> bool {
        self.automatic_expiration
    }

    /// How many active tokens a user may have, 1 to 1000.
    #[must_use]
    pub const fn maximum_active_tokens(&self) -> Option<u32> {
        self.maximum_active_tokens
    }

    /// The latest instant at which a token created at `created_at` may expire: 00:00 UTC of the
    /// day after (UTC date of creation + maximum days). `None`: there is no maximum.
    #[must_use]
    pub fn latest_allowed(&self, created_at: Timestamp) -> Option<Timestamp> {
        // The day of creation does not count, and the last day counts whole.
        self.maximum_expiry_days.map(|days| created_at.midnight_after_days(days + 1))
    }

    /// What the policy means for new tokens, in sentences for people.
    #[must_use]
    pub fn meaning(&self) -> String {
        let expiry = match (self.maximum_expiry_days, self.automatic_expiration) {
            (None, _) => "New tokens may expire at any date, or never.".to_owned(),
            (Some(days), true) => format!(
                "New tokens expire at the latest {} after the day of their creation. Without a \
                 date they expire then.",
                count(days, "day")
            ),
            (Some(days), false) => format!(
                "New tokens with a date expire at the latest {} after the day of their creation. \
                 Without a date they do not expire.",
                count(days, "day")
            ),
        };
        let active = match self.maximum_active_tokens {
            None => "A user may have any number of active tokens.".to_owned(),
            Some(n) => format!("A user may have at most {}.", count(n, "active token")),
        };
        format!("{expiry} {active}")
    }

    /// When a token created `now` with this wish will expire.
    ///
    /// # Errors
    /// [`Code::ExpiryMalformed`], [`Code::ExpiryInThePast`], or [`Code::ExpiryBeyondMaximum`]
    /// with the latest allowed instant. A wish is never shortened silently.
    pub fn judge_expiry(
        &self,
        wish: ExpiryWish<'_>,
        now: Timestamp,
    ) -> Result<Option<Timestamp>, Mistake> {
        let latest_allowed = self.latest_allowed(now);
        let Some((pointer, wished)) = wish.read()? else {
            return Ok(latest_allowed.filter(|_| self.automatic_expiration));
        };
        if wished <= now {
            let detail = format!("the expiry {wished} does not lie after now, {now}");
            return Err(Mistake::new(pointer, Code::ExpiryInThePast, detail));
        }
        match latest_allowed {
            Some(latest) if wished > latest => Err(Mistake {
                latest_allowed,
                ..Mistake::new(
                    pointer,
                    Code::ExpiryBeyondMaximum,
                    format!("the expiry {wished} lies beyond the latest allowed instant, {latest}"),
                )
            }),
            _ => Ok(Some(wished)),
        }
    }
}

/// A number with its noun, as in `1 day`, `2 days`.
pub(crate) fn count(n: u32, noun: &str) -> String {
    if n == 1 { format!("1 {noun}") } else { format!("{n} {noun}s") }
}

/// A policy with its place in the row of an organization's policies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VersionedPolicy {
    /// The rules.
    pub policy: Policy,
    /// Grows by one at each change; 1 is what an organization begins with.
    pub version: u64,
}

impl Default for VersionedPolicy {
    /// What an organization begins with.
    fn default() -> Self {
        Self { policy: Policy::default(), version: 1 }
    }
}

/// What a user asked for as the expiry of a new token, as it was written.
#[derive(Clone, Copy, Debug, Default)]
pub struct ExpiryWish<'a> {
    /// An instant, RFC 3339.
    pub expires_at: Option<&'a str>,
    /// A date, `YYYY-MM-DD`: the end of that UTC day.
    pub expires_on: Option<&'a str>,
}

impl ExpiryWish<'_> {
    fn read(self) -> Result<Option<(&'static str, Timestamp)>, Mistake> {
        let malformed = |pointer, detail| Mistake::new(pointer, Code::ExpiryMalformed, detail);
        match (self.expires_at, self.expires_on) {
            (None, None) => Ok(None),
            (Some(_), Some(_)) => {
                let detail = "give either an instant in `expires_at` or a date in `expires_on`";
                Err(malformed("/expires_on", detail))
            }
            (Some(instant), None) => match Timestamp::parse(instant) {
                Ok(instant) => Ok(Some(("/expires_at", instant))),
                Err(_) => {
                    let detail = "not an instant like `2027-03-31T12:00:00Z` that exists";
                    Err(malformed("/expires_at", detail))
                }
            },
            (None, Some(date)) => match end_of_day(date) {
                Ok(instant) => Ok(Some(("/expires_on", instant))),
                Err(_) => {
                    let detail = "not a date like `2027-03-31` that exists and lies before \
                                  `9999-12-31`; a token that shall not expire has no date";
                    Err(malformed("/expires_on", detail))
                }
            },
        }
    }
}
