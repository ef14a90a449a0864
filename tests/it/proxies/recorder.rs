//! Knows how to stand in for Exportgate or for a program: it writes down what it is asked, word for
//! word, and answers what it was told to.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread;

/// One request as it came over the network.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// Such as `GET /v1/exports/authorize HTTP/1.1`.
    pub line: String,
    /// Names in small letters, sorted.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Asked {
    /// The value of a header, if it is there exactly once.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut found = self.headers.iter().filter(|(have, _)| have == name);
        found.next().filter(|_| found.next().is_none()).map(|(_, value)| value.as_str())
    }
}

#[derive(Default)]
struct State {
    answer: String,
    asked: Vec<Asked>,
}

/// Listens on loopback until the test ends.
pub struct Recorder {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
}

impl Recorder {
    /// Starts to listen; every question is answered with `answer`, a whole answer of HTTP.
    pub fn start(answer: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let recorder =
            Self { address: listener.local_addr().expect("its address"), state: Arc::default() };
        recorder.answer_with(answer);
        let state = recorder.state.clone();
        // Ends with the test's process; a proxy may keep a connection open until then.
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let state = state.clone();
                thread::spawn(move || serve(stream, &state));
            }
        });
        recorder
    }

    /// Host and port.
    pub fn authority(&self) -> String {
        self.address.to_string()
    }

    /// Answers differently from now on.
    pub fn answer_with(&self, answer: &str) {
        lock(&self.state).answer = answer.to_owned();
    }

    /// What it was asked since the last look.
    pub fn asked(&self) -> Vec<Asked> {
        std::mem::take(&mut lock(&self.state).asked)
    }
}

/// An answer of HTTP with these header lines and this body.
pub fn answer(status: &str, headers: &[&str], body: &str) -> String {
    let headers: String = headers.iter().map(|line| format!("{line}\r\n")).collect();
    format!("HTTP/1.1 {status}\r\n{headers}Content-Length: {}\r\n\r\n{body}", body.len())
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().expect("no other test panicked with it")
}

/// Answers one connection for as long as the proxy keeps it.
fn serve(stream: TcpStream, state: &Mutex<State>) {
    let mut writer = stream.try_clone().expect("the same connection");
    let mut reader = BufReader::new(stream);
    while let Some(asked) = read(&mut reader) {
        let mut state = lock(state);
        state.asked.push(asked);
        if writer.write_all(state.answer.as_bytes()).is_err() {
            return;
        }
        // A broken answer ends with its connection, so that nobody waits for the rest.
        if !state.answer.contains("Content-Length") {
            return;
        }
    }
}

/// The next request, or nothing at the end of the connection.
fn read(reader: &mut BufReader<TcpStream>) -> Option<Asked> {
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        match line.trim_end() {
            "" => break,
            line => lines.push(line.to_owned()),
        }
    }
    let mut lines = lines.into_iter();
    let mut asked = Asked { line: lines.next()?, ..Asked::default() };
    for (name, value) in lines.filter_map(|line| {
        line.split_once(':').map(|(name, value)| (name.to_lowercase(), value.trim().to_owned()))
    }) {
        asked.headers.push((name, value));
    }
    asked.headers.sort();
    let length = asked.header("content-length").and_then(|length| length.parse().ok());
    asked.body = vec![0; length.unwrap_or(0)];
    reader.read_exact(&mut asked.body).ok()?;
    Some(asked)
}
