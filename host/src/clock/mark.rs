//! The mark: a small file that remembers the latest instant that was told to anybody, so that time
//! does not go back when a host is killed and the machine's clock is set back meanwhile.
//!
//! It is written in place and not synced: a killed process loses nothing of it. A power cut can take
//! its last seconds away; the database, whose every commit holds the instant too, tells the rest.

use std::{
    fs::{self, File, OpenOptions},
    io,
    os::unix::fs::{FileExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
};

use exportgate_core::time::Timestamp;

/// The file's name in the data folder.
pub const MARK_NAME: &str = "exportgate.clock";

/// What the file says: an instant, and whether the machine's clock was followed then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    pub at: Timestamp,
    pub is_followed: bool,
}

impl Mark {
    /// Always of the same length, so that a new mark covers the one before.
    fn text(self) -> String {
        format!("{} {}\n", self.at, if self.is_followed { "followed" } else { "doubted " })
    }

    fn parse(text: &str) -> Option<Self> {
        let (at, word) = text.lines().next()?.split_once(' ')?;
        let is_followed = match word.trim_end() {
            "followed" => true,
            "doubted" => false,
            _ => return None,
        };
        Some(Self { at: Timestamp::parse(at).ok()?, is_followed })
    }
}

/// Where marks are written.
#[derive(Debug)]
pub struct MarkFile {
    file: PathBuf,
    open: Option<File>,
}

impl MarkFile {
    /// The file of a data folder; it is made with the first mark.
    pub fn of(data: &Path) -> Self {
        Self { file: data.join(MARK_NAME), open: None }
    }

    /// The last mark, where there is one that can be read.
    pub fn read(&self) -> Option<Mark> {
        Mark::parse(&fs::read_to_string(&self.file).ok()?)
    }

    /// Writes a mark over the last one.
    pub fn write(&mut self, mark: Mark) -> io::Result<()> {
        if self.open.is_none() {
            let mut options = OpenOptions::new();
            options.write(true).create(true).truncate(false).mode(0o600);
            self.open = Some(options.open(&self.file)?);
        }
        match &self.open {
            Some(open) => open.write_all_at(mark.text().as_bytes(), 0),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_mark_is_read_back_and_covers_the_one_before() {
        let folder = tempfile::tempdir().unwrap();
        let mut file = MarkFile::of(folder.path());
        assert_eq!(file.read(), None);
        for (at, is_followed) in [
            ("2026-11-28T20:00:00Z", true),
            ("2026-11-28T20:00:01Z", false),
            ("9999-12-31T23:59:59Z", true),
            ("1970-01-01T00:00:00Z", false),
        ] {
            let mark = Mark { at: Timestamp::parse(at).unwrap(), is_followed };
            file.write(mark).unwrap();
            assert_eq!(MarkFile::of(folder.path()).read(), Some(mark));
        }
        let text = fs::read_to_string(folder.path().join(MARK_NAME)).unwrap();
        assert_eq!(text, "1970-01-01T00:00:00Z doubted \n");
    }

    #[test]
    fn what_is_no_mark_is_none() {
        let folder = tempfile::tempdir().unwrap();
        for text in
            ["", "yesterday followed\n", "2026-11-28T20:00:00Z\n", "2026-11-28T20:00:00Z x\n"]
        {
            fs::write(folder.path().join(MARK_NAME), text).unwrap();
            assert_eq!(MarkFile::of(folder.path()).read(), None, "{text}");
        }
    }
}
