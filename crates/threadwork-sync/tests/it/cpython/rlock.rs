//! `RLockTests`.

use std::sync::Arc;

use threadwork_sync::{RawRLock, ReleaseError, get_ident};

use crate::support::Helper;

/// After `RLockTests.test_reacquire`.
#[test]
fn the_holder_acquires_it_again_and_releases_it_as_often() {
    let lock = RawRLock::new();
    lock.acquire();
    lock.acquire();
    lock.release().unwrap();
    lock.acquire();
    lock.release().unwrap();
    lock.release().unwrap();
    assert!(!lock.is_locked());
}

/// After `RLockTests.test_release_unacquired`.
#[test]
fn one_release_too_many_is_an_error() {
    let lock = RawRLock::new();
    assert_eq!(lock.release(), Err(ReleaseError::NotHolder));
    for _ in 0..3 {
        lock.acquire();
    }
    for _ in 0..3 {
        lock.release().unwrap();
    }
    assert_eq!(lock.release(), Err(ReleaseError::NotHolder));
}

/// After `RLockTests.test_release_save_unacquired`.
#[test]
fn all_levels_of_a_lock_that_is_not_held_cannot_be_released() {
    let lock = RawRLock::new();
    assert_eq!(lock.release_all(), Err(ReleaseError::NotHolder));
    for _ in 0..3 {
        lock.acquire();
    }
    for _ in 0..3 {
        lock.release().unwrap();
    }
    assert_eq!(lock.release_all(), Err(ReleaseError::NotHolder));
}

/// After `RLockTests.test_recursion_count`.
#[test]
fn the_depth_is_how_often_the_current_thread_has_acquired_it() {
    let lock = Arc::new(RawRLock::new());
    assert_eq!(lock.depth(), 0);
    for depth in 1..=3 {
        lock.acquire();
        assert_eq!(lock.depth(), depth);
    }
    let other = Arc::clone(&lock);
    assert_eq!(Helper::start(move || other.depth()).join(), 0);
    for depth in (0..3).rev() {
        lock.release().unwrap();
        assert_eq!(lock.depth(), depth);
    }
    let other = Arc::clone(&lock);
    let depth = Helper::start(move || {
        other.acquire();
        other.acquire();
        other.depth()
    });
    assert_eq!(depth.join(), 2);
    assert_eq!(lock.depth(), 0, "the other thread has acquired it");
}

/// After `RLockTests.test_repr_count`.
#[test]
fn the_depth_is_shown() {
    let lock = RawRLock::new();
    assert!(format!("{lock:?}").contains("depth: 0"));
    lock.acquire();
    lock.acquire();
    let shown = format!("{lock:?}");
    assert!(shown.contains("depth: 2") && shown.contains(&get_ident().to_string()), "{shown}");
    lock.release().unwrap();
    assert!(format!("{lock:?}").contains("depth: 1"));
    lock.release().unwrap();
    assert!(format!("{lock:?}").contains("depth: 0"));
}

/// After `RLockTests.test_locked`.
#[test]
fn it_is_locked_until_it_is_released_for_the_last_time() {
    let lock = RawRLock::new();
    assert!(!lock.is_locked());
    lock.acquire();
    assert!(lock.is_locked());
    lock.acquire();
    assert!(lock.is_locked());
    lock.release().unwrap();
    assert!(lock.is_locked());
    lock.release().unwrap();
    assert!(!lock.is_locked());
}

/// After `RLockTests.test_locked_with_2threads`.
#[test]
fn it_stays_locked_after_its_holder_has_ended() {
    let lock = Arc::new(RawRLock::new());
    let other = Arc::clone(&lock);
    let holder = Helper::start(move || {
        let before = other.is_locked();
        other.acquire();
        (before, other.is_locked())
    });
    assert_eq!(holder.join(), (false, true));
    assert!(lock.is_locked());
    assert!(!lock.try_acquire());
}

/// After `RLockTests.test_different_thread`.
#[test]
fn another_thread_cannot_release_it() {
    let lock = Arc::new(RawRLock::new());
    lock.acquire();
    let other = Arc::clone(&lock);
    let released = Helper::start(move || other.release()).join();
    assert_eq!(released, Err(ReleaseError::NotHolder));
    assert_eq!(lock.depth(), 1);
    lock.release().unwrap();
}

/// After `RLockTests.test__is_owned`.
#[test]
fn it_is_owned_by_the_thread_that_has_acquired_it_and_by_no_other() {
    let lock = Arc::new(RawRLock::new());
    assert!(!lock.is_owned());
    lock.acquire();
    assert!(lock.is_owned());
    lock.acquire();
    assert!(lock.is_owned());
    let other = Arc::clone(&lock);
    assert!(!Helper::start(move || other.is_owned()).join());
    lock.release().unwrap();
    assert!(lock.is_owned());
    lock.release().unwrap();
    assert!(!lock.is_owned());
}
