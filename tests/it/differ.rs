//! Knows that native core and component give the same answers to random cases, byte for byte. `CASES`
//! and `SEED` of the environment say how many and which; `cargo xtask test fuzz` asks for more.

use std::env;

use exportgate_core::{validate_export, wire::Verb};
use exportgate_host::engine::{Engine, EngineError};
use exportgate_oracles::{
    choices::{Choices, bytes_of},
    decide,
    documents::seeded,
};

fn number(variable: &str, otherwise: u64) -> u64 {
    env::var(variable).map_or(otherwise, |text| text.parse().unwrap())
}

/// The cases' numbers: a slice in every run.
fn seeds() -> impl Iterator<Item = u64> {
    let first = number("SEED", 1);
    (0..number("CASES", 20_000)).map(move |n| first.wrapping_add(n))
}

/// What a form of the core says to a document.
type Answer = Result<String, String>;

/// Asks core and component; names the first case in which they differ.
fn compare(component: impl Fn(Verb, &str) -> Answer) -> Result<(u64, u64), String> {
    let (mut n_answers, mut n_refused) = (0, 0);
    for seed in seeds() {
        let (verb, input) = seeded(seed);
        let native = verb.run(&input).map_err(|unreadable| unreadable.to_string());
        let given = component(verb, &input);
        if native != given {
            let verb = verb.as_str();
            return Err(format!("{seed}: {verb} {input}\nnative {native:?}\ncomponent {given:?}"));
        }
        if native.is_ok() { n_answers += 1 } else { n_refused += 1 }
    }
    Ok((n_answers, n_refused))
}

fn ask(engine: &Engine, verb: Verb, input: &str) -> Answer {
    engine.run(verb, input).map_err(|error| match error {
        EngineError::Unreadable(words) => words,
        other => panic!("{} {input}: {other:?}", verb.as_str()),
    })
}

#[test]
fn random_documents_have_the_native_cores_answers_in_the_component() {
    let engine = Engine::embedded().unwrap();
    let (n_answers, n_refused) =
        compare(|verb, input| ask(&engine, verb, input)).unwrap_or_else(|wrong| panic!("{wrong}"));
    assert!(n_answers > n_refused, "only {n_answers} documents were answered, {n_refused} refused");
    println!("component: {n_answers} answers and {n_refused} refusals, 0 differences");
}

#[test]
fn a_component_that_answers_once_otherwise_is_seen() {
    let n = std::cell::Cell::new(0);
    let wrong = compare(|verb, input| {
        n.set(n.get() + 1);
        match verb.run(input) {
            _ if n.get() == 1_000 => Ok("{}".into()),
            answer => answer.map_err(|unreadable| unreadable.to_string()),
        }
    });
    wrong.unwrap_err();
}

#[test]
fn random_facts_are_decided_as_by_the_native_core() {
    let engine = Engine::embedded().unwrap();
    for seed in seeds() {
        let (facts, revoked_at, expires_at, now) =
            decide::question(&mut Choices::new(&bytes_of(seed, 64)));
        let native = validate_export::decide(facts, revoked_at, expires_at, now);
        assert_eq!(engine.decide(facts, revoked_at, expires_at, now), Ok(native), "{seed}");
    }
}
