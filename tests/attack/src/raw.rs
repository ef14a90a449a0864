//! Requests that servers on the way could take for another number of requests, and bodies without
//! an end.

use std::cell::Cell;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use exportgate_tests::host_process::HostProcess;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::findings::Findings;

/// An answer that is not there by then does not come.
const ANSWER: Duration = Duration::from_secs(2);
/// Of a huge body, the host takes no more than this and what lies in the buffers of the system.
const TAKEN: usize = 64 * 1024 * 1024;
/// What a huge body may cost in memory, in KiB.
const MEMORY_KIB: u64 = 16 * 1024;
/// A huge body.
const HUGE: usize = 1 << 30;
/// Whoever sends one is rid of by then.
const GONE: Duration = Duration::from_secs(10);

/// The request that must not be heard.
const HIDDEN: &str = "GET /readyz HTTP/1.1\r\nHost: x\r\n\r\n";

/// A bare line feed may be taken for the end of a line (RFC 9112, section 2.2), and then the head
/// says one thing only.
const ONE_MEANING: &str = "a bare line feed";

/// What was counted.
#[derive(Default)]
pub struct Counts {
    pub n_shapes: usize,
    pub n_bodies: usize,
    /// Of their senders, so many got to read why no more was taken.
    pub n_told: usize,
    pub most_taken: usize,
    pub memory_kib: u64,
}

/// Heads that say two things about where the body ends, each followed by a hidden request: name,
/// head, what comes before the hidden request.
const SHAPES: [(&str, &str, &str); 22] = [
    ("length and chunks", "Content-Length: 5\r\nTransfer-Encoding: chunked", "0\r\n\r\n"),
    ("chunks and length", "Transfer-Encoding: chunked\r\nContent-Length: 0", ""),
    ("two lengths", "Content-Length: 0\r\nContent-Length: 33", ""),
    ("two lengths in one", "Content-Length: 0, 33", ""),
    ("a signed length", "Content-Length: +0", ""),
    ("a negative length", "Content-Length: -1", ""),
    ("a length in hexadecimal", "Content-Length: 0x0", ""),
    ("a length with a space", "Content-Length: 0 33", ""),
    ("a length beyond all numbers", "Content-Length: 18446744073709551616", ""),
    ("chunks that are no chunks", "Transfer-Encoding: xchunked", ""),
    ("chunks and identity", "Transfer-Encoding: chunked, identity", "0\r\n\r\n"),
    ("identity", "Transfer-Encoding: identity\r\nContent-Length: 33", ""),
    ("two codings", "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity", "0\r\n\r\n"),
    ("a tab before chunked", "Transfer-Encoding:\tchunked\r\nContent-Length: 5", "0\r\n\r\n"),
    ("a space before the colon", "Transfer-Encoding : chunked\r\nContent-Length: 0", ""),
    ("a folded header", "X: y\r\n Content-Length: 33", ""),
    ("a folded coding", "Transfer-Encoding:\r\n chunked\r\nContent-Length: 0", ""),
    ("a bare line feed", "X: y\nContent-Length: 33", ""),
    ("a bare carriage return", "X: y\rContent-Length: 33", ""),
    ("NUL in a header", "X: y\0z\r\nContent-Length: 0", ""),
    ("a chunk beyond all numbers", "Transfer-Encoding: chunked", "fffffffffffffffff\r\n"),
    ("a chunk that is no number", "Transfer-Encoding: chunked", "0x0\r\n\r\n"),
];

/// Sends all of it.
///
/// # Errors
///
/// When the host cannot be reached; what it did wrong is in `findings`.
pub async fn run(host: &HostProcess, key: &str, findings: &Findings) -> anyhow::Result<Counts> {
    let mut counts = Counts::default();
    for (name, head, body) in SHAPES {
        let request = format!(
            "POST /oauth2/revoke HTTP/1.1\r\nHost: x\r\n\
             Content-Type: application/x-www-form-urlencoded\r\n{head}\r\n\r\n{body}{HIDDEN}"
        );
        let (answers, is_closed) = answers(host.authority(), request.as_bytes()).await?;
        findings.heard_all(name, &answers);
        counts.n_shapes += 1;
        let n_answers = answers.matches("HTTP/1.1 ").count();
        // Where a head can be read in two ways, there is one answer, and then nothing more can be
        // sent: nobody can have counted otherwise (RFC 9112, section 6.3).
        let is_over = is_closed || name == ONE_MEANING;
        if n_answers > 1 || !is_over || answers.contains("\"ready\"") {
            findings.add(format!(
                "{name}: {n_answers} answers, {}: {answers:?}",
                if is_closed { "closed" } else { "and open" }
            ));
        }
    }
    for (name, request) in [
        ("two hosts", "GET /readyz HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n"),
        ("no host", "GET /readyz HTTP/1.1\r\n\r\n"),
        // Nobody can reset streams rapidly where there are none.
        ("HTTP/2 without TLS", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0"),
        ("another version", "GET /readyz HTTP/3.0\r\nHost: x\r\n\r\n"),
    ] {
        let (answers, _) = answers(host.authority(), request.as_bytes()).await?;
        findings.heard_all(name, &answers);
        counts.n_shapes += 1;
        let refused = answers.is_empty() || answers.starts_with("HTTP/1.1 400");
        if !refused {
            findings.add(format!("{name}: {answers:?}"));
        }
    }
    huge(host, key, findings, &mut counts).await?;
    Ok(counts)
}

/// Everything that is answered, and whether the connection was closed.
async fn answers(authority: &str, request: &[u8]) -> anyhow::Result<(String, bool)> {
    let mut stream = TcpStream::connect(authority).await?;
    stream.write_all(request).await.context("a raw request")?;
    let mut read = Vec::new();
    let is_closed = timeout(ANSWER, stream.read_to_end(&mut read)).await.is_ok();
    Ok((String::from_utf8_lossy(&read).into_owned(), is_closed))
}

/// Sends a gigabyte wherever a body could be read.
async fn huge(
    host: &HostProcess,
    key: &str,
    findings: &Findings,
    counts: &mut Counts,
) -> anyhow::Result<()> {
    let before = host.peak_memory_kib();
    for path in [
        "POST /v1/exports/validate",
        "POST /oauth2/revoke",
        "POST /oauth2/introspect",
        "POST /v1/sign-in",
        "POST /v1/tokens",
        "POST /scim/v2/Users",
        "GET /v1/exports/authorize",
        "GET /livez",
        "GET /",
        "POST /nowhere",
    ] {
        for length in ["Content-Length: 1073741824", "Transfer-Encoding: chunked"] {
            let head = format!(
                "{path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\n\
                 Content-Type: application/json\r\n{length}\r\n\r\n"
            );
            let began = Instant::now();
            let is_chunked = length.starts_with('T');
            let (taken, answer) = pour(host.authority(), &head, is_chunked).await?;
            findings.heard_all(path, &answer);
            counts.n_bodies += 1;
            counts.most_taken = counts.most_taken.max(taken);
            let is_told = answer.starts_with("HTTP/1.1 413");
            counts.n_told += usize::from(is_told);
            if taken > TAKEN || began.elapsed() > GONE || !(is_told || answer.is_empty()) {
                findings.add(format!(
                    "{path} with {length}: {taken} bytes taken in {:?}, {answer:?}",
                    began.elapsed()
                ));
                // Others would take as long, and tell nothing new.
                return Ok(());
            }
        }
    }
    // A connection may break before the answer is read, but the rule is to be told.
    if counts.n_told * 2 < counts.n_bodies {
        findings.add(format!("{} of {} huge bodies were told why", counts.n_told, counts.n_bodies));
    }
    counts.memory_kib = host.peak_memory_kib().saturating_sub(before);
    if counts.memory_kib > MEMORY_KIB {
        findings.add(format!("huge bodies cost {} KiB of memory", counts.memory_kib));
    }
    Ok(())
}

/// Sends a body until nobody takes it, and returns how much was taken and what was answered.
async fn pour(authority: &str, head: &str, is_chunked: bool) -> anyhow::Result<(usize, String)> {
    let mut stream = TcpStream::connect(authority).await?;
    stream.write_all(head.as_bytes()).await?;
    let (mut from, mut to) = stream.split();
    let answer = async {
        let mut read = Vec::new();
        // An error ends the connection as well as its end does.
        let _ = from.read_to_end(&mut read).await;
        String::from_utf8_lossy(&read).into_owned()
    };
    let taken = Cell::new(0);
    let sent = async {
        let piece = vec![b' '; 64 * 1024];
        while taken.get() < HUGE {
            if is_chunked && to.write_all(b"10000\r\n").await.is_err() {
                break;
            }
            if to.write_all(&piece).await.is_err() {
                break;
            }
            taken.set(taken.get() + piece.len());
            if is_chunked && to.write_all(b"\r\n").await.is_err() {
                break;
            }
        }
    };
    let both = async { tokio::join!(answer, sent).0 };
    // Without an end there is no answer, and the time tells.
    let answer = timeout(GONE * 2, both).await.unwrap_or_default();
    Ok((taken.get(), answer))
}
