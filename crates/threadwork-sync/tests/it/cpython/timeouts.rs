//! The tests of all classes of `lock_tests.py` that use real time. Half seconds there are twenty milliseconds here.

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
/// How long a wait of [`SHORT`] may take on a busy machine.
const LONG: Duration = Duration::from_secs(60);

/// Returns the result of `f`, which must take about [`SHORT`].
#[track_caller]
fn takes_short<R>(f: impl FnOnce() -> R) -> R {
    takes(SHORT, f)
}

/// Returns the result of `f`, which must take about `time`.
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
        // DIFFERENCE: no timeout is an error. One that is too long for Python means none here; a negative one cannot be written.
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
fn a_lock_whose_waiter_timed_out_can_be_released() {
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
fn a_wait_at_a_condition_without_notification_takes_its_whole_timeout() {
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
    // If not all notifications come in time, the next attempt has a longer timeout.
    let mut timeout = SHORT;
    while notified_in(timeout) < 3 {
        timeout *= 2;
    }
}

/// Waits with `timeout` for a fourth state, where only three come. Returns the number of notifications that it got.
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

/// Checks that the round breaks if only four of five parties arrive.
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
    assert_eq!(late.reason(), BrokenReason::TimedOut, "a late party finds the barrier broken");
}

/// After `BarrierTests.test_timeout`.
#[test]
fn a_party_that_has_waited_long_enough_breaks_the_barrier_for_all() {
    check_late(Barrier::new(5), |it| it.wait_timeout(SHORT).unwrap_err().reason());
}

/// After `BarrierTests.test_default_timeout`.
#[test]
fn a_wait_without_a_timeout_uses_the_timeout_of_the_barrier() {
    check_late(Barrier::new(5).with_timeout(SHORT), |it| it.wait().unwrap_err().reason());
}
