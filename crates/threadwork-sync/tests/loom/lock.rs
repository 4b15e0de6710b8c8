//! Locks: exclusion, order, and no lost wake-up.

use loom::{sync::Arc, thread};
use threadwork_sync::{
    Lock, RawLock, StopSource, Wait, get_ident,
    internal::model::{let_time_pass, n_parked},
};

use crate::{Data, KINDS, check, check_all, timed};

fn lock_of(raw: RawLock) -> Arc<Lock<Data>> {
    Arc::new(Lock::from_raw(raw, Data::default()))
}

fn spawn_adding(lock: &Arc<Lock<Data>>) -> thread::JoinHandle<()> {
    let lock = Arc::clone(lock);
    thread::spawn(move || lock.acquire().add_one())
}

/// Two threads with a lock exclude each other, and the second sees what the first wrote.
#[test]
fn two_threads_exclude_each_other() {
    check_all(2, |raw| {
        let lock = lock_of(raw);
        let other = spawn_adding(&lock);
        lock.acquire().add_one();
        other.join().unwrap();
        assert_eq!(lock.acquire().get(), 2);
    });
}

/// Each of three threads gets the lock.
#[test]
fn three_threads_all_get_the_lock() {
    check_all(3, |raw| {
        let lock = lock_of(raw);
        let others = [spawn_adding(&lock), spawn_adding(&lock)];
        lock.acquire().add_one();
        others.into_iter().for_each(|it| it.join().unwrap());
        assert_eq!(lock.acquire().get(), 3);
    });
}

/// A thread that acquires again while others wait makes none of them wait for ever.
#[test]
fn a_thread_that_acquires_again_leaves_no_waiter_behind() {
    check_all(3, |raw| {
        let lock = lock_of(raw);
        let guard = lock.acquire();
        let others = [spawn_adding(&lock), spawn_adding(&lock)];
        drop(guard);
        lock.acquire().add_one();
        others.into_iter().for_each(|it| it.join().unwrap());
        assert_eq!(lock.acquire().get(), 3);
    });
}

/// A thread that gets the lock by `try_acquire` sees what the previous holder wrote, even if other threads wait.
#[test]
fn try_acquire_sees_what_the_last_holder_wrote() {
    check_all(3, |raw| {
        let lock = lock_of(raw);
        let guard = lock.acquire();
        let waiting = spawn_adding(&lock);
        let trying = {
            let lock = Arc::clone(&lock);
            thread::spawn(move || lock.try_acquire().map(|it| it.add_one()).is_some())
        };
        guard.add_one();
        drop(guard);
        waiting.join().unwrap();
        let got_it = trying.join().unwrap();
        assert_eq!(lock.acquire().get(), 2 + u32::from(got_it));
    });
}

/// A fair lock goes to the thread in the queue, even if other threads try to acquire it.
#[test]
fn a_fair_lock_goes_to_the_waiter() {
    check(2, || {
        let lock = Arc::new(RawLock::fair());
        lock.acquire();
        let waiter = {
            let lock = Arc::clone(&lock);
            thread::spawn(move || {
                lock.acquire();
                get_ident()
            })
        };
        let waits = n_parked() == 1;
        lock.release().unwrap();
        let overtaken = lock.try_acquire();
        assert!(!(waits && overtaken));
        if overtaken {
            lock.release().unwrap();
        }
        let waiter = waiter.join().unwrap();
        assert_eq!(lock.holder(), Some(waiter));
    });
}

/// Of two concurrent releases, no more succeed than there were acquisitions.
#[test]
fn no_release_succeeds_without_an_acquisition() {
    check_all(3, |raw| {
        let lock = Arc::new(raw);
        lock.acquire();
        let waiter = {
            let lock = Arc::clone(&lock);
            thread::spawn(move || {
                lock.acquire();
                lock.release().is_ok()
            })
        };
        let other = {
            let lock = Arc::clone(&lock);
            thread::spawn(move || lock.release().is_ok())
        };
        let here = lock.release().is_ok();
        let released = [here, waiter.join().unwrap(), other.join().unwrap()];
        assert_eq!(released.into_iter().filter(|it| *it).count(), 2);
        assert!(!lock.is_locked());
    });
}

/// Checks that a waiter that leaves at any moment leaves the lock usable and another waiter wakeable.
fn check_giving_up(wait: fn(&StopSource) -> Wait, end: fn(&StopSource), end_first: bool) {
    for new in KINDS {
        check(3, move || {
            let lock = lock_of(new());
            let stop = StopSource::new();
            let guard = lock.acquire();
            let waiting = spawn_adding(&lock);
            let giving_up = {
                let (lock, wait) = (Arc::clone(&lock), wait(&stop));
                thread::spawn(move || lock.acquire_with(&wait).map(|it| it.add_one()).is_ok())
            };
            if end_first {
                end(&stop);
            }
            drop(guard);
            if !end_first {
                end(&stop);
            }
            waiting.join().unwrap();
            let got_it = giving_up.join().unwrap();
            assert_eq!(lock.try_acquire().unwrap().get(), 1 + u32::from(got_it));
        });
    }
}

/// A stop before a release consumes no wake-up of another waiter.
#[test]
fn a_stop_before_a_release_loses_no_wake_up() {
    check_giving_up(|it| Wait::forever().or_stop(&it.token()), |it| _ = it.request_stop(), true);
}

/// A stop after a release consumes no wake-up of another waiter.
#[test]
fn a_stop_after_a_release_loses_no_wake_up() {
    check_giving_up(|it| Wait::forever().or_stop(&it.token()), |it| _ = it.request_stop(), false);
}

/// A deadline that passes before a release consumes no wake-up of another waiter.
#[test]
fn a_timeout_before_a_release_loses_no_wake_up() {
    check_giving_up(|_| timed(), |_| let_time_pass(), true);
}

/// A deadline that passes after a release consumes no wake-up of another waiter.
#[test]
fn a_timeout_after_a_release_loses_no_wake_up() {
    check_giving_up(|_| timed(), |_| let_time_pass(), false);
}
