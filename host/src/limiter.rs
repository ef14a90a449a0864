//! Counts failed sign-ins and failed service authentications per client address.

use std::{
    net::{IpAddr, Ipv6Addr},
    num::NonZeroU32,
};

use governor::{
    DefaultKeyedRateLimiter, Quota, RateLimiter, clock::Clock as _, clock::DefaultClock,
};

/// So many failures at once are a person or a wrong configuration.
const BURST: NonZeroU32 = NonZeroU32::new(20).unwrap();
/// From then on, so many failures a minute are answered as such.
const PER_MINUTE: NonZeroU32 = NonZeroU32::new(20).unwrap();

/// Slows down whoever guesses. Only failures count, and only failures are refused: whoever holds
/// a good credential is let in from every address, since many Power BI users share one.
pub struct Limiter(DefaultKeyedRateLimiter<IpAddr>);

/// Too many failures from this address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limited {
    /// In so many seconds the next failure is answered as such.
    pub retry_after_secs: u64,
}

impl Default for Limiter {
    fn default() -> Self {
        Self(RateLimiter::keyed(Quota::per_minute(PER_MINUTE).allow_burst(BURST)))
    }
}

impl Limiter {
    /// Notes a failure.
    ///
    /// # Errors
    /// [`Limited`] when this address had too many of them.
    pub fn failure(&self, address: Option<IpAddr>) -> Result<(), Limited> {
        // On the local socket there is no address, and its owner has nothing to guess.
        let Some(address) = address else { return Ok(()) };
        self.0.check_key(&subject(address)).map_err(|not_until| {
            let wait = not_until.wait_time_from(DefaultClock::default().now());
            Limited { retry_after_secs: wait.as_secs().saturating_add(1) }
        })
    }

    /// Forgets addresses that have been quiet long enough.
    pub fn forget_quiet(&self) {
        self.0.retain_recent();
        self.0.shrink_to_fit();
    }
}

/// One subscriber has a whole /64 of IPv6 addresses.
fn subject(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => IpAddr::V4(address),
        IpAddr::V6(address) => {
            IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_are_limited_for_each_subscriber_alone() {
        let limiter = Limiter::default();
        let address = |text: &str| Some(text.parse().unwrap());
        for _ in 0..BURST.get() {
            assert_eq!(limiter.failure(address("2001:db8::1")), Ok(()));
        }
        let limited = limiter.failure(address("2001:db8::2")).unwrap_err();
        assert!((1..=60).contains(&limited.retry_after_secs), "{limited:?}");
        assert_eq!(limiter.failure(address("2001:db8:0:1::1")), Ok(()));
        assert_eq!(limiter.failure(address("192.0.2.1")), Ok(()));
        assert_eq!(limiter.failure(None), Ok(()));
    }
}
