//! Keys that come from an issuer's server: all kinds, rotation, and servers that misbehave.

use std::time::{Duration, Instant};

use serde_json::json;

use super::key_server::{Habit, KeyServer, set};
use super::{ISSUER, Key, check_refused, claims, keys, me, scene};

#[test]
fn each_kind_of_key_signs_and_new_keys_are_found() {
    let (p256, ed25519, next) = (Key::p256(), Key::ed25519(), Key::p256());
    let rsa = &keys::rsa().key;
    let of_other_kinds = json!({ "kty": "oct", "k": "AAAA", "kid": "oct" });
    let first = [rsa.jwk("r"), p256.jwk("p"), of_other_kinds, ed25519.jwk("e")];
    let server = KeyServer::start(set(&first));
    let stage = scene(&server.issuer(ISSUER, "default"), &[]);
    let is_known = |key: &Key, algorithm: &str, kid: &str| {
        let answer = me(&stage, &key.assertion(algorithm, kid, &claims(&stage, "eva")));
        answer.status == 200 && answer.body["user_id"] == "eva"
    };
    for (key, algorithm, kid) in
        [(rsa, "RS256", "r"), (rsa, "PS256", "r"), (&p256, "ES256", "p"), (&ed25519, "EdDSA", "e")]
    {
        assert!(is_known(key, algorithm, kid), "{algorithm}: {}", stage.host.log());
    }
    assert_eq!(server.n_asked(), 1);
    // Without a name only a key that is the only one of its kind can be meant.
    let unnamed = json!({ "alg": "ES256" });
    let answer = me(&stage, &p256.assertion_with(&unnamed, &claims(&stage, "eva")));
    assert_eq!(answer.status, 200, "{}", answer.text);

    // A new key appears, the old one goes.
    server.change(set(&[next.jwk("n"), ed25519.jwk("e")]));
    assert!(is_known(&next, "ES256", "n"), "{}", stage.host.log());
    check_refused(&stage, &p256.assertion("ES256", "p", &claims(&stage, "eva")), "key_unknown");
    assert!(is_known(&ed25519, "EdDSA", "e"));
    // The name of one key does not go with the signature of another.
    let mixed = next.assertion("EdDSA", "e", &claims(&stage, "eva"));
    check_refused(&stage, &mixed, "signature_wrong");
    check_refused(&stage, &next.assertion("ES256", "e", &claims(&stage, "eva")), "algorithm_wrong");
}

#[test]
fn a_server_of_keys_that_misbehaves_is_not_believed_and_disturbs_nobody() {
    let key = Key::p256();
    let target = KeyServer::start(set(&[key.jwk("k")]));
    let internal = "http://169.254.169.254/latest/meta-data".to_owned();
    let habits = [
        Habit::Garbage,
        Habit::Long,
        Habit::Redirect(target.url.clone()),
        Habit::Redirect(internal),
    ];
    let servers: Vec<_> = habits.into_iter().map(KeyServer::start).collect();
    let issuer = |(number, server): (usize, &KeyServer)| {
        server.issuer(&format!("{ISSUER}/{number}"), "default")
    };
    let issuers: String = servers.iter().enumerate().map(issuer).collect();
    let stage = scene(&issuers, &[]);
    let started = Instant::now();
    for (number, server) in servers.iter().enumerate() {
        let mut claims = claims(&stage, "eva");
        claims["iss"] = json!(format!("{ISSUER}/{number}"));
        check_refused(&stage, &key.assertion("ES256", "k", &claims), "keys_unavailable");
        assert_eq!(server.n_asked(), 1, "{number}");
    }
    assert!(started.elapsed() < Duration::from_secs(20), "{:?}", started.elapsed());
    assert_eq!(target.n_asked(), 0, "a redirect was followed");
    // What was wrong once can be right later.
    let [garbage, ..] = servers.as_slice() else { panic!() };
    garbage.change(set(&[key.jwk("k")]));
    let mut claims = claims(&stage, "eva");
    claims["iss"] = json!(format!("{ISSUER}/0"));
    assert_eq!(me(&stage, &key.assertion("ES256", "k", &claims)).status, 200);
}

#[test]
fn a_slow_server_of_keys_holds_up_nobody_else_and_a_storm_of_unknown_names_asks_it_rarely() {
    let key = Key::p256();
    let server = KeyServer::start(Habit::Slow);
    let stage = scene(&server.issuer(ISSUER, "default"), &[]);
    let storm = Instant::now();
    std::thread::scope(|scope| {
        let askers: Vec<_> = (0..30)
            .map(|number| {
                let claims = claims(&stage, "eva");
                let assertion = key.assertion("ES256", &format!("unknown-{number}"), &claims);
                let stage = &stage;
                scope.spawn(move || me(stage, &assertion).status)
            })
            .collect();
        // Meanwhile exports are judged as ever.
        let mut slowest = Duration::ZERO;
        for _ in 0..20 {
            let started = Instant::now();
            let unknown = json!({ "secret": "egt_0123456789ABCDEFGHIJKLMNOPQRSTUV1jTRGd" });
            assert_eq!(stage.validate(&unknown).body["reason"], "unknown");
            slowest = slowest.max(started.elapsed());
        }
        assert!(slowest < Duration::from_secs(3), "{slowest:?}");
        for asker in askers {
            assert_eq!(asker.join().unwrap(), 401);
        }
    });
    assert!(storm.elapsed() < Duration::from_secs(30), "{:?}", storm.elapsed());
    assert!((1..=4).contains(&server.n_asked()), "{}", server.n_asked());

    // The same with a server that is quick: three at once, then one in twenty seconds.
    let quick = KeyServer::start(set(&[key.jwk("k")]));
    let stage = scene(&quick.issuer(ISSUER, "default"), &[]);
    for number in 0..30 {
        let assertion = key.assertion("ES256", &format!("{number}"), &claims(&stage, "eva"));
        assert_eq!(me(&stage, &assertion).status, 401);
    }
    assert!((1..=5).contains(&quick.n_asked()), "{}", quick.n_asked());
    assert_eq!(me(&stage, &key.assertion("ES256", "k", &claims(&stage, "eva"))).status, 200);
}
