//! What is known after a backup, as a table.

use super::*;
use Relation::{Continues, Older, OlderWithWholeHistory, OtherStore, Parted};

#[track_caller]
fn check(
    to_former: Option<Relation>,
    to_seen: Option<Relation>,
    former_to_seen: Option<Relation>,
    wanted: Option<Known>,
) {
    let known = known_after(to_former, to_seen, former_to_seen, || Known::Newer("former".into()));
    assert_eq!(known, wanted, "{to_former:?} {to_seen:?} {former_to_seen:?}");
}

#[test]
fn a_backup_that_continues_all_that_is_known_revives_nothing() {
    check(Some(Continues), Some(Continues), Some(Continues), None);
    check(Some(Continues), None, None, None);
    // The database is damaged, and the backup is as new as what the witness saw.
    check(None, Some(Continues), None, None);
}

#[test]
fn the_former_database_tells_all_if_it_is_the_newest_of_this_store() {
    let former = || Some(Known::Newer("former".into()));
    for relation in [Older, OlderWithWholeHistory, Parted] {
        check(Some(relation), Some(relation), Some(Continues), former());
        check(Some(relation), None, None, former());
    }
    // The witness lags behind, as after a power cut.
    check(Some(Parted), Some(Continues), Some(Continues), former());
}

#[test]
fn a_former_database_that_is_not_the_newest_or_of_another_store_tells_nothing() {
    for former_to_seen in [Older, Parted, OtherStore] {
        check(Some(Older), Some(Older), Some(former_to_seen), Some(Known::Nothing));
        check(Some(Continues), Some(Older), Some(former_to_seen), Some(Known::Nothing));
        check(Some(OtherStore), Some(Parted), Some(former_to_seen), Some(Known::Nothing));
    }
    check(Some(OtherStore), None, None, Some(Known::Nothing));
    check(Some(OtherStore), Some(OtherStore), Some(Continues), Some(Known::Nothing));
}

#[test]
fn without_a_former_database_the_witness_tells_whether_the_history_is_whole() {
    check(None, Some(OlderWithWholeHistory), None, Some(Known::WholeHistory));
    for relation in [Older, Parted, OtherStore] {
        check(None, Some(relation), None, Some(Known::Nothing));
    }
}
