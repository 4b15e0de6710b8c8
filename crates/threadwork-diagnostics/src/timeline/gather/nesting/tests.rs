//! Nested slices.

use threadwork_sync::WaitKind;

use super::nest;
use crate::timeline::{
    recording::Slice,
    testing::{slice, span, wait},
};

/// Checks the times and the depths of the slices after nesting.
#[track_caller]
fn check(slices: &mut [Slice], expected: &[(u64, u64, usize)]) {
    nest(slices);
    let found: Vec<_> = slices.iter().map(|it| (it.since, it.until, it.depth)).collect();
    assert_eq!(found, expected);
}

#[test]
fn slices_come_in_the_order_of_their_beginnings_and_know_how_many_spans_are_around_them() {
    let lock = || wait(WaitKind::Lock, 1);
    check(
        &mut [
            slice(20, 25, lock()),
            slice(10, 30, span()),
            slice(0, 100, span()),
            slice(40, 50, span()),
        ],
        &[(0, 100, 0), (10, 30, 1), (20, 25, 2), (40, 50, 1)],
    );
}

#[test]
fn a_wait_that_takes_all_of_a_span_lies_in_it() {
    let lock = wait(WaitKind::Lock, 1);
    check(&mut [slice(0, 10, lock), slice(0, 10, span())], &[(0, 10, 0), (0, 10, 1)]);
}

#[test]
fn waits_do_not_count_as_spans() {
    let lock = || wait(WaitKind::Lock, 1);
    check(&mut [slice(0, 10, lock()), slice(2, 3, lock())], &[(0, 10, 0), (2, 3, 0)]);
}

#[test]
fn a_span_that_is_left_after_the_one_around_it_is_cut_at_the_end_of_that() {
    check(
        &mut [slice(0, 10, span()), slice(5, 20, span()), slice(12, 14, span())],
        &[(0, 10, 0), (5, 10, 1), (12, 14, 0)],
    );
}

#[test]
fn a_slice_that_begins_where_another_ends_lies_beside_it() {
    check(&mut [slice(0, 10, span()), slice(10, 20, span())], &[(0, 10, 0), (10, 20, 0)]);
}
