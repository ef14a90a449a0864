//! What is read back, whatever became of the file.

use std::os::unix::fs::PermissionsExt as _;

use super::*;

fn standing(generation: u8) -> Standing {
    let mut bytes = [7; STANDING_LENGTH];
    bytes[16..24].copy_from_slice(&u64::from(generation).to_be_bytes());
    Standing::from_bytes(&bytes).unwrap()
}

fn generation_in(data: &Path) -> Option<u64> {
    Witness::open(data).unwrap().seen().map(|seen| seen.generation)
}

#[test]
fn each_note_is_read_back_and_only_its_owner_can_read_it() {
    let folder = tempfile::tempdir().unwrap();
    let mut witness = Witness::open(folder.path()).unwrap();
    assert_eq!(witness.seen(), None);
    assert!(!folder.path().join(WITNESS_NAME).exists(), "a look makes no file");
    for generation in 1..=9 {
        witness.note(&standing(generation)).unwrap();
        let again = Witness::open(folder.path()).unwrap();
        assert_eq!(again.seen(), Some(&standing(generation)));
    }
    witness.sync().unwrap();
    let metadata = fs::metadata(folder.path().join(WITNESS_NAME)).unwrap();
    assert_eq!((metadata.permissions().mode() & 0o777, metadata.len()), (0o600, 2 * PLACE_LENGTH));
}

#[test]
fn notes_go_on_where_an_earlier_process_ended() {
    let folder = tempfile::tempdir().unwrap();
    for generation in 1..=9 {
        Witness::open(folder.path()).unwrap().note(&standing(generation)).unwrap();
        assert_eq!(generation_in(folder.path()), Some(u64::from(generation)));
    }
}

#[test]
fn a_write_that_was_cut_off_anywhere_leaves_the_note_before() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(WITNESS_NAME);
    let mut witness = Witness::open(folder.path()).unwrap();
    for generation in 1..=4 {
        witness.note(&standing(generation)).unwrap();
    }
    let before = fs::read(&file).unwrap();
    witness.note(&standing(5)).unwrap();
    let after = fs::read(&file).unwrap();
    for n_written in 0..after.len() {
        // The first bytes are those of the new note, the rest is as it was.
        let torn = [&after[..n_written], &before[n_written..]].concat();
        fs::write(&file, &torn).unwrap();
        let found = generation_in(folder.path());
        assert!(matches!(found, Some(4 | 5)), "{n_written} bytes: {found:?}");
    }
}

#[test]
fn any_one_changed_byte_is_noticed_or_means_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(WITNESS_NAME);
    let mut witness = Witness::open(folder.path()).unwrap();
    witness.note(&standing(1)).unwrap();
    witness.note(&standing(2)).unwrap();
    let good = fs::read(&file).unwrap();
    for position in 0..good.len() {
        let mut bad = good.clone();
        bad[position] ^= 0x40;
        fs::write(&file, &bad).unwrap();
        let found = generation_in(folder.path());
        assert!(matches!(found, Some(1 | 2)), "byte {position}: {found:?}");
    }
}

#[test]
fn a_file_that_is_none_of_ours_is_refused_and_kept_until_it_is_made_anew() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(WITNESS_NAME);
    for bad in [&b""[..], b"not a witness", &[0; 1024]] {
        fs::write(&file, bad).unwrap();
        let error = Witness::open(folder.path()).unwrap_err();
        assert!(matches!(error, WitnessError::Malformed { .. }), "{error}");
        assert_eq!(fs::read(&file).unwrap(), bad);
    }
    Witness::anew(folder.path()).note(&standing(3)).unwrap();
    assert_eq!(generation_in(folder.path()), Some(3));
}

#[test]
fn a_note_that_could_not_be_made_is_made_by_the_next_one() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("not there yet");
    let mut witness = Witness::open(&data).unwrap();
    witness.note(&standing(1)).unwrap_err();
    fs::create_dir(&data).unwrap();
    witness.note(&standing(1)).unwrap();
    assert_eq!(generation_in(&data), Some(1));
}
