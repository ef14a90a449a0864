//! Checkpoints: what a history was at one moment, signed, in the form that outside tools read.
//!
//! The text is a C2SP tlog-checkpoint (origin, size, root), the whole a C2SP signed note with an
//! Ed25519 signature (RFC 8032). Whoever keeps one can prove later that nothing of what it covers
//! was changed or removed.

use alloc::{format, string::String, vec::Vec};
use core::fmt;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use sha2::{Digest as _, Sha256};

use crate::merkle::{Hash, verify::Tree};

/// Stands before the public key wherever a signed note encodes one: "this is Ed25519".
const ED25519: u8 = 0x01;
const KEY_ID_LENGTH: usize = 4;
const SEPARATOR: &str = "\n\n";
const SIGNATURE_START: &str = "\u{2014} ";

/// A checkpoint whose signature was checked, or that is to be signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// Whose history: names host and organization.
    pub origin: String,
    /// The tree at that moment.
    pub tree: Tree,
}

/// Why a text is no checkpoint to trust.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Not a signed note, or its text is no checkpoint.
    #[error("it is not a signed checkpoint")]
    Malformed,
    /// It comes from somewhere else: another host's, or another organization's history.
    #[error("it belongs to another history, its first line names which")]
    OtherOrigin,
    /// No signature of the expected key, or a wrong one.
    #[error("it is not signed by this host's key: it was forged or changed")]
    NotSigned,
}

impl Checkpoint {
    /// The signed text: origin, size in decimal, root in base64, each with a line feed.
    fn text(&self) -> String {
        format!("{}\n{}\n{}\n", self.origin, self.tree.size, self.tree.root)
    }

    /// Reads the text. Extension lines are allowed and mean nothing here.
    fn parse(text: &str) -> Result<Self, Refused> {
        let mut lines = text.strip_suffix('\n').ok_or(Refused::Malformed)?.split('\n');
        let (Some(origin), Some(size), Some(root)) = (lines.next(), lines.next(), lines.next())
        else {
            return Err(Refused::Malformed);
        };
        // `u64::from_str` also takes a sign and leading zeros; one size has one text.
        let number: u64 = size.parse().map_err(|_| Refused::Malformed)?;
        let good =
            !origin.is_empty() && format!("{number}") == size && lines.all(|l| !l.is_empty());
        let root = Hash::parse(root).map_err(|_| Refused::Malformed)?;
        if !good {
            return Err(Refused::Malformed);
        }
        Ok(Self { origin: origin.into(), tree: Tree { size: number, root } })
    }
}

/// What checks a host's signatures: its public key under the name of one history.
#[derive(Clone, PartialEq, Eq)]
pub struct VerifierKey {
    name: String,
    key: VerifyingKey,
}

/// The text is no verifier key of a signed note: `name+id+key`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a verifier key like `name+0a1b2c3d+key`")]
pub struct MalformedKey;

impl VerifierKey {
    /// Reads `name+id+key`: the id in hexadecimal, the key in base64.
    ///
    /// # Errors
    /// [`MalformedKey`], also where the id is not that of name and key.
    pub fn parse(text: &str) -> Result<Self, MalformedKey> {
        let mut parts = text.splitn(3, '+');
        let (Some(name), Some(id), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(MalformedKey);
        };
        let key = STANDARD.decode(key).map_err(|_| MalformedKey)?;
        let (&ED25519, key) = key.split_first().ok_or(MalformedKey)? else {
            return Err(MalformedKey);
        };
        let key = VerifyingKey::try_from(key).map_err(|_| MalformedKey)?;
        let parsed = Self { name: name.into(), key };
        if is_key_name(name) && hex::encode(parsed.id()) == id {
            Ok(parsed)
        } else {
            Err(MalformedKey)
        }
    }

    /// The first bytes of SHA-256 over name and key: finds the right signature of several.
    fn id(&self) -> [u8; KEY_ID_LENGTH] {
        let digest: [u8; 32] = Sha256::new()
            .chain_update(&self.name)
            .chain_update([b'\n', ED25519])
            .chain_update(self.key.as_bytes())
            .finalize()
            .into();
        let [a, b, c, d, ..] = digest;
        [a, b, c, d]
    }

    /// Checks a signed note and reads the checkpoint in it. Its origin must be this key's name.
    ///
    /// # Errors
    /// [`Refused`] with the reason.
    pub fn open(&self, note: &str) -> Result<Checkpoint, Refused> {
        let (text, signatures) = note.rsplit_once(SEPARATOR).ok_or(Refused::Malformed)?;
        // The first of the two line feeds belongs to the text.
        let text = format!("{text}\n");
        let checkpoint = Checkpoint::parse(&text)?;
        let signatures = signatures.strip_suffix('\n').ok_or(Refused::Malformed)?;
        if checkpoint.origin != self.name {
            return Err(Refused::OtherOrigin);
        }
        for line in signatures.split('\n') {
            let (name, signature) = line
                .strip_prefix(SIGNATURE_START)
                .and_then(|line| line.split_once(' '))
                .ok_or(Refused::Malformed)?;
            let bytes = STANDARD.decode(signature).map_err(|_| Refused::Malformed)?;
            let (id, signature) =
                bytes.split_first_chunk::<KEY_ID_LENGTH>().ok_or(Refused::Malformed)?;
            // Signatures of others, such as witnesses, may stand beside ours.
            if name != self.name || *id != self.id() {
                continue;
            }
            let signature = Signature::from_slice(signature).map_err(|_| Refused::NotSigned)?;
            return match self.key.verify_strict(text.as_bytes(), &signature) {
                Ok(()) => Ok(checkpoint),
                Err(_) => Err(Refused::NotSigned),
            };
        }
        Err(Refused::NotSigned)
    }

    /// The name: the origin of the checkpoints that this key checks.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut key: Vec<u8> = Vec::from([ED25519]);
        key.extend(self.key.as_bytes());
        write!(f, "{}+{}+{}", self.name, hex::encode(self.id()), STANDARD.encode(key))
    }
}

impl fmt::Debug for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// How many random bytes a new key takes.
pub const SEED_LENGTH: usize = 32;

/// What signs checkpoints: the host's own. It is never shown by `Debug`, and its memory is
/// overwritten when it is dropped.
#[derive(Clone)]
pub struct CheckpointKey(SigningKey);

impl CheckpointKey {
    /// The key that grows from `seed`: [`SEED_LENGTH`] bytes from the operating system.
    #[must_use]
    pub fn from_seed(seed: &[u8; SEED_LENGTH]) -> Self {
        Self(SigningKey::from_bytes(seed))
    }

    /// Names the host by its public key: `exportgate/` and 16 hexadecimal digits.
    #[must_use]
    pub fn host_name(&self) -> String {
        let digest = Sha256::digest(self.0.verifying_key().as_bytes());
        let start: Vec<u8> = digest.iter().copied().take(8).collect();
        format!("exportgate/{}", hex::encode(start))
    }

    /// The origin of one organization's checkpoints.
    #[must_use]
    pub fn origin(&self, org_id: &crate::id::OrgId) -> String {
        format!("{}/{org_id}", self.host_name())
    }

    /// What checks this key's signatures under `origin`.
    #[must_use]
    pub fn verifier(&self, origin: &str) -> VerifierKey {
        VerifierKey { name: origin.into(), key: self.0.verifying_key() }
    }

    /// The signed note of a checkpoint. The same checkpoint always gives the same note.
    #[must_use]
    pub fn sign(&self, checkpoint: &Checkpoint) -> String {
        let text = checkpoint.text();
        let mut signature = Vec::from(self.verifier(&checkpoint.origin).id());
        signature.extend(self.0.sign(text.as_bytes()).to_bytes());
        let (origin, signature) = (&checkpoint.origin, STANDARD.encode(signature));
        format!("{text}\n{SIGNATURE_START}{origin} {signature}\n")
    }
}

impl fmt::Debug for CheckpointKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CheckpointKey({})", self.host_name())
    }
}

/// A key's name has no white space and no `+` (C2SP signed-note).
fn is_key_name(name: &str) -> bool {
    !name.is_empty() && !name.contains(|c: char| c.is_whitespace() || c == '+')
}
