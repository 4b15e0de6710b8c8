//! Which wake-up ended which wait.

use threadwork_sync::WaitKind;

use super::find_arrows;
use crate::timeline::{
    recording::Row,
    testing::{join, row, slice, timed_out, wait, wake},
};

const ONE: usize = 0x10;
const OTHER: usize = 0x20;

fn event(address: usize) -> crate::timeline::event::What {
    wait(WaitKind::Event, address)
}

/// Checks the rows at both ends of each arrow, and the time at which it starts.
#[track_caller]
fn check(rows: &[Row], expected: &[(usize, usize, u64)]) {
    let found: Vec<_> = find_arrows(rows).iter().map(|it| (it.from, it.to, it.at)).collect();
    assert_eq!(found, expected);
}

#[test]
fn a_wait_is_ended_by_the_wake_up_just_before_its_end() {
    let rows = [
        row(1, "a", vec![slice(100, 110, wake(ONE, 1)), slice(300, 310, wake(ONE, 1))]),
        row(2, "b", vec![slice(50, 120, event(ONE)), slice(200, 320, event(ONE))]),
    ];
    check(&rows, &[(0, 1, 100), (0, 1, 300)]);
}

#[test]
fn a_wake_up_at_another_object_ends_no_wait() {
    let rows = [
        row(1, "a", vec![slice(100, 110, wake(OTHER, 1))]),
        row(2, "b", vec![slice(50, 120, event(ONE))]),
    ];
    check(&rows, &[]);
}

#[test]
fn a_wake_up_ends_no_more_waits_than_it_has_counted() {
    let waiting = |ident, until| row(ident, "waiting", vec![slice(50, until, event(ONE))]);
    let waking = |count| row(1, "waking", vec![slice(100, 110, wake(ONE, count))]);
    check(&[waking(1), waiting(2, 120), waiting(3, 130)], &[(0, 1, 100)]);
    check(&[waking(2), waiting(2, 120), waiting(3, 130)], &[(0, 1, 100), (0, 2, 100)]);
}

#[test]
fn a_wait_that_ended_before_the_wake_up_began_is_not_ended_by_it() {
    let waking = row(1, "a", vec![slice(100, 110, wake(ONE, 1))]);
    check(&[waking, row(2, "b", vec![slice(50, 99, event(ONE))])], &[]);
}

#[test]
fn a_thread_that_continues_before_the_wake_up_is_over_was_woken_by_it() {
    let waking = row(1, "a", vec![slice(100, 500, wake(ONE, 1))]);
    check(&[waking, row(2, "b", vec![slice(50, 101, event(ONE))])], &[(0, 1, 100)]);
}

#[test]
fn the_arrow_to_a_wait_that_began_during_the_wake_up_starts_with_the_wait() {
    let waking = row(1, "a", vec![slice(100, 200, wake(ONE, 1))]);
    check(&[waking, row(2, "b", vec![slice(150, 250, event(ONE))])], &[(0, 1, 150)]);
}

#[test]
fn a_wait_that_began_after_the_wake_up_is_not_ended_by_it() {
    let waking = row(1, "a", vec![slice(100, 110, wake(ONE, 1))]);
    check(&[waking, row(2, "b", vec![slice(111, 250, event(ONE))])], &[]);
}

#[test]
fn a_wake_up_of_an_unknown_thread_does_not_shift_the_arrows_after_it() {
    let rows = [
        row(1, "a", vec![slice(100, 110, wake(ONE, 1)), slice(300, 310, wake(ONE, 1))]),
        row(2, "b", vec![slice(50, 320, event(ONE))]),
    ];
    check(&rows, &[(0, 1, 300)]);
}

#[test]
fn a_wait_that_timed_out_has_no_arrow() {
    let waking = row(1, "a", vec![slice(100, 110, wake(ONE, 1))]);
    check(&[waking, row(2, "b", vec![slice(50, 120, timed_out(ONE))])], &[]);
}

#[test]
fn a_wait_that_is_not_over_has_no_arrow() {
    let waking = row(1, "a", vec![slice(100, 110, wake(ONE, 1))]);
    let mut waiting = row(2, "b", vec![slice(50, 2_000, event(ONE))]);
    waiting.slices[0].is_open = true;
    check(&[waking, waiting], &[]);
}

#[test]
fn a_thread_does_not_wake_itself() {
    check(&[row(1, "a", vec![slice(50, 120, event(ONE)), slice(100, 110, wake(ONE, 1))])], &[]);
}

#[test]
fn a_join_is_ended_by_the_end_of_the_thread() {
    let rows = [row(1, "a", vec![slice(500, 1_010, join(2))]), row(2, "b", vec![])];
    check(&rows, &[(1, 0, 1_000)]);
    assert_eq!(find_arrows(&rows)[0].by, None);
}

#[test]
fn a_join_with_a_thread_that_had_ended_before_has_no_arrow() {
    let mut joining = row(1, "a", vec![slice(1_001, 1_010, join(2))]);
    joining.until = Some(1_010);
    check(&[joining, row(2, "b", vec![])], &[]);
}
