//! A stop finishes what runs, closes what is idle, and waits for nobody longer than allowed.

use super::*;

#[tokio::test]
async fn a_stop_finishes_the_running_request_and_closes_idle_connections_at_once() {
    let host = Host::start(quick());
    let mut idle = host.connect().await;
    idle.write_all(GET).await.unwrap();
    read_until(&mut idle, "hello").await;
    let mut silent = host.connect().await;
    let mut running = host.connect().await;
    running.write_all(b"GET /slow HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    sleep(Duration::from_millis(100)).await;

    let began = Instant::now();
    host.shutdown.cancel();
    read_to_close(&mut idle).await;
    read_to_close(&mut silent).await;
    assert!(began.elapsed() < Duration::from_millis(150), "{:?}", began.elapsed());
    let text = read_to_close(&mut running).await;
    assert!(text.ends_with("finished"), "{text}");
    host.handle.await.unwrap();
    assert!(began.elapsed() < Duration::from_millis(700), "{:?}", began.elapsed());
    assert!(TcpStream::connect(host.address).await.is_err());
}

#[tokio::test]
async fn a_stop_gives_up_requests_that_do_not_finish() {
    let host = Host::start(quick());
    let mut stuck = host.connect().await;
    stuck.write_all(b"GET /stuck HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    sleep(Duration::from_millis(50)).await;
    let began = Instant::now();
    host.shutdown.cancel();
    host.handle.await.unwrap();
    let millis = began.elapsed().as_millis();
    assert!((750..1100).contains(&millis), "{millis}");
    assert_eq!(read_to_close(&mut stuck).await, "");
}

#[tokio::test]
async fn a_stop_without_connections_is_immediate() {
    let host = Host::start(quick());
    let began = Instant::now();
    host.shutdown.cancel();
    host.handle.await.unwrap();
    assert!(began.elapsed() < Duration::from_millis(100));
}
