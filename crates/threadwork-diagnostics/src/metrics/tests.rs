//! Counts of waits made by hand.

use threadwork_sync::{WaitKind, Waiter};

use super::{blocked_kinds, count};
use crate::testing::Maker;

#[test]
fn a_thread_that_waits_for_any_counts_once_and_a_task_is_no_thread() {
    let maker = Maker::new();
    let mut waits = maker.any_of(&[(1, &[0, 2, 0]), (2, &[1]), (3, &[0]), (4, &[0])]);
    waits[4].thread.waiter = Waiter::Task;
    waits[5].thread.helper = Some("helper");
    let kinds: Vec<_> = blocked_kinds(&waits).collect();
    assert_eq!(kinds, [None, Some(WaitKind::Join)]);
    assert_eq!(count(kinds.into_iter(), None), 1.0);
}
