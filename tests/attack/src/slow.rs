//! Thousands of clients that are slow or silent, and good ones that must not notice.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
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
/// A good client's answer, in 99 of 100 cases. What it was before any slow one came is told beside it,
/// so that a machine that is busy by itself is recognized.
const GOOD: Duration = Duration::from_millis(50);
/// So long good clients are alone.
const ALONE: Duration = Duration::from_secs(2);
/// How often a slow client sends a byte.
const DRIP: Duration = Duration::from_millis(1_500);
/// Whoever is not rid of by then is not waited for.
const GIVE_UP: Duration = Duration::from_secs(20);
/// Export services that go on asking.
const GOOD_CLIENTS: usize = 8;
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
    /// The longest that one of each kind was let stay.
    pub longest: [(Kind, Duration); 3],
    pub n_good: usize,
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
    let alone = Good::start(authority, key, secret);
    sleep(ALONE).await;
    let p99_alone = p99_of(&alone.stop().await?);
    let good = Good::start(authority, key, secret);
    let gate = Arc::new(Semaphore::new(AT_ONCE));
    let mut slow = JoinSet::new();
    for _ in 0..n_each {
        for kind in Kind::ALL {
            let (authority, gate) = (authority.to_owned(), Arc::clone(&gate));
            slow.spawn(async move { anyhow::Ok((kind, be_slow(&authority, kind, &gate).await?)) });
        }
    }
    let mut longest = Kind::ALL.map(|kind| (kind, Duration::ZERO));
    while let Some(done) = slow.join_next().await {
        let (kind, stayed) = done??;
        for (of, longest) in &mut longest {
            if *of == kind {
                *longest = stayed.max(*longest);
            }
        }
    }
    let took = good.stop().await?;
    let p99 = p99_of(&took);
    for (kind, longest) in longest {
        if longest > LONGEST {
            findings.add(format!("a slow client ({kind:?}) was let stay {longest:?}"));
        }
    }
    if p99 > GOOD {
        findings.add(format!(
            "good clients wait {p99:?} while slow ones hold connections, and {p99_alone:?} before"
        ));
    }
    let slowest = took.last().copied().unwrap_or_default();
    Ok(Counts { n_each, longest, n_good: took.len(), p99_alone, p99, slowest })
}

/// Export services that go on asking until they are stopped.
struct Good {
    leave: Arc<AtomicBool>,
    clients: JoinSet<anyhow::Result<Vec<Duration>>>,
}

impl Good {
    fn start(authority: &str, key: &str, secret: &str) -> Self {
        let (leave, mut clients) = (Arc::new(AtomicBool::new(false)), JoinSet::new());
        for _ in 0..GOOD_CLIENTS {
            let client = Client::new(authority);
            clients.spawn(ask_on(client, key.to_owned(), secret.to_owned(), Arc::clone(&leave)));
        }
        Self { leave, clients }
    }

    /// How long each answer took, the shortest first.
    async fn stop(mut self) -> anyhow::Result<Vec<Duration>> {
        self.leave.store(true, Ordering::SeqCst);
        let mut took = Vec::new();
        while let Some(done) = self.clients.join_next().await {
            took.extend(done??);
        }
        took.sort_unstable();
        Ok(took)
    }
}

/// What 99 of 100 did not exceed.
fn p99_of(took: &[Duration]) -> Duration {
    took.get(took.len().saturating_sub(1) * 99 / 100).copied().unwrap_or(GIVE_UP)
}

/// Asks again and again, and tells how long each answer took.
async fn ask_on(
    mut client: Client,
    key: String,
    secret: String,
    leave: Arc<AtomicBool>,
) -> anyhow::Result<Vec<Duration>> {
    let (key, body) = (Credential::Key(key), json!({ "secret": secret }));
    let mut took = Vec::new();
    while !leave.load(Ordering::SeqCst) {
        let began = Instant::now();
        let path = "/v1/exports/validate";
        let (status, answer) = client.ask(&key, Method::POST, path, Body::Json(&body)).await?;
        took.push(began.elapsed());
        let decision = answer.get("decision").and_then(Value::as_str);
        ensure!(
            (status, decision) == (StatusCode::OK, Some("allow")),
            "a good client was answered {status} {answer}"
        );
        sleep(PACE).await;
    }
    Ok(took)
}

/// Stays as long as it can, and tells how long that was.
async fn be_slow(authority: &str, kind: Kind, gate: &Semaphore) -> anyhow::Result<Duration> {
    let (mut stream, began) = {
        let _turn = gate.acquire().await?;
        let mut stream = TcpStream::connect(authority).await.context("a slow client")?;
        let began = Instant::now();
        stream.write_all(beginning(kind).as_bytes()).await?;
        (stream, began)
    };
    let mut rest = [0; 4096];
    loop {
        if began.elapsed() > GIVE_UP {
            return Ok(began.elapsed());
        }
        match timeout(DRIP, stream.read(&mut rest)).await {
            Ok(Ok(0) | Err(_)) => return Ok(began.elapsed()),
            // An answer, such as 408, after which the connection is closed.
            Ok(Ok(_)) => {}
            Err(_) if kind == Kind::Silent => {}
            Err(_) => {
                if stream.write_all(b"x").await.is_err() {
                    return Ok(began.elapsed());
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
