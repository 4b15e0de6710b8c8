//! `RawRLock`: all levels released at once, and several acquired at once.

use std::{num::NonZeroU32, sync::Arc, time::Duration};

use threadwork_sync::{RawRLock, ReleaseError, StopSource, WaitError, WaitKind, get_ident};

use crate::{
    objects::{panic_of, start_waiting, stopped, until},
    support::Helper,
};

fn times(n: u32) -> NonZeroU32 {
    NonZeroU32::new(n).expect("more than none")
}

fn both_kinds() -> [Arc<RawRLock>; 2] {
    [Arc::new(RawRLock::new()), Arc::new(RawRLock::fair())]
}

#[test]
fn a_release_of_all_levels_frees_the_lock_and_says_how_many_there_were() {
    for lock in both_kinds() {
        for depth in 1..4 {
            (0..depth).for_each(|_| lock.acquire());
            assert_eq!(lock.release_all(), Ok(times(depth)));
            assert_eq!((lock.depth(), lock.holder()), (0, None));
            assert!(!lock.is_owned() && !lock.is_locked());
        }
    }
}

#[test]
fn only_the_holder_can_release_all_levels() {
    for lock in both_kinds() {
        assert_eq!(lock.release_all(), Err(ReleaseError::NotHolder));
        lock.acquire_many(times(2));
        let other = Arc::clone(&lock);
        let released = Helper::start(move || other.release_all()).join();
        assert_eq!((released, lock.depth()), (Err(ReleaseError::NotHolder), 2));
        lock.release_all().unwrap();
        assert_eq!(lock.release_all(), Err(ReleaseError::NotHolder));
    }
}

#[test]
fn several_levels_are_acquired_in_each_form_by_a_thread_with_and_without_the_lock() {
    for lock in both_kinds() {
        let acquire: [fn(&RawRLock, NonZeroU32); 4] = [
            |lock, n| lock.acquire_many(n),
            |lock, n| assert!(lock.try_acquire_many(n)),
            |lock, n| lock.acquire_many_timeout(n, Duration::ZERO).unwrap(),
            |lock, n| lock.acquire_many_with(n, &stopped()).unwrap(),
        ];
        for acquire in acquire {
            acquire(&lock, times(3));
            assert_eq!((lock.depth(), lock.holder()), (3, Some(get_ident())));
            acquire(&lock, times(4));
            assert_eq!(lock.depth(), 7);
            (0..7).for_each(|_| lock.release().unwrap());
            assert!(!lock.is_locked());
        }
    }
}

#[test]
fn a_wait_for_several_levels_gets_all_or_none() {
    for lock in both_kinds() {
        lock.acquire();
        let stop = StopSource::new();
        let (other, wait) = (Arc::clone(&lock), until(&stop));
        let stopped = start_waiting(WaitKind::RLock, move || {
            let ended = other.acquire_many_with(times(9), &wait);
            (ended, other.try_acquire_many(times(9)), other.depth())
        });
        let other = Arc::clone(&lock);
        let waiter = start_waiting(WaitKind::RLock, move || {
            other.acquire_many(times(9));
            (other.depth(), other.release_all())
        });
        stop.request_stop();
        assert_eq!(stopped.join(), (Err(WaitError::Stopped), false, 0));
        lock.release().unwrap();
        assert_eq!(waiter.join(), (9, Ok(times(9))));
    }
}

#[test]
fn a_depth_beyond_the_limit_is_refused_and_nothing_changes() {
    let lock = RawRLock::new();
    lock.acquire_many(NonZeroU32::MAX);
    assert_eq!(lock.depth(), u32::MAX);
    for refused in [panic_of(|| lock.acquire()), panic_of(|| lock.acquire_many(NonZeroU32::MAX))] {
        assert!(refused.contains("more than `u32::MAX` times"), "{refused}");
        assert_eq!(lock.depth(), u32::MAX);
    }
    assert_eq!(lock.release_all(), Ok(NonZeroU32::MAX));
    assert!(!lock.is_locked());
}
