//! What the engine promises when its component is good, and when it is not.

use std::thread;
use std::time::{Duration, Instant};

use super::*;
use crate::usecase::TOKENS_PER_QUESTION;

static MISBEHAVING: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/misbehaving.cwasm"));
static NEVER_STARTING: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/never-starting.cwasm"));

/// What `tests/misbehaving.wat` does for these values of `now`.
const TRAP: i64 = 1;
const LOOP: i64 = 2;
const NO_SUCH_REASON: i64 = 3;
const TAKE_ALL_MEMORY: i64 = 4;
const RECURSE: i64 = 5;
const COUNT_CALLS: i64 = 6;

const GOOD: Facts = Facts {
    well_formed: true,
    known: true,
    same_organization: true,
    user_name_matches: true,
    owner_active: true,
};

fn at(unix_seconds: i64) -> Timestamp {
    Timestamp::from_unix_seconds(unix_seconds).unwrap()
}

#[expect(unsafe_code, reason = "these bytes were compiled by this very build")]
fn engine_of(precompiled: &'static [u8], limits: &EngineConfig) -> Engine {
    // SAFETY: see the reason above.
    unsafe { Engine::load(precompiled, limits) }.unwrap()
}

fn misbehaving() -> Engine {
    engine_of(MISBEHAVING, &EngineConfig::default())
}

fn ask(engine: &Engine, now: i64) -> Result<Reason, EngineError> {
    engine.decide(GOOD, None, None, at(now))
}

/// Checks that the call fails with these words and that the next one is answered by a fresh
/// instance.
#[track_caller]
fn check_stops_and_recovers(now: i64, words: &str) {
    let engine = misbehaving();
    assert_eq!(ask(&engine, COUNT_CALLS), Ok(Reason::Unknown), "the first call");
    assert_eq!(ask(&engine, COUNT_CALLS), Ok(Reason::OtherOrganization), "the second call");
    match ask(&engine, now) {
        Err(EngineError::Trapped(text)) => assert!(text.contains(words), "{text}"),
        other => panic!("not stopped: {other:?}"),
    }
    assert_eq!(ask(&engine, COUNT_CALLS), Ok(Reason::Unknown), "first call of a fresh instance");
}

#[test]
fn every_combination_of_facts_and_instants_is_decided_as_by_the_native_core() {
    let engine = Engine::embedded().unwrap();
    let now = at(1_800_000_000);
    let first = at(-62_135_596_800);
    let last = at(253_402_300_799);
    let instants = [None, Some(first), Some(at(1_799_999_999)), Some(now), Some(last)];
    for bits in 0..32u8 {
        let facts = Facts {
            well_formed: bits & 1 != 0,
            known: bits & 2 != 0,
            same_organization: bits & 4 != 0,
            user_name_matches: bits & 8 != 0,
            owner_active: bits & 16 != 0,
        };
        for revoked_at in instants {
            for expires_at in instants {
                assert_eq!(
                    engine.decide(facts, revoked_at, expires_at, now),
                    Ok(exportgate_core::validate_export::decide(
                        facts, revoked_at, expires_at, now
                    )),
                    "{facts:?}, revoked at {revoked_at:?}, expires at {expires_at:?}",
                );
            }
        }
    }
}

#[test]
fn the_component_imports_nothing() {
    let engine = Engine::embedded().unwrap();
    let component = instance::component(&engine.shared);
    assert_eq!(component.component_type().imports(&engine.shared.engine).count(), 0);
}

#[test]
fn a_document_that_cannot_be_read_is_an_error_that_spares_the_instance() {
    let engine = Engine::embedded().unwrap();
    for verb in Verb::ALL.iter().copied() {
        let answer = engine.run(verb, "{");
        assert!(matches!(answer, Err(EngineError::Unreadable(_))), "{verb:?}: {answer:?}");
    }
    assert_eq!(ask(&engine, 0), Ok(Reason::Allowed));
}

#[test]
fn a_document_longer_than_the_memory_is_refused_and_the_next_call_works() {
    let engine = Engine::embedded().unwrap();
    let input = "[".repeat(20 << 20);
    let answer = engine.run(Verb::CreateToken, &input);
    assert!(matches!(answer, Err(EngineError::Trapped(_))), "{answer:?}");
    assert_eq!(ask(&engine, 0), Ok(Reason::Allowed));
}

#[test]
fn ten_thousand_calls_leave_no_state_behind_in_an_instance() {
    let engine = Engine::embedded().unwrap();
    let memory = || with_instance(&engine.shared, |i| Ok(i.store.data().memory)).unwrap();
    let round = |n: i64| {
        // Different arguments in between, good and bad, so that left-overs would show.
        let _ = engine.decide(Facts { known: n % 2 == 0, ..GOOD }, Some(at(n)), None, at(n));
        let _ = engine.run(Verb::CreateToken, "{\"label\":");
        let _ = engine.run(Verb::InspectSecret, "{}");
        (engine.decide(GOOD, None, Some(at(2)), at(1)), engine.run(Verb::ValidateExport, "{}"))
    };
    let first = round(0);
    // The allocator inside takes its first pages in the first rounds.
    for n in 1..10 {
        assert_eq!(round(n), first);
    }
    let settled = memory();
    for n in 10..2_500 {
        assert_eq!(round(n), first);
    }
    assert_eq!(memory(), settled, "the instance's memory grew");
}

#[test]
fn a_trap_is_an_error_and_the_next_call_gets_a_fresh_instance() {
    check_stops_and_recovers(TRAP, "unreachable");
}

#[test]
fn an_endless_loop_is_stopped_after_about_a_second() {
    let start = Instant::now();
    check_stops_and_recovers(LOOP, "interrupt");
    let passed = start.elapsed();
    assert!(passed >= Duration::from_secs(1), "stopped too early: {passed:?}");
}

#[test]
fn the_operators_deadline_holds_in_place_of_the_usual_second() {
    let deadline = Duration::from_millis(100);
    let limits = EngineConfig { deadline, ..EngineConfig::default() };
    let engine = engine_of(MISBEHAVING, &limits);
    let start = Instant::now();
    let answer = ask(&engine, LOOP);
    let passed = start.elapsed();
    assert!(matches!(answer, Err(EngineError::Trapped(_))), "{answer:?}");
    assert!((deadline..EngineConfig::default().deadline).contains(&passed), "{passed:?}");
}

#[test]
fn a_deadline_is_never_shortened_by_the_clock_that_keeps_it() {
    for (millis, n_ticks) in [(1, 2), (100, 2), (101, 3), (1_000, 11), (60_000, 601)] {
        assert_eq!(ticker::ticks(Duration::from_millis(millis)), n_ticks, "{millis} ms");
    }
}

#[test]
fn an_endless_recursion_is_stopped() {
    check_stops_and_recovers(RECURSE, "call stack exhausted");
}

#[test]
fn a_reason_that_does_not_exist_is_an_error() {
    check_stops_and_recovers(NO_SUCH_REASON, "discriminant");
}

#[test]
fn an_instance_gets_no_more_memory_than_the_limit() {
    assert_eq!(ask(&misbehaving(), TAKE_ALL_MEMORY), Ok(Reason::Unknown), "growth was refused");
}

#[test]
fn the_operators_memory_limit_holds_in_place_of_the_largest() {
    let input = "[".repeat(3 << 20);
    let ask_within = |maximum_memory_mib| {
        let limits = EngineConfig { maximum_memory_mib, ..EngineConfig::default() };
        Engine::within(&limits).unwrap().run(Verb::CreateToken, &input)
    };
    let small = ask_within(4);
    assert!(matches!(small, Err(EngineError::Trapped(_))), "{small:?}");
    let large = ask_within(LARGEST_MEMORY_MIB);
    assert!(matches!(large, Err(EngineError::Unreadable(_))), "{large:?}");
}

#[test]
fn the_smallest_memory_is_enough_for_the_longest_documents() {
    let smiles = |n| "\u{1f600}".repeat(n);
    let user_id = "usr_0000000000000000000000";
    let owner =
        serde_json::json!({ "org_id": "default", "user_id": user_id, "user_name": smiles(128) });
    let token = |n: usize| {
        serde_json::json!({
            "token_id": format!("tok_{n:022}"),
            "label": smiles(80),
            "hint": "0000",
            "created_at": "2026-11-23T10:00:00Z",
            "expires_at": "2027-11-23T10:00:00Z",
            "revoked_at": null,
        })
    };
    let owned = |n| serde_json::json!({ "token": token(n), "owner": owner });
    let tokens: Vec<_> = (0..TOKENS_PER_QUESTION).map(token).collect();
    let owned: Vec<_> = (0..TOKENS_PER_QUESTION).map(owned).collect();
    let actor = serde_json::json!({ "kind": "user", "user_id": user_id, "user_name": smiles(128) });
    let policy = serde_json::json!({
        "maximum_expiry_days": 1,
        "automatic_expiration": false,
        "maximum_active_tokens": null,
    });
    let limits =
        EngineConfig { maximum_memory_mib: SMALLEST_MEMORY_MIB, ..EngineConfig::default() };
    let engine = Engine::within(&limits).unwrap();
    for (verb, input, event) in [
        (
            Verb::RevokeTokens,
            serde_json::json!({ "tokens": tokens, "owner": owner, "cause": "revoke_all",
                "now": "2026-11-24T10:00:00Z" }),
            "token.revoked",
        ),
        (
            Verb::ApplyPolicy,
            serde_json::json!({ "tokens": owned, "policy": policy, "notice_days": 0,
                "actor": actor, "now": "2026-11-24T10:00:00Z" }),
            "token.expiry_changed",
        ),
        (
            Verb::ExpireTokens,
            serde_json::json!({ "tokens": owned, "now": "2027-11-24T10:00:00Z" }),
            "token.expired",
        ),
    ] {
        let answer = engine.run(verb, &input.to_string());
        let n_events = answer.as_ref().map(|answer| answer.matches(event).count());
        assert_eq!(n_events, Ok(TOKENS_PER_QUESTION), "{verb:?}");
    }
}

#[test]
fn an_instance_that_never_starts_is_an_error() {
    let engine = engine_of(NEVER_STARTING, &EngineConfig::default());
    match ask(&engine, COUNT_CALLS) {
        Err(EngineError::Trapped(text)) => assert!(text.contains("interrupt"), "{text}"),
        other => panic!("not stopped: {other:?}"),
    }
}

#[test]
fn answers_that_are_no_text_in_the_memory_are_errors() {
    let engine = misbehaving();
    let long = engine.run(Verb::CreateToken, "");
    assert_eq!(long.map(|text| text.len()), Ok(60_000));
    for (input, what) in [("1", "out of the memory"), ("22", "not UTF-8")] {
        let answer = engine.run(Verb::CreateToken, input);
        assert!(matches!(answer, Err(EngineError::Trapped(_))), "{what}: {answer:?}");
    }
}

#[test]
fn engines_in_one_process_do_not_take_each_others_instances() {
    let (one, other) = (misbehaving(), misbehaving());
    let good = Engine::embedded().unwrap();
    assert_eq!(ask(&one, COUNT_CALLS), Ok(Reason::Unknown));
    assert_eq!(ask(&good, COUNT_CALLS), Ok(Reason::Allowed));
    assert_eq!(ask(&one, COUNT_CALLS), Ok(Reason::OtherOrganization));
    assert_eq!(ask(&other, COUNT_CALLS), Ok(Reason::Unknown));
    assert_eq!(ask(&one.clone(), COUNT_CALLS), Ok(Reason::UserMismatch), "a clone shares");
}

#[test]
fn every_thread_has_an_instance_of_its_own() {
    let engine = misbehaving();
    assert_eq!(ask(&engine, COUNT_CALLS), Ok(Reason::Unknown));
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                assert_eq!(ask(&engine, COUNT_CALLS), Ok(Reason::Unknown));
                assert!(ask(&engine, TRAP).is_err());
            });
        }
    });
    assert_eq!(ask(&engine, COUNT_CALLS), Ok(Reason::OtherOrganization));
}

#[test]
fn the_ticker_stops_with_the_last_clone() {
    let engine = Engine::embedded().unwrap();
    let clone = engine.clone();
    let wasmtime = engine.shared.engine.weak();
    drop(engine);
    assert!(wasmtime.upgrade().is_some());
    drop(clone);
    assert!(wasmtime.upgrade().is_none(), "the ticker still holds the engine");
}

/// Prints what a decision costs: `cargo test --release -p exportgate-host -- --ignored cost`.
#[test]
#[ignore = "prints figures, checks nothing"]
fn what_a_decision_costs() {
    const ROUNDS: u32 = 2_000_000;
    let start = Instant::now();
    let engine = Engine::embedded().unwrap();
    println!("load: {:?}", start.elapsed());
    let start = Instant::now();
    ask(&engine, 0).unwrap();
    println!("first call of a thread: {:?}", start.elapsed());
    for run in 0..5 {
        let start = Instant::now();
        for n in 0..ROUNDS {
            let now = at(i64::from(n));
            std::hint::black_box(engine.decide(GOOD, None, Some(at(253_402_300_799)), now)).ok();
        }
        let component = start.elapsed() / ROUNDS;
        let start = Instant::now();
        for n in 0..ROUNDS {
            let (facts, now) = std::hint::black_box((GOOD, at(i64::from(n))));
            std::hint::black_box(exportgate_core::validate_export::decide(
                facts,
                None,
                Some(at(253_402_300_799)),
                now,
            ));
        }
        println!("run {run}: component {component:?}, native {:?}", start.elapsed() / ROUNDS);
    }
    let input = format!("{{\"text\":\"{}\"}}", "x".repeat(400));
    let start = Instant::now();
    for _ in 0..20_000 {
        std::hint::black_box(engine.run(Verb::CreateToken, &input)).ok();
    }
    println!("a rare operation: {:?}", start.elapsed() / 20_000);
}
