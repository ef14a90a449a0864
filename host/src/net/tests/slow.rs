//! Clients that do too little: each is closed when its phase is over.

use super::*;

#[tokio::test]
async fn a_client_that_sends_nothing_is_closed_after_the_first_byte_time() {
    let host = Host::start(quick());
    let text = check_closed_within(&host, b"", 250, 700).await;
    assert_eq!(text, "");
}

#[tokio::test]
async fn a_head_that_never_ends_is_closed_after_the_head_time() {
    let host = Host::start(quick());
    check_closed_within(&host, b"GET / HTTP/1.1\r\nHost: x\r\nX-A: ", 350, 800).await;
}

#[tokio::test]
async fn a_head_that_drips_does_not_get_more_time_by_each_byte() {
    let host = Host::start(quick());
    let mut stream = host.connect().await;
    let began = Instant::now();
    stream.write_all(b"GET / HTTP/1.1\r\nX-A: ").await.unwrap();
    while began.elapsed() < Duration::from_secs(3) {
        sleep(Duration::from_millis(50)).await;
        if stream.write_all(b"a").await.is_err() {
            break;
        }
    }
    assert!(began.elapsed() < Duration::from_millis(900), "{:?}", began.elapsed());
}

#[tokio::test]
async fn a_body_that_never_ends_is_answered_and_closed() {
    let host = Host::start(quick());
    let request = b"POST /body HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nabc";
    let text = check_closed_within(&host, request, 450, 1900).await;
    assert!(text.starts_with("HTTP/1.1 408 "), "{text}");
    assert!(text.to_lowercase().contains("connection: close"), "{text}");
    assert!(text.ends_with("too slow"), "{text}");
}

#[tokio::test]
async fn a_body_that_drips_does_not_get_more_time_by_each_byte() {
    let host = Host::start(quick());
    let (mut read, mut write) = host.connect().await.into_split();
    let began = Instant::now();
    let drip = tokio::spawn(async move {
        let head = b"POST /body HTTP/1.1\r\nHost: x\r\nContent-Length: 10000\r\n\r\n";
        write.write_all(head).await.unwrap();
        while write.write_all(b"a").await.is_ok() {
            sleep(Duration::from_millis(20)).await;
        }
    });
    let text = read_to_close(&mut read).await;
    assert!(text.starts_with("HTTP/1.1 408 "), "{text}");
    timeout(Duration::from_secs(5), drip).await.unwrap().unwrap();
    assert!(began.elapsed() < Duration::from_millis(2000), "{:?}", began.elapsed());
}

#[tokio::test]
async fn a_client_that_does_not_read_its_answer_is_dropped() {
    let host = Host::start(quick());
    let mut stream = host.connect().await;
    stream.write_all(b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    sleep(Duration::from_millis(1200)).await;
    let text = read_to_close(&mut stream).await;
    assert!(text.len() < 32 * 1024 * 1024, "the whole answer came: {}", text.len());
}

#[tokio::test]
async fn a_slow_reader_that_does_read_gets_the_whole_answer() {
    let host = Host::start(quick());
    let mut stream = host.connect().await;
    let request = b"GET /large HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    stream.write_all(request).await.unwrap();
    let mut bytes = vec![0; 1024 * 1024];
    let mut n_all = 0;
    loop {
        let n = stream.read(&mut bytes).await.unwrap();
        if n == 0 {
            break;
        }
        n_all += n;
        sleep(Duration::from_millis(10)).await;
    }
    assert!(n_all > 32 * 1024 * 1024);
}

#[tokio::test]
async fn an_idle_connection_stays_longer_than_a_silent_one_and_ends_after_the_idle_time() {
    let host = Host::start(quick());
    let mut stream = host.connect().await;
    for _ in 0..3 {
        stream.write_all(GET).await.unwrap();
        read_until(&mut stream, "hello").await;
        // Longer than the first-byte and the head time.
        sleep(Duration::from_millis(900)).await;
    }
    let began = Instant::now();
    read_to_close(&mut stream).await;
    let millis = began.elapsed().as_millis();
    assert!((400..1100).contains(&millis), "{millis}");
}

#[tokio::test]
async fn the_head_of_a_later_request_has_no_more_time_than_that_of_the_first() {
    let host = Host::start(quick());
    let mut stream = host.connect().await;
    stream.write_all(GET).await.unwrap();
    read_until(&mut stream, "hello").await;
    sleep(Duration::from_millis(200)).await;
    stream.write_all(b"GET / HT").await.unwrap();
    let began = Instant::now();
    read_to_close(&mut stream).await;
    let millis = began.elapsed().as_millis();
    assert!((350..800).contains(&millis), "{millis}");
}

#[tokio::test]
async fn a_service_that_takes_long_is_not_timed_by_the_connection() {
    let host = Host::start(Limits { idle: Duration::from_millis(100), ..quick() });
    let mut stream = host.connect().await;
    stream.write_all(b"GET /slow HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    read_until(&mut stream, "finished").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn good_clients_are_served_while_many_slow_ones_hold_connections() {
    let host = Host::start(quick());
    let mut slow = Vec::new();
    for n in 0..600 {
        let mut stream = host.connect().await;
        match n % 3 {
            0 => {}
            1 => stream.write_all(b"GET / HTTP/1.1\r\nX: ").await.unwrap(),
            _ => {
                let head = b"POST /body HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\na";
                stream.write_all(head).await.unwrap();
            }
        }
        slow.push(stream);
    }
    let began = Instant::now();
    let mut good = host.connect().await;
    for _ in 0..200 {
        good.write_all(GET).await.unwrap();
        read_until(&mut good, "hello").await;
    }
    assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
    for mut stream in slow {
        read_to_close(&mut stream).await;
    }
    assert!(began.elapsed() < Duration::from_secs(4), "{:?}", began.elapsed());
}
