//! Looks for every secret that was ever shown, in everything that the host writes.

use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, ensure};
use base64::{Engine as _, engine::general_purpose::STANDARD};

use crate::findings::Findings;

/// So many characters of a secret are looked for: nobody meets them by chance, and half a secret
/// is found, too.
const WINDOW: usize = 12;
/// A place that is not empty has at least so many bytes.
const SOMETHING: usize = 64;
/// What a line of the log holds that tells the most.
const TRACE: &str = "\"level\":\"TRACE\"";

/// What a file or text is, so that what was searched can be told, and found missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    Database,
    WriteAheadLog,
    Backup,
    Log,
    Answer,
    Other,
}

impl Kind {
    /// How many of them there are, in words.
    pub fn told(self, n: usize) -> String {
        format!("{n} {}{}", self.name(), if n == 1 { "" } else { "s" })
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Database => "database",
            Self::WriteAheadLog => "write-ahead log",
            Self::Backup => "backup",
            Self::Log => "log",
            Self::Answer => "answer",
            Self::Other => "other file",
        }
    }

    fn of(file: &Path) -> Self {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        let ends = |ending: &str| name.ends_with(ending);
        if name.starts_with("backup") {
            Self::Backup
        } else if ends("-wal") {
            Self::WriteAheadLog
        } else if ends(".db") {
            Self::Database
        } else if ends(".err") || ends(".out") {
            Self::Log
        } else {
            Self::Other
        }
    }
}

/// What was searched and found.
#[derive(Default)]
pub struct Counts {
    pub n_secrets: usize,
    /// How many places of each kind.
    pub places: BTreeMap<Kind, usize>,
    pub n_bytes: usize,
    /// Lines of the log that only a host which tells everything writes.
    pub n_traces: usize,
    /// Planted ones that were found, as they must be.
    pub n_controls: usize,
    /// Where the canary was.
    pub canaries: BTreeMap<Kind, usize>,
}

impl Counts {
    /// Adds what a later search found.
    pub fn add(&mut self, later: Self) {
        for (kind, n) in later.places {
            *self.places.entry(kind).or_default() += n;
        }
        for (kind, n) in later.canaries {
            *self.canaries.entry(kind).or_default() += n;
        }
        self.n_bytes += later.n_bytes;
        self.n_traces += later.n_traces;
        self.n_controls += later.n_controls;
    }
}

/// Looks for secrets in files and texts, which have names, and for the canary: something of the
/// form of a secret that a database and its backup may hold. Where it is not found, no secret would
/// have been either.
///
/// # Errors
///
/// When a place cannot be read, a planted secret is not found, or what was to be searched is not
/// there.
pub fn search(
    secrets: &[String],
    canary: &str,
    files: &[PathBuf],
    texts: &[(&str, Vec<u8>)],
    findings: &Findings,
) -> anyhow::Result<Counts> {
    let mut needles = HashSet::new();
    for secret in secrets {
        needles.extend(windows(secret));
    }
    let canaries = windows(canary).into_iter().collect();
    let mut counts = Counts { n_secrets: secrets.len(), ..Counts::default() };
    let places = files.iter().map(|file| {
        let bytes = fs::read(file).with_context(|| format!("`{}`", file.display()))?;
        anyhow::Ok((Kind::of(file), file.display().to_string(), bytes))
    });
    let texts = texts.iter();
    let texts = texts.map(|(name, bytes)| Ok((Kind::Answer, (*name).to_owned(), bytes.clone())));
    for place in places.chain(texts) {
        let (kind, name, bytes) = place?;
        // A write-ahead log may just have been tidied up.
        if bytes.len() < SOMETHING {
            continue;
        }
        *counts.places.entry(kind).or_default() += 1;
        counts.n_bytes += bytes.len();
        if kind == Kind::Log {
            let text = String::from_utf8_lossy(&bytes);
            counts.n_traces += text.lines().filter(|line| line.contains(TRACE)).count();
        }
        if !found_in(&bytes, &canaries).is_empty() {
            *counts.canaries.entry(kind).or_default() += 1;
        }
        for found in found_in(&bytes, &needles) {
            let place = String::from_utf8_lossy(bytes.get(found..found + WINDOW).unwrap_or(b"?"));
            let kind = kind.name();
            findings.add(format!("a secret is in the {kind} `{name}` at {found}: `{place}…`"));
        }
    }
    let n_with = |kind| counts.canaries.get(&kind).copied().unwrap_or_default();
    ensure!(
        n_with(Kind::Database) + n_with(Kind::WriteAheadLog) > 0 && n_with(Kind::Backup) > 0,
        "what database and backup hold is not found there ({:?} of {:?}), so nothing is proven",
        counts.canaries,
        counts.places,
    );
    ensure!(counts.n_traces > 0, "the logs do not tell everything, so nothing is proven");
    // Every way to write it, or an empty result would say nothing.
    let secret = secrets.iter().find(|secret| secret.starts_with("egt_")).context("no secret")?;
    let pair = STANDARD.encode(format!("anna:{secret}"));
    let noise = "x".repeat(1_000);
    for control in [secret.clone(), secret.chars().skip(4).collect(), format!("Basic {pair}")] {
        let text = format!("{noise}{control}{noise}");
        ensure!(
            !found_in(text.as_bytes(), &needles).is_empty(),
            "a planted secret is not found, so nothing is proven"
        );
        counts.n_controls += 1;
    }
    Ok(counts)
}

/// What is looked for: parts of the secret, and of how HTTP Basic writes it behind names of any
/// length.
fn windows(secret: &str) -> Vec<[u8; WINDOW]> {
    let mut found = Vec::new();
    // The random part, not the prefix, which all of them have.
    let random = secret.as_bytes().get(4..).unwrap_or_default();
    let mut add = |bytes: &[u8]| {
        found.extend(bytes.first_chunk::<WINDOW>().copied());
    };
    add(random);
    add(random.get(WINDOW..).unwrap_or_default());
    for before in ["", "x", "xx"] {
        let encoded = STANDARD.encode([before.as_bytes(), random].concat());
        // The first four characters depend on what comes before.
        add(encoded.as_bytes().get(4..).unwrap_or_default());
    }
    found
}

fn found_in(bytes: &[u8], needles: &HashSet<[u8; WINDOW]>) -> Vec<usize> {
    // Most places are told apart by their first three bytes already.
    let place = |bytes: &[u8]| {
        bytes.iter().take(3).fold(0_usize, |sum, byte| (sum << 8) | usize::from(*byte))
    };
    let mut first = vec![false; 1 << 24];
    for needle in needles {
        if let Some(flag) = first.get_mut(place(needle)) {
            *flag = true;
        }
    }
    bytes
        .windows(WINDOW)
        .enumerate()
        .filter(|(_, window)| first.get(place(window)).copied().unwrap_or_default())
        .filter(|(_, window)| window.first_chunk().is_some_and(|it| needles.contains(it)))
        .map(|(at, _)| at)
        .collect()
}

/// Every file below a folder that holds something.
///
/// # Errors
///
/// When it cannot be read.
pub fn files_below(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let kind = entry.file_type()?;
        if kind.is_dir() {
            found.extend(files_below(&entry.path())?);
        } else if kind.is_file() && entry.metadata()?.len() >= SOMETHING as u64 {
            found.push(entry.path());
        }
    }
    Ok(found)
}
