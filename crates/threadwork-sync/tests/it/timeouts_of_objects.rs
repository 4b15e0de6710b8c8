//! Real time and the larger objects: lower bounds are tight, upper bounds loose.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use threadwork_sync::{
    Barrier, BoundedSemaphore, BrokenReason, Condition, ConditionWaitError, Latch, Lock, RLock,
    RawCondition, RawLock, RawRLock, RwLock, RwLockUpgradableGuard, Semaphore, Wait, WaitError,
    WaitKind, get_ident,
};

use crate::{
    objects::waits_for,
    support::{Helper, eventually, record_of},
};

const SHORT: Duration = Duration::from_millis(20);
/// How much longer than its timeout a wait may take on a busy machine.
const LONG: Duration = Duration::from_secs(60);
const NEVER: Duration = Duration::MAX;

#[track_caller]
fn check_takes<R>(timeout: Duration, f: impl FnOnce() -> R) -> R {
    let start = Instant::now();
    let result = f();
    let taken = start.elapsed();
    assert!(taken >= timeout, "{taken:?} is less than {timeout:?}");
    assert!(taken < timeout + LONG, "{taken:?} is much more than {timeout:?}");
    result
}

/// Returns once the thread waits or has ended; `true` if it waits.
#[track_caller]
fn waits_or_has_ended<T: Send + 'static>(helper: &Helper<T>) -> bool {
    eventually("a thread does not wait", || {
        let waits = record_of(helper.ident()).is_some();
        (waits || helper.is_finished()).then_some(waits)
    })
}

/// Whether the thread still waits.
fn waits_yet<T: Send + 'static>(helper: &Helper<T>) -> bool {
    record_of(helper.ident()).is_some()
}

/// Calls `check` with a time limit until it returns `true`, with twice the limit each time.
fn in_time(check: impl Fn(Duration) -> bool) {
    let mut timeout = 2 * SHORT;
    while !check(timeout) {
        timeout *= 2;
    }
}

#[test]
fn every_wait_takes_its_timeout() {
    let rlock = Arc::new(RawRLock::new());
    rlock.acquire();
    let other = Arc::clone(&rlock);
    Helper::start(move || check_takes(SHORT, || assert!(other.acquire_timeout(SHORT).is_err())))
        .join();
    let (lock, condition) = (Lock::new(()), Condition::new());
    let mut guard = lock.acquire();
    check_takes(SHORT, || assert!(condition.wait_timeout(&mut guard, SHORT).is_err()));
    check_takes(SHORT, || {
        let ended = condition.wait_for_timeout(&mut guard, SHORT, |_| None::<()>);
        assert_eq!(ended, Err(WaitError::TimedOut));
    });
    let semaphore = Semaphore::new(1);
    for n in 2..4 {
        check_takes(SHORT, || {
            let ended = semaphore.acquire_many_timeout(n, SHORT);
            assert_eq!(ended.unwrap_err(), WaitError::TimedOut);
        });
    }
    assert_eq!(semaphore.available(), 1);
    let bounded = BoundedSemaphore::new(1);
    bounded.acquire().forget();
    check_takes(SHORT, || assert!(bounded.acquire_timeout(SHORT).is_err()));
    check_takes(SHORT, || assert_eq!(Latch::new(1).wait_timeout(SHORT), Err(WaitError::TimedOut)));
    let rwlock = RwLock::new(());
    let reader = rwlock.read();
    check_takes(SHORT, || assert!(rwlock.write_timeout(SHORT).is_err()));
    check_takes(SHORT, || {
        let upgraded = RwLockUpgradableGuard::upgrade_timeout(rwlock.upgradable_read(), SHORT);
        assert_eq!(upgraded.unwrap_err().1, WaitError::TimedOut);
    });
    drop(reader);
    assert!(rwlock.try_write().is_some());
    for barrier in [Barrier::new(2), Barrier::new(2).with_timeout(NEVER)] {
        check_takes(SHORT, || {
            let ended = barrier.wait_timeout(SHORT);
            assert_eq!(ended.unwrap_err().reason(), BrokenReason::TimedOut);
        });
    }
}

#[test]
fn a_timeout_too_long_for_the_clock_means_no_timeout() {
    static RLOCK: RLock<()> = RLock::new(());
    static SEMAPHORE: Semaphore = Semaphore::new(0);
    static LATCH: Latch = Latch::new(1);
    static RWLOCK: RwLock<()> = RwLock::new(());
    static CONDITION: (Lock<()>, Condition) = (Lock::new(()), Condition::new());
    static BARRIER: Barrier = Barrier::new(2);
    let (guard, writer) = (RLOCK.acquire(), RWLOCK.write());
    let waiters = [
        Helper::start(|| RLOCK.acquire_timeout(NEVER).is_ok()),
        Helper::start(|| SEMAPHORE.acquire_timeout(NEVER).is_ok()),
        Helper::start(|| LATCH.wait_timeout(NEVER).is_ok()),
        Helper::start(|| RWLOCK.read_timeout(NEVER).is_ok()),
        Helper::start(|| CONDITION.1.wait_timeout(&mut CONDITION.0.acquire(), NEVER).is_ok()),
        Helper::start(|| BARRIER.wait_timeout(NEVER).is_ok()),
    ];
    waiters.iter().for_each(|it| _ = it.blocked());
    waits_for(WaitKind::Condition, &waiters[4]);
    drop((guard, writer));
    SEMAPHORE.release(1).unwrap();
    LATCH.count_down(1).unwrap();
    CONDITION.1.notify(&CONDITION.0.acquire(), 1);
    BARRIER.wait().unwrap();
    assert!(waiters.into_iter().all(Helper::join));
}

#[test]
fn notifications_do_not_prolong_a_wait_for_a_predicate() {
    static LOCK: Lock<()> = Lock::new(());
    static CONDITION: Condition = Condition::new();
    in_time(|timeout| {
        let waiter = Helper::start(move || {
            let (mut guard, mut asked) = (LOCK.acquire(), 0);
            let start = Instant::now();
            let ended = CONDITION.wait_for_timeout(&mut guard, timeout, |_| {
                asked += 1;
                None::<()>
            });
            (ended, start.elapsed(), asked)
        });
        let (start, mut notified) = (Instant::now(), 0);
        while !waiter.is_finished() {
            assert!(start.elapsed() < timeout + LONG, "the notifications prolong the wait");
            notified += CONDITION.notify(&LOCK.acquire(), 1);
            std::thread::yield_now();
        }
        let (ended, taken, asked) = waiter.join();
        assert_eq!(ended, Err(WaitError::TimedOut));
        assert!(taken >= timeout, "{taken:?}");
        // At first, after each notification, and at the end, which may coincide with the last notification.
        assert!((1..=2).contains(&(asked - notified)), "{asked} {notified}");
        notified >= 3
    });
}

#[test]
fn a_predicate_is_asked_for_the_last_time_after_a_notification_with_which_the_time_is_up() {
    in_time(|timeout| {
        let place = Arc::new((Lock::new(()), Condition::new(), RawCondition::new()));
        let start = |wait_for: fn(&Place, &Wait, &mut dyn FnMut()) -> bool| {
            let place = Arc::clone(&place);
            let waiter = Helper::start(move || {
                let mut asked = 0;
                let timed_out = wait_for(&place, &Wait::timeout(timeout), &mut || asked += 1);
                (timed_out, asked)
            });
            waits_or_has_ended(&waiter);
            waiter
        };
        type Place = (Lock<()>, Condition, RawCondition);
        let waiter = start(|place, wait, ask| {
            let ended = place.1.wait_for_with(&mut place.0.acquire(), wait, |_| {
                ask();
                None::<()>
            });
            ended == Err(WaitError::TimedOut)
        });
        let raw_waiter = start(|place, wait, ask| {
            place.2.acquire();
            let ended = place.2.wait_for_with(wait, || {
                ask();
                None::<()>
            });
            place.2.release().unwrap();
            ended == Err(ConditionWaitError::Wait(WaitError::TimedOut))
        });
        let guard = place.0.acquire();
        place.2.acquire();
        let notified = (place.1.notify(&guard, 1), place.2.notify(1).unwrap());
        std::thread::sleep(timeout);
        drop(guard);
        place.2.release().unwrap();
        assert_eq!([waiter.join(), raw_waiter.join()], [(true, 2); 2], "{notified:?}");
        notified == (1, 1)
    });
}

#[test]
fn a_waiter_that_timed_out_uses_up_no_notification() {
    for raw in [RawLock::new, RawLock::fair] {
        in_time(|timeout| {
            let place = Arc::new((Lock::from_raw(raw(), Vec::new()), Condition::new()));
            let start = |wait: Wait| {
                let place = Arc::clone(&place);
                let waiter = Helper::start(move || {
                    let mut order = place.0.acquire();
                    let ended = place.1.wait_with(&mut order, &wait);
                    assert_eq!(place.0.holder(), Some(get_ident()));
                    order.push(get_ident());
                    ended
                });
                waits_or_has_ended(&waiter);
                waiter
            };
            let impatient = start(Wait::timeout(timeout));
            let others = [start(Wait::forever()), start(Wait::forever())];
            let is_before_them = waits_yet(&impatient);
            let arrival = [impatient.ident(), others[0].ident(), others[1].ident()];
            assert_eq!(impatient.join(), Err(WaitError::TimedOut));
            for other in others {
                assert_eq!(place.1.notify(&place.0.acquire(), 1), 1);
                assert_eq!(other.join(), Ok(()));
            }
            assert_eq!(place.1.notify_all(&place.0.acquire()), 0);
            assert_eq!(*place.0.acquire(), arrival);
            is_before_them
        });
    }
}

/// Scenario "the notified waiter whose time is up" in docs/architecture.md.
#[test]
fn a_waiter_notified_in_time_succeeds_although_it_gets_the_lock_later() {
    for raw in [RawLock::new, RawLock::fair] {
        in_time(|timeout| {
            let place = Arc::new((Lock::from_raw(raw(), 0), Condition::new()));
            let waiters = [0; 2].map(|_| {
                let place = Arc::clone(&place);
                let waiter = Helper::start(move || {
                    let mut guard = place.0.acquire();
                    let notified = place.1.wait_timeout(&mut guard, timeout);
                    *guard += 1;
                    notified
                });
                waits_or_has_ended(&waiter);
                waiter
            });
            let guard = place.0.acquire();
            let (notified, late) = (place.1.notify_all(&guard), *guard);
            // After that, all deadlines have passed.
            std::thread::sleep(timeout);
            assert_eq!(*guard, late, "this thread holds the lock all the time");
            drop(guard);
            let yes = waiters.into_iter().map(Helper::join).filter(Result::is_ok).count();
            assert_eq!(yes, notified);
            assert!(place.0.try_acquire().is_some_and(|it| *it == 2), "the lock is usable");
            notified == 2
        });
    }
}

#[test]
fn a_condition_whose_last_waiter_timed_out_may_be_used_with_another_lock() {
    let condition = Condition::new();
    for _ in 0..3 {
        let lock = Lock::new(());
        let mut guard = lock.acquire();
        let ended = condition.wait_timeout(&mut guard, Duration::from_millis(1));
        assert_eq!(ended, Err(WaitError::TimedOut));
        assert_eq!(condition.notify_all(&guard), 0);
    }
}

#[test]
fn waiters_behind_an_acquire_of_many_that_timed_out_get_their_permits() {
    in_time(|timeout| {
        let semaphore = Arc::new(Semaphore::new(0));
        let many = {
            let semaphore = Arc::clone(&semaphore);
            Helper::start(move || semaphore.acquire_many_timeout(3, timeout).map(|it| it.count()))
        };
        waits_or_has_ended(&many);
        let behind = [0; 2].map(|_| {
            let semaphore = Arc::clone(&semaphore);
            Helper::start(move || semaphore.acquire().forget())
        });
        let stand_behind = behind.iter().all(waits_or_has_ended);
        semaphore.release(2).unwrap();
        let is_served_by_the_end = stand_behind && waits_yet(&many);
        behind.into_iter().for_each(Helper::join);
        assert_eq!(many.join(), Err(WaitError::TimedOut));
        assert_eq!(semaphore.available(), 0);
        semaphore.release(1).unwrap();
        assert!(semaphore.try_acquire().is_some());
        is_served_by_the_end
    });
}

#[test]
fn readers_behind_a_writer_that_timed_out_get_the_lock() {
    in_time(|timeout| {
        let lock = Arc::new(RwLock::new(7));
        let reading = lock.read();
        let writer = {
            let lock = Arc::clone(&lock);
            Helper::start(move || lock.write_timeout(timeout).map(drop))
        };
        waits_or_has_ended(&writer);
        let readers = [0; 2].map(|_| {
            let lock = Arc::clone(&lock);
            Helper::start(move || *lock.read())
        });
        let stand_behind = readers.each_ref().map(waits_or_has_ended);
        readers.into_iter().for_each(|it| assert_eq!(it.join(), 7));
        assert_eq!(writer.join(), Err(WaitError::TimedOut));
        assert_eq!(lock.n_readers(), 1);
        drop(reading);
        assert!(lock.try_write().is_some());
        stand_behind == [true; 2]
    });
}

#[test]
fn readers_behind_an_upgrade_that_timed_out_get_the_lock() {
    in_time(|timeout| {
        let lock = Arc::new(RwLock::new(7));
        let reading = lock.read();
        let upgrading = {
            let lock = Arc::clone(&lock);
            Helper::start(move || {
                let guard = lock.upgradable_read();
                let (guard, error) =
                    RwLockUpgradableGuard::upgrade_timeout(guard, timeout).unwrap_err();
                (*guard, error)
            })
        };
        waits_or_has_ended(&upgrading);
        let reader = {
            let lock = Arc::clone(&lock);
            Helper::start(move || *lock.read())
        };
        let stands_behind = waits_or_has_ended(&reader);
        assert_eq!(reader.join(), 7);
        assert_eq!(upgrading.join(), (7, WaitError::TimedOut));
        drop(reading);
        assert!(lock.try_write().is_some());
        stands_behind
    });
}

#[test]
fn a_party_that_times_out_breaks_the_round_for_all() {
    in_time(|timeout| {
        let barrier = Arc::new(Barrier::new(4).with_timeout(timeout));
        let start = |own: Option<Duration>| {
            let barrier = Arc::clone(&barrier);
            Helper::start(move || match own {
                None => check_takes(timeout, || barrier.wait()),
                Some(own) => barrier.wait_timeout(own),
            })
        };
        let parties = [start(Some(NEVER)), start(Some(NEVER)), start(None)];
        let all_wait = parties.each_ref().map(waits_or_has_ended) == [true; 3];
        for party in parties {
            assert_eq!(party.join().unwrap_err().reason(), BrokenReason::TimedOut);
        }
        assert!(barrier.is_broken());
        barrier.reset();
        assert_eq!(barrier.n_waiting(), 0, "none of them is counted again");
        assert_eq!(barrier.try_wait(), Ok(None));
        all_wait
    });
}

#[test]
fn a_deadline_that_passes_during_the_action_does_not_break_the_round() {
    in_time(|timeout| {
        let slow = Arc::new(AtomicBool::new(false));
        let was_slow = Arc::clone(&slow);
        let barrier = Arc::new(Barrier::new(2).with_action(move || {
            std::thread::sleep(timeout);
            slow.store(true, Ordering::Relaxed);
        }));
        let early = {
            let barrier = Arc::clone(&barrier);
            Helper::start(move || barrier.wait_timeout(timeout))
        };
        waits_or_has_ended(&early);
        let last = barrier.wait();
        let early = early.join();
        // If the deadline passed before the last party arrived, the round is broken for both.
        assert_eq!(early.is_ok(), last.is_ok());
        assert_eq!(early.is_ok(), was_slow.load(Ordering::Relaxed));
        assert_eq!(barrier.is_broken(), early.is_err());
        early.is_ok()
    });
}
