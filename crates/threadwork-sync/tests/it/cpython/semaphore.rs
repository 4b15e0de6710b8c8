//! `BaseSemaphoreTests`, for both semaphores, `SemaphoreTests` and `BoundedSemaphoreTests`.

use threadwork_sync::{BoundedSemaphore, ReleaseError, Semaphore};

/// `BaseSemaphoreTests` for one type.
macro_rules! base_semaphore_tests {
    ($module:ident: $semaphore:ident) => {
        mod $module {
            use std::{
                panic::{AssertUnwindSafe, catch_unwind},
                sync::{
                    Arc,
                    atomic::{AtomicUsize, Ordering},
                },
            };

            use threadwork_sync::{WaitKind, $semaphore};

            use crate::{
                objects::{panic_of, start_waiting},
                support::{Helper, eventually},
            };

            /// After `BaseSemaphoreTests.test_constructor`. DIFFERENCE: a number cannot be negative here, but it can be too large.
            #[test]
            fn too_many_permits_are_refused() {
                panic_of(|| $semaphore::new(super::Semaphore::MAX_PERMITS + 1));
                panic_of(|| $semaphore::new(usize::MAX));
            }

            /// After `BaseSemaphoreTests.test_acquire`.
            #[test]
            fn as_many_are_acquired_as_there_are() {
                let semaphore = $semaphore::new(1);
                semaphore.acquire().forget();
                semaphore.release(1).unwrap();
                let semaphore = $semaphore::new(2);
                semaphore.acquire().forget();
                semaphore.acquire().forget();
                semaphore.release(1).unwrap();
                semaphore.release(1).unwrap();
            }

            /// After `BaseSemaphoreTests.test_acquire_destroy`.
            #[test]
            fn a_semaphore_without_permits_may_be_dropped() {
                let semaphore = Box::new($semaphore::new(1));
                semaphore.acquire().forget();
                drop(semaphore);
            }

            /// Ten threads acquire twice each. Each release of `n` lets exactly `n` acquires succeed.
            #[track_caller]
            fn check_contended(release: fn(&$semaphore, usize)) {
                let semaphore = Arc::new($semaphore::new(7));
                let acquired = Arc::new(AtomicUsize::new(0));
                semaphore.acquire().forget();
                let threads: Vec<_> = (0..10)
                    .map(|_| {
                        let (semaphore, acquired) = (Arc::clone(&semaphore), Arc::clone(&acquired));
                        Helper::start(move || {
                            for _ in 0..2 {
                                semaphore.acquire().forget();
                                acquired.fetch_add(1, Ordering::Relaxed);
                            }
                        })
                    })
                    .collect();
                let mut expected = 6;
                for released in [0, 7, 6, 1] {
                    if released > 0 {
                        release(&semaphore, released);
                        expected += released;
                    }
                    eventually("too few acquires succeed", || {
                        (acquired.load(Ordering::Relaxed) == expected).then_some(())
                    });
                    // Each thread that has not acquired twice waits, so no more acquires succeed.
                    threads.iter().for_each(|it| {
                        eventually("a thread neither ends nor waits", || {
                            (it.is_finished() || crate::support::record_of(it.ident()).is_some())
                                .then_some(())
                        });
                    });
                    assert_eq!(acquired.load(Ordering::Relaxed), expected);
                    assert_eq!(semaphore.available(), 0);
                }
                assert_eq!(expected, 20);
                threads.into_iter().for_each(Helper::join);
                assert!(semaphore.try_acquire().is_none());
            }

            /// After `BaseSemaphoreTests.test_acquire_contended`.
            #[test]
            fn every_release_lets_one_acquire_succeed() {
                check_contended(|semaphore, n| {
                    (0..n).for_each(|_| semaphore.release(1).unwrap());
                });
            }

            /// After `BaseSemaphoreTests.test_multirelease`.
            #[test]
            fn a_release_of_several_lets_as_many_acquires_succeed() {
                check_contended(|semaphore, n| semaphore.release(n).unwrap());
            }

            /// After `BaseSemaphoreTests.test_try_acquire`.
            #[test]
            fn an_acquire_without_blocking_says_whether_it_succeeded() {
                let semaphore = $semaphore::new(2);
                let permits = [semaphore.try_acquire().unwrap(), semaphore.try_acquire().unwrap()];
                assert!(semaphore.try_acquire().is_none());
                drop(permits);
                assert!(semaphore.try_acquire().is_some());
            }

            /// After `BaseSemaphoreTests.test_try_acquire_contended`.
            #[test]
            fn as_many_succeed_without_blocking_as_there_are_permits() {
                let semaphore = Arc::new($semaphore::new(4));
                semaphore.acquire().forget();
                let threads: Vec<_> = (0..10)
                    .map(|_| {
                        let semaphore = Arc::clone(&semaphore);
                        Helper::start(move || {
                            let try_one = |_: &u8| {
                                semaphore.try_acquire().is_some_and(|it| {
                                    it.forget();
                                    true
                                })
                            };
                            [1, 2].iter().filter(|it| try_one(it)).count()
                        })
                    })
                    .collect();
                let succeeded: usize = threads.into_iter().map(Helper::join).sum();
                assert_eq!(succeeded, 3);
            }

            /// After `BaseSemaphoreTests.test_default_value`. DIFFERENCE: there is no default here; the test gives one permit.
            #[test]
            fn with_one_permit_one_thread_goes_at_a_time() {
                let semaphore = Arc::new($semaphore::new(1));
                semaphore.acquire().forget();
                let other = Arc::clone(&semaphore);
                let thread = start_waiting(WaitKind::Semaphore, move || {
                    other.acquire().forget();
                    other.release(1).unwrap();
                });
                thread.blocked();
                semaphore.release(1).unwrap();
                thread.join();
                assert_eq!(semaphore.available(), 1);
            }

            /// After `BaseSemaphoreTests.test_with`.
            #[test]
            fn a_block_releases_when_it_is_left_by_return_or_panic() {
                let semaphore = $semaphore::new(2);
                {
                    let _outer = semaphore.acquire();
                    {
                        let _inner = semaphore.acquire();
                        assert!(semaphore.try_acquire().is_none());
                    }
                    assert_eq!(semaphore.available(), 1);
                    let left = catch_unwind(AssertUnwindSafe(|| {
                        let _inner = semaphore.acquire();
                        panic!("on purpose");
                    }));
                    assert!(left.is_err());
                    assert_eq!(semaphore.available(), 1);
                }
                assert_eq!(semaphore.available(), 2);
            }
        }
    };
}

base_semaphore_tests!(semaphore: Semaphore);
base_semaphore_tests!(bounded_semaphore: BoundedSemaphore);

/// After `SemaphoreTests.test_release_unacquired`.
#[test]
fn a_semaphore_may_be_released_more_often_than_acquired() {
    let semaphore = Semaphore::new(1);
    semaphore.release(1).unwrap();
    semaphore.acquire().forget();
    semaphore.acquire().forget();
    semaphore.release(1).unwrap();
    assert_eq!(semaphore.available(), 1);
}

/// After `SemaphoreTests.test_repr`.
#[test]
fn debug_shows_the_available_permits() {
    let semaphore = Semaphore::new(3);
    assert!(format!("{semaphore:?}").contains("available: 3"));
    semaphore.release(1).unwrap();
    semaphore.release(1).unwrap();
    assert!(format!("{semaphore:?}").contains("available: 5"));
}

/// After `BoundedSemaphoreTests.test_release_unacquired`.
#[test]
fn a_bounded_semaphore_may_not_be_released_more_often_than_acquired() {
    let semaphore = BoundedSemaphore::new(1);
    assert_eq!(semaphore.release(1), Err(ReleaseError::TooMany));
    semaphore.acquire().forget();
    semaphore.release(1).unwrap();
    assert_eq!(semaphore.release(1), Err(ReleaseError::TooMany));
}

/// After `BoundedSemaphoreTests.test_repr`.
#[test]
fn debug_of_a_bounded_semaphore_shows_the_available_permits_and_its_bound() {
    let semaphore = BoundedSemaphore::new(3);
    semaphore.acquire().forget();
    let shown = format!("{semaphore:?}");
    assert!(shown.contains("available: 2") && shown.contains("bound: 3"), "{shown}");
}
