//! Thousands of clients that are slow or silent, and good ones that must not notice.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use exportgate_tests::client::{Body, Client, Credential};
use http::{Method, StatusCode};
use rustix::process::{Resource, getrlimit, setrlimit};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use crate::findings::Findings;

/// All of them are gone by then.
const LONGEST: Duration = Duration::from_secs(10);
/// None of them is gone before: a host that hangs up on whoever pauses would hold nobody, and no
/// good client with a slow line either.
const SHORTEST: Duration = Duration::from_secs(3);
/// A good client's answer, in 99 of 100 cases. What it was before any slow one came is told beside it,
/// so that a machine that is busy by itself is recognized.
const GOOD: Duration = Duration::from_millis(50);
/// So long good clients are alone.
const ALONE: Duration = Duration::from_secs(2);
/// How often a slow client sends a byte.
const DRIP: Duration = Duration::from_millis(1_500);
/// Whoever is not rid of by then is not waited for.
const GIVE_UP: Duration = Duration::from_secs(20);
/// Export services that go on asking, so many of each kind.
const GOOD_CLIENTS: usize = 4;
/// Between two of their questions.
const PACE: Duration = Duration::from_millis(4);
/// Connections that are made at one time; more than the listener's queue would only wait in it.
const AT_ONCE: usize = 100;
/// Files beside the connections.
const OTHER_FILES: u64 = 200;

/// How a client is slow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Header,
    Body,
    Silent,
}

impl Kind {
    pub const ALL: [Self; 3] = [Self::Header, Self::Body, Self::Silent];
}

/// What was measured.
pub struct Counts {
    pub n_each: usize,
    /// Of all kinds together, at one time.
    pub most_open: usize,
    /// The shortest and the longest that one of each kind stayed.
    pub stays: [(Kind, Duration, Duration); 3],
    pub waits: Vec<Waits>,
}

/// How a good client connects. One that connected before does not need the listener any more, which
/// may be starved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Connects {
    Before,
    EachTime,
}

impl Connects {
    pub const ALL: [Self; 2] = [Self::Before, Self::EachTime];
}

/// How long answers to good clients took.
pub struct Waits {
    pub connects: Connects,
    pub n_answers: usize,
    /// Before any slow client came, and then.
    pub p99_alone: Duration,
    pub p99: Duration,
    pub slowest: Duration,
}

/// Holds so many connections of each kind.
///
/// # Errors
///
/// When they cannot be opened; what the host did wrong is in `findings`.
pub async fn run(
    authority: &str,
    key: &str,
    secret: &str,
    n_each: usize,
    findings: &Findings,
) -> anyhow::Result<Counts> {
    raise_open_files(n_each as u64 * 3 + OTHER_FILES)?;
    let start = || Good::start(authority, key, secret, findings);
    let alone = start();
    sleep(ALONE).await;
    let alone = alone.stop().await?;
    let good = start();
    let slow = Arc::new(Slow {
        authority: authority.to_owned(),
        gate: Semaphore::new(AT_ONCE),
        n_open: AtomicUsize::new(0),
        most_open: AtomicUsize::new(0),
        findings: findings.clone(),
    });
    let mut clients = JoinSet::new();
    for kind in (0..n_each).flat_map(|_| Kind::ALL) {
        let slow = Arc::clone(&slow);
        clients.spawn(async move { anyhow::Ok((kind, slow.stay(kind).await?)) });
    }
    let mut stays = Kind::ALL.map(|kind| (kind, Duration::MAX, Duration::ZERO));
    while let Some(done) = clients.join_next().await {
        let (kind, stayed) = done??;
        for (_, shortest, longest) in stays.iter_mut().filter(|(of, ..)| *of == kind) {
            (*shortest, *longest) = (stayed.min(*shortest), stayed.max(*longest));
        }
    }
    let good = good.stop().await?;
    for (kind, shortest, longest) in stays {
        if longest > LONGEST {
            findings.add(format!("a slow client ({kind:?}) was let stay {longest:?}"));
        }
        if shortest < SHORTEST {
            findings.add(format!("a slow client ({kind:?}) was gone after {shortest:?}"));
        }
    }
    let mut waits = Vec::new();
    for ((connects, took), (_, took_alone)) in good.iter().zip(&alone) {
        let (p99, p99_alone) = (p99_of(took), p99_of(took_alone));
        if p99 > GOOD {
            findings.add(format!(
                "good clients that connect {connects:?} wait {p99:?} while slow ones hold \
                 connections, and {p99_alone:?} before"
            ));
        }
        let slowest = took.last().copied().unwrap_or_default();
        waits.push(Waits { connects: *connects, n_answers: took.len(), p99_alone, p99, slowest });
    }
    Ok(Counts { n_each, most_open: slow.most_open.load(Ordering::SeqCst), stays, waits })
}

/// Export services that go on asking until they are stopped.
struct Good {
    leave: Arc<AtomicBool>,
    clients: JoinSet<anyhow::Result<(Connects, Vec<Duration>)>>,
}

impl Good {
    fn start(authority: &str, key: &str, secret: &str, findings: &Findings) -> Self {
        let (leave, mut clients) = (Arc::new(AtomicBool::new(false)), JoinSet::new());
        for connects in (0..GOOD_CLIENTS).flat_map(|_| Connects::ALL) {
            let (authority, key) = (authority.to_owned(), Credential::Key(key.to_owned()));
            let (body, leave) = (json!({ "secret": secret }), Arc::clone(&leave));
            let findings = findings.clone();
            clients.spawn(async move {
                let took = ask_on(&authority, connects, &key, &body, &leave, &findings).await?;
                Ok((connects, took))
            });
        }
        Self { leave, clients }
    }

    /// How long each answer took, the shortest first.
    async fn stop(mut self) -> anyhow::Result<[(Connects, Vec<Duration>); 2]> {
        self.leave.store(true, Ordering::SeqCst);
        let mut all = Connects::ALL.map(|connects| (connects, Vec::new()));
        while let Some(done) = self.clients.join_next().await {
            let (connects, more) = done??;
            for (_, took) in all.iter_mut().filter(|(of, _)| *of == connects) {
                took.extend(&more);
            }
        }
        all.iter_mut().for_each(|(_, took)| took.sort_unstable());
        Ok(all)
    }
}

/// What 99 of 100 did not exceed.
fn p99_of(took: &[Duration]) -> Duration {
    took.get(took.len().saturating_sub(1) * 99 / 100).copied().unwrap_or(GIVE_UP)
}

/// Asks again and again, and tells how long each answer took, with the connection where one has
/// to be made.
async fn ask_on(
    authority: &str,
    connects: Connects,
    key: &Credential,
    body: &Value,
    leave: &AtomicBool,
    findings: &Findings,
) -> anyhow::Result<Vec<Duration>> {
    let mut client = Client::new(authority);
    let mut took = Vec::new();
    while !leave.load(Ordering::SeqCst) {
        let began = Instant::now();
        if connects == Connects::EachTime {
            client = Client::new(authority);
        }
        let path = "/v1/exports/validate";
        let (status, answer) = client.ask(key, Method::POST, path, Body::Json(body)).await?;
        took.push(began.elapsed());
        findings.heard(path, status);
        let decision = answer.get("decision").and_then(Value::as_str);
        ensure!(
            (status, decision) == (StatusCode::OK, Some("allow")),
            "a good client was answered {status} {answer}"
        );
        sleep(PACE).await;
    }
    Ok(took)
}

/// What slow clients have in common.
struct Slow {
    authority: String,
    gate: Semaphore,
    n_open: AtomicUsize,
    most_open: AtomicUsize,
    findings: Findings,
}

impl Slow {
    /// Stays as long as it can, and tells how long that was.
    async fn stay(&self, kind: Kind) -> anyhow::Result<Duration> {
        let (mut stream, began) = {
            let _turn = self.gate.acquire().await?;
            let mut stream = TcpStream::connect(&self.authority).await.context("a slow client")?;
            let began = Instant::now();
            stream.write_all(beginning(kind).as_bytes()).await?;
            (stream, began)
        };
        let n_open = self.n_open.fetch_add(1, Ordering::SeqCst) + 1;
        self.most_open.fetch_max(n_open, Ordering::SeqCst);
        self.drip(&mut stream, kind, began).await;
        self.n_open.fetch_sub(1, Ordering::SeqCst);
        Ok(began.elapsed())
    }

    /// Sends a byte now and then, until the host closes the connection.
    async fn drip(&self, stream: &mut TcpStream, kind: Kind, began: Instant) {
        let mut rest = [0; 4096];
        while began.elapsed() < GIVE_UP {
            match timeout(DRIP, stream.read(&mut rest)).await {
                Ok(Ok(0) | Err(_)) => return,
                // An answer, such as 408, after which the connection is closed.
                Ok(Ok(n_read)) => {
                    let came = String::from_utf8_lossy(rest.get(..n_read).unwrap_or_default());
                    self.findings.heard_all("a slow client", &came);
                }
                Err(_) if kind == Kind::Silent => {}
                Err(_) => {
                    if stream.write_all(b"x").await.is_err() {
                        return;
                    }
                }
            }
        }
    }
}

fn beginning(kind: Kind) -> &'static str {
    match kind {
        Kind::Header => "GET /livez HTTP/1.1\r\nHost: x\r\nX-Slow: ",
        Kind::Body => {
            "POST /oauth2/revoke HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\
             Content-Type: application/x-www-form-urlencoded\r\n\r\ntoken="
        }
        Kind::Silent => "",
    }
}

/// Lets this program have so many files open.
///
/// # Errors
///
/// When the system does not allow it: then the connections could not be opened.
fn raise_open_files(wanted: u64) -> anyhow::Result<()> {
    let mut limit = getrlimit(Resource::Nofile);
    if limit.current.is_none_or(|current| current >= wanted) {
        return Ok(());
    }
    ensure!(
        limit.maximum.is_none_or(|maximum| maximum >= wanted),
        "{wanted} open files are needed, and the system allows {:?}",
        limit.maximum
    );
    limit.current = limit.maximum;
    setrlimit(Resource::Nofile, limit).context("open files")
}
