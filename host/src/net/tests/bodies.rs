//! Bodies that are too large or not read: the answer arrives, and the next request is understood.

use super::*;

const TEN_MB: usize = 10 * 1024 * 1024;

async fn post_blindly(host: &Host, head: &str, n_bytes: usize) -> String {
    let mut stream = host.connect().await;
    stream.write_all(head.as_bytes()).await.unwrap();
    // As many clients do: everything is sent before the answer is looked at.
    stream.write_all(&vec![b'a'; n_bytes]).await.expect("no reset while sending");
    read_to_close(&mut stream).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_body_over_the_limit_gets_its_answer_although_the_client_sends_all_first() {
    let host = Host::start(Limits::default());
    for path in ["/body", "/unread"] {
        let head = format!("POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {TEN_MB}\r\n\r\n");
        let text = post_blindly(&host, &head, TEN_MB).await;
        let status = if path == "/body" { "413" } else { "401" };
        assert!(text.starts_with(&format!("HTTP/1.1 {status} ")), "{path}: {text}");
        assert!(text.to_lowercase().contains("connection: close"), "{text}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_head_over_the_limit_gets_its_answer_although_the_client_sends_all_first() {
    let host = Host::start(Limits::default());
    let text = post_blindly(&host, "GET / HTTP/1.1\r\nHost: x\r\nX-A: ", 1024 * 1024).await;
    assert!(text.starts_with("HTTP/1.1 431 "), "{text}");
}

#[tokio::test]
async fn what_is_not_http_gets_400() {
    let host = Host::start(quick());
    let text = check_closed_within(&host, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 0, 1500);
    assert!(text.await.starts_with("HTTP/1.1 400 "));
}

#[tokio::test]
async fn a_small_body_that_the_handler_does_not_read_leaves_the_connection_open() {
    let host = Host::start(quick());
    let mut stream = host.connect().await;
    for _ in 0..3 {
        let request = b"POST /unread HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}";
        stream.write_all(request).await.unwrap();
        let text = read_until(&mut stream, "who are you").await;
        assert!(!text.to_lowercase().contains("connection: close"), "{text}");
    }
}

#[tokio::test]
async fn a_client_that_waits_for_100_continue_is_not_asked_to_send_a_body_nobody_reads() {
    let host = Host::start(quick());
    let request = b"POST /unread HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n\
                    Content-Length: 10000000\r\n\r\n";
    let text = check_closed_within(&host, request, 0, 1500).await;
    assert!(text.starts_with("HTTP/1.1 401 "), "{text}");
}

#[tokio::test]
async fn a_client_that_waits_for_100_continue_gets_it_when_the_body_is_read() {
    let host = Host::start(quick());
    let mut stream = host.connect().await;
    let head =
        b"POST /body HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n";
    stream.write_all(head).await.unwrap();
    read_until(&mut stream, "HTTP/1.1 100 Continue\r\n\r\n").await;
    stream.write_all(b"abc").await.unwrap();
    read_until(&mut stream, "3 bytes").await;
}

#[tokio::test]
async fn requests_that_come_together_are_answered_in_order() {
    let host = Host::start(quick());
    let mut stream = host.connect().await;
    let chunked = "POST /body HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n\
                   3\r\nabc\r\n0\r\n\r\n";
    let get = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
    stream.write_all(format!("{get}{chunked}{get}").as_bytes()).await.unwrap();
    let text = read_until(&mut stream, "hello").await;
    let text = if text.contains("3 bytes") && text.matches("hello").count() == 2 {
        text
    } else {
        let rest = read_until(&mut stream, "hello").await;
        text + &rest
    };
    assert_eq!(text.matches("HTTP/1.1 200 OK").count(), 3, "{text}");
}
