//! `BaseLockTests`, for both raw locks, and `LockTests`.

use std::sync::Arc;

use threadwork_sync::{RawLock, WaitKind, waits};

use crate::{objects::start_waiting, support::Helper};

/// `BaseLockTests` for one type.
macro_rules! base_lock_tests {
    ($module:ident: $raw:ident, $kind:expr, $with:ident) => {
        mod $module {
            use std::{
                panic::{AssertUnwindSafe, catch_unwind},
                sync::{
                    Arc,
                    atomic::{AtomicUsize, Ordering},
                },
            };

            use threadwork_sync::{WaitKind, get_ident, $raw, $with};

            use crate::{objects::start_waiting, support::Helper};

            /// After `BaseLockTests.test_constructor`.
            #[test]
            fn a_lock_is_made_and_dropped() {
                drop(Box::new($raw::new()));
            }

            /// After `BaseLockTests.test_repr`. DIFFERENCE: the state is shown, and no address.
            #[test]
            fn debug_of_a_free_lock_shows_no_holder() {
                let shown = format!("{:?}", $raw::new());
                assert!(shown.starts_with(stringify!($raw)), "{shown}");
                assert!(shown.contains("holder: None"), "{shown}");
            }

            /// After `BaseLockTests.test_locked_repr`.
            #[test]
            fn debug_of_a_held_lock_shows_the_holder() {
                let lock = $raw::new();
                lock.acquire();
                let shown = format!("{lock:?}");
                let holder = format!("holder: Some({})", get_ident());
                assert!(shown.contains(&holder), "{shown}");
            }

            /// After `BaseLockTests.test_acquire_destroy`.
            #[test]
            fn a_held_lock_may_be_dropped() {
                let lock = Box::new($raw::new());
                lock.acquire();
                drop(lock);
            }

            /// After `BaseLockTests.test_acquire_release`.
            #[test]
            fn a_lock_is_acquired_and_released() {
                let lock = $raw::new();
                lock.acquire();
                lock.release().unwrap();
                assert!(!lock.is_locked());
            }

            /// After `BaseLockTests.test_try_acquire`.
            #[test]
            fn a_free_lock_is_acquired_without_blocking() {
                let lock = $raw::new();
                assert!(lock.try_acquire());
                lock.release().unwrap();
            }

            /// After `BaseLockTests.test_try_acquire_contended`.
            #[test]
            fn a_lock_held_elsewhere_is_not_acquired_without_blocking() {
                let lock = Arc::new($raw::new());
                lock.acquire();
                let other = Arc::clone(&lock);
                assert!(!Helper::start(move || other.try_acquire()).join());
                lock.release().unwrap();
            }

            /// After `BaseLockTests.test_acquire_contended`.
            #[test]
            fn waiters_get_it_one_after_the_other_once_it_is_released() {
                static DONE: AtomicUsize = AtomicUsize::new(0);
                let lock = Arc::new($raw::new());
                lock.acquire();
                let waiters: Vec<_> = (0..5)
                    .map(|_| {
                        let lock = Arc::clone(&lock);
                        start_waiting($kind, move || {
                            lock.acquire();
                            DONE.fetch_add(1, Ordering::Relaxed);
                            lock.release().unwrap();
                        })
                    })
                    .collect();
                assert_eq!(DONE.load(Ordering::Relaxed), 0);
                lock.release().unwrap();
                waiters.into_iter().for_each(Helper::join);
                assert_eq!(DONE.load(Ordering::Relaxed), 5);
            }

            /// After `BaseLockTests.test_with`. DIFFERENCE: a raw lock has no guard; the lock around a value does what `with` does.
            #[test]
            fn a_block_releases_when_it_is_left_by_return_or_panic() {
                let lock = Arc::new($with::new(()));
                let is_free = |lock: &Arc<$with<()>>| {
                    let lock = Arc::clone(lock);
                    Helper::start(move || lock.try_acquire().is_some()).join()
                };
                {
                    let _guard = lock.acquire();
                    assert!(!is_free(&lock));
                }
                assert!(is_free(&lock));
                let left = catch_unwind(AssertUnwindSafe(|| {
                    let _guard = lock.acquire();
                    panic!("on purpose");
                }));
                assert!(left.is_err());
                assert!(is_free(&lock));
            }

            /// After `BaseLockTests.test_thread_leak`.
            #[test]
            fn threads_that_have_used_a_lock_leave_nothing_behind() {
                let lock = Arc::new($raw::new());
                lock.acquire();
                let threads: Vec<_> = (0..15)
                    .map(|_| {
                        let lock = Arc::clone(&lock);
                        start_waiting($kind, move || {
                            lock.acquire();
                            lock.release().unwrap();
                        })
                    })
                    .collect();
                let idents: Vec<_> = threads.iter().map(Helper::ident).collect();
                lock.release().unwrap();
                threads.into_iter().for_each(Helper::join);
                assert!(super::waits().iter().all(|it| !idents.contains(&it.thread.ident)));
            }
        }
    };
}

base_lock_tests!(raw_lock: RawLock, WaitKind::Lock, Lock);
base_lock_tests!(raw_rlock: RawRLock, WaitKind::RLock, RLock);

/// After `LockTests.test_reacquire`.
#[test]
fn its_holder_acquires_it_again_only_after_another_thread_released_it() {
    let lock = Arc::new(RawLock::new());
    let twice = Arc::clone(&lock);
    let thread = start_waiting(WaitKind::Lock, move || {
        twice.acquire();
        twice.acquire();
    });
    assert_eq!(lock.holder(), Some(thread.ident()));
    lock.release().unwrap();
    thread.join();
    assert!(lock.is_locked());
    lock.release().unwrap();
}

/// After `LockTests.test_different_thread`.
#[test]
fn a_lock_may_be_released_by_another_thread() {
    let lock = Arc::new(RawLock::new());
    lock.acquire();
    let other = Arc::clone(&lock);
    Helper::start(move || other.release().unwrap()).join();
    lock.acquire();
    lock.release().unwrap();
}
