//! `Condition` and `RawCondition`: waiting while something holds, and the last answer of a predicate.

use std::{
    cell::Cell,
    sync::atomic::{AtomicBool, AtomicU32, Ordering},
    time::Duration,
};

use threadwork_sync::{
    Condition, ConditionWaitError, Lock, LockGuard, NotHolderError, RLock, RawCondition,
    StopSource, WaitError, WaitKind,
};

use crate::{
    objects::{start_waiting, stopped, until},
    support::eventually,
};

#[test]
fn a_wait_while_something_holds_returns_once_it_does_not() {
    static CONDITION: Condition = Condition::new();
    static LEFT: Lock<u32> = Lock::new(2);
    static LOOKED: AtomicU32 = AtomicU32::new(0);
    let waiter = start_waiting(WaitKind::Condition, || {
        let mut left = LEFT.acquire();
        CONDITION.wait_while(&mut left, |left| {
            assert!(LEFT.is_owned());
            LOOKED.fetch_add(1, Ordering::Relaxed);
            *left > 0
        });
        *left
    });
    for looks in 2..=3 {
        let mut left = LEFT.acquire();
        *left -= 1;
        assert_eq!(CONDITION.notify_all(&left), 1, "it waits as long as something is left");
        drop(left);
        eventually("it did not look again", || {
            let _not_meanwhile = LEFT.acquire();
            (LOOKED.load(Ordering::Relaxed) == looks).then_some(())
        });
    }
    assert_eq!((waiter.join(), LOOKED.load(Ordering::Relaxed)), (0, 3));
}

#[test]
fn a_wait_while_something_holds_looks_once_more_when_it_ends() {
    let (condition, lock) = (Condition::new(), Lock::new(7));
    let mut guard = lock.acquire();
    let looked = Cell::new(0);
    let holds = |value: &u32| {
        looked.set(looked.get() + 1);
        *value == 7
    };
    let timed_out = Err(WaitError::TimedOut);
    assert_eq!(condition.wait_while_timeout(&mut guard, Duration::ZERO, holds), timed_out);
    assert_eq!(condition.wait_while_with(&mut guard, &Duration::ZERO.into(), holds), timed_out);
    assert_eq!(condition.wait_while_with(&mut guard, &stopped(), holds), Err(WaitError::Stopped));
    assert_eq!(looked.get(), 6, "at once and at the end, for each form");
    assert_eq!(condition.wait_while_with(&mut guard, &stopped(), |it| *it != 7), Ok(()));
    assert_eq!(condition.wait_while_timeout(&mut guard, Duration::ZERO, |it| *it != 7), Ok(()));
    condition.wait_while(&mut guard, |it| *it != 7);
    let rlock = RLock::new(Cell::new(0));
    condition.wait_while(&mut rlock.acquire(), |value| value.replace(1) == 2);
    assert_eq!(rlock.acquire().get(), 1);
}

#[test]
fn a_wait_for_ok_keeps_the_last_answer() {
    static CONDITION: Condition = Condition::new();
    static LIST: Lock<Vec<u32>> = Lock::new(Vec::new());
    let stop = StopSource::new();
    let wait = until(&stop);
    let waiter = start_waiting(WaitKind::Condition, move || {
        let mut list = LIST.acquire();
        CONDITION.wait_for_ok_with(&mut list, &wait, |list| list.get(2).copied().ok_or(list.len()))
    });
    let mut list = LIST.acquire();
    list.push(1);
    // Nobody is notified: the predicate sees this when the wait ends.
    drop(list);
    stop.request_stop();
    assert_eq!(waiter.join(), Err((1, WaitError::Stopped)));

    let mut list = LIST.acquire();
    let answer = |list: &mut LockGuard<'_, Vec<u32>>| match list.len() {
        1 => Err("too few"),
        n => Ok(n),
    };
    let ended = CONDITION.wait_for_ok_timeout(&mut list, Duration::ZERO, answer);
    assert_eq!(ended, Err(("too few", WaitError::TimedOut)));
    list.push(2);
    assert_eq!(CONDITION.wait_for_ok_timeout(&mut list, Duration::ZERO, answer), Ok(2));
    assert_eq!(CONDITION.wait_for_ok_with(&mut list, &stopped(), answer), Ok(2));
}

#[test]
fn a_raw_condition_waits_while_something_holds() {
    static CONDITION: RawCondition = RawCondition::new();
    static IS_PENDING: AtomicBool = AtomicBool::new(true);
    let is_pending = || IS_PENDING.load(Ordering::Relaxed);
    assert!(CONDITION.wait_while(is_pending).is_err());
    let refused = CONDITION.wait_while_timeout(Duration::ZERO, is_pending).unwrap_err();
    assert!(matches!(refused, ConditionWaitError::NotHolder(_)) && !CONDITION.is_owned());
    let waiter = start_waiting(WaitKind::Condition, move || {
        CONDITION.acquire();
        let ended = CONDITION.wait_while(is_pending);
        CONDITION.release().unwrap();
        ended
    });
    CONDITION.acquire();
    assert!(CONDITION.is_owned());
    assert_eq!(
        CONDITION.wait_while_timeout(Duration::ZERO, is_pending),
        Err(WaitError::TimedOut.into())
    );
    assert_eq!(CONDITION.wait_while_with(&stopped(), is_pending), Err(WaitError::Stopped.into()));
    IS_PENDING.store(false, Ordering::Relaxed);
    assert_eq!(CONDITION.notify_all(), Ok(1));
    assert_eq!(CONDITION.wait_while_with(&stopped(), is_pending), Ok(()));
    CONDITION.release().unwrap();
    assert_eq!(waiter.join(), Ok(()));
}

#[test]
fn a_raw_condition_keeps_the_last_answer() {
    let condition = RawCondition::new();
    let looked = Cell::new(0);
    let look = || {
        looked.set(looked.get() + 1);
        if looked.get() == 5 { Ok("all") } else { Err(looked.get()) }
    };
    let refused: Result<_, NotHolderError> = condition.wait_for_ok_with(&stopped(), look);
    assert!(refused.is_err() && looked.get() == 0, "it has not looked");
    condition.acquire();
    let ended = condition.wait_for_ok_with(&stopped(), look).unwrap();
    assert_eq!(ended, Err((2, WaitError::Stopped)), "at once and at the end");
    let ended = condition.wait_for_ok_timeout(Duration::ZERO, look).unwrap();
    assert_eq!(ended, Err((4, WaitError::TimedOut)));
    assert_eq!(condition.wait_for_ok_timeout(Duration::MAX, look), Ok(Ok("all")));
}
