//! Syncs that fail, perhaps a kill, and then a power cut: what is acknowledged afterwards must not
//! lie in, or behind, something that never reached the disk.
//!
//! After a failed sync the kernel takes the pages for written, and ext4 leaves the blocks that they
//! had just got marked as never written, whatever is written there later.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, anyhow, ensure};
use exportgate_tests::disk_shim::Sync;
use exportgate_tests::host_process::HostProcess;
use http::{Method, StatusCode};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use super::disk::{self, Journal, Mounted};
use super::fuse::Served;
use super::recorder::{Recorder, Replay};
use super::story::environment;
use crate::clients::validate;
use crate::history::Life;
use crate::round::settle;
use crate::world::World;
use exportgate_tests::client::{Body, Client, Credential};

/// Creations before the syncs fail, while they do, and after the restart.
const BEFORE: usize = 5;
const FAILING: usize = 4;
const AFTER: usize = 12;

/// What happens between the failed syncs and the next changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Then {
    GoesOn,
    IsKilled,
}

/// Plays the stories, and tells what went wrong.
///
/// # Errors
///
/// When the kit itself fails.
pub fn play(rng: &mut fastrand::Rng) -> anyhow::Result<Vec<String>> {
    let mut wrong = Vec::new();
    for then in [Then::GoesOn, Then::IsKilled] {
        wrong.extend(play_one(then, Sync::Full, rng)?);
    }
    Ok(wrong)
}

/// Plays a host that writes on where a sync has failed: it must lose something.
///
/// # Errors
///
/// When it does not, so that nothing is proven.
pub fn control(rng: &mut fastrand::Rng) -> anyhow::Result<()> {
    let wrong = play_one(Then::GoesOn, Sync::Uncut, rng)?;
    ensure!(!wrong.is_empty(), "a host that writes on where a sync has failed lost nothing");
    println!("powercut: a host that writes on where a sync has failed was caught");
    Ok(())
}

fn play_one(then: Then, sync: Sync, rng: &mut fastrand::Rng) -> anyhow::Result<Vec<String>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let folder = tempfile::tempdir().context("a folder for the host")?;
    let empty = disk::make(folder.path(), Journal::None)?;
    let recorder = Arc::new(Recorder::new(empty));
    let (world, secrets) = record(folder.path(), &recorder, then, sync, &runtime)?;

    let cut = tempfile::tempdir().context("a folder for a cut")?;
    let position = recorder.position();
    let image = Replay::new(recorder).image_with(position, 0.0, rng);
    let file = cut.path().join("cut.img");
    disk::write(&image.bytes, &file)?;
    disk::mend(&file);
    let mounted = Mounted::mount(&file, &cut.path().join("data"))?;
    let host = match HostProcess::try_start(cut.path()) {
        Ok(host) => host,
        Err(refused) => return Ok(vec![format!("lost: the host does not start: {refused:?}")]),
    };
    let mut client = Client::new(host.authority());
    let mut wrong = Vec::new();
    for (number, secret) in (0_u64..).zip(&secrets) {
        let shown = validate(&mut client, &world.service, number, secret);
        let (seen, _) = runtime.block_on(shown)?;
        if seen.life != Life::Active {
            wrong.push(format!("lost: creation {number} after failed syncs is {:?}", seen.life));
        }
    }
    let checked = host.cli(&["check"]);
    if !checked.status.success() {
        wrong.push(format!("`exportgate check`: {}", String::from_utf8_lossy(&checked.stdout)));
    }
    drop(host);
    drop(mounted);
    println!(
        "powercut: {FAILING} syncs failed, {}: of {} creations acknowledged before and after, the \
         power cut took {}",
        if then == Then::IsKilled { "the host was killed" } else { "the host went on" },
        secrets.len(),
        wrong.len(),
    );
    Ok(wrong)
}

/// Lets a host meet failing writes, and returns the secrets of all creations that it acknowledged.
fn record(
    folder: &Path,
    recorder: &Arc<Recorder>,
    then: Then,
    sync: Sync,
    runtime: &Runtime,
) -> anyhow::Result<(World, Vec<String>)> {
    let image = folder.join("disk.img");
    std::fs::write(&image, [])?;
    let served = Served::mount(&image, Arc::clone(recorder))?;
    let mounted = Mounted::mount(&image, &folder.join("data"))?;
    let mut host = HostProcess::try_start_with(folder, environment(folder, sync))
        .map_err(|refused| anyhow!("the host ended at start: {refused:?}"))?;
    let world = settle(&host, runtime, None)?;
    let mut client = Client::new(host.authority());
    let cookie = world.users.first().context("a user")?;
    let mut secrets = Vec::new();
    let mut create = |client: &mut Client, n: usize| -> anyhow::Result<usize> {
        let mut n_done = 0;
        for _ in 0..n {
            let secret = runtime.block_on(create(client, cookie))?;
            n_done += usize::from(secret.is_some());
            secrets.extend(secret);
        }
        Ok(n_done)
    };
    ensure!(create(&mut client, BEFORE)? == BEFORE, "a good disk refused something");
    recorder.fail(true);
    ensure!(create(&mut client, FAILING)? == 0, "a creation was acknowledged without a sync");
    recorder.fail(false);
    if then == Then::IsKilled {
        host.kill();
        host.restart();
        client = Client::new(host.authority());
    }
    ensure!(create(&mut client, AFTER)? == AFTER, "the host does not go on after failed syncs");
    host.kill();
    drop(mounted);
    drop(served);
    Ok((world, secrets))
}

/// Creates a token; none when the host said that it cannot.
async fn create(client: &mut Client, cookie: &Credential) -> anyhow::Result<Option<String>> {
    let body = json!({ "label": "t0.0" });
    let answer = client.ask(cookie, Method::POST, "/v1/tokens", Body::Json(&body)).await?;
    match answer {
        (StatusCode::CREATED, answer) => {
            let secret = answer.get("secret").and_then(Value::as_str);
            Ok(Some(secret.context("no secret")?.to_owned()))
        }
        (StatusCode::SERVICE_UNAVAILABLE, _) => Ok(None),
        (status, _) => Err(anyhow!("a creation was answered with {status}")),
    }
}
