//! Knows that no request hides in another one: where proxy, host and exporting program could count
//! requests differently, what was hidden is never served without a token.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::front::Kind;
use super::stage::{Stage, USER};
use super::through_both;

through_both! {
    no_request_hides_in_another_one,
}

/// Whoever is silent for so long waits for more of the request.
const SILENT: Duration = Duration::from_millis(500);
/// A file, and what a program behind the proxy gives, each with what only its answer has.
const EXPORTS: [[&str; 2]; 2] = [
    ["/csv/opportunities.csv", "Content-Type: text/csv"],
    ["/live/odata/Accounts", "Content-Type: application/json;odata"],
];

/// Headers that say two things about where the body ends, and what comes before the hidden request.
const SHAPES: [(&str, &str); 13] = [
    ("Content-Length: 5\r\nTransfer-Encoding: chunked", "0\r\n\r\n"),
    ("Transfer-Encoding: chunked\r\nContent-Length: 0", ""),
    ("Content-Length: 0\r\nContent-Length: 50", ""),
    ("Content-Length: 0, 50", ""),
    ("Content-Length: +0", ""),
    ("Content-Length: 0\r\nTransfer-Encoding: identity", ""),
    ("Transfer-Encoding: xchunked", "0\r\n\r\n"),
    ("Transfer-Encoding:\tchunked\r\nContent-Length: 5", "0\r\n\r\n"),
    ("Transfer-Encoding : chunked\r\nContent-Length: 5", "0\r\n\r\n"),
    ("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity", "0\r\n\r\n"),
    ("X: y\r\n Content-Length: 50", ""),
    ("X: y\nContent-Length: 50", ""),
    ("X: y\rTransfer-Encoding: chunked", "0\r\n\r\n"),
];

fn no_request_hides_in_another_one(kind: Kind) {
    let stage = Stage::behind(kind);
    let token = stage.token();
    let authority = stage.front.url.strip_prefix("http://").unwrap();
    let basic = STANDARD.encode(format!("{USER}:{}", token.secret));
    let credential = format!("Authorization: Basic {basic}\r\n");
    let [file, program] = EXPORTS;
    for ([export, told], [other, others]) in [(file, program), (program, file)] {
        let hidden = format!("GET {other} HTTP/1.1\r\nHost: {authority}\r\n\r\n");
        let plain = format!("GET {export} HTTP/1.1\r\nHost: {authority}\r\n{credential}\r\n");
        let answer = answers(authority, &plain);
        assert_eq!(n_served(&answer), 1, "{export} is served to whoever has a token: {answer}");
        assert!(answer.contains(told) && !answer.contains(others), "{answer}");
        // What is asked for openly comes, so that what is hidden would be seen.
        let open = format!("GET {other} HTTP/1.1\r\nHost: {authority}\r\n{credential}\r\n");
        let answer = answers(authority, &[plain, open].concat());
        assert!(n_served(&answer) == 2 && answer.contains(others), "{answer}");
        for method in ["GET", "POST"] {
            for (shape, before) in SHAPES {
                // Without a token nothing is served; with one, only what it came with.
                for (credential, most) in [("", 0), (&credential, 1)] {
                    let request = format!(
                        "{method} {export} HTTP/1.1\r\nHost: {authority}\r\n{credential}{shape}\
                         \r\n\r\n{before}{hidden}"
                    );
                    let answers = answers(authority, &request);
                    let is_good = n_served(&answers) <= most && !answers.contains(others);
                    assert!(is_good, "{method} {export} {shape:?}: {answers}");
                }
            }
        }
    }
    // After all that, the proxy's own connections still belong to nobody.
    let plain = format!("GET {} HTTP/1.1\r\nHost: {authority}\r\n\r\n", file[0]);
    assert_eq!(n_served(&answers(authority, &plain)), 0);
}

fn n_served(answers: &str) -> usize {
    answers.matches("HTTP/1.1 200").count()
}

/// All that is answered on a connection on which this is sent.
fn answers(authority: &str, request: &str) -> String {
    let mut stream = TcpStream::connect(authority).unwrap();
    stream.set_read_timeout(Some(SILENT)).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut read = Vec::new();
    let mut piece = [0; 64 * 1024];
    // An error is silence, or a connection that was reset.
    while let Ok(n) = stream.read(&mut piece) {
        if n == 0 {
            break;
        }
        read.extend_from_slice(&piece[..n]);
    }
    String::from_utf8_lossy(&read).into_owned()
}
