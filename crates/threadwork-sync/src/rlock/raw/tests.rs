//! The limit of the depth.
#![cfg(not(threadwork_loom))]

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::atomic::Ordering,
};

use super::RawRLock;

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
