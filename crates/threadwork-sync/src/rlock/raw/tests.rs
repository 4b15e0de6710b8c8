//! The limit of the depth, and what the last release does.
#![cfg(not(threadwork_loom))]

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::atomic::Ordering,
};

use super::RawRLock;
use crate::{
    door::{
        HandOver::{self, Always, IfAwake, Never},
        Parked, Token,
        testing::{deciding, queue, start_asleep},
    },
    number::{current_word, from_word},
};

#[test]
fn the_depth_reaches_its_limit_and_does_not_exceed_it() {
    let lock = RawRLock::new();
    lock.acquire();
    lock.again.store(u32::MAX - 2, Ordering::Relaxed);
    assert_eq!(lock.depth(), u32::MAX - 1);
    assert!(lock.try_acquire());
    assert_eq!(lock.depth(), u32::MAX);
    let acquires: [fn(&RawRLock); 2] = [RawRLock::acquire, |it| _ = it.try_acquire()];
    for acquire in acquires {
        assert!(catch_unwind(AssertUnwindSafe(|| acquire(&lock))).is_err());
        assert_eq!(lock.depth(), u32::MAX);
    }
    assert!(format!("{lock:?}").contains("depth: 4294967295"));
    lock.release().unwrap();
    assert_eq!(lock.depth(), u32::MAX - 1);
    lock.again.store(0, Ordering::Relaxed);
    lock.release().unwrap();
    assert!(!lock.is_locked());
}

// Scenario "the waiter that is overtaken" in docs/architecture.md.
#[test]
fn the_last_release_hands_the_lock_over_and_no_release_before_it() {
    let releases: [fn(&RawRLock); 2] = [|it| it.release().unwrap(), RawRLock::release_owned];
    let check = |release: fn(&RawRLock), how: HandOver| {
        let lock = RawRLock::new();
        lock.acquire();
        lock.acquire();
        assert!(lock.lock.receive_waiters());
        let (first, thread) = start_asleep(lock.lock.key(), 0);
        deciding(how, || release(&lock));
        assert_eq!((lock.holder(), lock.depth()), (from_word(current_word()), 1));
        assert_eq!(queue(lock.lock.key()), [first]);
        deciding(how, || release(&lock));
        assert!(!lock.is_owned());
        (lock.holder() == from_word(first), lock.is_locked(), thread.join().unwrap())
    };
    for release in releases {
        assert_eq!(check(release, Always), (true, true, Parked::Woken(Token::HANDED_OVER)));
        for how in [Never, IfAwake] {
            assert_eq!(check(release, how), (false, false, Parked::Woken(Token::RETRY)));
        }
    }
}
