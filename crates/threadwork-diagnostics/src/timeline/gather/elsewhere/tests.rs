//! Threads that were asleep when they were looked at last.

use std::collections::BTreeMap;

use super::{Event, add_open};
use crate::timeline::{
    recording::{Row, Slice},
    testing::{elsewhere, row, slice, span, timed_out},
};

/// The times of the wait, which began at 100 and was seen until 500, and whether it is still open at 2,000.
fn added(mut row: Row) -> (u64, u64, bool) {
    let open = Event { since: 100, until: 500, what: elsewhere(Some("read")) };
    let mut rows = [Row { ident: 8, ..row.clone() }, {
        row.ident = 9;
        row
    }];
    add_open(&mut rows, BTreeMap::from([(9, open)]), 2_000);
    assert_eq!(rows[0].slices.len() + 1, rows[1].slices.len());
    let it = rows[1].slices.last().unwrap();
    (it.since, it.until, it.is_open)
}

fn alive(slices: Vec<Slice>) -> Row {
    Row { until: None, ended: None, ..row(9, "reader", slices) }
}

#[test]
fn a_thread_that_did_nothing_since_then_still_waits() {
    assert_eq!(added(alive(vec![slice(10, 90, timed_out(1))])), (100, 2_000, true));
    // It is in a span that it entered before.
    let mut around = slice(10, 2_000, span());
    around.is_open = true;
    assert_eq!(added(alive(vec![around])), (100, 2_000, true));
}

#[test]
fn a_thread_that_has_gone_on_was_seen_until_the_last_look() {
    for slices in [vec![slice(600, 700, timed_out(1))], vec![slice(10, 600, span())]] {
        assert_eq!(added(alive(slices)), (100, 500, false));
    }
    let mut waits = slice(600, 2_000, timed_out(1));
    waits.is_open = true;
    assert_eq!(added(alive(vec![waits])), (100, 500, false));
}

#[test]
fn a_thread_that_has_ended_does_not_wait() {
    assert_eq!(added(row(9, "reader", vec![])), (100, 500, false));
}
