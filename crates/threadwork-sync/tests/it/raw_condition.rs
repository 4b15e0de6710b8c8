//! `RawCondition`: with its own lock or a given one.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use threadwork_sync::{
    ConditionWaitError, HeldLock, RawCondition, RawLock, RawRLock, ReleaseError, StopSource, Wait,
    WaitError, WaitKind, get_ident,
};

use crate::{
    objects::{panic_of, start_waiting, stopped, until},
    support::Helper,
};

fn is_refused<T>(ended: Result<T, ConditionWaitError>) -> bool {
    matches!(ended, Err(ConditionWaitError::NotHolder(_)))
}

fn ended<T>(error: WaitError) -> Result<T, ConditionWaitError> {
    Err(ConditionWaitError::Wait(error))
}

#[test]
fn a_thread_without_the_lock_can_neither_wait_nor_notify() {
    fn check(condition: &RawCondition<impl HeldLock>) {
        assert!(condition.wait().is_err());
        assert!(is_refused(condition.wait_timeout(Duration::ZERO)));
        assert!(is_refused(condition.wait_with(&Wait::forever())));
        assert!(condition.wait_for(|| Some(())).is_err(), "even if the predicate holds");
        assert!(is_refused(condition.wait_for_timeout(Duration::ZERO, || Some(()))));
        assert!(is_refused(condition.wait_for_with(&stopped(), || Some(()))));
        assert!(condition.notify(0).is_err());
        assert!(condition.notify(1).is_err());
        assert!(condition.notify_all().is_err());
    }
    let plain = Arc::new(RawCondition::with_lock(RawLock::new()));
    let again = Arc::new(RawCondition::new());
    check(&*plain);
    check(&*again);
    plain.acquire();
    again.acquire();
    // It is not enough that another thread holds the lock.
    let (other_plain, other_again) = (Arc::clone(&plain), Arc::clone(&again));
    Helper::start(move || {
        check(&*other_plain);
        check(&*other_again);
        assert_eq!(other_again.release(), Err(ReleaseError::NotHolder));
    })
    .join();
    assert_eq!((plain.notify(1), again.notify_all()), (Ok(0), Ok(0)));
    plain.release().unwrap();
    again.release().unwrap();
    check(&*plain);
    check(&*again);
    assert_eq!(plain.release(), Err(ReleaseError::NotAcquired));
    assert_eq!(again.release(), Err(ReleaseError::NotHolder));
}

#[test]
fn it_acquires_and_releases_as_its_lock_does() {
    let condition = Arc::new(RawCondition::new());
    condition.acquire();
    assert!(condition.try_acquire());
    assert!(condition.acquire_timeout(Duration::ZERO).is_ok());
    assert_eq!(condition.acquire_with(&stopped()), Ok(()));
    assert_eq!(condition.lock().depth(), 4);
    assert!(condition.is_locked());
    let other = Arc::clone(&condition);
    Helper::start(move || {
        assert!(!other.try_acquire());
        assert_eq!(other.acquire_timeout(Duration::ZERO), Err(WaitError::TimedOut));
        assert_eq!(other.acquire_with(&stopped()), Err(WaitError::Stopped));
    })
    .join();
    (0..4).for_each(|_| condition.release().unwrap());
    assert!(!condition.is_locked());
}

#[test]
fn a_wait_releases_all_levels_and_restores_them() {
    static CONDITION: RawCondition = RawCondition::new();
    let stop = StopSource::new();
    let wait = until(&stop);
    let waiter = start_waiting(WaitKind::Condition, move || {
        (0..3).for_each(|_| CONDITION.acquire());
        CONDITION.wait().unwrap();
        assert_eq!(CONDITION.lock().depth(), 3);
        assert_eq!(CONDITION.wait_timeout(Duration::ZERO), ended(WaitError::TimedOut));
        assert_eq!(CONDITION.lock().depth(), 3);
        assert_eq!(CONDITION.wait_with(&wait), ended(WaitError::Stopped));
        let depth = CONDITION.lock().depth();
        (0..3).for_each(|_| CONDITION.release().unwrap());
        depth
    });
    assert!(!CONDITION.is_locked());
    CONDITION.acquire();
    CONDITION.acquire();
    assert_eq!(CONDITION.notify(1), Ok(1));
    CONDITION.release().unwrap();
    assert_eq!(CONDITION.lock().holder(), Some(get_ident()), "held on one level again");
    CONDITION.release().unwrap();
    stop.request_stop();
    assert_eq!(waiter.join(), 3);
    assert!(!CONDITION.is_locked());
}

#[test]
fn notify_wakes_n_waiters_in_order_of_arrival() {
    fn check<L: HeldLock + Send + Sync + 'static>(condition: RawCondition<L>) {
        let condition = Arc::new(condition);
        let order = Arc::new(Mutex::new(Vec::new()));
        let mut waiters: Vec<_> = (0..6)
            .map(|_| {
                let (condition, order) = (Arc::clone(&condition), Arc::clone(&order));
                start_waiting(WaitKind::Condition, move || {
                    condition.acquire();
                    condition.wait().unwrap();
                    order.lock().unwrap().push(get_ident());
                    condition.release().unwrap();
                })
            })
            .collect();
        let arrival: Vec<_> = waiters.iter().map(Helper::ident).collect();
        for (n, woken) in [(2, 2), (0, 0), (1, 1), (usize::MAX, 3), (1, 0)] {
            condition.acquire();
            assert_eq!(condition.notify(n), Ok(woken));
            condition.release().unwrap();
            waiters.drain(..woken).for_each(Helper::join);
            assert_eq!(*order.lock().unwrap(), arrival[..6 - waiters.len()]);
        }
    }
    check(RawCondition::new());
    check(RawCondition::with_lock(RawRLock::fair()));
    check(RawCondition::with_lock(RawLock::new()));
    check(RawCondition::with_lock(RawLock::fair()));
    check(RawCondition::with_lock(Arc::new(RawLock::new())));
    static LOCK: RawRLock = RawRLock::new();
    check(RawCondition::with_lock(&LOCK));
}

#[test]
fn several_conditions_share_a_lock_by_reference_or_in_an_arc() {
    static LOCK: RawLock = RawLock::new();
    static NEWS: [RawCondition<&RawLock>; 2] =
        [RawCondition::with_lock(&LOCK), RawCondition::with_lock(&LOCK)];
    let waiters = NEWS.each_ref().map(|it| {
        start_waiting(WaitKind::Condition, || {
            it.acquire();
            it.wait().unwrap();
            it.release().unwrap();
        })
    });
    let [first, second] = waiters;
    NEWS[0].acquire();
    assert!(NEWS[1].is_locked());
    assert_eq!(NEWS[1].notify(1), Ok(1), "the lock is the same");
    assert_eq!(NEWS[1].release(), Ok(()));
    second.join();
    LOCK.acquire();
    assert_eq!(NEWS[0].notify_all(), Ok(1), "through whichever condition it was acquired");
    LOCK.release().unwrap();
    first.join();

    let lock = Arc::new(RawRLock::new());
    let [one, other] = [0; 2].map(|_| RawCondition::with_lock(Arc::clone(&lock)));
    one.acquire();
    other.acquire();
    assert_eq!(lock.depth(), 2);
    assert_eq!(other.notify_all(), Ok(0));
    one.release().unwrap();
    one.release().unwrap();
    assert!(!lock.is_locked());
}

#[test]
fn a_wait_for_a_predicate_returns_its_value() {
    static CONDITION: RawCondition = RawCondition::new();
    static STATE: AtomicU32 = AtomicU32::new(0);
    static ASKED: AtomicU32 = AtomicU32::new(0);
    let waiter = start_waiting(WaitKind::Condition, || {
        CONDITION.acquire();
        let seen = CONDITION.wait_for(|| {
            assert!(CONDITION.lock().is_owned());
            ASKED.fetch_add(1, Ordering::Relaxed);
            Some(STATE.load(Ordering::Relaxed)).filter(|it| *it > 1)
        });
        CONDITION.release().unwrap();
        seen
    });
    CONDITION.acquire();
    STATE.store(7, Ordering::Relaxed);
    CONDITION.notify(1).unwrap();
    CONDITION.release().unwrap();
    assert_eq!(waiter.join(), Ok(7));
    assert_eq!(ASKED.load(Ordering::Relaxed), 2, "at once and after the notification");

    CONDITION.acquire();
    assert_eq!(CONDITION.wait_for(|| Some(1)), Ok(1));
    let mut asked = 0;
    let mut never = || {
        asked += 1;
        None::<()>
    };
    assert_eq!(CONDITION.wait_for_with(&stopped(), &mut never), ended(WaitError::Stopped));
    let no_time = Wait::timeout(Duration::ZERO);
    assert_eq!(CONDITION.wait_for_with(&no_time, &mut never), ended(WaitError::TimedOut));
    assert_eq!(CONDITION.wait_for_timeout(Duration::ZERO, &mut never), ended(WaitError::TimedOut));
    assert_eq!(asked, 6, "at once and at the end, for each form");
    assert_eq!(CONDITION.wait_for_timeout(Duration::ZERO, || Some(1)), Ok(1));
    CONDITION.release().unwrap();
}

#[test]
fn a_predicate_that_releases_the_lock_is_detected() {
    let condition = RawCondition::new();
    condition.acquire();
    let outcome = condition.wait_for(|| {
        condition.release().unwrap();
        None::<()>
    });
    assert!(outcome.is_err());
    condition.acquire();
    let outcome = condition.wait_for_timeout(Duration::from_secs(9), || {
        condition.release().unwrap();
        None::<()>
    });
    assert!(is_refused(outcome));
}

#[test]
fn a_panic_of_the_predicate_leaves_the_lock_held() {
    let condition = RawCondition::new();
    condition.acquire();
    assert_eq!(panic_of(|| condition.wait_for::<()>(|| panic!("on purpose"))), "on purpose");
    assert!(condition.lock().is_owned());
    assert_eq!(condition.wait_timeout(Duration::ZERO), ended(WaitError::TimedOut));
    condition.release().unwrap();
}

#[test]
fn debug_shows_the_lock_and_the_condition() {
    let condition = Arc::new(RawCondition::default().named("news"));
    let inside = Arc::clone(&condition);
    let waiter = start_waiting(WaitKind::Condition, move || {
        inside.acquire();
        inside.wait().unwrap();
        inside.release().unwrap();
    });
    assert_eq!(waiter.blocked().name, Some("news"));
    let expected = concat!(
        r#"RawCondition { lock: RawRLock { name: None, holder: None, depth: 0 }, "#,
        r#"condition: Condition { name: Some("news"), is_waited_at: true } }"#
    );
    assert_eq!(format!("{condition:?}"), expected);
    condition.acquire();
    condition.notify_all().unwrap();
    condition.release().unwrap();
    waiter.join();
    assert!(format!("{condition:?}").ends_with("is_waited_at: false } }"));
}
