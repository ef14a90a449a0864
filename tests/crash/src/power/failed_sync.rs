//! Syncs that fail, of the log or of the database, perhaps a kill, and then a power cut: what is
//! acknowledged afterwards must not lie in, or behind, something that never reached the disk.
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

use super::cut::names_its_data;
use super::disk::{self, Journal, Mounted};
use super::fuse::Served;
use super::recorder::{Recorder, Replay};
use super::story::environment;
use crate::clients::validate;
use crate::history::Life;
use crate::round::settle;
use crate::world::World;
use exportgate_tests::client::{Body, Client, Credential};

/// Creations while the syncs of the log fail: each is refused.
const REFUSED: usize = 4;
/// So many creations let the log grow, and nothing is copied yet.
const FEW: usize = 12;
/// So many have it copied into the database at least once, whatever the host's pace.
const ENOUGH_FOR_A_COPY: usize = 70;

/// What a sentence begins with that tells of something lost.
const LOST: &str = "lost: ";

/// What fails, and what happens then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Story {
    /// Everything, for a moment; the host goes on.
    GoesOn,
    /// Everything, for a moment; the host is killed, and started again.
    IsKilled,
    /// All but the log itself: creations succeed, but the log cannot be copied into the database.
    CopyFails,
}

impl Story {
    const ALL: [Self; 3] = [Self::GoesOn, Self::IsKilled, Self::CopyFails];

    /// In words.
    const fn told(self) -> &'static str {
        match self {
            Self::GoesOn => "syncs of the log failed, the host went on",
            Self::IsKilled => "syncs of the log failed, the host was killed",
            Self::CopyFails => "the log could not be copied, the host went on",
        }
    }
}

/// Plays the stories, and tells what went wrong.
///
/// # Errors
///
/// When the kit itself fails.
pub fn play(rng: &mut fastrand::Rng) -> anyhow::Result<Vec<String>> {
    let mut wrong = Vec::new();
    for story in Story::ALL {
        wrong.extend(play_one(story, Sync::Full, rng)?);
    }
    Ok(wrong)
}

/// Plays a host that writes on where a sync has failed: it must lose something.
///
/// # Errors
///
/// When it does not, so that nothing is proven.
pub fn control(rng: &mut fastrand::Rng) -> anyhow::Result<()> {
    for (story, sync) in [(Story::GoesOn, Sync::LogUncut), (Story::CopyFails, Sync::DatabaseUncut)]
    {
        let wrong = play_one(story, sync, rng)?;
        let what = format!("a host that writes on where a sync has failed ({sync:?})");
        let has_lost = wrong.iter().any(|sentence| sentence.starts_with(LOST));
        ensure!(has_lost, "{what} lost nothing: {wrong:?}");
        println!("powercut: {what} was caught");
    }
    Ok(())
}

fn play_one(story: Story, sync: Sync, rng: &mut fastrand::Rng) -> anyhow::Result<Vec<String>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let folder = tempfile::tempdir().context("a folder for the host")?;
    let empty = disk::make(folder.path(), Journal::None)?;
    let recorder = Arc::new(Recorder::new(empty));
    let (world, secrets) = record(folder.path(), &recorder, story, sync, &runtime)?;

    let cut = tempfile::tempdir().context("a folder for a cut")?;
    let position = recorder.position();
    let image = Replay::new(recorder).image_with(position, 0.0, rng);
    let file = cut.path().join("cut.img");
    disk::write(&image.bytes, &file)?;
    disk::mend(&file);
    let mounted = Mounted::mount(&file, &cut.path().join("data"))?;
    let host = match HostProcess::try_start(cut.path()) {
        Ok(host) => host,
        Err(refused) => {
            let lost = if names_its_data(&refused) { LOST } else { "" };
            return Ok(vec![format!("{lost}the host does not start: {refused:?}")]);
        }
    };
    let mut client = Client::new(host.authority());
    let mut wrong = Vec::new();
    for (number, secret) in (0_u64..).zip(&secrets) {
        let shown = validate(&mut client, &world.service, number, secret);
        let (seen, _) = runtime.block_on(shown)?;
        if seen.life != Life::Active {
            wrong.push(format!("{LOST}creation {number} after failed syncs is {:?}", seen.life));
        }
    }
    let checked = host.cli(&["check"]);
    if !checked.status.success() {
        wrong.push(format!("`exportgate check`: {}", String::from_utf8_lossy(&checked.stdout)));
    }
    drop(host);
    drop(mounted);
    println!(
        "powercut: {}: of {} creations acknowledged before and after, the power cut took {}",
        story.told(),
        secrets.len(),
        wrong.len(),
    );
    Ok(wrong)
}

/// Lets a host meet failing writes, and returns the secrets of all creations that it acknowledged.
fn record(
    folder: &Path,
    recorder: &Arc<Recorder>,
    story: Story,
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
    let mut made: Vec<Made> = Vec::new();
    let create = |client: &mut Client, made: &mut Vec<Made>, n: usize| -> anyhow::Result<usize> {
        let before = made.len();
        for _ in 0..n {
            made.extend(runtime.block_on(create(client, cookie))?);
        }
        Ok(made.len() - before)
    };
    let n = if story == Story::CopyFails { ENOUGH_FOR_A_COPY } else { FEW };
    ensure!(create(&mut client, &mut made, n)? == n, "a good disk refused something");
    if story == Story::CopyFails {
        let (database, log) = (host.data().join("exportgate.db"), "exportgate.db-wal");
        let changed = || std::fs::metadata(&database).and_then(|found| found.modified());
        // From its start the log has room for as many changes as are copied at once.
        let before = changed()?;
        while changed()? == before {
            ensure!(create(&mut client, &mut made, 1)? == 1, "a good disk refused something");
        }
        let mut good = disk::places(&host.data().join(log))?;
        // What ext4 itself writes lies before its first file.
        let first = disk::places(&database)?.iter().map(|place| place.start).min();
        good.extend(first.map(|first| 0..first));
        recorder.fail_but(good);
        // A rename writes less than a creation, and the log need not grow.
        let last = made.last().context("a token")?;
        for number in 0..n {
            runtime.block_on(rename(&mut client, cookie, &last.token_id, number))?;
        }
        ensure!(host.log().contains("could not be copied"), "no copy has failed");
    } else {
        recorder.fail_but(Vec::new());
        let n_done = create(&mut client, &mut made, REFUSED)?;
        ensure!(n_done == 0, "a creation was acknowledged without a sync");
    }
    recorder.heal();
    if story == Story::IsKilled {
        host.kill();
        host.restart();
        client = Client::new(host.authority());
    }
    ensure!(create(&mut client, &mut made, n)? == n, "the host does not go on after failed syncs");
    host.kill();
    drop(mounted);
    drop(served);
    Ok((world, made.into_iter().map(|made| made.secret).collect()))
}

/// A token that the host said it has created.
struct Made {
    token_id: String,
    secret: String,
}

/// Creates a token; none when the host said that it cannot.
async fn create(client: &mut Client, cookie: &Credential) -> anyhow::Result<Option<Made>> {
    let body = json!({ "label": "t0.0" });
    let answer = client.ask(cookie, Method::POST, "/v1/tokens", Body::Json(&body)).await?;
    match answer {
        (StatusCode::CREATED, answer) => {
            let text = |pointer| answer.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
            let token_id = text("/token/token_id").context("no token")?;
            Ok(Some(Made { token_id, secret: text("/secret").context("no secret")? }))
        }
        (StatusCode::SERVICE_UNAVAILABLE, _) => Ok(None),
        (status, _) => Err(anyhow!("a creation was answered with {status}")),
    }
}

/// Renames a token, which the host may say it cannot.
async fn rename(
    client: &mut Client,
    cookie: &Credential,
    token_id: &str,
    number: usize,
) -> anyhow::Result<()> {
    let (path, body) = (format!("/v1/tokens/{token_id}"), json!({ "label": format!("t{number}") }));
    match client.ask(cookie, Method::PATCH, &path, Body::Json(&body)).await? {
        (StatusCode::OK | StatusCode::SERVICE_UNAVAILABLE, _) => Ok(()),
        (status, _) => Err(anyhow!("a rename was answered with {status}")),
    }
}
