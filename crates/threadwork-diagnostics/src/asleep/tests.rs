//! Glances made by hand.

use std::{collections::BTreeSet, time::Duration};

use super::{Asleep, still_asleep};

#[test]
fn a_thread_sleeps_elsewhere_if_it_does_not_run_between_the_glances_and_is_in_no_wait() {
    let after = |micros| Asleep { cpu: Duration::from_micros(micros) };
    let first = [1, 2, 3, 4, 5].map(|it| (it, after(it)));
    let in_waits = BTreeSet::from([2, 9]);
    let second = |native_id| match native_id {
        // It woke up and fell asleep again: it may have left a wait of this library, or entered one, in between.
        3 => Some(after(4)),
        // It runs, or is gone.
        4 => None,
        it => Some(after(it)),
    };
    let found: Vec<_> = still_asleep(&first, &in_waits, second).collect();
    assert_eq!(found, [1, 5]);
}
