//! One sign-in that began in one browser and may end there.
//!
//! The browser holds a random text and the instant, in a cookie; state, nonce and PKCE verifier
//! are derived from them. So the host keeps nothing of a sign-in that nobody finishes, and what
//! comes back fits one browser, one provider and ten minutes, or nothing.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use exportgate_core::time::Timestamp;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use crate::{entropy::NoEntropy, session::Ticket};

/// The cookie of a sign-in. Not `Strict`: it has to come along when the provider sends the browser
/// back.
pub const SIGN_IN_COOKIE: &str = "__Host-exportgate-sign-in";
/// A sign-in takes at most so many seconds.
pub const SIGN_IN_SECS: i64 = 10 * 60;

/// A sign-in under way.
pub struct Attempt {
    began_at: i64,
    ticket: String,
    /// Which provider it is for.
    provider: String,
}

impl Attempt {
    /// Begins one.
    ///
    /// # Errors
    /// When the operating system gives no random bytes.
    pub fn begin(provider: &str, now: Timestamp) -> Result<Self, NoEntropy> {
        let ticket = Ticket::generate()?.expose().to_owned();
        Ok(Self { began_at: now.unix_seconds(), ticket, provider: provider.to_owned() })
    }

    /// Finds the one that a browser's cookie stands for, if its time is not over.
    #[must_use]
    pub fn resume(cookie: &str, provider: &str, now: Timestamp) -> Option<Self> {
        let (began_at, ticket) = cookie.split_once('.')?;
        let began_at: i64 = began_at.parse().ok()?;
        let age = now.unix_seconds().checked_sub(began_at)?;
        let is_whole = ticket.len() == Ticket::CHARACTERS;
        (is_whole && (0..SIGN_IN_SECS).contains(&age)).then(|| Self {
            began_at,
            ticket: ticket.to_owned(),
            provider: provider.to_owned(),
        })
    }

    /// What the browser keeps.
    #[must_use]
    pub fn cookie(&self) -> String {
        format!("{}.{}", self.began_at, self.ticket)
    }

    /// `state` (RFC 6749 section 10.12).
    #[must_use]
    pub fn state(&self) -> String {
        self.derived("state")
    }

    /// `nonce` (OpenID Connect Core 1.0 section 15.5.2).
    #[must_use]
    pub fn nonce(&self) -> String {
        self.derived("nonce")
    }

    /// The code verifier (RFC 7636 section 4.1).
    #[must_use]
    pub fn verifier(&self) -> String {
        self.derived("code_verifier")
    }

    /// Keyed with the random text; whoever sees one of them learns none of the others.
    fn derived(&self, purpose: &str) -> String {
        // Zeros fill it up to a block, as HMAC itself would (RFC 2104 section 2).
        let mut key = hmac::digest::Key::<Hmac<Sha256>>::default();
        key.iter_mut().zip(self.ticket.bytes()).for_each(|(place, byte)| *place = byte);
        let mut mac = Hmac::<Sha256>::new(&key);
        mac.update(format!("{purpose}\n{}\n{}", self.began_at, self.provider).as_bytes());
        URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_unix_seconds(seconds).unwrap()
    }

    #[test]
    fn an_attempt_fits_one_cookie_one_provider_and_ten_minutes() {
        let attempt = Attempt::begin("a", at(1000)).unwrap();
        let cookie = attempt.cookie();
        let resumed = |cookie: &str, provider: &str, now| {
            Attempt::resume(cookie, provider, at(now)).map(|attempt| attempt.state())
        };
        assert_eq!(resumed(&cookie, "a", 1000), Some(attempt.state()));
        assert_eq!(resumed(&cookie, "a", 1599), Some(attempt.state()));
        assert_eq!(resumed(&cookie, "a", 1600), None);
        assert_eq!(resumed(&cookie, "a", 999), None);
        assert_ne!(resumed(&cookie, "b", 1000), Some(attempt.state()));
        // Whoever makes it younger makes another one of it.
        assert_ne!(resumed(&cookie.replace("1000", "1001"), "a", 1100), Some(attempt.state()));
        for garbage in ["", ".", "x.y", "1000", "99999999999999999999.x"] {
            assert_eq!(resumed(garbage, "a", 1000), None, "{garbage}");
        }
    }

    #[test]
    fn state_nonce_and_verifier_are_unlike() {
        let attempt = Attempt::begin("a", at(1000)).unwrap();
        let derived = [attempt.state(), attempt.nonce(), attempt.verifier()];
        for (place, one) in derived.iter().enumerate() {
            // RFC 7636: 43 to 128 characters.
            assert_eq!(one.len(), 43);
            assert!(!derived[..place].contains(one));
            assert!(!attempt.cookie().contains(one));
        }
    }
}
