//! How many connections there may be, who is at their end, and what a panic does.

use std::net::IpAddr;
use std::sync::Arc;

use super::super::slots::{Full, Slots};
use super::*;

#[test]
fn one_address_cannot_take_more_than_its_share() {
    let limits = Limits {
        connections: 10,
        connections_per_address: 2,
        trusted: vec!["10.0.0.0/8".parse().unwrap()],
        ..Limits::default()
    };
    let slots = Slots::new(Arc::new(limits));
    let take = |address: &str| slots.take(Some(address.parse::<IpAddr>().unwrap()));
    let first = take("192.0.2.1").unwrap();
    let _second = take("::ffff:192.0.2.1").unwrap();
    assert_eq!(take("192.0.2.1").unwrap_err(), Full::ForAddress);
    drop(first);
    let _third = take("192.0.2.1").unwrap();

    // One client can take any address of an IPv6 /64 network.
    let _a = take("2001:db8::1").unwrap();
    let _b = take("2001:db8::2").unwrap();
    assert_eq!(take("2001:db8::3").unwrap_err(), Full::ForAddress);
    let _other_network = take("2001:db8:0:1::3").unwrap();

    let _proxies = [take("10.1.1.1"), take("10.1.1.1"), take("127.0.0.1"), slots.take(None)];
    assert!(_proxies.iter().all(Result::is_ok));
    let _tenth = take("127.0.0.1").unwrap();
    assert_eq!(take("127.0.0.1").unwrap_err(), Full::InAll);
}

#[tokio::test]
async fn a_connection_over_the_limit_is_closed_and_others_are_served_again_later() {
    let host = Host::start(Limits { connections: 2, ..quick() });
    let mut first = host.connect().await;
    first.write_all(GET).await.unwrap();
    read_until(&mut first, "hello").await;
    let mut second = host.connect().await;
    second.write_all(GET).await.unwrap();
    read_until(&mut second, "hello").await;

    let began = Instant::now();
    read_to_close(&mut host.connect().await).await;
    assert!(began.elapsed() < Duration::from_millis(250), "{:?}", began.elapsed());

    drop(first);
    sleep(Duration::from_millis(100)).await;
    let mut third = host.connect().await;
    third.write_all(GET).await.unwrap();
    read_until(&mut third, "hello").await;
}

#[tokio::test]
async fn a_panic_ends_one_connection_and_gives_its_slot_back() {
    let host = Host::start(Limits { connections: 1, ..quick() });
    for _ in 0..3 {
        let mut stream = host.connect().await;
        stream.write_all(b"GET /panic HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
        assert_eq!(read_to_close(&mut stream).await, "");
        sleep(Duration::from_millis(50)).await;
    }
    let mut stream = host.connect().await;
    stream.write_all(GET).await.unwrap();
    read_until(&mut stream, "hello").await;
}

#[tokio::test]
async fn each_request_knows_its_peer() {
    let host = Host::start_on(Listener::tcp("[::]:0".parse().unwrap()).unwrap(), quick());
    let target = SocketAddr::from(([127, 0, 0, 1], host.address.port()));
    let mut stream = TcpStream::connect(target).await.unwrap();
    stream.write_all(b"GET /peer HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    let own = stream.local_addr().unwrap();
    let text = read_until(&mut stream, "}").await;
    assert!(
        text.ends_with(&format!("Peer {{ address: Some({own}), local_socket: false }}")),
        "{text}"
    );
}

#[tokio::test]
async fn an_address_that_is_in_use_is_told_in_a_sentence() {
    let first = Listener::tcp("127.0.0.1:0".parse().unwrap()).unwrap();
    let address = first.local_address().unwrap();
    let error = Listener::tcp(address).unwrap_err().to_string();
    assert!(error.starts_with(&format!("cannot listen on `{address}`: ")), "{error}");
}
