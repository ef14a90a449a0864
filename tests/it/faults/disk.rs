//! Knows how a test gets a disk of its own that can be small, full or read-only.

use std::any::type_name;
use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Tells a test that it was started again as root of a user namespace.
const INSIDE_VARIABLE: &str = "EXPORTGATE_TEST_IN_NAMESPACE";
/// The file that takes the space.
const BALLAST: &str = "ballast";

/// Runs a story where file systems can be mounted: here when we are root, else in a test process
/// of its own that is root of a user namespace. `story` must be a closure of the test itself.
#[track_caller]
pub fn where_disks_can_be_mounted<S: FnOnce()>(story: S) {
    let probe = tempfile::tempdir().unwrap();
    let Err(why) = Disk::try_mount(probe.path(), 64) else { return story() };
    let advice = "run this test as root, or where `unshare --map-root-user --mount` is allowed";
    assert!(std::env::var_os(INSIDE_VARIABLE).is_none(), "no disk can be mounted: {why}; {advice}");
    println!("no disk can be mounted here ({why}); running again in a user namespace");
    // it::faults::full::a_sentence::{{closure}}
    let test = type_name::<S>().trim_end_matches("::{{closure}}");
    let test = test.split_once("::").map_or(test, |(_crate, test)| test);
    let output = Command::new("unshare")
        .args(["--map-root-user", "--mount"])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture"])
        .env(INSIDE_VARIABLE, "1")
        .output()
        .expect("`unshare` of util-linux");
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    let passed = output.status.success() && said.contains("test result: ok. 1 passed");
    assert!(passed, "{advice}; it did not pass there:\n{said}");
}

/// What kind of file system a disk has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// In memory: every user may have one.
    Tmpfs,
    /// Ext4 in a file, for root where there are loop devices: it reserves space before it knows
    /// where, and gives freed space back late.
    Ext4,
}

impl Kind {
    /// Those that can be mounted here. What cannot is said, so that nobody takes it for tested.
    pub fn possible() -> Vec<Self> {
        let probe = tempfile::tempdir().unwrap();
        match Disk::try_mount_ext4(probe.path(), 4 * 1024) {
            Ok(_) => vec![Self::Tmpfs, Self::Ext4],
            Err(why) => {
                // Not with `println`, which nobody sees of a test that passes.
                let said =
                    format!("SKIPPED: no ext4 on a loop device can be mounted here: {why}\n");
                std::io::stderr().write_all(said.as_bytes()).unwrap();
                vec![Self::Tmpfs]
            }
        }
    }
}

/// A file system of its own, mounted on a folder until this is dropped.
pub struct Disk {
    folder: PathBuf,
}

impl Disk {
    /// Mounts an empty one on `folder`, which must exist.
    ///
    /// # Panics
    ///
    /// When that is not possible: see [`where_disks_can_be_mounted`].
    #[track_caller]
    pub fn mount(folder: &Path, kib: u32) -> Self {
        Self::try_mount(folder, kib).unwrap_or_else(|why| panic!("no disk can be mounted: {why}"))
    }

    /// Mounts an empty one of this kind on `folder`, which must exist.
    ///
    /// # Panics
    ///
    /// When that is not possible: see [`Kind::possible`].
    #[track_caller]
    pub fn mount_kind(folder: &Path, kib: u32, kind: Kind) -> Self {
        match kind {
            Kind::Tmpfs => Self::mount(folder, kib),
            Kind::Ext4 => Self::try_mount_ext4(folder, kib).expect("ext4 on a loop device"),
        }
    }

    fn try_mount_ext4(folder: &Path, kib: u32) -> Result<Self, String> {
        let image = folder.with_extension("img");
        // The journal and the tables take their part.
        let bytes = u64::from(kib + 2 * 1024) * 1024;
        let created = File::create(&image).and_then(|file| file.set_len(bytes));
        created.map_err(|error| error.to_string())?;
        let mut mkfs = Command::new("mkfs.ext4");
        mkfs.args(["-q", "-F", "-m", "0", "-b", "1024", "-J", "size=1"]).arg(&image);
        run(&mut mkfs)?;
        let mut mount = Command::new("mount");
        run(mount.args(["-t", "ext4", "-o", "loop"]).arg(&image).arg(folder))?;
        // The mount holds it, and it is gone with it.
        let _ = fs::remove_file(&image);
        Ok(Self { folder: folder.to_owned() })
    }

    fn try_mount(folder: &Path, kib: u32) -> Result<Self, String> {
        // The host refuses a data folder into which others can write.
        let options = format!("size={kib}k,mode=0700");
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &options, "exportgate-test"]).arg(folder);
        run(&mut mount).map(|()| Self { folder: folder.to_owned() })
    }

    /// Writes until nothing goes any more, then gives `kib` of it back.
    pub fn fill_all_but(&self, kib: u64) {
        let file = OpenOptions::new().create(true).append(true).open(self.folder.join(BALLAST));
        let mut ballast = file.unwrap();
        let error = loop {
            if let Err(error) = ballast.write_all(&[0; 4096]) {
                break error;
            }
        };
        assert_eq!(error.kind(), ErrorKind::StorageFull, "{error}");
        let length = ballast.metadata().unwrap().len();
        ballast.set_len(length.saturating_sub(kib * 1024)).unwrap();
    }

    /// Takes the ballast away.
    pub fn free(&self) {
        fs::remove_file(self.folder.join(BALLAST)).unwrap();
    }

    /// Lets nobody write any more. Nobody may be writing when this is called.
    #[track_caller]
    pub fn make_read_only(&self) {
        self.remount("ro");
        let error = File::create(self.folder.join(BALLAST)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ReadOnlyFilesystem, "{error}");
    }

    /// Lets everybody write again.
    #[track_caller]
    pub fn make_writable(&self) {
        self.remount("rw");
    }

    #[track_caller]
    fn remount(&self, mode: &str) {
        // The mount alone and not the file system: root of a user namespace may do no more.
        let option = format!("remount,bind,{mode}");
        run(Command::new("mount").args(["-o", &option]).arg(&self.folder)).unwrap();
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // Lazily: a host that a failed test left behind must not keep the folder in place.
        let mut umount = Command::new("umount");
        if let Err(why) = run(umount.arg("--lazy").arg(&self.folder)) {
            eprintln!("`{}` stays mounted: {why}", self.folder.display());
        }
    }
}

fn run(command: &mut Command) -> Result<(), String> {
    let output = command.output().map_err(|error| error.to_string())?;
    if output.status.success() {
        return Ok(());
    }
    Err(String::from_utf8_lossy(&output.stderr).trim().to_owned())
}
