//! A fault in a handler is an answer, to whoever asked and to nobody else, and the connection goes on.

use std::path::Path;

use axum::{Router, routing::get};
use http::StatusCode;
use http_body_util::BodyExt as _;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};
use tokio_util::sync::CancellationToken;

use super::*;
use crate::{
    app::Accept,
    clock::Clock,
    config::Config,
    http::finished,
    net::{self, Limits, Listener},
};

fn app(data: &Path) -> Arc<App> {
    let config = Config::default();
    let database = config.store.file(data);
    let url = "http://127.0.0.1".to_owned();
    let clock = Clock::default();
    Arc::new(App::start(&config, database, url, clock, data, Accept::default()).unwrap())
}

async fn panics() {
    panic!("planted");
}

/// Sends a request, and reads what is answered to its end.
async fn ask(stream: &mut TcpStream, path: &str, end: &str) -> String {
    stream.write_all(format!("GET {path} HTTP/1.1\r\nHost: x\r\n\r\n").as_bytes()).await.unwrap();
    let mut text = String::new();
    while !text.ends_with(end) {
        let mut bytes = [0; 4096];
        let n = stream.read(&mut bytes).await.unwrap();
        assert_ne!(n, 0, "closed after {text}");
        text.push_str(std::str::from_utf8(&bytes[..n]).unwrap());
    }
    text
}

#[tokio::test]
async fn a_panic_in_a_handler_is_an_answer_and_its_connection_goes_on() {
    let data = tempfile::tempdir().unwrap();
    let app = app(data.path());
    let router = Router::new().route("/panic", get(panics)).route("/hello", get(async || "hello"));
    let listener = Listener::tcp("127.0.0.1:0".parse().unwrap()).unwrap();
    let address = listener.local_address().unwrap();
    let front = Front::new(&app, finished(router, &app));
    net::serve(listener, front, Limits::default(), CancellationToken::new());

    let (mut first, mut second) =
        (TcpStream::connect(address).await.unwrap(), TcpStream::connect(address).await.unwrap());
    for _ in 0..3 {
        let told = ask(&mut first, "/panic", "}").await;
        assert!(told.starts_with("HTTP/1.1 500 "), "{told}");
        assert!(told.contains("\"code\":\"internal\"") && !told.contains("planted"), "{told}");
        assert!(told.contains("x-request-id: "), "{told}");
        for stream in [&mut first, &mut second] {
            assert!(ask(stream, "/hello", "hello").await.starts_with("HTTP/1.1 200 "));
        }
    }
}

#[tokio::test]
async fn a_panic_before_an_export_is_a_no_like_any_other_problem() {
    let data = tempfile::tempdir().unwrap();
    let front = Front::new(&app(data.path()), Router::new());
    // Before the answer, as `authorize` judges, and while it is made, as `validate` answers.
    let problem = caught::<()>(|| panic!("planted")).unwrap_err();
    let answers = [
        front.later(RequestId::next(), tracing::Span::none(), future::ready(Err(problem))),
        front.later(RequestId::next(), tracing::Span::none(), async { panic!("planted") }),
    ];
    for answer in answers {
        let answer = answer.await.unwrap();
        assert_eq!(answer.status(), StatusCode::INTERNAL_SERVER_ERROR);
        let body = answer.into_body().collect().await.unwrap().to_bytes();
        let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(body["code"], "internal");
        assert!(!body.to_string().contains("planted"), "{body}");
    }
}
