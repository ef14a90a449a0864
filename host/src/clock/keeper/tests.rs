//! What is told when the machine's clock says something else than before, as tables and at random.

use proptest::prelude::*;

use super::*;

/// Some day in 2027.
const START: i64 = 1_800_000_000;
const BOOT: i64 = 5_000;
const YEAR_AND_MORE: i64 = 400 * DAY_SECS;

fn keeper(folder: &tempfile::TempDir) -> Keeper {
    let marks = Marks { file: MarkFile::of(folder.path()), is_followed: true };
    Keeper::believing(Believed { at: START, boot: BOOT }, marks)
}

/// Asks a keeper, after so many seconds, with a clock that is wrong by so many.
fn ask(keeper: &Keeper, after: i64, wrong_by: i64) -> i64 {
    keeper.tell(START + after + wrong_by, || BOOT + after) - START
}

#[test]
fn a_clock_that_is_right_is_followed_for_years() {
    let folder = tempfile::tempdir().unwrap();
    let keeper = keeper(&folder);
    for day in 0..3_000 {
        assert_eq!(ask(&keeper, day * DAY_SECS, 0), day * DAY_SECS);
    }
}

#[test]
fn a_clock_that_is_set_back_is_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let keeper = keeper(&folder);
    assert_eq!(ask(&keeper, 100, 0), 100);
    for wrong_by in [-1, -100, -YEAR_AND_MORE] {
        assert_eq!(ask(&keeper, 100, wrong_by), 100);
    }
    assert_eq!(keeper.judge(START + 50, BOOT + 101), Health::Behind(50));
    assert_eq!(ask(&keeper, 110, 0), 110);
    assert_eq!(keeper.judge(START + 111, BOOT + 111), Health::Followed);
}

#[test]
fn a_jump_ahead_of_up_to_a_day_in_all_is_followed_and_a_larger_one_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let keeper = keeper(&folder);
    assert_eq!(ask(&keeper, 100, DAY_SECS), 100 + DAY_SECS);
    // Not once more, as several small ones would make a large one.
    assert_eq!(ask(&keeper, 200, DAY_SECS + 1), 100 + DAY_SECS);
    assert_eq!(ask(&keeper, 200, YEAR_AND_MORE), 100 + DAY_SECS);
    assert_eq!(
        keeper.judge(START + 200 + YEAR_AND_MORE, BOOT + 200),
        Health::Ahead(100 + YEAR_AND_MORE - DAY_SECS)
    );
}

#[test]
fn while_the_clock_is_not_believed_time_goes_on_and_afterwards_it_is_followed_again() {
    let folder = tempfile::tempdir().unwrap();
    let keeper = keeper(&folder);
    for after in [0, 1, 100, 2 * DAY_SECS, YEAR_AND_MORE] {
        assert_eq!(ask(&keeper, after, YEAR_AND_MORE), after);
    }
    let right = keeper.judge(START + YEAR_AND_MORE + 5, BOOT + YEAR_AND_MORE + 5);
    assert_eq!(right, Health::Followed);
    assert_eq!(ask(&keeper, YEAR_AND_MORE + 9, 0), YEAR_AND_MORE + 9);
}

#[test]
fn a_machine_that_slept_for_years_has_not_jumped() {
    let folder = tempfile::tempdir().unwrap();
    let keeper = keeper(&folder);
    assert_eq!(ask(&keeper, 3 * YEAR_AND_MORE, 0), 3 * YEAR_AND_MORE);
}

#[test]
fn a_host_begins_with_the_clock_with_the_mark_or_not_at_all() {
    use Beginning::{Clock, Mark, Refused};
    let (followed, doubted) = (Some((START, true)), Some((START, false)));
    let check = |ahead: i64, mark, accept, wanted| {
        assert_eq!(begin(START + ahead, mark, accept), wanted, "{ahead} {mark:?} {accept}");
    };
    for ahead in [-YEAR_AND_MORE, -1, 0, 1, MAXIMUM_STEP_SECS, MAXIMUM_STOP_SECS] {
        check(ahead, followed, false, Clock);
    }
    check(MAXIMUM_STOP_SECS + 1, followed, false, Refused);
    check(YEAR_AND_MORE, followed, false, Refused);
    // Where the clock was not believed before, a restart is no reason to believe it.
    check(MAXIMUM_STEP_SECS, doubted, false, Clock);
    check(MAXIMUM_STEP_SECS + 1, doubted, false, Mark);
    check(YEAR_AND_MORE, doubted, false, Mark);
    check(-YEAR_AND_MORE, doubted, false, Clock);
    for mark in [followed, doubted] {
        check(YEAR_AND_MORE, mark, true, Clock);
    }
    // Nothing is known on the first start.
    check(YEAR_AND_MORE, None, false, Clock);
}

#[test]
fn the_later_of_two_marks_counts_and_the_file_says_whether_the_clock_was_followed() {
    let file = |at: i64, is_followed| Some(Mark { at: instant(at), is_followed });
    assert_eq!(latest(None, None), None);
    assert_eq!(latest(None, Some(5)), Some((5, true)));
    assert_eq!(latest(file(7, false), None), Some((7, false)));
    assert_eq!(latest(file(7, false), Some(5)), Some((7, false)));
    assert_eq!(latest(file(7, true), Some(9)), Some((9, true)));
}

#[test]
fn what_was_remembered_is_in_the_file_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let keeper = keeper(&folder);
    ask(&keeper, 100, 0);
    keeper.remember(START + 90);
    let mark = MarkFile::of(folder.path()).read().unwrap();
    assert_eq!(mark, Mark { at: instant(START + 100), is_followed: true });
    // What is covered already costs no write.
    std::fs::remove_file(folder.path().join(super::super::MARK_NAME)).unwrap();
    keeper.remember(START + 100);
    assert_eq!(MarkFile::of(folder.path()).read(), None);
}

proptest! {
    #[test]
    fn time_never_goes_back_and_is_never_far_ahead_whatever_the_clock_does(
        steps in prop::collection::vec((0..2_000_000_i64, -YEAR_AND_MORE..YEAR_AND_MORE), 1..50),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let keeper = keeper(&folder);
        let (mut after, mut before) = (0, i64::MIN);
        for (passed, wrong_by) in steps {
            after += passed;
            let told = ask(&keeper, after, wrong_by);
            prop_assert!(told >= before, "{told} after {before}");
            prop_assert!(told <= after + MAXIMUM_STEP_SECS, "{told} after {after} seconds");
            // Where the clock goes as it should, it is followed, unless more was told already.
            if wrong_by.abs() <= MAXIMUM_STEP_SECS {
                prop_assert_eq!(told, before.max(after + wrong_by));
            }
            before = told;
        }
    }
}
