//! What in `lock_tests.py` lets time pass, of all classes. Its half seconds are twenty milliseconds here.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use threadwork_sync::{
    Barrier, BoundedSemaphore, BrokenReason, ConditionWaitError, Event, RawCondition, RawLock,
    RawRLock, Semaphore, Wait, WaitError, WaitKind,
};

use crate::{objects::start_waiting, support::Helper};

const SHORT: Duration = Duration::from_millis(20);
/// What a wait of [`SHORT`] takes at most, on a machine that has other things to do.
const LONG: Duration = Duration::from_secs(60);

/// What `f` returns after about [`SHORT`].
#[track_caller]
fn takes_short<R>(f: impl FnOnce() -> R) -> R {
    takes(SHORT, f)
}

/// What `f` returns after about that time.
#[track_caller]
fn takes<R>(time: Duration, f: impl FnOnce() -> R) -> R {
    let start = Instant::now();
    let result = f();
    let taken = start.elapsed();
    assert!((time..time + LONG).contains(&taken), "{taken:?}");
    result
}

macro_rules! lock_timeout {
    ($lock:ident) => {{
        let lock = Arc::new($lock::new());
        // DIFFERENCE: no timeout is an error. What Python calls too long is no timeout, what it calls negative cannot be written.
        for timeout in [Duration::ZERO, SHORT, Duration::from_secs(1 << 40), Duration::MAX] {
            assert!(lock.acquire_timeout(timeout).is_ok());
            lock.release().unwrap();
        }
        lock.acquire();
        let other = Arc::clone(&lock);
        let acquired = Helper::start(move || takes_short(|| other.acquire_timeout(SHORT))).join();
        assert_eq!(acquired, Err(WaitError::TimedOut));
        lock.release().unwrap();
    }};
}

/// After `BaseLockTests.test_timeout`.
#[test]
fn a_lock_held_elsewhere_is_not_acquired_within_the_time() {
    lock_timeout!(RawLock);
    lock_timeout!(RawRLock);
}

/// After `LockTests.test_state_after_timeout`.
#[test]
fn a_lock_that_somebody_gave_up_waiting_for_is_released_as_ever() {
    let lock = Arc::new(RawLock::new());
    lock.acquire();
    let other = Arc::clone(&lock);
    let acquired = Helper::start(move || other.acquire_timeout(SHORT)).join();
    assert_eq!(acquired, Err(WaitError::TimedOut));
    lock.release().unwrap();
    assert!(!lock.is_locked());
    assert!(lock.try_acquire());
}

/// After `EventTests.test_timeout`.
#[test]
fn a_wait_for_an_event_says_whether_it_was_set_in_time() {
    let event = Arc::new(Event::new());
    let run = |f: fn(&Event)| {
        let threads = [0; 5].map(|_| {
            let event = Arc::clone(&event);
            Helper::start(move || f(&event))
        });
        threads.into_iter().for_each(Helper::join);
    };
    run(|event| {
        assert_eq!(event.wait_timeout(Duration::ZERO), Err(WaitError::TimedOut));
        assert_eq!(takes_short(|| event.wait_timeout(SHORT)), Err(WaitError::TimedOut));
    });
    event.set();
    run(|event| {
        assert!(event.wait_timeout(Duration::ZERO).is_ok());
        assert!(event.wait_timeout(SHORT).is_ok());
    });
}

/// After `ConditionTests.test_timeout`.
#[test]
fn a_wait_at_a_condition_that_nobody_notifies_takes_its_whole_time() {
    static CONDITION: RawCondition = RawCondition::new();
    let threads = [0; 5].map(|_| {
        Helper::start(|| {
            CONDITION.acquire();
            let notified = takes_short(|| CONDITION.wait_timeout(SHORT));
            CONDITION.release().unwrap();
            notified
        })
    });
    let timed_out = Err(ConditionWaitError::Wait(WaitError::TimedOut));
    assert!(threads.into_iter().all(|it| it.join() == timed_out));
}

/// After `ConditionTests.test_waitfor_timeout`.
#[test]
fn a_wait_for_a_predicate_takes_its_whole_time_however_often_it_is_notified() {
    // Where not all of its notifications come in time, the next try has more of it.
    let mut timeout = SHORT;
    while notified_in(timeout) < 3 {
        timeout *= 2;
    }
}

/// Waits for so long for the fourth of three states; returns how many notifications that has had.
#[track_caller]
fn notified_in(timeout: Duration) -> usize {
    static CONDITION: RawCondition = RawCondition::new();
    static STATE: AtomicU32 = AtomicU32::new(0);
    let thread = Helper::start(move || {
        CONDITION.acquire();
        let wait = Wait::timeout(timeout);
        let ended = takes(timeout, || {
            CONDITION.wait_for_with(&wait, || (STATE.load(Ordering::Relaxed) == 4).then_some(()))
        });
        CONDITION.release().unwrap();
        ended
    });
    let mut notified = 0;
    while notified < 3 && !thread.is_finished() {
        CONDITION.acquire();
        STATE.store(notified as u32 + 1, Ordering::Relaxed);
        notified += CONDITION.notify(1).unwrap();
        CONDITION.release().unwrap();
        std::thread::yield_now();
    }
    assert_eq!(thread.join(), Err(ConditionWaitError::Wait(WaitError::TimedOut)));
    notified
}

macro_rules! semaphore_timeout {
    ($semaphore:ident) => {{
        let semaphore = $semaphore::new(2);
        let first = semaphore.acquire_timeout(SHORT).unwrap();
        let second = semaphore.acquire_timeout(SHORT).unwrap();
        assert!(takes_short(|| semaphore.acquire_timeout(SHORT)).is_err());
        drop(first);
        let third = semaphore.acquire_timeout(SHORT).unwrap();
        assert!(takes_short(|| semaphore.acquire_timeout(SHORT)).is_err());
        drop((second, third));
        assert_eq!(semaphore.available(), 2);
    }};
}

/// After `BaseSemaphoreTests.test_acquire_timeout`.
#[test]
fn a_permit_that_does_not_come_in_time_is_not_acquired() {
    semaphore_timeout!(Semaphore);
    semaphore_timeout!(BoundedSemaphore);
}

/// Four of five parties arrive.
#[track_caller]
fn check_late(barrier: Barrier, last: fn(&Barrier) -> BrokenReason) {
    let barrier = Arc::new(barrier);
    let early = [0; 3].map(|_| {
        let barrier = Arc::clone(&barrier);
        start_waiting(WaitKind::Barrier, move || {
            barrier.wait_timeout(Duration::MAX).unwrap_err().reason()
        })
    });
    assert_eq!(takes_short(|| last(&barrier)), BrokenReason::TimedOut);
    early.into_iter().for_each(|it| assert_eq!(it.join(), BrokenReason::TimedOut));
    assert!(barrier.is_broken());
    let late = barrier.wait().unwrap_err();
    assert_eq!(late.reason(), BrokenReason::TimedOut, "who comes too late finds it broken");
}

/// After `BarrierTests.test_timeout`.
#[test]
fn a_party_that_has_waited_long_enough_breaks_the_barrier_for_all() {
    check_late(Barrier::new(5), |it| it.wait_timeout(SHORT).unwrap_err().reason());
}

/// After `BarrierTests.test_default_timeout`.
#[test]
fn the_timeout_of_the_barrier_is_that_of_a_wait_without_one() {
    check_late(Barrier::new(5).with_timeout(SHORT), |it| it.wait().unwrap_err().reason());
}
