//! The byte by itself.
#![cfg(not(threadwork_loom))]

use super::*;

fn value(it: &FreedBy) -> u8 {
    it.0.load(Ordering::Relaxed)
}

/// Counts releases. Returns the numbers of those before which the holder looks at the queue.
fn looks(it: &FreedBy, releases: u32) -> Vec<u32> {
    (1..=releases).filter(|_| it.count()).collect()
}

#[test]
fn a_new_lock_is_looked_at_after_sixteen_releases_and_then_seldom() {
    let freed_by = FreedBy::new();
    assert!(!freed_by.is_store());
    assert_eq!(looks(&freed_by, 400), [16, 48, 112, 176, 240, 304, 368]);
    assert!(!freed_by.is_store(), "counting changes nothing");
}

#[test]
fn a_lock_that_was_waited_for_is_looked_at_soon_and_then_less_and_less_often() {
    let freed_by = FreedBy::new();
    freed_by.become_store();
    assert!(freed_by.is_store());
    assert!(freed_by.leave_store(), "the first that comes has to fence");
    assert!(!freed_by.is_store());
    assert!(!freed_by.leave_store(), "and the next has not");
    let expected = [1, 2, 4, 8, 16, 32, 64, 128, 192, 256, 320];
    assert_eq!(looks(&freed_by, 320), expected);
    freed_by.count_again();
    assert_eq!(looks(&freed_by, 20), [1, 2, 4, 8, 16]);
}

#[test]
fn nothing_changes_a_lock_that_stays_with_swaps() {
    let freed_by = FreedBy::swap();
    assert_eq!(looks(&freed_by, 1_000), []);
    freed_by.count_again();
    assert!(!freed_by.leave_store());
    assert_eq!(value(&freed_by), SWAP);
}

#[test]
fn the_count_never_becomes_a_store_or_a_lasting_swap() {
    for first in 1..=u8::MAX - 1 {
        let freed_by = FreedBy::new();
        freed_by.0.store(first, Ordering::Relaxed);
        for _ in 0..300 {
            freed_by.count();
            assert!(![STORE, SWAP].contains(&value(&freed_by)), "from {first}");
        }
    }
}

/// A release that does not know whether it may store uses a swap, and the next one may store again.
#[test]
fn counting_leaves_a_store_alone() {
    let freed_by = FreedBy::new();
    freed_by.become_store();
    freed_by.count_again();
    assert_eq!(looks(&freed_by, 100), []);
    assert!(freed_by.is_store());
}
