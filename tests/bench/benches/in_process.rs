//! What one validation costs inside the process, step by step.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a bench that cannot start has failed"
)]

use std::{hint::black_box, sync::Arc, time::Duration};

use criterion::{Criterion, criterion_group, criterion_main};
use exportgate_core::{
    id::{OrgId, TokenId, UserId},
    label::Label,
    name::Name,
    secret::{SECRET_RANDOM_BYTES, Secret, SecretDigest, SecretKind},
    time::Timestamp,
    user::Role,
    validate_export::{Facts, decide},
};
use exportgate_host::{
    directory::{Directory, User},
    engine::Engine,
    index::{Index, LiveToken},
    store::StoredUser,
};

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
    // Ten million take gigabytes and half a minute, so they have to be wished for.
    let most = if std::env::var_os("BENCH_TEN_MILLION").is_some() { 10_000_000 } else { 1_000_000 };
    for n_tokens in [10_000, 1_000_000, 10_000_000].into_iter().filter(|n| *n <= most) {
        let index = index_of(n_tokens);
        let mut number = 0;
        group.bench_function(format!("find/{n_tokens}"), |b| {
            b.iter(|| {
                number = (number + 7_919) % n_tokens;
                index.find(&digest(number))
            });
        });
    }
    group.finish();
}

/// What SHA-256 would give: bytes without a pattern.
fn digest(number: u64) -> SecretDigest {
    let mut bytes = [0; 32];
    let mut z = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    for place in bytes.chunks_mut(8) {
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        place.copy_from_slice(&z.to_le_bytes());
    }
    SecretDigest::from_bytes(bytes)
}

fn index_of(n_tokens: u64) -> Index {
    let directory = Directory::default();
    let users: Vec<Arc<User>> = (1..=100).map(|seq| directory.insert_user(user(seq))).collect();
    let index = Index::default();
    for number in 0..n_tokens {
        let mut random = [0; 16];
        random[..8].copy_from_slice(&number.to_le_bytes());
        let token = LiveToken {
            token_seq: i64::try_from(number).unwrap_or_default(),
            token_id: (&TokenId::from_random(random)).into(),
            label: (&Label::parse("Sales pipeline EMEA", "").expect("a label")).into(),
            created_at: Timestamp::MIN,
            expires_at: Some(Timestamp::MAX),
            revoked_at: None,
            user: Arc::clone(&users[usize::try_from(number % 100).unwrap_or_default()]),
        };
        index.put(&digest(number), &token);
    }
    index
}

fn user(user_seq: i64) -> StoredUser {
    StoredUser {
        user_seq,
        org_id: OrgId::parse("default").expect("an id"),
        user_id: UserId::parse(&format!("user_{user_seq}")).expect("an id"),
        user_name: Name::parse(&format!("user.{user_seq}")).expect("a name"),
        display_name: String::new(),
        email: None,
        role: Role::User,
        active: true,
    }
}

criterion_group!(benches, steps);
criterion_main!(benches);
