//! Cuts the power of a real host's disk, in a recording, and proves that nothing acknowledged is
//! lost: `cargo xtask test powercut`.
//!
//! A killed process proves nothing about power, as what it wrote survives in the kernel. So the
//! host's data lie on ext4 on a loop device on a file that we serve over FUSE: every write and
//! every flush of that disk passes here and is kept. For any moment there follows what a power cut
//! would have left, with what was not flushed missing, torn and out of order.

mod cut;
mod disk;
mod failed_sync;
mod fuse;
mod recorder;
mod story;

use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use anyhow::{Context as _, bail, ensure};
use exportgate_tests::disk_shim::Sync;

use self::cut::Found;
use self::disk::Journal;
pub use self::recorder::Positions;
use self::recorder::Replay;
use self::story::Story;

/// So many cuts are made of one recording; then a new one begins.
const CUTS_OF_A_RECORDING: usize = 100;
/// A host whose syncs do nothing has to lose something within so many cuts. It mostly does in the
/// first.
const MOST_CUTS_OF_A_CONTROL: usize = 40;
/// Cuts that are judged at once.
const JUDGES: usize = 2;

/// What to do.
#[derive(clap::Args)]
pub struct Arguments {
    /// How often the power is cut
    #[arg(long, value_name = "N", default_value_t = 100)]
    pub cuts: usize,
    /// What the clients' choices and the moments of the cuts come from; any when it is not given
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// Then build hosts with `synchronous=NORMAL` and `OFF`, and catch both of them
    #[arg(long)]
    pub mutants: bool,
    /// Fail where this machine cannot record a disk, in place of saying so
    #[arg(long)]
    pub required: bool,
    /// No host whose syncs do nothing: the host under test is one itself
    #[arg(long, hide = true)]
    pub no_controls: bool,
}

/// Makes the cuts, and tells whether all is well.
///
/// # Errors
///
/// When the kit itself fails, or does not notice that a control loses something.
pub fn run_all(arguments: &Arguments, seed: u64) -> anyhow::Result<bool> {
    if let Err(why) = probe() {
        println!("powercut: SKIPPED, 0 of {} cuts: {why:#}", arguments.cuts);
        ensure!(!arguments.required, "no disk can be recorded here: {why:#}");
        return Ok(true);
    }
    let mut rng = fastrand::Rng::with_seed(seed);
    let started = Instant::now();
    let (mut found, mut n_acknowledged, mut n_recordings) = (Found::default(), 0, 0);
    while found.n_cuts < arguments.cuts && found.sentences.is_empty() {
        let n_cuts = (arguments.cuts - found.n_cuts).min(CUTS_OF_A_RECORDING);
        let (story, cuts) = play(Sync::Full, n_cuts, false, &mut rng)?;
        n_acknowledged += story.counts().acknowledged();
        n_recordings += 1;
        found.add(cuts);
    }
    let seconds = started.elapsed().as_secs_f64();
    println!(
        "powercut: {} cuts in {n_recordings} recordings, {seconds:.1} s; {n_acknowledged} \
         acknowledged writes; {} tokens looked for; of {} unflushed writes {} missing and {} torn; \
         {} disks mended by e2fsck; seed {seed}",
        found.n_cuts,
        found.n_tokens,
        found.n_unflushed,
        found.n_lost_writes,
        found.n_torn,
        found.n_mended,
    );
    println!(
        "powercut: lost {}, wrongly accepted {}, unfounded {}",
        found.lost, found.accepted, found.unfounded,
    );
    for sentence in found.sentences.iter().take(20) {
        // A host that does not start says why in several lines; a finding has one.
        println!("powercut: {}", sentence.lines().collect::<Vec<_>>().join(" "));
    }
    if !found.sentences.is_empty() {
        // The story of failed syncs cannot even be told of a host that does not sync.
        return Ok(false);
    }
    let after_failed_syncs = failed_sync::play(&mut rng)?;
    for sentence in &after_failed_syncs {
        println!("powercut: {sentence}");
    }
    if !after_failed_syncs.is_empty() {
        return Ok(false);
    }
    if !arguments.no_controls {
        for (name, sync) in [("NORMAL", Sync::Normal), ("OFF", Sync::Off)] {
            control(name, sync, &mut rng)?;
        }
        failed_sync::control(&mut rng)?;
    }
    Ok(true)
}

/// Plays a host that does not sync as it should until something acknowledged is lost.
fn control(name: &str, sync: Sync, rng: &mut fastrand::Rng) -> anyhow::Result<()> {
    let (story, found) = play(sync, MOST_CUTS_OF_A_CONTROL, true, rng)?;
    ensure!(
        found.lost + found.accepted > 0,
        "a host that syncs as with `{name}` lost nothing in {} cuts of {} acknowledged writes, so \
         nothing is proven: {:?}",
        found.n_cuts,
        story.counts().acknowledged(),
        found.sentences,
    );
    println!(
        "powercut: a host that syncs as with `{name}` was caught in {} cuts: lost {}, wrongly \
         accepted {}",
        found.n_cuts, found.lost, found.accepted,
    );
    Ok(())
}

/// Records a host, and cuts its power so often, or until something is found.
fn play(
    sync: Sync,
    n_cuts: usize,
    until_found: bool,
    rng: &mut fastrand::Rng,
) -> anyhow::Result<(Story, Found)> {
    let folder = tempfile::tempdir().context("a folder for the host")?;
    let empty = disk::make(folder.path(), Journal::There)?;
    let story = Story::record(folder.path(), &empty, sync, rng)?;
    let odd = std::mem::take(&mut story.world.state().oddities);
    let first: Vec<_> = odd.iter().take(3).collect();
    ensure!(odd.is_empty(), "the recorded host itself was odd {} times: {first:?}", odd.len());
    let last = story.recorder.position();
    let mut cuts: Vec<usize> = (0..n_cuts)
        .map(|_| {
            // Often one at which somebody was just told something, or at which much is on its way.
            let chosen = match rng.u8(..4) {
                0 => None,
                1 => story.positions.any(rng).filter(|&told| told > story.first),
                _ => story.recorder.busy(story.first, rng),
            };
            chosen.unwrap_or_else(|| rng.usize(story.first..=last))
        })
        .collect();
    if until_found {
        // The images come in order, and late cuts can lose the most; that at the last answer the
        // very most, as afterwards the disk is unmounted and thus flushed.
        cuts.sort_unstable();
        cuts.drain(..n_cuts / 2);
        cuts.extend(story.positions.last());
    }
    cuts.sort_unstable();
    let replay =
        Mutex::new((cuts.into_iter(), Replay::new(Arc::clone(&story.recorder)), rng.fork()));
    let found = Mutex::new(Ok(Found::default()));
    std::thread::scope(|scope| {
        for _ in 0..JUDGES {
            scope.spawn(|| {
                loop {
                    let next = {
                        let mut replay = replay.lock().unwrap_or_else(PoisonError::into_inner);
                        let (cuts, replay, rng) = &mut *replay;
                        cuts.next().map(|position| (position, replay.image(position, rng)))
                    };
                    let Some((position, image)) = next else { return };
                    let cut = tempfile::tempdir()
                        .context("a folder for a cut")
                        .and_then(|folder| cut::check(&story, position, &image, folder.path()));
                    let mut found = found.lock().unwrap_or_else(PoisonError::into_inner);
                    match (&mut *found, cut) {
                        (Ok(found), Ok(cut)) => found.add(cut),
                        (Ok(_), Err(error)) => *found = Err(error),
                        (Err(_), _) => return,
                    }
                    if until_found && found.as_ref().is_ok_and(|found| !found.sentences.is_empty())
                    {
                        return;
                    }
                }
            });
        }
    });
    let found = found.into_inner().unwrap_or_else(PoisonError::into_inner)?;
    Ok((story, found))
}

/// Tries what is needed, so that a machine without it is told from a kit that fails.
fn probe() -> anyhow::Result<()> {
    let folder = tempfile::tempdir().context("a folder")?;
    let empty = disk::make(folder.path(), Journal::There)?;
    let image = folder.path().join("disk.img");
    std::fs::write(&image, [])?;
    let recorder = Arc::new(recorder::Recorder::new(empty));
    let served = fuse::Served::mount(&image, recorder)?;
    let mounted = disk::Mounted::mount(&image, &folder.path().join("data"))
        .context("there is no loop device, or it cannot be mounted")?;
    drop(mounted);
    drop(served);
    Ok(())
}

/// Runs a program of the system.
fn run(command: &mut Command) -> anyhow::Result<()> {
    let output = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let output = output.with_context(|| format!("{command:?}"))?.wait_with_output()?;
    if output.status.success() {
        return Ok(());
    }
    bail!("{command:?}: {}", String::from_utf8_lossy(&output.stderr).trim())
}
