//! Knows what the client sends and what it makes of answers, against a listener that gives one
//! prepared answer.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::os::unix::net::UnixListener;
use std::thread::{self, JoinHandle};

use super::{Answer, Client, Page};
use crate::cli::address::Address;
use crate::cli::session::{NOT_SIGNED_IN, SIGN_IN_AGAIN, Session};
use crate::cli::{Failure, Global};

/// Answers the one request that comes, and gives it back as text.
fn answer_once(mut stream: impl Read + Write, answer: &str) -> String {
    let mut request = Vec::new();
    let mut byte = [0];
    while !request.ends_with(b"\r\n\r\n") && stream.read(&mut byte).unwrap() > 0 {
        request.extend(byte);
    }
    stream.write_all(answer.as_bytes()).unwrap();
    String::from_utf8(request).unwrap()
}

fn host(status: &str, headers: &str, body: &str) -> (Address, JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = Address::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
    let length = body.len();
    let answer = format!(
        "HTTP/1.1 {status}\r\ncontent-length: {length}\r\nconnection: close\r\n{headers}\r\n{body}"
    );
    (address, thread::spawn(move || answer_once(listener.accept().unwrap().0, &answer)))
}

fn ask(status: &str, headers: &str, body: &str) -> Result<Answer, Failure> {
    let (address, host) = host(status, headers, body);
    let session = Session { cookie: "c1".to_owned(), user_name: "ada".to_owned() };
    let result = Client::signed_in(address, Some(&session)).unwrap().get(&["v1", "me"], &[]);
    host.join().unwrap();
    result
}

#[track_caller]
fn check_exit_code(result: Result<Answer, Failure>, expected: u8) {
    assert_eq!(result.map(|_| ()).unwrap_err().exit_code(), expected);
}

const PROBLEM: &str = "{\"status\":STATUS,\"code\":\"a.b\",\"title\":\"t\",\"detail\":\"d\"}";

#[test]
fn answers_become_exit_codes() {
    assert!(ask("200 OK", "", "{}").is_ok());
    for status in ["401", "403", "404", "409", "422", "429"] {
        check_exit_code(ask(&format!("{status} X"), "", &PROBLEM.replace("STATUS", status)), 3);
    }
    check_exit_code(ask("503 X", "", &PROBLEM.replace("STATUS", "503")), 1);
    check_exit_code(ask("404 X", "", "<html>"), 1);
    check_exit_code(ask("500 X", "", ""), 1);
    check_exit_code(ask("302 X", "location: http://127.0.0.1:1/\r\n", ""), 1);
}

#[test]
fn a_host_that_is_gone_or_hangs_up_cannot_be_reached() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = Address::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
    let client = Client::anonymous(address).unwrap();
    let waiting = thread::spawn(move || drop(listener.accept().unwrap()));
    check_exit_code(client.get(&["livez"], &[]), 4);
    waiting.join().unwrap();
    check_exit_code(client.get(&["livez"], &[]), 4);
}

#[test]
fn a_session_is_sent_with_its_origin_and_segments_are_encoded() {
    let (address, host) = host("200 OK", "", "{}");
    let origin = address.origin();
    let session = Session { cookie: "c1".to_owned(), user_name: "ada".to_owned() };
    let client = Client::signed_in(address, Some(&session)).unwrap();
    let query = [("label", Some("a&b")), ("status", None)];
    assert!(client.post(&["v1", "a/b?c#é"], &query, None::<&()>).is_ok());
    let request = host.join().unwrap();
    assert!(
        request.starts_with("POST /v1/a%2Fb%3Fc%23%C3%A9?label=a%26b HTTP/1.1\r\n"),
        "{request}"
    );
    assert!(request.contains("cookie: __Host-exportgate=c1\r\n"), "{request}");
    assert!(request.contains(&format!("origin: {origin}\r\n")), "{request}");
    assert!(request.contains("sec-fetch-site: same-origin\r\n"), "{request}");
}

#[test]
fn without_a_session_the_host_is_asked_and_the_user_told_once() {
    let body = PROBLEM.replace("STATUS", "401");
    let (address, host) = host("401 X", "", &body);
    let result = Client::signed_in(address, None).unwrap().get(&["v1", "tokens"], &[]);
    assert!(!host.join().unwrap().contains("cookie"));
    let Err(Failure::Refused(problem)) = result else { panic!("not refused") };
    assert_eq!(problem.words(), format!("refused: a.b: {NOT_SIGNED_IN}"));
    assert_eq!(problem.document(), body);
    // With a session the host's own words stay.
    let Err(Failure::Refused(problem)) = ask("401 X", "", &body) else { panic!("not refused") };
    assert_eq!(problem.words(), format!("refused: a.b: d\n{SIGN_IN_AGAIN}"));
}

#[test]
fn a_segment_that_an_address_would_swallow_is_wrong_usage() {
    let client = Client::anonymous(Address::parse("http://127.0.0.1:1").unwrap()).unwrap();
    for segment in ["", ".", ".."] {
        check_exit_code(client.get(&["v1", "tokens", segment], &[]), 2);
    }
}

#[test]
fn the_session_cookie_is_found_among_others() {
    let headers = "set-cookie: other=1; Path=/\r\n\
                   set-cookie: __Host-exportgate=v4lue; Path=/; Secure; HttpOnly\r\n";
    assert_eq!(ask("200 OK", headers, "{}").unwrap().session_cookie().as_deref(), Some("v4lue"));
    assert_eq!(ask("200 OK", "", "{}").unwrap().session_cookie(), None);
}

#[test]
fn the_operator_socket_is_found_under_a_path_of_any_length() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["short".to_owned(), "l".repeat(120)] {
        let data = folder.path().join(&name);
        std::fs::create_dir(&data).unwrap();
        let global = Global { data: data.clone(), json: false, url: None };
        check_exit_code(Client::operator(&global).unwrap().get(&["livez"], &[]), 4);

        let socket = crate::cli::socket::SocketPath::of(&data).unwrap();
        let listener = UnixListener::bind(socket.path()).unwrap();
        let host = thread::spawn(move || {
            let answer = "HTTP/1.1 200 OK\r\ncontent-length: 12\r\n\r\n{\"items\":[]}";
            answer_once(listener.accept().unwrap().0, answer)
        });
        let answer = Client::operator(&global).unwrap().get(&["v1", "operator", "users"], &[]);
        assert!(answer.unwrap().parse::<Page>().unwrap().items.is_empty());
        host.join().unwrap();
        // The socket file of a host that was killed stays behind.
        check_exit_code(Client::operator(&global).unwrap().get(&["livez"], &[]), 4);
    }
}
