//! Knows how to make keys and to sign with them. RSA keys and certificates come from `openssl`,
//! since ring makes none.

use std::process::Command;
use std::sync::LazyLock;

use base64::{
    Engine as _, engine::general_purpose::STANDARD, engine::general_purpose::URL_SAFE_NO_PAD,
};
use ring::rand::SystemRandom;
use ring::rsa::PublicKeyComponents;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256,
    RSA_PSS_SHA256, RsaKeyPair,
};
use serde_json::{Value, json};

pub enum Key {
    Rsa(RsaKeyPair),
    P256(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

/// An RSA key with its certificate and its public key, both in PEM.
pub struct Rsa {
    pub key: Key,
    pub certificate: String,
    pub public: String,
}

/// One for all tests: they take a while to make.
pub fn rsa() -> &'static Rsa {
    static RSA: LazyLock<Rsa> = LazyLock::new(|| make_rsa(2048));
    &RSA
}

pub fn other_rsa() -> &'static Rsa {
    static RSA: LazyLock<Rsa> = LazyLock::new(|| make_rsa(2048));
    &RSA
}

pub fn openssl(arguments: &[&str]) -> Vec<u8> {
    let output = Command::new("openssl").args(arguments).output().expect("openssl");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

fn make_rsa(bits: u32) -> Rsa {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (key, certificate) = (path("key"), path("certificate"));
    let kind = format!("rsa:{bits}");
    openssl(&[
        "req",
        "-x509",
        "-newkey",
        &kind,
        "-nodes",
        "-keyout",
        &key,
        "-out",
        &certificate,
        "-days",
        "2",
        "-subj",
        "/CN=Exportgate",
    ]);
    let der = openssl(&["pkcs8", "-topk8", "-nocrypt", "-in", &key, "-outform", "DER"]);
    Rsa {
        key: Key::Rsa(RsaKeyPair::from_pkcs8(&der).unwrap()),
        certificate: std::fs::read_to_string(certificate).unwrap(),
        public: String::from_utf8(openssl(&["pkey", "-in", &key, "-pubout"])).unwrap(),
    }
}

/// The certificate of an RSA key that is too short for anything.
pub fn short_rsa_certificate() -> String {
    let folder = tempfile::tempdir().unwrap();
    let key = folder.path().join("key");
    let certificate = openssl(&[
        "req",
        "-x509",
        "-newkey",
        "rsa:1024",
        "-nodes",
        "-keyout",
        key.to_str().unwrap(),
        "-days",
        "2",
        "-subj",
        "/CN=Short",
    ]);
    String::from_utf8(certificate).unwrap()
}

impl Key {
    pub fn p256() -> Self {
        let random = SystemRandom::new();
        let kind = &ECDSA_P256_SHA256_FIXED_SIGNING;
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(kind, &random).unwrap();
        Self::P256(EcdsaKeyPair::from_pkcs8(kind, pkcs8.as_ref(), &random).unwrap())
    }

    pub fn ed25519() -> Self {
        let pkcs8 = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).unwrap();
        Self::Ed25519(Ed25519KeyPair::from_pkcs8(pkcs8.as_ref()).unwrap())
    }

    /// The public half in PEM.
    pub fn pem(&self) -> String {
        let (prefix, key) = match self {
            Self::P256(key) => (
                "3059301306072a8648ce3d020106082a8648ce3d030107034200",
                key.public_key().as_ref().to_vec(),
            ),
            Self::Ed25519(key) => ("302a300506032b6570032100", key.public_key().as_ref().to_vec()),
            Self::Rsa(_) => panic!("`openssl` wrote it"),
        };
        let der = [hex::decode(prefix).unwrap(), key].concat();
        format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", STANDARD.encode(der))
    }

    /// The public half for a key set.
    pub fn jwk(&self, kid: &str) -> Value {
        let mut jwk = match self {
            Self::Rsa(key) => {
                let public = PublicKeyComponents::<Vec<u8>>::from(key.public());
                json!({ "kty": "RSA", "n": encoded(&public.n), "e": encoded(&public.e) })
            }
            Self::P256(key) => {
                let point = key.public_key().as_ref();
                let (x, y) = (encoded(&point[1..33]), encoded(&point[33..]));
                json!({ "kty": "EC", "crv": "P-256", "x": x, "y": y })
            }
            Self::Ed25519(key) => {
                json!({ "kty": "OKP", "crv": "Ed25519", "x": encoded(key.public_key().as_ref()) })
            }
        };
        jwk["kid"] = json!(kid);
        jwk["use"] = json!("sig");
        jwk
    }

    /// A signature; `algorithm` chooses between the two kinds of RSA.
    fn sign(&self, algorithm: &str, message: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match self {
            Self::Rsa(key) => {
                let mut signature = vec![0; key.public().modulus_len()];
                let padding: &'static dyn ring::signature::RsaEncoding =
                    if algorithm == "PS256" { &RSA_PSS_SHA256 } else { &RSA_PKCS1_SHA256 };
                key.sign(padding, &random, message, &mut signature).unwrap();
                signature
            }
            Self::P256(key) => key.sign(&random, message).unwrap().as_ref().to_vec(),
            Self::Ed25519(key) => key.sign(message).as_ref().to_vec(),
        }
    }

    /// An assertion with a header of one's choice.
    pub fn assertion_with(&self, header: &Value, claims: &Value) -> String {
        let message = message(header, claims);
        let signature = self.sign(header["alg"].as_str().unwrap(), message.as_bytes());
        format!("{message}.{}", encoded(&signature))
    }

    /// An assertion as an honest issuer makes it.
    pub fn assertion(&self, algorithm: &str, kid: &str, claims: &Value) -> String {
        self.assertion_with(&json!({ "alg": algorithm, "kid": kid, "typ": "JWT" }), claims)
    }
}

/// What is signed.
pub fn message(header: &Value, claims: &Value) -> String {
    format!("{}.{}", encoded(header.to_string().as_bytes()), encoded(claims.to_string().as_bytes()))
}

pub fn encoded(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}
