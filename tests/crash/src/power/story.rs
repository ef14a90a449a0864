//! What is recorded: clients at work on a real host, its checkpoints, a kill and two restarts.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context as _, anyhow};
use exportgate_tests::disk_shim::{DiskShim, Sync};
use exportgate_tests::host_process::HostProcess;
use tokio::task::JoinSet;

use super::disk::Mounted;
use super::fuse::Served;
use super::recorder::{Positions, Recorder};
use crate::clients::{Mix, Worker};
use crate::kill::Killer;
use crate::round::{keep_checkpoint, settle};
use crate::world::{Counts, World};

/// How many clients work at once: enough for common commits.
const CLIENTS: usize = 6;
/// How many changes are acknowledged each time they work: few enough for a small disk.
const CHANGES: u64 = 150;
/// How long they work, at the most.
const LONGEST_WORK: Duration = Duration::from_secs(5);
/// How often is looked how far they are.
const LOOK: Duration = Duration::from_millis(2);
/// Long enough for the host to tidy up its log.
const QUIET: Duration = Duration::from_millis(300);

/// What a host acknowledged, and what reached its disk when.
pub struct Story {
    pub recorder: Arc<Recorder>,
    pub world: Arc<World>,
    pub positions: Positions,
    /// Checkpoints that the host signed, and where the disk was when they were there.
    pub checkpoints: Vec<(usize, PathBuf)>,
    /// Before this the host was not set up.
    pub first: usize,
}

impl Story {
    /// Records a host whose disk begins as `empty`. `sync` is what the host's syncs do.
    ///
    /// # Errors
    ///
    /// When something does not answer as it should, or cannot be mounted.
    pub fn record(
        folder: &Path,
        empty: &[u8],
        sync: Sync,
        rng: &mut fastrand::Rng,
    ) -> anyhow::Result<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .context("the clients' runtime")?;
        let recorder = Arc::new(Recorder::new(empty.to_vec()));
        let image = folder.join("disk.img");
        std::fs::write(&image, [])?;
        let served = Served::mount(&image, Arc::clone(&recorder))?;
        let mounted = Mounted::mount(&image, &folder.join("data"))?;
        let host = HostProcess::try_start_with(folder, environment(folder, sync))
            .map_err(|refused| anyhow!("the host ended at start: {refused:?}"))?;
        let positions = Positions::new(Arc::clone(&recorder));
        let world = settle(&host, &runtime, Some(positions.clone()))?;
        let first = recorder.position();
        let (world, killer) = (Arc::new(world), Arc::new(Killer::new(host)));
        let mut checkpoints = Vec::new();
        for phase in 0..5 {
            let leave = Arc::new(AtomicBool::new(false));
            runtime.block_on(async {
                let mut workers = JoinSet::new();
                for _ in 0..CLIENTS {
                    let (world, killer) = (Arc::clone(&world), Arc::clone(&killer));
                    let worker = Worker::new(world, killer, Mix::CRASH, rng.u64(..));
                    workers.spawn(worker.work(Arc::clone(&leave)));
                }
                let enough = world.state().counts.acknowledged() + CHANGES;
                let working = async {
                    while world.state().counts.acknowledged() < enough {
                        tokio::time::sleep(LOOK).await;
                    }
                };
                // A host that is too slow has less to lose, and that is all.
                let _ = tokio::time::timeout(LONGEST_WORK, working).await;
                if phase == 2 {
                    killer.strike(&world);
                }
                leave.store(true, Ordering::SeqCst);
                while workers.join_next().await.is_some() {}
                // Most operations on a token are of its own phase.
                world.state().begin_round(phase);
            });
            match phase {
                0 => std::thread::sleep(QUIET),
                1 => killer.host().stop(),
                _ => {}
            }
            if phase == 1 || phase == 2 {
                killer.host().restart();
                world.killed.store(false, Ordering::SeqCst);
            }
            if phase < 4 {
                let file = folder.join(format!("checkpoint-{phase}"));
                keep_checkpoint(&killer.host(), &file)?;
                checkpoints.push((recorder.position(), file));
            }
        }
        killer.host().kill();
        drop(mounted);
        drop(served);
        Ok(Self { recorder, world, positions, checkpoints, first })
    }

    /// What was counted.
    pub fn counts(&self) -> Counts {
        self.world.state().counts.clone()
    }
}

/// What a host needs in its environment so that its syncs do this.
pub fn environment(folder: &Path, sync: Sync) -> Vec<(OsString, OsString)> {
    if sync == Sync::Full {
        // The host as it is, with nothing in between.
        return Vec::new();
    }
    let shim = DiskShim::new(folder);
    shim.sync(sync);
    shim.environment()
}
