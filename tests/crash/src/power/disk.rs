//! An ext4 file system in a file, mounted on a folder.

use std::fs::{self, File};
use std::ops::Range;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use exportgate_tests::wait::PATIENCE;

use super::run;

/// Room for the database, its log, the copy that `exportgate check` reads, and ext4's journal.
const DISK_BYTES: usize = 40 * 1024 * 1024;
/// What a file has no hole in smaller than.
const BLOCK_BYTES: usize = 4096;

/// Between two attempts to unmount one.
const PAUSE: Duration = Duration::from_millis(20);

/// Whether ext4 has its journal.
#[derive(Clone, Copy, Debug)]
pub enum Journal {
    There,
    /// So that a write that fails is not the end of the whole file system.
    None,
}

/// An empty file system.
///
/// # Errors
///
/// When `mkfs.ext4` is not to be had.
pub fn make(folder: &Path, journal: Journal) -> anyhow::Result<Vec<u8>> {
    let file = folder.join("empty.img");
    File::create(&file)?.set_len(DISK_BYTES as u64)?;
    let mut mkfs = Command::new("mkfs.ext4");
    // All of it now, so that nothing but our own writes follows.
    let lazily = "lazy_itable_init=0,lazy_journal_init=0,nodiscard";
    mkfs.args(["-q", "-F", "-m", "0", "-b", "4096", "-E", lazily]);
    match journal {
        Journal::There => mkfs.args(["-J", "size=4"]),
        Journal::None => mkfs.args(["-O", "^has_journal"]),
    };
    run(mkfs.arg(&file)).context("there is no ext4")?;
    Ok(fs::read(&file)?)
}

/// Writes an image into a file.
///
/// # Errors
///
/// When the disk of this machine is full.
pub fn write(image: &[u8], file: &Path) -> anyhow::Result<()> {
    let target = File::create(file)?;
    target.set_len(image.len() as u64)?;
    for (number, block) in image.chunks(BLOCK_BYTES).enumerate() {
        if block.iter().any(|&byte| byte != 0) {
            target.write_all_at(block, (number * BLOCK_BYTES) as u64)?;
        }
    }
    Ok(())
}

/// Mends a file system that cannot be mounted, or has no journal to mend itself by.
pub fn mend(file: &Path) {
    // It tells what it did with its exit code; whether that was enough the mount shows.
    let _ = run(Command::new("e2fsck").arg("-fy").arg(file));
}

/// A mounted file system. It is unmounted when this is dropped.
pub struct Mounted {
    folder: PathBuf,
}

impl Mounted {
    /// Mounts the file system in `file` on `folder`.
    ///
    /// # Errors
    ///
    /// When there is no loop device, or no file system in the file.
    pub fn mount(file: &Path, folder: &Path) -> anyhow::Result<Self> {
        fs::create_dir_all(folder)?;
        let mut mount = Command::new("mount");
        run(mount.args(["-t", "ext4", "-o", "loop"]).arg(file).arg(folder))?;
        Ok(Self { folder: folder.to_owned() })
    }
}

/// Where a file of a mounted file system lies on its disk, in bytes.
///
/// # Errors
///
/// When `filefrag` is not to be had, which comes with `mkfs.ext4`.
pub fn places(file: &Path) -> anyhow::Result<Vec<Range<usize>>> {
    let output = Command::new("filefrag").args(["-v", "-b4096"]).arg(file).output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    // `   0:        0..     255:      34816..     35071:    256:             last,eof`
    let place = |line: &str| -> Option<Range<usize>> {
        let mut columns = line.split(':');
        columns.next()?.trim().parse::<usize>().ok()?;
        let (first, last) = columns.nth(1)?.split_once("..")?;
        let block = |text: &str| text.trim().parse::<usize>().ok();
        Some(block(first)? * BLOCK_BYTES..(block(last)? + 1) * BLOCK_BYTES)
    };
    let places: Vec<_> = text.lines().filter_map(place).collect();
    anyhow::ensure!(
        !places.is_empty(),
        "`filefrag` knows no place of `{}`: {text}",
        file.display()
    );
    Ok(places)
}

impl Drop for Mounted {
    fn drop(&mut self) {
        let began = Instant::now();
        // Whatever another judge starts just now holds our open files for a moment, too.
        while let Err(error) = run(Command::new("umount").arg(&self.folder)) {
            if began.elapsed() > PATIENCE {
                eprintln!("powercut: `{}` stays mounted: {error:#}", self.folder.display());
                return;
            }
            std::thread::sleep(PAUSE);
        }
    }
}
