//! One cut: the disk that it left is mounted, the real host started on it, and everything that was
//! acknowledged before is looked for.

use std::path::Path;

use anyhow::Context as _;
use exportgate_tests::host_process::{HostProcess, Refused};

use super::disk::{self, Mounted};
use super::recorder::Image;
use super::story::Story;
use crate::clients::validate;
use crate::history::{Operation, What};
use crate::judge::{Wrong, judge};
use crate::round::tools;
use exportgate_tests::client::Client;

/// What was found in one cut, or in many.
#[derive(Default)]
pub struct Found {
    pub n_cuts: usize,
    /// Tokens that were looked for.
    pub n_tokens: usize,
    pub n_unflushed: usize,
    pub n_lost_writes: usize,
    pub n_torn: usize,
    /// Disks that `e2fsck` had to mend before they could be mounted.
    pub n_mended: usize,
    pub lost: usize,
    pub accepted: usize,
    pub unfounded: usize,
    /// All of them, and what else the host should never do, in sentences.
    pub sentences: Vec<String>,
}

impl Found {
    pub fn add(&mut self, other: Self) {
        self.n_cuts += other.n_cuts;
        self.n_tokens += other.n_tokens;
        self.n_unflushed += other.n_unflushed;
        self.n_lost_writes += other.n_lost_writes;
        self.n_torn += other.n_torn;
        self.n_mended += other.n_mended;
        self.lost += other.lost;
        self.accepted += other.accepted;
        self.unfounded += other.unfounded;
        self.sentences.extend(other.sentences);
    }
}

/// Judges the cut at `position`, which left `image`. `folder` is for its disk and its host.
///
/// # Errors
///
/// When the kit itself fails, or its judges disagree.
pub fn check(
    story: &Story,
    position: usize,
    image: &Image,
    folder: &Path,
) -> anyhow::Result<Found> {
    let mut found = Found {
        n_cuts: 1,
        n_unflushed: image.n_unflushed,
        n_lost_writes: image.n_lost,
        n_torn: image.n_torn,
        ..Found::default()
    };
    let file = folder.join("cut.img");
    disk::write(&image.bytes, &file)?;
    let mounted = match Mounted::mount(&file, &folder.join("data")) {
        Ok(mounted) => mounted,
        Err(_) => {
            // What ext4 cannot mend alone is not ours, and after it the host must be whole.
            found.n_mended = 1;
            disk::mend(&file);
            Mounted::mount(&file, &folder.join("data")).context("the disk after a cut")?
        }
    };
    match HostProcess::try_start(folder) {
        Ok(host) => {
            look(story, position, &host, &mut found)?;
            let mut checkpoints = story.checkpoints.iter().rev();
            if let Some((_, checkpoint)) = checkpoints.find(|(at, _)| *at <= position) {
                found.sentences.extend(tools(&host, checkpoint));
            }
        }
        Err(refused) => {
            // Whatever else keeps it from starting is wrong, too, but takes nothing away.
            found.lost += usize::from(names_its_data(&refused));
            found.sentences.push(format!("the host does not start: {}", refused.said));
        }
    }
    drop(mounted);
    for sentence in &mut found.sentences {
        *sentence = format!("cut at {position}: {sentence}");
    }
    Ok(found)
}

/// Whether a host did not start for what it found in its data, and not for a port or a lock.
pub fn names_its_data(refused: &Refused) -> bool {
    ["exportgate.db", "exportgate.witness"].iter().any(|file| refused.said.contains(file))
}

/// Validates every token whose creation was acknowledged before the cut, and judges its history.
fn look(
    story: &Story,
    position: usize,
    host: &HostProcess,
    found: &mut Found,
) -> anyhow::Result<()> {
    let now = story.positions.until(position);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let mut client = Client::new(host.authority());
    let state = story.world.state();
    let tokens: Vec<_> = state
        .tokens
        .iter()
        .filter(|token| token.created <= now)
        .map(|token| {
            let (id, secret) = (token.token_id.clone(), token.secret.clone());
            (id, secret, token.number, token.history.until(now))
        })
        .collect();
    drop(state);
    for (token_id, secret, number, mut history) in tokens {
        let shown = validate(&mut client, &story.world.service, number, &secret);
        let (seen, odd) = runtime.block_on(shown)?;
        found.n_tokens += 1;
        found.sentences.extend(odd);
        let (start, end, what) = (now + 1, now + 2, What::Validate(seen));
        history.operations.push(Operation { start, end, what });
        for mistake in judge(&history)? {
            let (count, what) = match mistake.wrong {
                Wrong::Lost => (&mut found.lost, "lost"),
                Wrong::Accepted => (&mut found.accepted, "wrongly accepted"),
                Wrong::Unfounded => (&mut found.unfounded, "unfounded"),
            };
            *count += 1;
            let proof = history.only(&mistake.places);
            found.sentences.push(format!("{what}, `{token_id}`: {proof:?}"));
        }
    }
    Ok(())
}
