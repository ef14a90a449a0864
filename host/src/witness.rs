//! The witness: a file beside the database that remembers where the store stood last, so that an
//! older database in its place is noticed.
//!
//! It is written after each commit and before the commit's answers leave, so whatever was
//! acknowledged is covered. Nothing waits for the disk here: an exchange of files goes past the
//! kernel's memory as little as a killed process does, so only a power cut can take the last notes
//! away. Then the database is ahead of its witness, which is as good; only one that is behind is
//! refused. A sync for each commit would halve what one client alone can change in a second.
//!
//! Two places are written in turn, each in a sector of its own and with a digest: a write that was
//! cut off leaves the other one.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::{FileExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
};

use sha2::{Digest as _, Sha256};

use crate::store::{STANDING_LENGTH, Standing};

/// The file's name in the data folder.
pub const WITNESS_NAME: &str = "exportgate.witness";

const MAGIC: &[u8; 8] = b"Xgatwit1";
/// Disks write a sector whole or not at all.
const PLACE_LENGTH: u64 = 512;
const RECORD_LENGTH: usize = MAGIC.len() + STANDING_LENGTH + 32;

/// Why there is no witness to ask, in sentences for the operator.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "each variant carries its sentence")]
pub enum WitnessError {
    #[error("the file `{}` cannot be read: {source}", file.display())]
    File { file: PathBuf, source: io::Error },
    #[error("the file `{}` holds nothing that exportgate wrote", file.display())]
    Malformed { file: PathBuf },
}

/// The witness of a data folder.
#[derive(Debug)]
pub struct Witness {
    file: PathBuf,
    /// None until there is a file.
    open: Option<File>,
    seen: Option<Standing>,
    /// Which of the two places is older.
    next: u64,
}

impl Witness {
    /// Opens the witness of a data folder; there may be none yet, and none is made.
    ///
    /// # Errors
    /// [`WitnessError`] for a file that cannot be read.
    pub fn open(data: &Path) -> Result<Self, WitnessError> {
        let mut witness = Self::anew(data);
        let file = witness.file.clone();
        let opened = match OpenOptions::new().read(true).write(true).open(&file) {
            Ok(opened) => opened,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(witness),
            Err(source) => return Err(WitnessError::File { file, source }),
        };
        let bytes =
            fs::read(&file).map_err(|source| WitnessError::File { file: file.clone(), source })?;
        let (newest, place) = newest(&bytes).ok_or(WitnessError::Malformed { file })?;
        (witness.open, witness.seen, witness.next) = (Some(opened), Some(newest), 1 - place);
        Ok(witness)
    }

    /// A witness that has seen nothing; its first note takes the place of whatever there is.
    #[must_use]
    pub fn anew(data: &Path) -> Self {
        Self { file: data.join(WITNESS_NAME), open: None, seen: None, next: 0 }
    }

    /// Where the store stood when it was last noted.
    #[must_use]
    pub const fn seen(&self) -> Option<&Standing> {
        self.seen.as_ref()
    }

    /// Notes where the store stands.
    ///
    /// # Errors
    /// When the file cannot be made or written; the next note tries again.
    pub fn note(&mut self, standing: &Standing) -> io::Result<()> {
        if self.seen.as_ref() == Some(standing) {
            return Ok(());
        }
        match &self.open {
            Some(open) => {
                open.write_all_at(&record(standing), self.next * PLACE_LENGTH)?;
                self.next = 1 - self.next;
            }
            None => self.open = Some(make(&self.file, standing)?),
        }
        self.seen = Some(*standing);
        Ok(())
    }

    /// Has the notes written to the disk, where somebody can wait for that.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn sync(&self) -> io::Result<()> {
        self.open.as_ref().map_or(Ok(()), File::sync_data)
    }
}

/// Makes the file with its first note: whole or not there.
fn make(file: &Path, standing: &Standing) -> io::Result<File> {
    let incoming = file.with_extension("witness.incoming");
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(true).mode(0o600);
    let mut opened = options.open(&incoming)?;
    for _ in 0..2 {
        // Both places, so that no later note needs room on the disk.
        let mut place = record(standing).to_vec();
        place.resize(usize::try_from(PLACE_LENGTH).unwrap_or(RECORD_LENGTH), 0);
        opened.write_all(&place)?;
    }
    opened.sync_all()?;
    fs::rename(&incoming, file)?;
    if let Some(folder) = file.parent() {
        File::open(folder)?.sync_all()?;
    }
    Ok(opened)
}

fn record(standing: &Standing) -> [u8; RECORD_LENGTH] {
    let standing = standing.to_bytes();
    let mut record = [0; RECORD_LENGTH];
    let parts = MAGIC.iter().copied().chain(standing).chain(digest(&standing));
    record.iter_mut().zip(parts).for_each(|(byte, part)| *byte = part);
    record
}

fn digest(standing: &[u8]) -> [u8; 32] {
    Sha256::new().chain_update(MAGIC).chain_update(standing).finalize().into()
}

/// The place with the newest whole note.
fn newest(bytes: &[u8]) -> Option<(Standing, u64)> {
    let length = usize::try_from(PLACE_LENGTH).ok()?;
    let places = [(bytes, 0), (bytes.get(length..).unwrap_or_default(), 1)];
    let whole = places.into_iter().filter_map(|(bytes, place)| Some((read(bytes)?, place)));
    whole.max_by_key(|(standing, _)| standing.generation)
}

fn read(bytes: &[u8]) -> Option<Standing> {
    let (magic, rest) = bytes.split_first_chunk()?;
    let (standing, rest) = rest.split_first_chunk::<STANDING_LENGTH>()?;
    let (found, _) = rest.split_first_chunk()?;
    (magic == MAGIC && *found == digest(standing)).then(|| Standing::from_bytes(standing))?
}

#[cfg(test)]
mod tests;
