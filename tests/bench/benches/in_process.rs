//! What one validation costs inside the process, step by step.

#![expect(clippy::expect_used, reason = "a bench that cannot start has failed")]

use std::{hint::black_box, time::Duration};

use criterion::{Criterion, criterion_group, criterion_main};
use exportgate_core::{
    secret::{SECRET_RANDOM_BYTES, Secret, SecretKind},
    time::Timestamp,
    validate_export::{Facts, decide},
};
use exportgate_host::engine::Engine;

const ALL_GOOD: Facts = Facts {
    well_formed: true,
    known: true,
    same_organization: true,
    user_name_matches: true,
    owner_active: true,
};

fn steps(c: &mut Criterion) {
    let mut group = c.benchmark_group("validation");
    group.warm_up_time(Duration::from_millis(500)).measurement_time(Duration::from_secs(2));
    let secret = Secret::generate(SecretKind::AccessToken, &[7; SECRET_RANDOM_BYTES]);
    let secret = secret.expect("enough random bytes");
    group.bench_function("parse", |b| {
        b.iter(|| Secret::parse(SecretKind::AccessToken, black_box(secret.expose())));
    });
    group.bench_function("digest", |b| b.iter(|| black_box(&secret).digest()));
    let (expires_at, now) = (Some(Timestamp::MAX), Timestamp::MIN);
    group.bench_function("decide/native", |b| {
        b.iter(|| decide(black_box(ALL_GOOD), None, black_box(expires_at), black_box(now)));
    });
    let engine = Engine::embedded().expect("the engine");
    group.bench_function("decide/wasmtime", |b| {
        b.iter(|| engine.decide(black_box(ALL_GOOD), None, black_box(expires_at), black_box(now)));
    });
    group.finish();
}

criterion_group!(benches, steps);
criterion_main!(benches);
