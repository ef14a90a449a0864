use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use exportgate_core::{
    id::{OrgId, TokenId, UserId},
    label::{Label, MAXIMUM_LABEL_CHARACTERS},
    name::Name,
    time::Timestamp,
    user::Role,
};
use proptest::prelude::*;

use super::*;
use crate::{directory::Directory, directory::User, store::StoredUser};

fn user(user_seq: i64) -> Arc<User> {
    Directory::default().insert_user(StoredUser {
        user_seq,
        org_id: OrgId::parse("default").unwrap(),
        user_id: UserId::parse(&format!("usr_{user_seq}")).unwrap(),
        user_name: Name::parse(&format!("anna{user_seq}")).unwrap(),
        display_name: String::new(),
        email: None,
        role: Role::User,
        active: true,
    })
}

fn token(seq: u32, user: &Arc<User>) -> LiveToken {
    LiveToken {
        token_seq: i64::from(seq),
        token_id: id(u128::from(seq)),
        label: label("x"),
        created_at: Timestamp::MIN,
        expires_at: None,
        revoked_at: None,
        user: Arc::clone(user),
    }
}

fn id(number: u128) -> LiveId {
    (&TokenId::from_random(number.to_be_bytes())).into()
}

fn label(text: &str) -> LiveLabel {
    (&Label::parse(text, "").unwrap()).into()
}

/// Digests that share their first bytes meet in one shard and one slot.
fn near(seq: u32) -> SecretDigest {
    let mut bytes = [7; 32];
    bytes[28..].copy_from_slice(&seq.to_le_bytes());
    SecretDigest::from_bytes(bytes)
}

/// Digests that are spread over all shards, as those of secrets are.
fn spread(seq: u32) -> SecretDigest {
    use sha2::{Digest as _, Sha256};
    SecretDigest::from_bytes(Sha256::digest(seq.to_le_bytes()).into())
}

/// Digests that are spread over one shard.
fn in_one_shard(seq: u32) -> SecretDigest {
    let mut bytes = *spread(seq).as_bytes();
    bytes[3] = 7;
    SecretDigest::from_bytes(bytes)
}

#[track_caller]
fn check_found(index: &Index, digest: &SecretDigest, wanted: &LiveToken) {
    let found = index.find(digest).expect("the token is in the index");
    assert_eq!(found.token_seq, wanted.token_seq);
    assert_eq!(found.token_id, wanted.token_id);
    assert_eq!(found.label, wanted.label);
    assert_eq!(found.created_at, wanted.created_at);
    assert_eq!(found.expires_at, wanted.expires_at);
    assert_eq!(found.revoked_at, wanted.revoked_at);
    assert!(Arc::ptr_eq(&found.user, &wanted.user));
}

#[test]
fn a_change_replaces_what_was_there_and_nothing_else() {
    let user = user(1);
    for digest in [near, spread] {
        let index = Index::default();
        for seq in 0..1000 {
            index.put(&digest(seq), &token(seq, &user));
        }
        let revoked = LiveToken { revoked_at: Some(Timestamp::MAX), ..token(500, &user) };
        index.put(&digest(500), &revoked);
        assert_eq!(index.len(), 1000);
        for seq in 0..1000 {
            let found = index.find(&digest(seq)).unwrap();
            assert_eq!(found.token_seq, i64::from(seq));
            assert_eq!(found.revoked_at.is_some(), seq == 500);
        }
        assert!(index.find(&digest(1000)).is_none());
    }
}

#[test]
fn the_widest_values_come_back_as_they_were() {
    let (index, users) = (Index::default(), [user(i64::MIN), user(i64::MAX)]);
    let instants = [Timestamp::MIN, Timestamp::from_unix_seconds(-1).unwrap(), Timestamp::MAX];
    let token_ids = [
        id(0),
        id(u128::MAX),
        (&TokenId::parse("tok_3").unwrap()).into(),
        (&TokenId::parse(&"-".repeat(64)).unwrap()).into(),
    ];
    let mut seq = 0;
    for user in &users {
        for token_id in &token_ids {
            for instant in instants {
                for token_seq in [i64::MIN, -1, i64::MAX] {
                    let wanted = LiveToken {
                        token_seq,
                        token_id: token_id.clone(),
                        created_at: instant,
                        expires_at: Some(instant),
                        revoked_at: Some(instant),
                        ..token(seq, user)
                    };
                    index.put(&near(seq), &wanted);
                    check_found(&index, &near(seq), &wanted);
                    seq += 1;
                }
            }
        }
    }
}

#[test]
fn labels_of_every_length_follow_each_other() {
    let (index, user) = (Index::default(), user(1));
    let lengths = 1..=MAXIMUM_LABEL_CHARACTERS;
    for character in ["x", "ß", "語", "🦊"] {
        for length in lengths.clone().chain(lengths.clone().rev()) {
            let label = label(&character.repeat(length));
            let wanted = LiveToken { label, ..token(1, &user) };
            index.put(&near(1), &wanted);
            check_found(&index, &near(1), &wanted);
            assert_eq!(index.find(&near(1)).unwrap().label.as_str(), character.repeat(length));
            assert_eq!(wanted.label.to_label().unwrap().as_str(), wanted.label.as_str());
        }
    }
    assert_eq!(index.len(), 1);
}

#[test]
fn tokens_that_are_renamed_again_and_again_fill_no_memory() {
    const N: u32 = 200;
    let (index, user) = (Index::default(), user(1));
    let renamed = |seq: u32, round: u32| {
        // Each round another length, now and then a long one, which lies beside its record.
        let length = 1 + usize::try_from((round * 7 + seq) % 60).unwrap();
        LiveToken { label: label(&"y".repeat(length)), ..token(seq, &user) }
    };
    for round in 0..200 {
        for seq in 0..N {
            index.put(&near(seq), &renamed(seq, round));
        }
    }
    for seq in 0..N {
        check_found(&index, &near(seq), &renamed(seq, 199));
    }
    // Two hundred rounds of twenty kilobytes each: little more is kept than what is in use.
    assert!(index.n_bytes() < 64 << 10, "{}", index.n_bytes());
}

#[test]
fn a_plain_label_is_one_that_the_core_takes_as_it_is() {
    for text in ["x", "Sales (EMEA) 2027!", &"a".repeat(46), "<b>x</b>", "a  b"] {
        assert_eq!(LiveLabel::plain(text), Some(label(text)), "{text}");
    }
    for text in ["", " ", " x", "x ", "x\n", "x\u{7f}", "ü", "\u{202e}", &"a".repeat(47)] {
        assert_eq!(LiveLabel::plain(text), None, "{text:?}");
    }
}

#[test]
fn whoever_reads_during_growth_and_changes_sees_the_old_or_the_new_state_and_never_neither() {
    const N: u32 = 20_000;
    let (index, user) = (Index::default(), user(1));
    // In each state id, label, and instants are in step.
    let state = |seq: u32, n: u32| {
        let at = Timestamp::from_unix_seconds(i64::from(n)).unwrap();
        LiveToken {
            // Odd ones are long and lie beside their records.
            label: label(&format!("{n}{}", "z".repeat(usize::try_from(n % 2 * 50).unwrap()))),
            created_at: at,
            expires_at: Some(at),
            revoked_at: Some(at),
            ..token(seq, &user)
        }
    };
    let kept: Vec<u32> = (0..64).collect();
    for seq in &kept {
        index.put(&in_one_shard(*seq), &state(*seq, 0));
    }
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                let mut seen = vec![0; kept.len()];
                while !done.load(Ordering::Acquire) {
                    for seq in &kept {
                        let found =
                            index.find(&in_one_shard(*seq)).expect("it was there all the time");
                        let n = u32::try_from(found.created_at.unix_seconds()).unwrap();
                        assert_eq!(found.token_seq, i64::from(*seq));
                        assert_eq!(found.label, state(*seq, n).label);
                        assert_eq!(found.expires_at, Some(found.created_at));
                        assert_eq!(found.revoked_at, Some(found.created_at));
                        let last = &mut seen[usize::try_from(*seq).unwrap()];
                        assert!(n >= *last, "state {n} after state {last}");
                        *last = n;
                    }
                }
            });
        }
        // The same shard grows, and is tidied up, under the readers.
        for n in 1..N {
            let seq = n % 64;
            index.put(&in_one_shard(seq), &state(seq, n));
            index.put(&in_one_shard(1000 + n), &state(1000 + n, n));
        }
        done.store(true, Ordering::Release);
    });
    assert_eq!(index.len(), kept.len() + usize::try_from(N).unwrap() - 1);
}

prop_compose! {
    fn any_token()(
        random: u128,
        other_id in proptest::option::weighted(0.2, "[0-9A-Za-z_-]{1,64}"),
        text in "[a-zäö🦊]{1,80}",
        token_seq: i64,
        instants in proptest::array::uniform3(proptest::option::of(0_i64..=253_402_300_799)),
        user in 0_usize..3,
    ) -> (LiveToken, usize) {
        let [created_at, expires_at, revoked_at] =
            instants.map(|at| at.and_then(Timestamp::from_unix_seconds));
        let token_id = match other_id {
            Some(text) => (&TokenId::parse(&text).unwrap()).into(),
            None => id(random),
        };
        let token = LiveToken {
            token_seq,
            token_id,
            label: label(&text),
            created_at: created_at.unwrap_or(Timestamp::MIN),
            expires_at,
            revoked_at,
            // The test gives it one of its own people.
            user: self::user(0),
        };
        (token, user)
    }
}

proptest! {
    #[test]
    fn the_index_is_a_map(
        puts in proptest::collection::vec((0_u32..40, any::<bool>(), any_token()), 0..300),
        room in 0_usize..2000,
    ) {
        let users = [user(1), user(2), user(3)];
        let (index, mut model) = (Index::default(), HashMap::new());
        index.reserve(room);
        for (seq, together, (token, owner)) in puts {
            let digest = if together { near(seq) } else { spread(seq) };
            let token = LiveToken { user: Arc::clone(&users[owner]), ..token };
            index.put(&digest, &token);
            model.insert(*digest.as_bytes(), token);
        }
        prop_assert_eq!(index.len(), model.len());
        for seq in 0..40 {
            for digest in [near(seq), spread(seq)] {
                match model.get(digest.as_bytes()) {
                    Some(wanted) => check_found(&index, &digest, wanted),
                    None => prop_assert!(index.find(&digest).is_none()),
                }
            }
        }
    }
}
