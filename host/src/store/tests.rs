use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use super::*;

fn store(folder: &tempfile::TempDir) -> Store {
    Store::open(folder.path().join("exportgate.db"), "engine", Metrics::default()).unwrap()
}

async fn change_sequence(store: &Store) -> i64 {
    let read = |connection: &Connection| {
        Ok(connection.query_row("SELECT change_sequence FROM store", [], |row| row.get(0))?)
    };
    store.read(read).await.unwrap()
}

async fn add_organization(store: &Store, name: &'static str) -> Result<(), WriteError<String>> {
    store
        .write(move |tx| {
            let org_id = exportgate_core::id::OrgId::parse(name).unwrap();
            tx.organization(&org_id)?;
            Ok(())
        })
        .await
}

async fn n_organizations(store: &Store) -> i64 {
    let read = |connection: &Connection| {
        Ok(connection.query_row("SELECT count(*) FROM organizations", [], |row| row.get(0))?)
    };
    store.read(read).await.unwrap()
}

#[tokio::test]
async fn a_refused_change_leaves_nothing_and_runs_no_effect() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(&folder);
    let n_effects = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&n_effects);
    let refused: Result<(), WriteError<&str>> = store
        .write(move |tx| {
            tx.organization(&exportgate_core::id::OrgId::parse("a").unwrap())?;
            tx.after_commit(move || {
                let _ = counted.fetch_add(1, Ordering::SeqCst);
            });
            Err(WriteError::Refused("no"))
        })
        .await;
    assert!(matches!(refused, Err(WriteError::Refused("no"))));
    assert_eq!((n_organizations(&store).await, n_effects.load(Ordering::SeqCst)), (0, 0));
    assert_eq!(change_sequence(&store).await, 0, "nothing was committed");
}

#[tokio::test]
async fn a_change_that_panics_is_taken_back_and_the_next_one_works() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(&folder);
    let panicked: Result<(), WriteError<&str>> = store
        .write(|tx| {
            tx.organization(&exportgate_core::id::OrgId::parse("a").unwrap())?;
            panic!("a fault in a use case");
        })
        .await;
    assert!(matches!(panicked, Err(WriteError::Store(StoreError::Busy))));
    add_organization(&store, "b").await.unwrap();
    assert_eq!(n_organizations(&store).await, 1);
}

#[tokio::test]
async fn changes_that_wait_together_are_committed_together_and_each_stands_alone() {
    let folder = tempfile::tempdir().unwrap();
    let store = Arc::new(store(&folder));
    let tasks: Vec<_> = (0..100)
        .map(|number: u32| {
            let store = Arc::clone(&store);
            tokio::spawn(async move {
                let change = store.write(move |tx| {
                    let name = format!("org-{number}");
                    tx.organization(&exportgate_core::id::OrgId::parse(&name).unwrap())?;
                    if number.is_multiple_of(3) { Err(WriteError::Refused(())) } else { Ok(()) }
                });
                change.await.is_ok()
            })
        })
        .collect();
    let mut n_done = 0;
    for task in tasks {
        n_done += i64::from(task.await.unwrap());
    }
    assert_eq!((n_done, n_organizations(&store).await), (66, 66));
    assert!(change_sequence(&store).await <= 66);
}

#[tokio::test]
async fn what_was_acknowledged_is_there_after_opening_again() {
    let folder = tempfile::tempdir().unwrap();
    let first = store(&folder);
    add_organization(&first, "a").await.unwrap();
    drop(first);
    assert_eq!(n_organizations(&store(&folder)).await, 1);
}

#[tokio::test]
async fn no_shared_memory_file_is_made() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(&folder);
    add_organization(&store, "a").await.unwrap();
    assert!(folder.path().join("exportgate.db-wal").exists());
    assert!(!folder.path().join("exportgate.db-shm").exists());
}

#[test]
fn another_file_and_a_damaged_one_are_refused_in_words() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("exportgate.db");
    std::fs::write(&file, b"this is not a database, whatever its name says").unwrap();
    let refused = Store::open(file.clone(), "engine", Metrics::default()).err().unwrap();
    assert!(matches!(refused, OpenError::Damaged { .. }), "{refused}");
    std::fs::remove_file(&file).unwrap();
    Connection::open(&file).unwrap().execute_batch("CREATE TABLE other (x)").unwrap();
    let refused = Store::open(file, "engine", Metrics::default()).err().unwrap();
    assert!(matches!(refused, OpenError::NotOurs { .. }), "{refused}");
}
