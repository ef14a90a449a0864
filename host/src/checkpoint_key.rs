//! The key that signs checkpoints: a file of its own beside the database, since whoever can change
//! the one must not be able to sign for the other.

use std::{
    fs,
    io::{self, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use exportgate_core::checkpoint::{CheckpointKey, SEED_LENGTH};
use tracing::info;

use crate::entropy::{NoEntropy, random_bytes};

/// The key's name in the data folder.
pub const KEY_NAME: &str = "checkpoint.key";

/// Before the seed: "this is Ed25519" (C2SP signed-note).
const ED25519: u8 = 0x01;

/// Why there is no key, in sentences for the operator.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "each variant carries its sentence")]
pub enum KeyError {
    #[error("the checkpoint key `{}` cannot be read or made: {source}", file.display())]
    File { file: PathBuf, source: io::Error },
    #[error(
        "the file `{}` holds no checkpoint key; put the right one back, or move it away for a new \
         one, with which earlier checkpoints cannot be checked",
        file.display()
    )]
    Malformed { file: PathBuf },
    #[error(transparent)]
    Entropy(#[from] NoEntropy),
}

/// The key of a data folder; made on the first start.
///
/// # Errors
/// [`KeyError`] with a sentence for the operator.
pub fn load_or_make(data: &Path) -> Result<CheckpointKey, KeyError> {
    if let Some(key) = load(data)? {
        return Ok(key);
    }
    let file = data.join(KEY_NAME);
    let seed = random_bytes::<SEED_LENGTH>()?;
    let key = CheckpointKey::from_seed(&seed);
    write(&file, &encode(&key, &seed)).map_err(|source| KeyError::File { file, source })?;
    info!(name = key.host_name(), "made the key that signs checkpoints of the history");
    Ok(key)
}

/// The key of a data folder, if there is one.
///
/// # Errors
/// [`KeyError`] with a sentence for the operator.
pub fn load(data: &Path) -> Result<Option<CheckpointKey>, KeyError> {
    let file = data.join(KEY_NAME);
    match fs::read_to_string(&file) {
        Ok(text) => decode(&text).map(Some).ok_or(KeyError::Malformed { file }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(KeyError::File { file, source }),
    }
}

/// Whole or not there: a half-written key would stop the next start.
fn write(file: &Path, text: &str) -> io::Result<()> {
    let incoming = file.with_extension("key.incoming");
    let mut options = fs::OpenOptions::new();
    let mut opened = options.write(true).create(true).truncate(true).mode(0o600).open(&incoming)?;
    opened.write_all(text.as_bytes())?;
    opened.sync_all()?;
    fs::rename(&incoming, file)?;
    match file.parent() {
        Some(folder) => fs::File::open(folder)?.sync_all(),
        None => Ok(()),
    }
}

/// `PRIVATE+KEY+name+id+seed`, as Go's and Cloudflare's signed notes have it.
fn encode(key: &CheckpointKey, seed: &[u8; SEED_LENGTH]) -> String {
    let verifier = key.verifier(&key.host_name()).to_string();
    let id = verifier.split('+').nth(1).unwrap_or_default();
    let mut private = vec![ED25519];
    private.extend(seed);
    format!("PRIVATE+KEY+{}+{id}+{}\n", key.host_name(), STANDARD.encode(private))
}

fn decode(text: &str) -> Option<CheckpointKey> {
    let private = text.trim_end().splitn(5, '+').nth(4)?;
    let private = STANDARD.decode(private).ok()?;
    let (&ED25519, seed) = private.split_first()? else { return None };
    let seed = seed.try_into().ok()?;
    let key = CheckpointKey::from_seed(seed);
    // Name and id are those of the key: a file that was mixed together is told as such.
    (encode(&key, seed).trim_end() == text.trim_end()).then_some(key)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn the_key_is_made_once_and_only_its_owner_can_read_it() {
        let folder = tempfile::tempdir().unwrap();
        let made = load_or_make(folder.path()).unwrap();
        let again = load_or_make(folder.path()).unwrap();
        assert_eq!(made.host_name(), again.host_name());
        let file = folder.path().join(KEY_NAME);
        assert_eq!(fs::metadata(file).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn a_file_that_is_no_key_stops_with_a_sentence_and_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        load_or_make(folder.path()).unwrap();
        let file = folder.path().join(KEY_NAME);
        let good = fs::read_to_string(&file).unwrap();
        for bad in ["", "PRIVATE+KEY+x+00000000+AA==", &good.replace("exportgate/", "other/")] {
            fs::write(&file, bad).unwrap();
            let error = load_or_make(folder.path()).unwrap_err();
            assert!(error.to_string().contains("holds no checkpoint key"), "{error}");
            assert_eq!(fs::read_to_string(&file).unwrap(), bad);
        }
    }
}
