//! A plain lock that another thread releases while its holder waits or notifies.
#![cfg(not(threadwork_loom))]

use std::{panic::Location, sync::Arc, time::Duration};

use super::Condition;
use crate::{
    RawLock, Wait, WaitError,
    door::{
        Parked, Parking, Token, Until, park,
        testing::{eventually, queue, start, subject, unpark_thread},
    },
    number::{current_word, from_word},
};

/// A plain lock and a condition that is used with it.
type Shared = Arc<(RawLock, Condition)>;

fn shared() -> Shared {
    Arc::new((RawLock::new(), Condition::new()))
}

#[track_caller]
fn wait_at(shared: &Shared, wait: &Wait) -> Result<(), WaitError> {
    shared.1.wait_at(&shared.0, wait, Location::caller())
}

#[test]
fn a_thread_that_is_notified_while_the_lock_is_free_is_woken_and_the_lock_stays_free() {
    for n in [1, usize::MAX] {
        let shared = shared();
        let inside = Arc::clone(&shared);
        // A waiter that does not look at the lock after its wake-up.
        let (thread, waiter) = start(move || {
            let (lock, condition) = &*inside;
            let subject = subject();
            let parking =
                Parking { key: condition.key(), amount: 0, subject: &subject, overtaken: false };
            let validate = || {
                condition.word.store(lock.key().address(), std::sync::atomic::Ordering::Relaxed);
                true
            };
            park(&parking, Until::default(), validate, || (), |_, _| ())
        });
        let (lock, condition) = &*shared;
        assert_eq!(queue(condition.key()), [thread]);
        // As if another thread had released the lock after this thread was found to hold it.
        assert_eq!(condition.notify_with(lock, n), 1);
        assert!(lock.try_acquire(), "the lock is still free");
        assert_eq!(waiter.join().unwrap(), Parked::Woken(Token::RETRY));
        lock.release().unwrap();
    }
}

#[test]
fn all_threads_that_are_notified_while_the_lock_is_free_return() {
    for n in [1, 3, usize::MAX] {
        let shared = shared();
        let waiters: Vec<_> = (0..3)
            .map(|_| {
                let inside = Arc::clone(&shared);
                start(move || {
                    inside.0.acquire();
                    wait_at(&inside, &Wait::forever()).unwrap();
                    assert_eq!(inside.0.holder(), from_word(current_word()));
                    inside.0.release().unwrap();
                })
            })
            .collect();
        let (lock, condition) = &*shared;
        let mut notified = 0;
        while notified < 3 {
            notified += condition.notify_with(lock, n);
        }
        for (_, waiter) in waiters {
            waiter.join().unwrap();
        }
        assert!(!lock.is_locked() && lock.try_acquire());
    }
}

// Scenario "the waiter that is overtaken" in docs/architecture.md.
#[test]
fn a_notified_thread_that_is_overtaken_keeps_its_turn() {
    let shared = shared();
    let (lock, condition) = &*shared;
    let inside = Arc::clone(&shared);
    let (first, notified) = start(move || {
        inside.0.acquire();
        wait_at(&inside, &Wait::forever()).unwrap();
        inside.0.release().unwrap();
    });
    lock.acquire();
    let inside = Arc::clone(&shared);
    let (second, other) = start(move || {
        inside.0.acquire();
        inside.0.release().unwrap();
    });
    assert_eq!(condition.notify_with(lock, 1), 1);
    assert_eq!(queue(lock.key()), [second, first]);
    assert!(unpark_thread(lock.key(), first, Token::RETRY_MORE), "and the lock is held");
    eventually("it is not the first", || queue(lock.key()) == [first, second]);
    lock.release().unwrap();
    notified.join().unwrap();
    other.join().unwrap();
}

#[test]
fn a_wait_without_the_lock_does_not_release_it_and_returns_with_it() {
    let shared = shared();
    let (lock, condition) = &*shared;
    for held_meanwhile in [false, true] {
        if held_meanwhile {
            lock.acquire();
        }
        let inside = Arc::clone(&shared);
        // As if another thread had released the lock after this thread was found to hold it.
        let (thread, waiter) = start(move || {
            let ended = wait_at(&inside, &Wait::forever());
            let holder = inside.0.holder();
            inside.0.release().unwrap();
            (ended, holder)
        });
        assert_eq!(lock.is_locked(), held_meanwhile, "the waiter does not release it");
        if !held_meanwhile {
            lock.acquire();
        }
        assert_eq!(condition.notify_with(lock, 1), 1);
        lock.release().unwrap();
        assert_eq!(waiter.join().unwrap(), (Ok(()), from_word(thread)));
    }
}

#[test]
fn a_wait_with_a_timeout_of_zero_lets_other_threads_acquire_the_lock() {
    let shared = Arc::new((RawLock::fair(), Condition::new()));
    shared.0.acquire();
    let inside = Arc::clone(&shared);
    let (_, other) = start(move || {
        inside.0.acquire();
        inside.0.release().unwrap();
    });
    assert_eq!(wait_at(&shared, &Wait::timeout(Duration::ZERO)), Err(WaitError::TimedOut));
    eventually("the other thread has not acquired the lock", || other.is_finished());
    assert_eq!(shared.0.holder(), from_word(current_word()));
}
