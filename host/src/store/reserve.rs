//! Space on the disk that is kept for changes that end somebody's access: a revocation must work
//! on a full disk, too.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::{MetadataExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use tracing::{info, warn};

use super::connection::with_suffix;

/// What follows the database's name in that of the reserve.
pub const RESERVE_SUFFIX: &str = "-reserve";
/// A revocation writes about 12 pages of 4 KiB, and a thousand at once about 1,000.
const BYTES: usize = 1024 * 1024;
/// Written one after the other.
const PART_BYTES: usize = 64 * 1024;
/// How often it is made again by itself, while the disk is full.
const PAUSE: Duration = Duration::from_secs(1);

/// A file beside the database that is there for its size. What ends access may remove it, and
/// nothing else is written until it is back.
pub(super) struct Reserve {
    file: PathBuf,
    is_there: bool,
    last_try: Instant,
}

impl Reserve {
    /// Makes the reserve of this database, or takes the one that is there.
    ///
    /// # Errors
    /// It cannot be made; then there is a reserve that is not there, which is to be made later.
    pub fn open(database: &Path) -> (Self, io::Result<()>) {
        let file = with_suffix(database, RESERVE_SUFFIX);
        let mut reserve = Self { file, is_there: false, last_try: Instant::now() };
        let made = reserve.try_make();
        (reserve, made)
    }

    /// Makes it again if it is not there, and tells whether it is there now.
    pub fn make(&mut self) -> bool {
        if self.is_there {
            return true;
        }
        match self.try_make() {
            Ok(()) => info!("there is space again, and the reserve is back"),
            Err(error) if error.kind() == io::ErrorKind::StorageFull => {}
            Err(error) => warn!(%error, "the reserve cannot be made"),
        }
        self.is_there
    }

    /// Whether it is time to make it again, although nobody asks.
    pub fn is_due(&self) -> bool {
        !self.is_there && self.last_try.elapsed() >= PAUSE
    }

    /// Whether the space is kept at this moment.
    pub fn is_there(&self) -> bool {
        self.is_there
    }

    /// Gives the space to whoever writes next.
    pub fn release(&mut self) {
        if !self.is_there {
            return;
        }
        self.is_there = false;
        match fs::remove_file(&self.file) {
            Ok(()) => warn!("the disk is full: the reserve is given to changes that end access"),
            Err(error) => warn!(%error, "the reserve cannot be given away"),
        }
    }

    fn try_make(&mut self) -> io::Result<()> {
        self.last_try = Instant::now();
        if !is_whole(&self.file)
            && let Err(error) = write(&self.file)
        {
            // A part of it would only be in the way.
            let _ = fs::remove_file(&self.file);
            return Err(error);
        }
        self.is_there = true;
        Ok(())
    }
}

/// Whether the file really takes its space: one that was cut off by a power cut may have holes.
fn is_whole(file: &Path) -> bool {
    let bytes = BYTES as u64;
    fs::metadata(file).is_ok_and(|found| found.len() >= bytes && found.blocks() * 512 >= bytes)
}

fn write(path: &Path) -> io::Result<()> {
    let mut options = OpenOptions::new();
    let mut file: File = options.write(true).create(true).truncate(true).mode(0o600).open(path)?;
    // Nothing that a file system could store in less.
    let mut state: u64 = 0x9e37_79b9_7f4a_7c15;
    let mut part = vec![0; PART_BYTES];
    for _ in 0..BYTES / PART_BYTES {
        for bytes in part.chunks_mut(8) {
            // Xorshift by Marsaglia.
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            for (byte, random) in bytes.iter_mut().zip(state.to_ne_bytes()) {
                *byte = random;
            }
        }
        file.write_all(&part)?;
    }
    // A file system may put off looking for the space until then.
    file.sync_data()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reserve_takes_its_space_and_gives_it_back() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("exportgate.db");
        let (mut reserve, made) = Reserve::open(&database);
        made.unwrap();
        let file = folder.path().join("exportgate.db-reserve");
        assert!(reserve.is_there() && is_whole(&file));
        // One with a hole is made again.
        File::create(&file).unwrap().set_len(BYTES as u64).unwrap();
        assert!(!is_whole(&file));
        Reserve::open(&database).1.unwrap();
        assert!(is_whole(&file));
        reserve.release();
        assert!(!reserve.is_there() && !file.exists());
        assert!(reserve.make() && is_whole(&file));
    }
}
