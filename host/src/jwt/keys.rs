//! Public keys of issuers, which signatures they can have made, and the check by ring.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{
    Algorithm, AlgorithmFamily, DecodingKey, DecodingKeyKind,
    crypto::{CryptoProvider, JwtVerifier, KeyUtils},
    errors::{Error, ErrorKind},
    signature::{self, Verifier},
};
use ring::signature as by_ring;
use rustls::pki_types::{CertificateDer, SubjectPublicKeyInfoDer, pem::PemObject as _};
use serde::Deserialize;

/// The shortest RSA modulus in bytes: 2048 bits (RFC 7518 section 3.3).
const SHORTEST_MODULUS: usize = 256;
/// The longest that ring takes: 8192 bits.
const LONGEST_MODULUS: usize = 1024;

/// `SubjectPublicKeyInfo` of a P-256 key up to its uncompressed point (RFC 5480).
const P256_PREFIX: &[u8] = &[
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a,
    0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];
/// An uncompressed point: 0x04, x, y.
const P256_POINT: usize = 65;
/// `SubjectPublicKeyInfo` of an Ed25519 key up to its 32 bytes (RFC 8410).
const ED25519_PREFIX: &[u8] =
    &[0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];
const ED25519_KEY: usize = 32;
/// `rsaEncryption` (RFC 3279), which follows the outer header of four bytes.
const RSA_ALGORITHM: &[u8] =
    &[0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00];

/// Why a file or a set holds no key that can be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "each variant carries its sentence")]
pub enum KeyError {
    #[error("it holds no PEM certificate")]
    NoCertificate,
    #[error("it holds no PEM public key (`BEGIN PUBLIC KEY`)")]
    NoPublicKey,
    #[error("its key is neither RSA of 2048 to 8192 bits nor P-256 nor Ed25519")]
    Unsupported,
}

/// A key that can check signatures of its own kind only.
#[derive(Clone)]
pub struct PublicKey(DecodingKey);

impl PublicKey {
    /// The key in a certificate. Who signed the certificate and until when does not matter: the
    /// configuration names it, so that it only carries the key.
    ///
    /// # Errors
    /// [`KeyError`]
    pub fn from_certificate(pem: &[u8]) -> Result<Self, KeyError> {
        let der = CertificateDer::from_pem_slice(pem).map_err(|_| KeyError::NoCertificate)?;
        let certificate =
            webpki::EndEntityCert::try_from(&der).map_err(|_| KeyError::NoCertificate)?;
        Self::from_spki(certificate.subject_public_key_info().as_ref())
    }

    /// A public key in PEM.
    ///
    /// # Errors
    /// [`KeyError`]
    pub fn from_pem(pem: &[u8]) -> Result<Self, KeyError> {
        let der =
            SubjectPublicKeyInfoDer::from_pem_slice(pem).map_err(|_| KeyError::NoPublicKey)?;
        Self::from_spki(der.as_ref())
    }

    fn from_spki(der: &[u8]) -> Result<Self, KeyError> {
        if let Some(point) = der.strip_prefix(P256_PREFIX).filter(|key| key.len() == P256_POINT) {
            return Ok(Self(DecodingKey::from_ec_der(point)));
        }
        if let Some(key) = der.strip_prefix(ED25519_PREFIX).filter(|key| key.len() == ED25519_KEY) {
            return Ok(Self(DecodingKey::from_ed_der(key)));
        }
        // Keys of 2048 bits and more have all their lengths in two bytes.
        let rsa = sequence_of(0x30, der)
            .and_then(|inside| inside.strip_prefix(RSA_ALGORITHM))
            .and_then(|bits| sequence_of(0x03, bits))
            .and_then(|bits| bits.strip_prefix(&[0]))
            .filter(|key| (SHORTEST_MODULUS..=LONGEST_MODULUS + 32).contains(&key.len()));
        rsa.map(|key| Self(DecodingKey::from_rsa_der(key))).ok_or(KeyError::Unsupported)
    }

    /// Whether this key can have made a signature of this kind (RFC 8725 section 3.1: the key
    /// decides, not the header).
    #[must_use]
    pub fn fits(&self, algorithm: Algorithm) -> bool {
        match algorithm {
            Algorithm::RS256 | Algorithm::PS256 => self.0.family() == AlgorithmFamily::Rsa,
            Algorithm::ES256 => self.0.family() == AlgorithmFamily::Ec,
            Algorithm::EdDSA => self.0.family() == AlgorithmFamily::Ed,
            _ => false,
        }
    }

    pub(super) fn decoding_key(&self) -> &DecodingKey {
        &self.0
    }
}

/// The inside of a DER value with a length of two bytes that reaches to the end.
fn sequence_of(tag: u8, der: &[u8]) -> Option<&[u8]> {
    let (&[found, 0x82, high, low], inside) = der.split_first_chunk::<4>()? else { return None };
    (found == tag && usize::from(u16::from_be_bytes([high, low])) == inside.len()).then_some(inside)
}

/// A key of a JSON Web Key Set (RFC 7517).
#[derive(Deserialize)]
pub(super) struct Jwk {
    kty: String,
    #[serde(default)]
    pub(super) kid: Option<String>,
    #[serde(default)]
    r#use: Option<String>,
    #[serde(default)]
    alg: Option<String>,
    #[serde(default)]
    crv: Option<String>,
    #[serde(default)]
    n: Option<String>,
    #[serde(default)]
    e: Option<String>,
    #[serde(default)]
    x: Option<String>,
    #[serde(default)]
    y: Option<String>,
}

impl Jwk {
    /// The one algorithm that the set allows for this key, if it says so.
    pub(super) fn algorithm(&self) -> Option<&str> {
        self.alg.as_deref()
    }

    /// The key, unless it is of another kind, for another use or broken.
    pub(super) fn public_key(&self) -> Option<PublicKey> {
        if self.r#use.as_deref().is_some_and(|it| it != "sig") {
            return None;
        }
        let bytes = |text: &Option<String>| URL_SAFE_NO_PAD.decode(text.as_deref()?).ok();
        let key = match (self.kty.as_str(), self.crv.as_deref()) {
            ("RSA", _) => {
                let (n, e) = (bytes(&self.n)?, bytes(&self.e)?);
                let good = (SHORTEST_MODULUS..=LONGEST_MODULUS).contains(&n.len());
                good.then(|| DecodingKey::from_rsa_raw_components(&n, &e))?
            }
            ("EC", Some("P-256")) => {
                let point = [vec![0x04], bytes(&self.x)?, bytes(&self.y)?].concat();
                (point.len() == P256_POINT).then(|| DecodingKey::from_ec_der(&point))?
            }
            ("OKP", Some("Ed25519")) => {
                let key = bytes(&self.x)?;
                (key.len() == ED25519_KEY).then(|| DecodingKey::from_ed_der(&key))?
            }
            _ => return None,
        };
        Some(PublicKey(key))
    }
}

/// Lets `jsonwebtoken` check signatures with ring. This host signs nothing.
pub(super) static BY_RING: CryptoProvider = CryptoProvider {
    signer_factory: |_, _| Err(unsupported()),
    verifier_factory: |algorithm, key| {
        if !PublicKey(key.clone()).fits(*algorithm) {
            return Err(unsupported());
        }
        Ok(Box::new(RingVerifier { algorithm: *algorithm, key: key.clone() }))
    },
    key_utils: KeyUtils::new_unimplemented(),
};

fn unsupported() -> Error {
    ErrorKind::InvalidAlgorithm.into()
}

struct RingVerifier {
    algorithm: Algorithm,
    key: DecodingKey,
}

impl Verifier<Vec<u8>> for RingVerifier {
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> Result<(), signature::Error> {
        let verified = match (self.algorithm, self.key.kind()) {
            (Algorithm::RS256 | Algorithm::PS256, kind) => {
                let parameters = if self.algorithm == Algorithm::RS256 {
                    &by_ring::RSA_PKCS1_2048_8192_SHA256
                } else {
                    &by_ring::RSA_PSS_2048_8192_SHA256
                };
                match kind {
                    DecodingKeyKind::SecretOrDer(der) => {
                        by_ring::UnparsedPublicKey::new(parameters, der).verify(message, signature)
                    }
                    DecodingKeyKind::RsaModulusExponent { n, e } => {
                        by_ring::RsaPublicKeyComponents { n, e }
                            .verify(parameters, message, signature)
                    }
                }
            }
            (Algorithm::ES256, DecodingKeyKind::SecretOrDer(point)) => {
                by_ring::UnparsedPublicKey::new(&by_ring::ECDSA_P256_SHA256_FIXED, point)
                    .verify(message, signature)
            }
            (Algorithm::EdDSA, DecodingKeyKind::SecretOrDer(key)) => {
                by_ring::UnparsedPublicKey::new(&by_ring::ED25519, key).verify(message, signature)
            }
            _ => Err(ring::error::Unspecified),
        };
        verified.map_err(|_| signature::Error::new())
    }
}

impl JwtVerifier for RingVerifier {
    fn algorithm(&self) -> Algorithm {
        self.algorithm
    }
}
