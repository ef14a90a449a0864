//! How a token lies in memory: 76 bytes and its label, without a pointer.

use exportgate_core::{id::ID_RANDOM_BYTES, secret::SecretDigest, time::Timestamp};

use super::live_token::{LiveId, LiveLabel, LiveToken, SHORT_LABEL};

/// Length of a digest.
const DIGEST: usize = 32;
/// Length of an instant: seconds since the first one, or [`NEVER`].
const INSTANT: usize = 5;
/// What stands for no instant. The last one of RFC 3339 is a third of it.
const NEVER: u64 = (1 << (8 * INSTANT)) - 1;
/// In place of a label's length: id and label lie beside the record.
const BESIDE: u8 = u8::MAX;
/// Length of a record without its label.
pub(super) const FIXED: usize = DIGEST + ID_RANDOM_BYTES + 8 + 3 * INSTANT + 4 + 1;

/// What a record says of its token.
pub(super) struct Record {
    pub(super) token_seq: i64,
    /// Id and label; `None`: they lie beside.
    pub(super) words: Option<(LiveId, LiveLabel)>,
    pub(super) created_at: Timestamp,
    pub(super) expires_at: Option<Timestamp>,
    pub(super) revoked_at: Option<Timestamp>,
    /// The owner's number.
    pub(super) owner: u32,
}

/// A record to be written: at most [`FIXED`] and [`SHORT_LABEL`] bytes.
pub(super) struct Written {
    bytes: [u8; FIXED + SHORT_LABEL],
    length: usize,
    /// Whether id and label have to be kept beside it.
    pub(super) beside: bool,
}

impl Written {
    pub(super) fn new(digest: &SecretDigest, token: &LiveToken, owner: u32) -> Self {
        let label = token.label.as_str().as_bytes();
        let (random, label, length, beside) = match &token.token_id {
            LiveId::Random(random) if token.label.is_short() => {
                (*random, label, u8::try_from(label.len()).unwrap_or(BESIDE), false)
            }
            _ => ([0; ID_RANDOM_BYTES], [].as_slice(), BESIDE, true),
        };
        let mut written = Self { bytes: [0; FIXED + SHORT_LABEL], length: 0, beside };
        written.append(digest.as_bytes());
        written.append(&random);
        written.append(&token.token_seq.to_le_bytes());
        for at in [Some(token.created_at), token.expires_at, token.revoked_at] {
            let seconds = at.map(|at| at.unix_seconds() - Timestamp::MIN.unix_seconds());
            let seconds = seconds.map_or(NEVER, i64::unsigned_abs);
            written.append(seconds.to_le_bytes().get(..INSTANT).unwrap_or_default());
        }
        written.append(&owner.to_le_bytes());
        written.append(&[length]);
        written.append(label);
        written
    }

    fn append(&mut self, part: &[u8]) {
        if let Some(place) = self.bytes.get_mut(self.length..self.length + part.len()) {
            place.copy_from_slice(part);
            self.length += part.len();
        }
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or_default()
    }
}

/// How long the record is that begins here.
pub(super) fn length(bytes: &[u8]) -> usize {
    let label = bytes.get(FIXED - 1).copied().filter(|length| *length != BESIDE);
    FIXED + label.map_or(0, usize::from)
}

/// The digest of the record that begins here.
pub(super) fn digest(bytes: &[u8]) -> Option<SecretDigest> {
    bytes.first_chunk().copied().map(SecretDigest::from_bytes)
}

/// Reads the record that begins here.
pub(super) fn read(bytes: &[u8]) -> Option<Record> {
    let rest = bytes.get(DIGEST..)?;
    let (random, rest) = rest.split_first_chunk::<ID_RANDOM_BYTES>()?;
    let (token_seq, rest) = rest.split_first_chunk()?;
    let (created_at, rest) = rest.split_first_chunk()?;
    let (expires_at, rest) = rest.split_first_chunk()?;
    let (revoked_at, rest) = rest.split_first_chunk()?;
    let (owner, rest) = rest.split_first_chunk()?;
    let (length, rest) = rest.split_first()?;
    let words = if *length == BESIDE {
        None
    } else {
        let label = LiveLabel::short(rest.get(..usize::from(*length))?)?;
        Some((LiveId::Random(*random), label))
    };
    Some(Record {
        token_seq: i64::from_le_bytes(*token_seq),
        words,
        created_at: instant(created_at)?,
        expires_at: instant(expires_at),
        revoked_at: instant(revoked_at),
        owner: u32::from_le_bytes(*owner),
    })
}

fn instant(bytes: &[u8; INSTANT]) -> Option<Timestamp> {
    let [a, b, c, d, e] = *bytes;
    let seconds = u64::from_le_bytes([a, b, c, d, e, 0, 0, 0]);
    // `NEVER` lies behind the last instant.
    Timestamp::from_unix_seconds(i64::try_from(seconds).ok()? + Timestamp::MIN.unix_seconds())
}
