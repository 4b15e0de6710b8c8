//! A wait whose deadline passes before it begins looks once: it does not look again, and enters no queue.
//!
//! Scenario "the wait whose time is up before it begins" in docs/architecture.md.
#![cfg(not(threadwork_loom))]

use std::{mem, thread, time::Duration};

use crate::{
    Barrier, BoundedSemaphore, BrokenReason, Condition, Deadline, Event, Latch, Lock, RLock,
    RawCondition, RawLock, RawRLock, RwLock, RwLockUpgradableGuard, Semaphore, StopSource, Wait,
    WaitError,
    door::{Subject, testing::visits},
};

/// Checks that an operation without time does not wait, in both forms.
#[track_caller]
fn check<T>(
    timeout: impl Fn(Duration) -> Result<T, WaitError>,
    with: impl Fn(&Wait) -> Result<(), WaitError>,
) {
    let before = visits();
    assert_eq!(timeout(Duration::ZERO).err(), Some(WaitError::TimedOut));
    let passed = Wait::until(Deadline::after(Duration::ZERO));
    assert_eq!(with(&passed), Err(WaitError::TimedOut));
    let stop = StopSource::new();
    assert_eq!(with(&passed.clone().or_stop(&stop.token())), Err(WaitError::TimedOut));
    stop.request_stop();
    assert_eq!(with(&passed.or_stop(&stop.token())), Err(WaitError::Stopped));
    assert_eq!(visits(), before);
}

#[test]
fn a_lock_is_not_waited_for_without_time() {
    let lock = Lock::new(());
    mem::forget(lock.acquire());
    check(|it| lock.acquire_timeout(it), |it| lock.acquire_with(it).map(|_| ()));

    for raw in [RawLock::new(), RawLock::fair()] {
        raw.acquire();
        check(|it| raw.acquire_timeout(it), |it| raw.acquire_with(it));
    }
    // Each lock is held by a thread that has ended.
    let (raw, lock) = (RawRLock::new(), RLock::new(()));
    let condition = RawCondition::new();
    thread::scope(|scope| {
        scope.spawn(|| {
            raw.acquire();
            mem::forget(lock.acquire());
            condition.acquire();
        });
    });
    check(|it| raw.acquire_timeout(it), |it| raw.acquire_with(it));
    check(|it| lock.acquire_timeout(it), |it| lock.acquire_with(it).map(|_| ()));
    check(|it| condition.acquire_timeout(it), |it| condition.acquire_with(it));
}

#[test]
fn a_read_write_lock_is_not_waited_for_without_time() {
    let lock = RwLock::new(());
    let reader = lock.read();
    check(|it| lock.write_timeout(it), |it| lock.write_with(it).map(|_| ()));
    assert!(lock.try_read().is_some(), "no thread has claimed it");
    let upgrade = |it: &Wait| {
        let upgraded = RwLockUpgradableGuard::upgrade_with(lock.upgradable_read(), it);
        upgraded.map(|_| ()).map_err(|(_, error)| error)
    };
    let upgrade_timeout = |it| {
        let upgraded = RwLockUpgradableGuard::upgrade_timeout(lock.upgradable_read(), it);
        upgraded.map(|_| ()).map_err(|(_, error)| error)
    };
    check(upgrade_timeout, upgrade);
    assert!(lock.try_read().is_some(), "no thread has claimed it");
    drop(reader);

    mem::forget(lock.write());
    check(|it| lock.read_timeout(it), |it| lock.read_with(it).map(|_| ()));
    check(|it| lock.upgradable_read_timeout(it), |it| lock.upgradable_read_with(it).map(|_| ()));
}

#[test]
fn a_permit_is_not_waited_for_without_time() {
    let semaphore = Semaphore::new(1);
    check(
        |it| semaphore.acquire_many_timeout(2, it),
        |it| semaphore.acquire_many_with(2, it).map(|_| ()),
    );
    let bounded = BoundedSemaphore::new(1);
    bounded.acquire().forget();
    check(|it| bounded.acquire_timeout(it), |it| bounded.acquire_with(it).map(|_| ()));
    assert!(semaphore.try_acquire().is_some());
}

#[test]
fn an_event_or_latch_is_not_waited_for_without_time() {
    let event = Event::new();
    check(|it| event.wait_timeout(it), |it| event.wait_with(it));
    let subject = || Subject::sleep(std::panic::Location::caller());
    let as_other = |it: &Wait| event.wait_as(&subject(), it);
    check(|it| as_other(&Wait::timeout(it)), as_other);
    let latch = Latch::new(1);
    check(|it| latch.wait_timeout(it), |it| latch.wait_with(it));
}

#[test]
fn a_notification_is_not_waited_for_without_time() {
    let (lock, condition) = (Lock::new(()), Condition::new());
    let before = visits();
    let mut guard = lock.acquire();
    assert_eq!(condition.wait_timeout(&mut guard, Duration::ZERO), Err(WaitError::TimedOut));
    let passed = Wait::timeout(Duration::ZERO);
    assert_eq!(condition.wait_with(&mut guard, &passed), Err(WaitError::TimedOut));
    let mut asked = 0;
    let none = condition.wait_for_timeout(&mut guard, Duration::ZERO, |_| {
        asked += 1;
        None::<()>
    });
    assert_eq!((none, asked), (Err(WaitError::TimedOut), 2), "it is asked once more at the end");
    assert_eq!(visits(), before);
    assert!(lock.is_locked());
}

#[test]
fn a_party_without_time_breaks_the_round_and_does_not_wait() {
    let before = visits();
    for round in 0..2 {
        let barrier = Barrier::new(2);
        let broken = match round {
            0 => barrier.wait_timeout(Duration::ZERO),
            _ => barrier.wait_with(&Wait::timeout(Duration::ZERO)),
        };
        assert_eq!(broken.unwrap_err().reason(), BrokenReason::TimedOut);
        assert!(barrier.is_broken());
    }
    assert!(Barrier::new(1).wait_timeout(Duration::ZERO).unwrap().is_leader());
    assert_eq!(visits(), before);
}
