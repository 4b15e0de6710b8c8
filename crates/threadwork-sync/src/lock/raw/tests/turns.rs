//! A release that hands the lock over, one that frees it, and the thread that is overtaken then.
//!
//! Scenario "the waiter that is overtaken" in docs/architecture.md.

use super::*;
use crate::{
    Lock, ReleaseError,
    door::{
        HandOver::{Always, IfAwake, Never},
        testing::{
            deciding, eventually, last_hand_over, set_last_hand_over, stand_in_front, start_asleep,
        },
    },
};

const HANDED_OVER: Parked = Parked::Woken(Token::HANDED_OVER);

/// Lets two threads wait for a lock that the current thread holds, and calls `free`, which hands over as `how` says.
/// The first thread is the holder then, or the lock is free and the first thread looks at it.
#[track_caller]
fn check_release(lock: &RawLock, how: HandOver, hands_over: bool, free: impl FnOnce()) {
    let key = lock.key();
    assert!(lock.receive_waiters());
    let (first, first_thread) = start_asleep(key, 0);
    let (second, second_thread) = start_asleep(key, 0);
    deciding(how, free);
    assert_eq!(queue(lock), [second]);
    if hands_over {
        assert_eq!(word(lock), first | PARKED, "the second still waits");
        assert!(!lock.try_acquire());
        assert_eq!(first_thread.join().unwrap(), HANDED_OVER);
        // Whoever it was handed to, and whoever frees it now.
        assert_eq!(deciding(how, || lock.release()), Ok(()));
        assert_eq!(word(lock), second);
        assert_eq!(second_thread.join().unwrap(), HANDED_OVER);
        assert_eq!(lock.release(), Ok(()));
    } else {
        assert_eq!(word(lock), 0);
        assert_eq!(first_thread.join().unwrap(), Parked::Woken(Token::RETRY_MORE));
        door::unpark_all(key, Token::RETRY);
        second_thread.join().unwrap();
    }
    assert_eq!(word(lock), 0);
}

/// The ways to release a lock.
const FREES: [fn(&RawLock); 3] =
    [RawLock::release_held, |it| it.release().unwrap(), |it| it.release_quietly().unwrap()];

#[test]
fn a_release_that_is_due_makes_the_first_waiter_the_holder() {
    for free in FREES {
        let lock = held(false, 0);
        check_release(&lock, Always, true, || free(&lock));
    }
    let lock = Lock::new(());
    let guard = lock.acquire();
    check_release(lock.raw(), Always, true, || drop(guard));
}

#[test]
fn a_release_that_is_not_due_frees_the_lock_and_wakes_the_first_waiter() {
    for how in [Never, IfAwake] {
        for free in FREES {
            let lock = held(false, 0);
            check_release(&lock, how, false, || free(&lock));
        }
        let lock = Lock::new(());
        let guard = lock.acquire();
        check_release(lock.raw(), how, false, || drop(guard));
    }
}

#[test]
fn a_fair_lock_is_always_handed_over() {
    for how in [Never, IfAwake, Always] {
        for free in FREES {
            let lock = held(true, 0);
            check_release(&lock, how, true, || free(&lock));
        }
        let lock = held(false, 0);
        check_release(&lock, how, how == Always, || {
            if how == Always { lock.release_fair().unwrap() } else { lock.release().unwrap() }
        });
    }
}

#[test]
fn a_release_by_another_thread_hands_the_lock_over_too() {
    for (how, hands_over) in [(Always, true), (Never, false)] {
        let lock = held(false, 0);
        let release = || deciding(how, || lock.release());
        check_release(&lock, how, hands_over, || {
            thread::scope(|scope| scope.spawn(release).join().unwrap()).unwrap();
        });
    }
}

#[cfg(feature = "lock_api")]
#[test]
fn a_guard_of_lock_api_hands_the_lock_over() {
    let lock: &lock_api::Mutex<RawLock, ()> = Box::leak(Box::default());
    let guard = lock.lock();
    let (_, waiter) = start(|| std::mem::forget(lock.lock()));
    deciding(Always, || drop(guard));
    assert!(lock.try_lock().is_none(), "the lock was not free in between");
    waiter.join().unwrap();
}

#[test]
fn a_first_waiter_that_is_awake_gets_the_lock_where_one_that_sleeps_does_not() {
    for how in [IfAwake, Always] {
        let lock = held(false, PARKED);
        let (behind, thread) = start_asleep(lock.key(), 0);
        let parked = stand_in_front(lock.key(), 0, || deciding(how, || lock.release().unwrap()));
        assert_eq!(parked, HANDED_OVER);
        assert_eq!((word(&lock), queue(&lock)), (current_word() | PARKED, vec![behind]));
        door::unpark_all(lock.key(), Token::RETRY);
        thread.join().unwrap();
    }
}

#[test]
fn the_first_waiter_decides_and_not_one_that_is_awake_behind_it() {
    let lock = held(false, PARKED);
    let key = lock.key();
    let mut first = None;
    let subject = Subject::join(MAIN_IDENT, Location::caller());
    let (sleeping, thread) = start_asleep(key, 0);
    let parking = Parking { key, amount: 0, subject: &subject, overtaken: false };
    let release_and_wake = || {
        assert_eq!(queue(&lock), [sleeping, current_word()]);
        deciding(IfAwake, || lock.release().unwrap());
        first = Some((word(&lock), queue(&lock)));
        door::unpark_one(key, Token::retry);
    };
    let parked = door::park(&parking, Until::default(), || true, release_and_wake, |_, _| ());
    assert_eq!(first, Some((0, vec![current_word()])));
    assert_eq!(thread.join().unwrap(), Parked::Woken(Token::RETRY_MORE));
    assert_eq!(parked, Parked::Woken(Token::RETRY));
}

#[test]
fn a_hand_over_is_noted_and_the_next_one_waits_for_its_time() {
    let lock = held(false, PARKED);
    let (first, first_thread) = start_asleep(lock.key(), 0);
    let (second, second_thread) = start_asleep(lock.key(), 0);
    let before = Instant::now();
    set_last_hand_over(lock.key(), None);
    lock.release().unwrap();
    assert_eq!((word(&lock), queue(&lock)), (first | PARKED, vec![second]));
    assert!(last_hand_over(lock.key()).is_some_and(|it| it >= before));
    // As if it had been just now, however long this test takes.
    set_last_hand_over(lock.key(), Some(Instant::now() + Duration::from_secs(3600)));
    lock.release().unwrap();
    assert_eq!(word(&lock), 0);
    set_last_hand_over(lock.key(), None);
    assert_eq!(first_thread.join().unwrap(), HANDED_OVER);
    assert_eq!(second_thread.join().unwrap(), Parked::Woken(Token::RETRY));
}

#[test]
fn an_overtaken_thread_keeps_its_turn() {
    for token in [Token::RETRY, Token::RETRY_MORE] {
        let lock = held(false, 0);
        let (first, first_waiter) = waiter(&lock, Wait::forever());
        let (second, second_waiter) = waiter(&lock, Wait::forever());
        // Three times the lock was released, and acquired again before the woken thread looked.
        for _ in 0..3 {
            lock.word.store(current_word(), Ordering::Relaxed);
            assert_eq!(door::unpark_one(lock.key(), |_| token).woken, 1);
            eventually("the thread has not entered the queue again", || queue(&lock).len() == 2);
            assert_eq!(queue(&lock), [first, second]);
            assert_eq!(word(&lock), current_word() | PARKED);
        }
        for (thread, waiter) in [(first, first_waiter), (second, second_waiter)] {
            deciding(Always, || lock.release().unwrap());
            assert_eq!(waiter.join().unwrap(), Ok(()));
            assert_eq!(word(&lock) & !PARKED, thread);
        }
    }
}

#[test]
fn the_release_of_a_free_lock_is_an_error_and_changes_nothing() {
    for is_fair in [false, true] {
        for free in [0, PARKED] {
            for how in [Never, IfAwake, Always] {
                let lock = held(is_fair, 0);
                lock.word.store(free, Ordering::Relaxed);
                for is_quiet in [false, true] {
                    let release = || if is_quiet { lock.release_quietly() } else { lock.release() };
                    assert_eq!(deciding(how, release), Err(ReleaseError::NotAcquired));
                    assert_eq!(word(&lock), free);
                }
            }
        }
    }
}

#[test]
fn whoever_holds_the_lock_and_whether_somebody_is_left_a_release_succeeds_once() {
    for is_fair in [false, true] {
        for flag in [0, PARKED] {
            for how in [Never, IfAwake, Always] {
                let lock = held(is_fair, 0);
                // Another thread holds the lock, and whoever set the flag has left.
                let other = current_word() + (1 << crate::number::FLAG_BITS);
                lock.word.store(other | flag, Ordering::Relaxed);
                assert_eq!(deciding(how, || lock.release()), Ok(()));
                assert_eq!(word(&lock), 0);
                assert_eq!(deciding(how, || lock.release()), Err(ReleaseError::NotAcquired));
                assert_eq!(word(&lock), 0);
            }
        }
    }
}

/// Another release was faster: each branch finds the lock free after the decision, and still wakes the waiter that it finds.
#[test]
fn a_release_that_comes_second_fails_in_each_branch() {
    for how in [Never, IfAwake, Always] {
        let lock = held(false, 0);
        lock.word.store(PARKED, Ordering::Relaxed);
        let (_, thread) = start_asleep(lock.key(), 0);
        assert_eq!(lock.hand_over(how), Err(ReleaseError::NotAcquired), "{how:?}");
        assert_eq!(thread.join().unwrap(), Parked::Woken(Token::RETRY), "{how:?}");
        assert!(!lock.is_locked());
        // And with nobody in the queue.
        assert_eq!(lock.hand_over(how), Err(ReleaseError::NotAcquired), "{how:?}");
        assert_eq!(word(&lock) & !PARKED, 0);
    }
}
