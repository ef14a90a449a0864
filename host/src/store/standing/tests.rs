//! What one database is to another, as a table and with real ones.

use std::path::Path;

use exportgate_core::{
    history::{Actor, EventDraft, EventKind},
    id::OrgId,
    policy::VersionedPolicy,
    time::Timestamp,
};

use super::*;
use crate::{
    metrics::Metrics,
    store::{Store, WriteError},
};

#[test]
fn what_a_database_is_to_what_was_seen_depends_on_store_event_and_count() {
    let seen = Standing {
        store_id: StoreId([1; ID_LENGTH]),
        generation: 20,
        last_event: 5,
        root: Hash::of_leaf(b"fifth"),
    };
    let relation =
        |generation, has_event| Standing { generation, ..seen }.relation_if(&seen, has_event);
    assert_eq!(relation(20, true), Relation::Continues);
    assert_eq!(relation(21, true), Relation::Continues);
    assert_eq!(relation(19, true), Relation::OlderWithWholeHistory);
    assert_eq!(relation(19, false), Relation::Older);
    assert_eq!(relation(20, false), Relation::Parted);
    assert_eq!(relation(21, false), Relation::Parted);
    let other = Standing { store_id: StoreId([2; ID_LENGTH]), ..seen };
    for has_event in [true, false] {
        assert_eq!(other.relation_if(&seen, has_event), Relation::OtherStore);
    }
}

#[test]
fn a_standing_is_read_back_byte_for_byte() {
    let standing = Standing {
        store_id: StoreId(*b"sixteen letters!"),
        generation: u64::MAX - 1,
        last_event: 0x0102_0304_0506_0708,
        root: Hash::of_leaf(b"x"),
    };
    assert_eq!(Standing::from_bytes(&standing.to_bytes()), Some(standing));
}

fn open(file: &Path) -> Store {
    Store::open(file.to_path_buf(), "engine", Metrics::default()).unwrap()
}

/// Appends an event to the history of `org`.
fn tell(store: &Store, org: &'static str) {
    let written: Result<(), WriteError<()>> = store.write_blocking(move |tx| {
        let org_id = OrgId::parse(org).unwrap();
        tx.organization(&org_id)?;
        let policy = VersionedPolicy::default();
        let kind = EventKind::PolicyChanged { old: policy, new: policy };
        let now = Timestamp::from_unix_seconds(0).unwrap();
        let event = EventDraft::about_organization(org_id, Actor::Operator, kind, now);
        tx.append((&event).into())?;
        Ok(())
    });
    written.unwrap();
}

/// A change of which the history tells nothing.
fn change(store: &Store) {
    let changed: Result<(), WriteError<()>> = store.write_blocking(|tx| {
        tx.delete_all_sessions()?;
        Ok(())
    });
    changed.unwrap();
}

fn standing(store: &Store) -> Standing {
    store.read_blocking(Standing::read).unwrap()
}

fn relation(store: &Store, seen: Standing) -> Relation {
    store
        .read_blocking(move |connection| Standing::read(connection)?.relation(connection, &seen))
        .unwrap()
}

#[test]
fn each_moment_of_a_store_is_continued_by_every_later_one_and_by_no_copy_from_before() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("exportgate.db");
    let mut seen = vec![standing(&open(&file))];
    // Enough events for a full tile of the tree and more.
    for number in 0..300 {
        let store = open(&file);
        match number % 5 {
            0 => change(&store),
            1 => tell(&store, "b"),
            _ => tell(&store, "a"),
        }
        seen.push(standing(&store));
        drop(store);
        if number == 150 {
            std::fs::copy(&file, folder.path().join("copy.db")).unwrap();
        }
    }
    let newest = open(&file);
    let copy = open(&folder.path().join("copy.db"));
    for (number, seen) in seen.into_iter().enumerate() {
        assert_eq!(relation(&newest, seen), Relation::Continues, "{number}");
        let wanted = if number <= 151 { Relation::Continues } else { Relation::Older };
        assert_eq!(relation(&copy, seen), wanted, "{number}");
    }
    // The copy goes on by itself.
    let seen = standing(&newest);
    for _ in 0..200 {
        tell(&copy, "a");
    }
    assert!(standing(&copy).generation > seen.generation);
    assert_eq!(relation(&copy, seen), Relation::Parted);
}

#[test]
fn a_copy_that_lacks_no_event_has_the_whole_history() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("exportgate.db");
    let store = open(&file);
    tell(&store, "a");
    drop(store);
    std::fs::copy(&file, folder.path().join("copy.db")).unwrap();
    let store = open(&file);
    change(&store);
    let copy = open(&folder.path().join("copy.db"));
    assert_eq!(relation(&copy, standing(&store)), Relation::OlderWithWholeHistory);
    tell(&store, "a");
    assert_eq!(relation(&copy, standing(&store)), Relation::Older);
}

#[test]
fn another_database_is_another_store_however_alike_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let stores = ["a.db", "b.db"].map(|name| open(&folder.path().join(name)));
    stores.iter().for_each(|store| tell(store, "a"));
    let [first, second] = &stores;
    assert_eq!(relation(first, standing(second)), Relation::OtherStore);
}
