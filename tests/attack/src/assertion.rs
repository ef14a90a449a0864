//! An issuer of signed assertions: its key, and what it signs.

use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::anyhow;
use base64::{
    Engine as _, engine::general_purpose::STANDARD, engine::general_purpose::URL_SAFE_NO_PAD,
};
use ring::rand::SystemRandom;
use ring::signature::{Ed25519KeyPair, KeyPair as _};
use serde_json::{Value, json};

/// What comes before the key in a public key of Ed25519 (RFC 8410).
const PREFIX: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

/// An issuer that the host trusts.
pub struct Issuer {
    key: Ed25519KeyPair,
    n_signed: u64,
}

impl Issuer {
    /// What it is called.
    pub const NAME: &str = "https://issuer.example.com";

    /// One with a new key.
    ///
    /// # Errors
    ///
    /// When no key can be made.
    pub fn new() -> anyhow::Result<Self> {
        let pkcs8 = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new());
        let pkcs8 = pkcs8.map_err(|_| anyhow!("no key"))?;
        let key = Ed25519KeyPair::from_pkcs8(pkcs8.as_ref()).map_err(|_| anyhow!("no key"))?;
        Ok(Self { key, n_signed: 0 })
    }

    /// Its public key in PEM.
    pub fn pem(&self) -> String {
        let der = [PREFIX.as_slice(), self.key.public_key().as_ref()].concat();
        format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", STANDARD.encode(der))
    }

    /// A new assertion about a person, who is called as `sub` says.
    ///
    /// # Errors
    ///
    /// When the clock is before 1970.
    pub fn assertion(&mut self, audience: &str, subject: &str) -> anyhow::Result<String> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
        self.n_signed += 1;
        let claims = json!({
            "iss": Self::NAME, "aud": audience, "sub": subject, "preferred_username": subject,
            "iat": now, "exp": now + 60, "jti": format!("{}-{}", std::process::id(), self.n_signed),
        });
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let header = json!({ "alg": "EdDSA", "typ": "JWT" });
        let message = format!("{}.{}", part(&header), part(&claims));
        let signature = self.key.sign(message.as_bytes());
        Ok(format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature.as_ref())))
    }
}
