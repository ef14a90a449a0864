//! Somebody edits the database behind the host's back: `history verify` finds it and names the
//! place.

use std::{fs, path::Path, process::Output};

use exportgate_core::{
    checkpoint::{Checkpoint, CheckpointKey},
    id::OrgId,
    merkle::{Frontier, Hash, verify::Tree},
    time::Timestamp,
};
use exportgate_tests::host_process::offline;
use rusqlite::Connection;
use serde_json::Value;
use tempfile::TempDir;

use super::bulk::{database, grow};

/// More than two full tiles of 256, and a rest that no tile holds yet.
const N_EVENTS: u64 = 700;

struct Evidence {
    folder: TempDir,
}

impl Evidence {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        grow(folder.path(), Timestamp::from_unix_seconds(1_800_000_000).unwrap(), N_EVENTS);
        Self { folder }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn edit(&self, edit: impl FnOnce(&Connection)) {
        let connection = Connection::open(database(self.path())).unwrap();
        edit(&connection);
    }

    fn sql(&self, sql: &str) {
        self.edit(|connection| connection.execute_batch(sql).unwrap());
    }

    fn verify(&self, arguments: &[&str]) -> (Output, Value) {
        let mut words = vec!["history", "verify", "--json"];
        words.extend(arguments);
        let output = offline(self.path(), &words);
        let report = serde_json::from_slice(&output.stdout).unwrap_or_default();
        (output, report)
    }

    /// Keeps a checkpoint of the history as it is now, as an administrator would.
    fn keep_checkpoint(&self) -> String {
        let key = exportgate_host::checkpoint_key::load(self.path()).unwrap().unwrap();
        let mut frontier = Frontier::default();
        self.edit(|connection| {
            let mut statement =
                connection.prepare("SELECT canonical FROM events ORDER BY sequence").unwrap();
            let rows = statement.query_map([], |row| row.get::<_, Vec<u8>>(0)).unwrap();
            rows.for_each(|bytes| frontier.push(Hash::of_leaf(&bytes.unwrap()), |_, _| {}));
        });
        let tree = Tree { size: frontier.size(), root: frontier.root() };
        let origin = key.origin(&OrgId::parse("default").unwrap());
        self.keep("kept", &key.sign(&Checkpoint { origin, tree }))
    }

    fn keep(&self, name: &str, note: &str) -> String {
        let file = self.path().join(name);
        fs::write(&file, note).unwrap();
        file.to_str().unwrap().to_owned()
    }

    #[track_caller]
    fn check_found(&self, arguments: &[&str], first: Option<u64>, words: &str) {
        let (output, report) = self.verify(arguments);
        assert_eq!(output.status.code(), Some(1), "{report}");
        let found = &report["organizations"][0];
        assert_eq!(found["first_difference"].as_u64(), first, "{found}");
        let (problems, refused) = (&found["problems"], &found["checkpoint_refused"]);
        let told = format!("{problems} {refused}");
        assert!(told.contains(words), "{told}");
        // And the check of everything does not call it good either.
        if arguments.is_empty() {
            assert_eq!(offline(self.path(), &["check"]).status.code(), Some(1));
        }
    }
}

#[test]
fn an_untouched_history_holds_and_so_does_its_kept_checkpoint() {
    let evidence = Evidence::new();
    let kept = evidence.keep_checkpoint();
    let (output, report) = evidence.verify(&["--checkpoint", &kept]);
    assert_eq!(output.status.code(), Some(0), "{report}");
    assert_eq!((report["ok"].as_bool(), report["n_events"].as_u64()), (Some(true), Some(N_EVENTS)));
}

#[test]
fn a_changed_byte_is_found_in_any_event() {
    for sequence in [0, 255, 256, 511, 512, 699] {
        let evidence = Evidence::new();
        evidence.sql(&format!(
            "UPDATE events SET canonical = CAST(replace(canonical, '203.0.113.7', '203.0.113.8')
             AS BLOB) WHERE sequence = {sequence}"
        ));
        evidence.check_found(&[], Some(sequence), "is not what its digest says");
    }
}

#[test]
fn a_changed_byte_whose_digest_was_mended_is_found_by_the_tree() {
    // In a full tile the event is named; behind the last one a range is, which begins at 512.
    for (sequence, named) in [(0, 0), (300, 300), (511, 511), (600, 512), (699, 696)] {
        let evidence = Evidence::new();
        evidence.edit(|connection| {
            let canonical: Vec<u8> = connection
                .query_row("SELECT canonical FROM events WHERE sequence = ?1", [sequence], |row| {
                    row.get(0)
                })
                .unwrap();
            let changed = String::from_utf8(canonical).unwrap().replace("113.7", "113.8");
            let leaf = Hash::of_leaf(changed.as_bytes());
            connection
                .execute(
                    "UPDATE events SET canonical = ?2, digest = ?3 WHERE sequence = ?1",
                    (sequence, changed.into_bytes(), leaf.as_bytes()),
                )
                .unwrap();
        });
        evidence.check_found(&[], Some(named), "stored tree");
    }
}

#[test]
fn a_removed_event_is_named() {
    let evidence = Evidence::new();
    evidence.sql("DELETE FROM events WHERE sequence = 342");
    evidence.check_found(&[], Some(342), "event 342 is missing");
}

#[test]
fn a_removed_event_is_named_even_when_the_others_close_the_gap() {
    let evidence = Evidence::new();
    evidence.sql(
        "DELETE FROM events WHERE sequence = 342;
         UPDATE events SET sequence = -sequence WHERE sequence > 342;
         UPDATE events SET sequence = -sequence - 1 WHERE sequence < 0;
         UPDATE organizations SET n_events = n_events - 1",
    );
    evidence.check_found(&[], Some(342), "event 342 says that it is event 343");
}

#[test]
fn swapped_events_are_named() {
    let evidence = Evidence::new();
    evidence.sql(
        "UPDATE events SET sequence = -1 WHERE sequence = 600;
         UPDATE events SET sequence = 600 WHERE sequence = 650;
         UPDATE events SET sequence = 650 WHERE sequence = -1",
    );
    evidence.check_found(&[], Some(600), "event 600 says that it is event 650");
}

#[test]
fn an_inserted_event_is_named() {
    let evidence = Evidence::new();
    evidence.sql(
        "UPDATE events SET sequence = -sequence WHERE sequence > 100;
         UPDATE events SET sequence = -sequence + 1 WHERE sequence < 0;
         INSERT INTO events (org_seq, sequence, at, kind, digest, canonical)
             SELECT org_seq, 101, at, kind, digest, canonical FROM events WHERE sequence = 100;
         UPDATE organizations SET n_events = n_events + 1",
    );
    evidence.check_found(&[], Some(101), "event 101 says that it is event 100");
}

/// Cuts the tail as somebody would who knows all of the store: edge, count and tiles are mended.
fn cut_tail(evidence: &Evidence, size: u64) {
    evidence.edit(|connection| {
        let mut frontier = Frontier::default();
        let mut statement = connection
            .prepare("SELECT canonical FROM events WHERE sequence < ?1 ORDER BY sequence")
            .unwrap();
        let rows = statement.query_map([size], |row| row.get::<_, Vec<u8>>(0)).unwrap();
        rows.for_each(|bytes| frontier.push(Hash::of_leaf(&bytes.unwrap()), |_, _| {}));
        connection.execute("DELETE FROM events WHERE sequence >= ?1", [size]).unwrap();
        connection
            .execute(
                "UPDATE organizations SET n_events = ?1, frontier = ?2, checkpoint = NULL",
                (size, frontier.to_bytes()),
            )
            .unwrap();
    });
}

#[test]
fn a_cut_tail_is_found_against_a_kept_checkpoint() {
    let evidence = Evidence::new();
    let kept = evidence.keep_checkpoint();
    cut_tail(&evidence, 690);
    let (output, _) = evidence.verify(&[]);
    assert_eq!(output.status.code(), Some(0), "alone, the folder cannot show it");
    evidence.check_found(&["--checkpoint", &kept], Some(690), "were removed");
}

#[test]
fn a_cut_tail_that_grew_again_is_found_against_a_kept_checkpoint() {
    let evidence = Evidence::new();
    let kept = evidence.keep_checkpoint();
    cut_tail(&evidence, 690);
    grow(evidence.path(), Timestamp::from_unix_seconds(1_900_000_000).unwrap(), 20);
    evidence.check_found(&["--checkpoint", &kept], None, "are not those of the given checkpoint");
}

#[test]
fn a_forged_checkpoint_and_one_of_another_host_are_refused() {
    let evidence = Evidence::new();
    let own = exportgate_host::checkpoint_key::load(evidence.path()).unwrap().unwrap();
    let origin = own.origin(&OrgId::parse("default").unwrap());
    let tree = Tree { size: N_EVENTS, root: Hash::of_leaf(b"forged") };
    let other = CheckpointKey::from_seed(&[1; 32]);

    let forged = other.sign(&Checkpoint { origin: origin.clone(), tree });
    let forged = evidence.keep("forged", &forged);
    evidence.check_found(&["--checkpoint", &forged], None, "not signed by this host's key");

    let elsewhere = other.origin(&OrgId::parse("default").unwrap());
    let elsewhere = other.sign(&Checkpoint { origin: elsewhere, tree });
    let elsewhere = evidence.keep("elsewhere", &elsewhere);
    evidence.check_found(&["--checkpoint", &elsewhere], None, "belongs to another history");

    let kept = fs::read_to_string(evidence.keep_checkpoint()).unwrap();
    let changed = evidence.keep("changed", &kept.replacen("\n700\n", "\n699\n", 1));
    evidence.check_found(&["--checkpoint", &changed], None, "not signed by this host's key");
    let nothing = evidence.keep("nothing", "not a checkpoint");
    evidence.check_found(&["--checkpoint", &nothing], None, "it is not a signed checkpoint");
}

#[test]
fn the_checkpoint_that_the_host_stored_guards_what_lies_before_it() {
    let evidence = Evidence::new();
    let kept = fs::read_to_string(evidence.keep_checkpoint()).unwrap();
    evidence.edit(|connection| {
        connection.execute("UPDATE organizations SET checkpoint = ?1", [&kept]).unwrap();
    });
    let (output, report) = evidence.verify(&[]);
    assert_eq!(output.status.code(), Some(0), "{report}");
    cut_tail(&evidence, 650);
    evidence.edit(|connection| {
        connection.execute("UPDATE organizations SET checkpoint = ?1", [&kept]).unwrap();
    });
    evidence.check_found(&[], Some(650), "the stored checkpoint covers 700 events");
}

#[test]
fn content_that_is_gone_without_the_history_saying_so_is_found() {
    let evidence = Evidence::new();
    evidence.sql("UPDATE events SET canonical = NULL WHERE sequence = 42");
    evidence.check_found(&[], None, "the content of 1 events is gone more than the history says");
}
