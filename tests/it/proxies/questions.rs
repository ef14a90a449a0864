//! Knows, word for word, what a proxy asks Exportgate and what it tells the program behind it, and
//! that only a clear yes opens.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tempfile::TempDir;

use super::curl::Credential::{Basic, Nothing};
use super::curl::{fetch, fetch_with};
use super::front::{Behind, Front, Kind};
use super::recorder::{Asked, Recorder, answer};
use super::through_both;

through_both! {
    exportgate_is_asked_with_the_clients_own_words_and_the_proxys_key,
    the_program_learns_who_it_is_but_never_the_secret,
    an_answer_that_is_no_clear_yes_opens_nothing,
}

const SERVICE_KEY: &str = "egs_a_key_that_only_the_proxy_knows";
const USER: &str = "zoë@example.com";
const SECRET: &str = "p:a s\u{df}";

/// What a client claims that has read our documentation.
const CLAIMS: [&str; 16] = [
    "--header",
    "X-Exportgate-Service: egs_mine",
    "--header",
    "X-Exportgate-User: admin",
    "--header",
    "X-Exportgate-User-Name: admin",
    "--header",
    "X-Exportgate-Data-Source: another",
    "--header",
    "X-Exportgate-Reason: allowed",
    "--header",
    "X-Forwarded-For: 203.0.113.7",
    "--header",
    "Cookie: __Host-exportgate=stolen",
    "--data",
    "a body that is the program's business",
];

struct Scene {
    front: Front,
    exportgate: Recorder,
    program: Recorder,
    _dir: TempDir,
}

impl Scene {
    #[track_caller]
    fn behind(kind: Kind) -> Self {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let exportgate = Recorder::start(&yes());
        let program = Recorder::start(&answer("200 OK", &[], "from the program"));
        let behind = Behind {
            exportgate: &exportgate.authority(),
            service_key: SERVICE_KEY,
            program: &program.authority(),
        };
        let front = Front::start(kind, dir.path(), &behind);
        Self { front, exportgate, program, _dir: dir }
    }
}

fn yes() -> String {
    let who = [
        "X-Exportgate-User: usr_1",
        "X-Exportgate-User-Name: zo%C3%AB%40example.com",
        "X-Exportgate-Organization: default",
        "X-Exportgate-Token: tok_1",
    ];
    answer("200 OK", &who, "")
}

fn exportgate_is_asked_with_the_clients_own_words_and_the_proxys_key(kind: Kind) {
    let scene = Scene::behind(kind);
    let url = format!("{}/live/odata/Accounts?$filter=Name+eq+'private'", scene.front.url);
    assert_eq!(fetch_with(&url, Basic(USER, SECRET), &CLAIMS).status, 200);
    let asked = only(scene.exportgate.asked());
    assert_eq!(asked.line, "GET /v1/exports/authorize HTTP/1.1");
    let basic = format!("Basic {}", STANDARD.encode(format!("{USER}:{SECRET}")));
    assert_eq!(asked.header("authorization"), Some(basic.as_str()));
    assert_eq!(asked.header("x-exportgate-service"), Some(SERVICE_KEY));
    assert_eq!(asked.header("x-exportgate-data-source"), Some("/live/odata/Accounts"));
    assert_eq!(asked.header("x-forwarded-for"), Some("127.0.0.1"));
    assert_eq!(asked.header("cookie"), None);
    assert!(asked.body.is_empty());
    let words = format!("{asked:?}");
    for foreign in ["private", "admin", "egs_mine", "another", "203.0.113.7"] {
        assert!(!words.contains(foreign), "`{foreign}` reached Exportgate: {words}");
    }
    assert_eq!(fetch(&scene.front.url, Nothing).status, 404);
    assert_eq!(only(scene.exportgate.asked()).header("authorization"), None);
}

fn the_program_learns_who_it_is_but_never_the_secret(kind: Kind) {
    let scene = Scene::behind(kind);
    let url = format!("{}/live/odata/Accounts?$top=1", scene.front.url);
    let got = fetch_with(&url, Basic(USER, SECRET), &CLAIMS);
    assert_eq!(got.text(), "from the program");
    let asked = only(scene.program.asked());
    assert_eq!(asked.line, "POST /odata/Accounts?$top=1 HTTP/1.1");
    assert_eq!(asked.body, b"a body that is the program's business");
    let host = scene.front.url.strip_prefix("http://");
    for (name, value) in [
        ("x-exportgate-user", Some("usr_1")),
        ("x-exportgate-user-name", Some("zo%C3%AB%40example.com")),
        ("x-exportgate-organization", Some("default")),
        ("x-exportgate-token", Some("tok_1")),
        ("x-exportgate-service", None),
        ("x-exportgate-data-source", None),
        ("x-exportgate-reason", None),
        ("authorization", None),
        ("x-forwarded-for", Some("127.0.0.1")),
        ("x-forwarded-prefix", Some("/live")),
        ("x-forwarded-proto", Some("http")),
        ("x-forwarded-host", host),
        ("host", host),
    ] {
        let n_values = asked.headers.iter().filter(|(have, _)| have == name).count();
        assert_eq!((asked.header(name), n_values), (value, value.iter().len()), "{name}");
    }
}

fn an_answer_that_is_no_clear_yes_opens_nothing(kind: Kind) {
    let scene = Scene::behind(kind);
    let reason = ["X-Exportgate-Reason: unknown"];
    let elsewhere = ["Location: http://127.0.0.1:9/"];
    let mut answers: Vec<_> = ["400 Bad Request", "401 Unauthorized", "403 Forbidden"]
        .into_iter()
        .chain(["404 Not Found", "429 Too Many Requests", "500 Oops", "503 Away"])
        .map(|status| answer(status, &[], "<html>"))
        .collect();
    answers.extend([
        answer("302 Found", &elsewhere, ""),
        answer("307 Temporary Redirect", &elsewhere, ""),
        answer("403 Forbidden", &reason, ""),
        "not HTTP at all\r\n\r\n".to_owned(),
        String::new(),
    ]);
    for answer in answers {
        scene.exportgate.answer_with(&answer);
        for path in ["/odata/Accounts", "/csv/opportunities.csv", "/live/odata/", "/nowhere"] {
            let url = format!("{}{path}", scene.front.url);
            let got = fetch(&url, Basic(USER, SECRET));
            assert_eq!(got.status, 503, "{path} after {answer:?}: {}", got.text());
            assert_eq!(got.json()["status"], 503);
        }
        assert!(scene.program.asked().is_empty(), "the program was asked after {answer:?}");
    }
    scene.exportgate.answer_with(&yes());
    let url = format!("{}/odata/Accounts", scene.front.url);
    assert_eq!(fetch(&url, Basic(USER, SECRET)).status, 200);
}

#[track_caller]
fn only(mut asked: Vec<Asked>) -> Asked {
    assert_eq!(asked.len(), 1, "{asked:?}");
    asked.remove(0)
}
