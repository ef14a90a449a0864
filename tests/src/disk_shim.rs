//! Faults of the disk for a real host: a small library between it and the files that it writes, which
//! a control file steers while it runs.

#![expect(clippy::expect_used, reason = "a helper of tests: what fails here is a failed test")]

use std::ffi::OsString;
use std::fs::{File, OpenOptions};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// How a call fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// With EIO; nothing was done.
    Error,
    /// With ENOSPC; nothing was done.
    Full,
    /// A write does half and says so; whoever writes has to go on.
    Short,
    /// A write does half and then fails with EIO.
    Torn,
}

/// What a sync of the database's files does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sync {
    /// It syncs.
    Full,
    /// That of the log does nothing until the log is copied, as with SQLite's `NORMAL`.
    Normal,
    /// Nothing, as with `OFF`.
    Off,
    /// It syncs, but the log is never cut shorter, whatever the host is told.
    LogUncut,
    /// It syncs, but the database's file is never cut shorter.
    DatabaseUncut,
}

/// The places in the control file, in 8 bytes each. `tests/shim/disk.c` has the same.
#[derive(Clone, Copy)]
enum Word {
    Calls,
    First,
    Failing,
    Kind,
    Failed,
    DelayMillis,
    Sync,
    Unsynced,
}

/// The shim of one host.
pub struct DiskShim {
    library: PathBuf,
    control: PathBuf,
    file: File,
}

impl DiskShim {
    /// Compiles the library and makes the control file, both in `folder`.
    ///
    /// # Panics
    ///
    /// When that is not possible.
    #[track_caller]
    pub fn new(folder: &Path) -> Self {
        let source = concat!(env!("CARGO_MANIFEST_DIR"), "/shim/disk.c");
        let library = folder.join("disk-shim.so");
        if !library.is_file() {
            // The compiler that built SQLite, too.
            let mut cc = Command::new("cc");
            cc.args(["-shared", "-fPIC", "-O2", "-Wall", "-Werror", source, "-ldl", "-o"]);
            let status = cc.arg(&library).status().expect("run the C compiler");
            assert!(status.success(), "`{source}` cannot be compiled");
        }
        let control = folder.join("disk-shim.control");
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(true);
        let file = options.open(&control).expect("a control file");
        file.set_len(8 * 8).expect("a control file");
        Self { library, control, file }
    }

    /// What the host's environment must hold.
    pub fn environment(&self) -> Vec<(OsString, OsString)> {
        vec![
            ("LD_PRELOAD".into(), self.library.clone().into()),
            ("DISK_SHIM_CONTROL".into(), self.control.clone().into()),
        ]
    }

    /// Lets so many calls fail, beginning with the n-th from now (from 1).
    pub fn fail(&self, nth: u64, n_calls: u64, fault: Fault) {
        self.heal();
        self.set(Word::Calls, 0);
        self.set(Word::Failed, 0);
        self.set(Word::Failing, n_calls);
        let kind = match fault {
            Fault::Error => 1,
            Fault::Full => 2,
            Fault::Short => 3,
            Fault::Torn => 4,
        };
        self.set(Word::Kind, kind);
        self.set(Word::First, nth);
    }

    /// Lets no more call fail.
    pub fn heal(&self) {
        self.set(Word::First, 0);
    }

    /// How many calls there were since [`Self::fail`], and how many of them failed.
    pub fn counts(&self) -> (u64, u64) {
        (self.get(Word::Calls), self.get(Word::Failed))
    }

    /// Lets each sync take so long.
    pub fn delay_syncs(&self, delay: Duration) {
        self.set(Word::DelayMillis, u64::try_from(delay.as_millis()).unwrap_or(u64::MAX));
    }

    /// Chooses what a sync does.
    pub fn sync(&self, sync: Sync) {
        self.set(Word::Sync, sync as u64);
    }

    /// How many syncs did nothing.
    pub fn n_unsynced(&self) -> u64 {
        self.get(Word::Unsynced)
    }

    #[track_caller]
    fn set(&self, word: Word, value: u64) {
        self.file.write_all_at(&value.to_ne_bytes(), 8 * word as u64).expect("the control file");
    }

    #[track_caller]
    fn get(&self, word: Word) -> u64 {
        let mut bytes = [0; 8];
        self.file.read_exact_at(&mut bytes, 8 * word as u64).expect("the control file");
        u64::from_ne_bytes(bytes)
    }
}
