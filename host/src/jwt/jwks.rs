//! A key set, fetched when it is needed.

use std::sync::Arc;

use jsonwebtoken::Algorithm;
use reqwest::Url;
use serde::Deserialize;

use super::{
    JwtError,
    keys::{Jwk, PublicKey},
};
use crate::outbound::{Document, Web};

/// The most keys of a set that are used.
const MAXIMUM_KEYS: usize = 100;

/// An issuer's key set. An unknown `kid` reads it again, within the bounds of [`Document`].
pub struct Jwks(Arc<Document<KeySet>>);

/// A set as it was read.
struct KeySet {
    keys: Vec<SetKey>,
    text: Vec<u8>,
}

struct SetKey {
    kid: Option<String>,
    algorithm: Option<String>,
    key: PublicKey,
}

#[derive(Deserialize)]
struct RawSet {
    keys: Vec<serde_json::Value>,
}

impl Jwks {
    /// Nothing is fetched before somebody needs a key.
    pub fn new(url: Url, web: Arc<Web>) -> Self {
        let read = |text: &[u8]| {
            let keys = read_set(text).ok_or("it is no key set")?;
            Ok(KeySet { keys, text: text.to_vec() })
        };
        Self(Arc::new(Document::new("an issuer's keys", url, web, read)))
    }

    /// Where it lies.
    #[must_use]
    pub fn url(&self) -> &Url {
        self.0.url()
    }

    /// The key for a signature.
    ///
    /// # Errors
    /// [`JwtError::KeyUnknown`], [`JwtError::KeysUnavailable`] or [`JwtError::AlgorithmWrong`].
    pub async fn find(
        &self,
        kid: Option<&str>,
        algorithm: Algorithm,
    ) -> Result<PublicKey, JwtError> {
        let n_attempts = self.0.n_attempts();
        match self.at_hand(kid, algorithm) {
            Ok((key, is_old)) => {
                if is_old {
                    drop(self.0.refreshing(n_attempts));
                }
                return Ok(key);
            }
            Err(JwtError::AlgorithmWrong) => return Err(JwtError::AlgorithmWrong),
            Err(_) => {}
        }
        let _ = self.0.refreshing(n_attempts).await;
        self.at_hand(kid, algorithm).map(|(key, _)| key)
    }

    /// The set as it was last read, for whoever reads it in another way.
    #[must_use]
    pub fn text(&self) -> Option<Vec<u8>> {
        self.0.at_hand().map(|found| found.value.text.clone())
    }

    fn at_hand(
        &self,
        kid: Option<&str>,
        algorithm: Algorithm,
    ) -> Result<(PublicKey, bool), JwtError> {
        let found = self.0.at_hand().ok_or(JwtError::KeysUnavailable)?;
        let set = &found.value.keys;
        // `Debug` writes the names of RFC 7518.
        let name = format!("{algorithm:?}");
        let fits = |key: &SetKey| {
            key.key.fits(algorithm) && key.algorithm.as_ref().is_none_or(|only| *only == name)
        };
        let key = match kid {
            Some(kid) => {
                let named: Vec<_> =
                    set.iter().filter(|key| key.kid.as_deref() == Some(kid)).collect();
                if named.is_empty() {
                    return Err(JwtError::KeyUnknown);
                }
                named.into_iter().find(|key| fits(key)).ok_or(JwtError::AlgorithmWrong)?
            }
            None => {
                let mut fitting = set.iter().filter(|key| fits(key));
                // Without a name the key must be the only one that is meant.
                match (fitting.next(), fitting.next()) {
                    (Some(only), None) => only,
                    _ => return Err(JwtError::KeyUnknown),
                }
            }
        };
        Ok((key.key.clone(), found.is_old))
    }
}

/// Keys of other kinds are passed over, as RFC 7517 section 5 asks for.
fn read_set(body: &[u8]) -> Option<Vec<SetKey>> {
    let set: RawSet = serde_json::from_slice(body).ok()?;
    let keys = set.keys.into_iter().filter_map(|key| {
        let jwk: Jwk = serde_json::from_value(key).ok()?;
        let key = jwk.public_key()?;
        Some(SetKey { algorithm: jwk.algorithm().map(str::to_owned), kid: jwk.kid, key })
    });
    Some(keys.take(MAXIMUM_KEYS).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_keeps_the_keys_that_can_be_used() {
        let point = "A".repeat(43);
        let set = serde_json::json!({ "keys": [
            { "kty": "OKP", "crv": "Ed25519", "x": point, "kid": "ed" },
            { "kty": "EC", "crv": "P-256", "x": point, "y": point, "alg": "ES256" },
            { "kty": "RSA", "n": "A".repeat(400), "e": "AQAB", "use": "sig", "kid": "../../x" },
            { "kty": "RSA", "n": "A".repeat(171), "e": "AQAB" },
            { "kty": "RSA", "n": "A".repeat(400), "e": "AQAB", "use": "enc" },
            { "kty": "EC", "crv": "P-384", "x": point, "y": point },
            { "kty": "oct", "k": "AAAA" },
            { "kty": 7 },
            "key",
        ]});
        let keys = read_set(set.to_string().as_bytes()).unwrap();
        let kids: Vec<_> = keys.iter().map(|key| key.kid.as_deref()).collect();
        assert_eq!(kids, [Some("ed"), None, Some("../../x")]);
        for garbage in ["", "[]", "{}", "{\"keys\": 1}", "<html>"] {
            assert!(read_set(garbage.as_bytes()).is_none(), "{garbage}");
        }
    }
}
