//! Serves one file to the kernel over FUSE: as much of its protocol as a loop device needs.
//!
//! Spoken by hand and not with a library, as it is little: the root of the file system is the file
//! itself, so there are no names. `mount` gets `/dev/fuse` as its standard input, which spares us
//! the system call. The layouts are those of `include/uapi/linux/fuse.h`.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::thread::JoinHandle;

use anyhow::Context as _;

use super::recorder::Recorder;
use super::run;

const HEADER_BYTES: usize = 40;
/// What stands before the data of a write.
const WRITE_BYTES: usize = 40;
/// The most that the kernel writes at once.
const MAX_WRITE: u32 = 128 * 1024;
/// Version 7.31 of the protocol: every kernel since 2019 speaks it.
const VERSION: (u32, u32) = (7, 31);
/// That writes may have more than a page.
const BIG_WRITES: u32 = 1 << 5;
/// A day: nobody else changes the file.
const VALID_SECONDS: u64 = 86_400;
const MODE: u32 = 0o100_600;

const EIO: i32 = 5;
const ENOSYS: i32 = 38;

/// The file, mounted until this is dropped.
pub struct Served {
    file: PathBuf,
    server: Option<JoinHandle<()>>,
}

impl Served {
    /// Shows what `recorder` holds as `file`, which must exist.
    ///
    /// # Errors
    ///
    /// When FUSE is not to be had here.
    pub fn mount(file: &Path, recorder: Arc<Recorder>) -> anyhow::Result<Self> {
        let device = OpenOptions::new().read(true).write(true).open("/dev/fuse");
        let device = device.context("`/dev/fuse` cannot be opened")?;
        let input = device.try_clone().context("`/dev/fuse`")?;
        let server = std::thread::Builder::new().name("fuse".into());
        let server = server.spawn(move || serve(device, &recorder)).context("a thread")?;
        let mut served = Self { file: file.to_owned(), server: None };
        let options = format!("fd=0,rootmode={MODE:o},user_id=0,group_id=0");
        let mut mount = Command::new("mount");
        mount.args(["-i", "-t", "fuse", "-o", &options, "exportgate-powercut"]).arg(file);
        if let Err(error) = run(mount.stdin(Stdio::from(input))) {
            // There is nothing to unmount, and the thread ends with the process.
            std::mem::forget(served);
            return Err(error.context("FUSE cannot be mounted"));
        }
        served.server = Some(server);
        Ok(served)
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        if let Err(error) = run(Command::new("umount").arg(&self.file)) {
            eprintln!("powercut: `{}` stays mounted: {error:#}", self.file.display());
        } else if let Some(server) = self.server.take() {
            let _ = server.join();
        }
    }
}

/// Answers until the file is unmounted.
fn serve(mut device: File, recorder: &Recorder) {
    let mut buffer = vec![0; HEADER_BYTES + WRITE_BYTES + MAX_WRITE as usize + 4096];
    loop {
        let request = match device.read(&mut buffer) {
            Ok(length) => buffer.get(..length).unwrap_or_default(),
            // Before the mount there is nobody to ask, and an interrupted request asks again.
            Err(error) if error.kind() == ErrorKind::PermissionDenied => {
                std::thread::yield_now();
                continue;
            }
            Err(error) if is_passing(&error) => continue,
            Err(_) => return,
        };
        let Some(unique) = number(request, 8) else { continue };
        let answer = match answer(request, recorder) {
            Ok(Some(answer)) => message(unique, 0, &answer),
            Ok(None) => continue,
            Err(code) => message(unique, -code, &[]),
        };
        // A request that the kernel has given up needs no answer.
        let _ = device.write(&answer);
    }
}

/// ENOENT: the request was taken back; EINTR and EAGAIN: try again.
fn is_passing(error: &std::io::Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::Interrupted | ErrorKind::WouldBlock)
}

/// The answer's body, none where none is wanted, or an error number.
fn answer(request: &[u8], recorder: &Recorder) -> Result<Option<Vec<u8>>, i32> {
    let body = request.get(HEADER_BYTES..).unwrap_or_default();
    let field = |at| number(body, at).ok_or(EIO);
    let short = |at| short(body, at).ok_or(EIO);
    match self::short(request, 4).ok_or(EIO)? {
        // INIT
        26 => Ok(Some(init())),
        // GETATTR, SETATTR: the loop device changes nothing that matters
        3 | 4 => Ok(Some(attributes(recorder.size()))),
        // OPEN: nothing of an earlier opening is kept by the kernel
        14 => Ok(Some(vec![0; 16])),
        // READ
        15 => Ok(Some(recorder.read(field(8)?, short(16)?))),
        // WRITE
        16 => {
            let size = short(16)?;
            let data = body.get(WRITE_BYTES..).and_then(|data| data.get(..size as usize));
            recorder.write(field(8)?, data.ok_or(EIO)?).map_err(|_| EIO)?;
            Ok(Some([size.to_ne_bytes(), [0; 4]].concat()))
        }
        // STATFS: as if the file system were full, which nobody minds
        17 => Ok(Some(vec![0; 80])),
        // FSYNC
        20 => {
            recorder.flush();
            Ok(Some(Vec::new()))
        }
        // RELEASE, FLUSH, DESTROY
        18 | 25 | 38 => Ok(Some(Vec::new())),
        // FORGET, INTERRUPT, BATCH_FORGET
        2 | 36 | 42 => Ok(None),
        _ => Err(ENOSYS),
    }
}

fn init() -> Vec<u8> {
    let mut answer = Vec::with_capacity(64);
    for word in [VERSION.0, VERSION.1, MAX_WRITE, BIG_WRITES] {
        answer.extend(word.to_ne_bytes());
    }
    // How many requests may wait in the background, and from how many on it is crowded.
    answer.extend([16_u16.to_ne_bytes(), 12_u16.to_ne_bytes()].concat());
    answer.extend(MAX_WRITE.to_ne_bytes());
    // The granularity of times, and what is optional.
    answer.extend(1_u32.to_ne_bytes());
    answer.resize(64, 0);
    answer
}

fn attributes(size: u64) -> Vec<u8> {
    let mut answer = Vec::with_capacity(104);
    answer.extend(VALID_SECONDS.to_ne_bytes());
    answer.extend([0; 8]);
    // The inode, its size and blocks, and no times.
    for word in [1, size, size / 512, 0, 0, 0] {
        answer.extend(u64::to_ne_bytes(word));
    }
    // Nanoseconds; mode, links, owner, group, device; the size of a block.
    for word in [0, 0, 0, MODE, 1, 0, 0, 0, 4096, 0] {
        answer.extend(u32::to_ne_bytes(word));
    }
    answer
}

fn message(unique: u64, error: i32, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(16 + body.len()).unwrap_or(u32::MAX);
    let mut message = Vec::with_capacity(16 + body.len());
    message.extend(length.to_ne_bytes());
    message.extend(error.to_ne_bytes());
    message.extend(unique.to_ne_bytes());
    message.extend(body);
    message
}

fn number(bytes: &[u8], at: usize) -> Option<u64> {
    bytes.get(at..at + 8)?.try_into().ok().map(u64::from_ne_bytes)
}

fn short(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..at + 4)?.try_into().ok().map(u32::from_ne_bytes)
}
