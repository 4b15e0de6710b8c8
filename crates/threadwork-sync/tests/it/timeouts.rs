//! Tests that use real time: lower bounds are tight, upper bounds loose.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use threadwork_sync::{Deadline, Event, Lock, RawLock, StopSource, Wait, WaitError};

use crate::support::{Helper, eventually, record_of};

const SHORT: Duration = Duration::from_millis(20);
/// How much longer than its timeout a wait may take on a busy machine.
const LONG: Duration = Duration::from_secs(60);
const NEVER: [Duration; 2] = [Duration::from_secs(u64::MAX), Duration::MAX];
const AT_ONCE: [Duration; 2] = [Duration::ZERO, Duration::from_nanos(1)];

#[track_caller]
fn check_takes(timeout: Duration, f: impl FnOnce()) {
    let start = Instant::now();
    f();
    let taken = start.elapsed();
    assert!(taken >= timeout, "{taken:?} is less than {timeout:?}");
    assert!(taken < timeout + LONG, "{taken:?} is much more than {timeout:?}");
}

/// Locks that the calling thread holds.
fn held_locks() -> [Arc<RawLock>; 2] {
    let locks = [Arc::new(RawLock::new()), Arc::new(RawLock::fair())];
    locks.iter().for_each(|it| it.acquire());
    locks
}

#[test]
fn a_wait_for_a_lock_takes_its_timeout_and_does_not_acquire() {
    for lock in held_locks() {
        for timeout in [Duration::ZERO, Duration::from_nanos(1), SHORT] {
            check_takes(timeout, || {
                assert_eq!(lock.acquire_timeout(timeout), Err(WaitError::TimedOut));
            });
            check_takes(timeout, || {
                let ended = lock.acquire_with(&Wait::timeout(timeout));
                assert_eq!(ended, Err(WaitError::TimedOut));
            });
        }
        lock.release().unwrap();
        assert!(!lock.is_locked());
    }
    let lock = Lock::new(());
    let guard = lock.acquire();
    check_takes(SHORT, || {
        assert_eq!(lock.acquire_timeout(SHORT).unwrap_err(), WaitError::TimedOut);
    });
    drop(guard);
}

#[test]
fn a_wait_for_an_event_takes_its_timeout() {
    let event = Event::new();
    for timeout in [Duration::ZERO, Duration::from_nanos(1), SHORT] {
        check_takes(timeout, || assert_eq!(event.wait_timeout(timeout), Err(WaitError::TimedOut)));
        check_takes(timeout, || {
            assert_eq!(event.wait_with(&Wait::timeout(timeout)), Err(WaitError::TimedOut));
        });
    }
}

#[test]
fn a_timeout_of_zero_succeeds_if_no_wait_is_needed() {
    for timeout in AT_ONCE {
        let event = Event::new();
        event.set();
        assert!(event.wait_timeout(timeout).is_ok());
        for lock in [RawLock::new(), RawLock::fair()] {
            assert!(lock.acquire_timeout(timeout).is_ok());
        }
        assert!(Lock::new(()).acquire_timeout(timeout).is_ok());
    }
}

#[test]
fn a_timeout_too_long_for_the_clock_means_no_timeout() {
    for timeout in NEVER {
        for lock in held_locks() {
            let other = Arc::clone(&lock);
            let waiter = Helper::start_blocked(move || other.acquire_timeout(timeout));
            lock.release().unwrap();
            assert_eq!(waiter.join(), Ok(()));
        }
        let event = Arc::new(Event::new());
        let other = Arc::clone(&event);
        let waiter = Helper::start_blocked(move || other.wait_timeout(timeout));
        event.set();
        assert_eq!(waiter.join(), Ok(()));
    }
}

#[test]
fn waits_that_share_a_deadline_share_the_time() {
    let event = Event::new();
    let wait = Wait::timeout(SHORT);
    check_takes(SHORT, || {
        for _ in 0..1000 {
            assert_eq!(event.wait_with(&wait), Err(WaitError::TimedOut));
        }
        assert!(wait.deadline().has_passed());
    });
    let deadline = Deadline::after(SHORT);
    assert_eq!(event.wait_with(&Wait::until(deadline)), Err(WaitError::TimedOut));
    assert_eq!(deadline.remaining(), Some(Duration::ZERO));
}

#[test]
fn a_waiter_that_timed_out_leaves_the_others_wakeable() {
    for lock in held_locks() {
        for impatient in 0..3 {
            let waiters: Vec<_> = (0..3)
                .map(|place| {
                    let lock = Arc::clone(&lock);
                    let wait =
                        if place == impatient { Wait::timeout(SHORT) } else { Wait::forever() };
                    let waiter = Helper::start(move || {
                        let ended = lock.acquire_with(&wait);
                        if ended.is_ok() {
                            lock.release().unwrap();
                        }
                        ended
                    });
                    // The thread with the timeout may have left already.
                    eventually("a thread does not block", || {
                        (record_of(waiter.ident()).is_some() || waiter.is_finished()).then_some(())
                    });
                    waiter
                })
                .collect();
            eventually("the wait does not end", || waiters[impatient].is_finished().then_some(()));
            lock.release().unwrap();
            for (place, waiter) in waiters.into_iter().enumerate() {
                let expected = if place == impatient { Err(WaitError::TimedOut) } else { Ok(()) };
                assert_eq!(waiter.join(), expected);
            }
            assert!(lock.try_acquire(), "the last waiter has released it");
        }
    }
}

#[test]
fn a_lock_whose_only_waiter_timed_out_can_be_released() {
    for lock in held_locks() {
        assert_eq!(lock.acquire_timeout(SHORT), Err(WaitError::TimedOut));
        lock.release().unwrap();
        assert!(lock.try_acquire());
        lock.release().unwrap();
        assert!(lock.release().is_err());
    }
}

#[test]
fn an_event_whose_waiter_timed_out_releases_the_next_ones() {
    let event = Arc::new(Event::new());
    assert_eq!(event.wait_timeout(SHORT), Err(WaitError::TimedOut));
    let other = Arc::clone(&event);
    let waiter = Helper::start_blocked(move || other.wait());
    assert_eq!(event.wait_timeout(SHORT), Err(WaitError::TimedOut));
    waiter.blocked();
    event.set();
    waiter.join();
}

#[test]
fn a_wait_with_deadline_and_stop_ends_at_the_first() {
    let stop = StopSource::new();
    let event = Event::new();
    let wait = Wait::timeout(SHORT).or_stop(&stop.token());
    check_takes(SHORT, || assert_eq!(event.wait_with(&wait), Err(WaitError::TimedOut)));

    let token = stop.token();
    let waiter = Helper::start_blocked(move || {
        Event::new().wait_with(&Wait::timeout(LONG * 100).or_stop(&token))
    });
    stop.request_stop();
    assert_eq!(waiter.join(), Err(WaitError::Stopped));
    assert_eq!(
        event.wait_with(&wait),
        Err(WaitError::Stopped),
        "a requested stop goes before the deadline"
    );
}

#[test]
fn a_wait_that_timed_out_is_not_stopped_in_its_next_wait() {
    let event = Arc::new(Event::new());
    let stop = StopSource::new();
    let first_is_over = Arc::new(AtomicBool::new(false));
    let waiter = {
        let (event, token) = (Arc::clone(&event), stop.token());
        let first_is_over = Arc::clone(&first_is_over);
        Helper::start(move || {
            let timed_out = event.wait_with(&Wait::timeout(SHORT).or_stop(&token));
            assert_eq!(timed_out, Err(WaitError::TimedOut));
            first_is_over.store(true, Ordering::Release);
            event.wait_with(&Wait::forever().or_stop(&StopSource::new().token()))
        })
    };
    eventually("the second wait does not begin", || {
        first_is_over.load(Ordering::Acquire).then(|| record_of(waiter.ident()))?
    });
    stop.request_stop();
    waiter.blocked();
    event.set();
    assert_eq!(waiter.join(), Ok(()));
}
