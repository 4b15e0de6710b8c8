//! `ConditionTests`.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicU32, Ordering},
};

use threadwork_sync::{RawCondition, RawLock, WaitKind};

use crate::{
    objects::start_waiting,
    support::{Helper, eventually},
};

/// After `ConditionTests.test_acquire`.
#[test]
fn its_own_lock_is_re_entrant_and_a_given_one_is_used_as_it_is() {
    let condition = RawCondition::new();
    condition.acquire();
    condition.acquire();
    condition.release().unwrap();
    condition.release().unwrap();
    assert!(!condition.is_locked());

    let lock = Arc::new(RawLock::new());
    let condition = RawCondition::with_lock(Arc::clone(&lock));
    condition.acquire();
    assert!(!lock.try_acquire());
    condition.release().unwrap();
    assert!(lock.try_acquire());
    assert!(!condition.try_acquire());
    lock.release().unwrap();
    assert!(condition.try_acquire());
}

/// After `ConditionTests.test_unacquired_wait`.
#[test]
fn a_thread_without_the_lock_cannot_wait() {
    assert!(RawCondition::new().wait().is_err());
}

/// After `ConditionTests.test_unacquired_notify`.
#[test]
fn a_thread_without_the_lock_cannot_notify() {
    assert!(RawCondition::new().notify(1).is_err());
}

/// After `ConditionTests.test_notify`.
#[test]
fn exactly_n_waiters_wake_up() {
    const THREADS: usize = 5;
    static CONDITION: RawCondition = RawCondition::new();
    static PHASE: AtomicU32 = AtomicU32::new(0);
    /// The phases in which threads woke up from their first waits and from their second waits.
    static WOKEN: Mutex<[Vec<u32>; 2]> = Mutex::new([Vec::new(), Vec::new()]);
    /// The number of threads in the queue, whenever no thread holds the lock.
    static WAITING: AtomicU32 = AtomicU32::new(0);

    let threads: Vec<_> = (0..THREADS)
        .map(|_| {
            Helper::start(|| {
                for wait in 0..2 {
                    CONDITION.acquire();
                    WAITING.fetch_add(1, Ordering::Relaxed);
                    CONDITION.wait().unwrap();
                    WOKEN.lock().unwrap()[wait].push(PHASE.load(Ordering::Relaxed));
                    CONDITION.release().unwrap();
                }
            })
        })
        .collect();
    // Notifies `n` once `waiting` threads wait; `now` of them must wake up.
    let phase = |phase, n, waiting, now, woken: [&[u32]; 2]| {
        eventually("not all wait", || {
            CONDITION.acquire();
            let all = WAITING.load(Ordering::Relaxed) == waiting;
            if all {
                PHASE.store(phase, Ordering::Relaxed);
                CONDITION.notify(n).unwrap();
                WAITING.fetch_sub(now, Ordering::Relaxed);
            }
            CONDITION.release().unwrap();
            all.then_some(())
        });
        eventually("the notified threads do not wake up", || {
            let lengths = WOKEN.lock().unwrap().each_ref().map(Vec::len);
            (lengths == woken.map(<[u32]>::len)).then_some(())
        });
        assert!(WOKEN.lock().unwrap().iter().zip(woken).all(|(is, should)| is == should));
    };
    phase(1, 3, 5, 3, [&[1, 1, 1], &[]]);
    // Two in their first wait, and three in their second.
    phase(2, 5, 5, 5, [&[1, 1, 1, 2, 2], &[2, 2, 2]]);
    phase(3, usize::MAX, 2, 2, [&[1, 1, 1, 2, 2], &[2, 2, 2, 3, 3]]);
    threads.into_iter().for_each(Helper::join);
    CONDITION.acquire();
    assert_eq!(CONDITION.notify_all(), Ok(0));
    CONDITION.release().unwrap();
}

/// After `ConditionTests.test_waitfor`.
#[test]
fn a_wait_for_a_predicate_ends_once_it_holds() {
    static CONDITION: RawCondition = RawCondition::new();
    static STATE: AtomicU32 = AtomicU32::new(0);
    let thread = start_waiting(WaitKind::Condition, || {
        CONDITION.acquire();
        let seen = CONDITION.wait_for(|| Some(STATE.load(Ordering::Relaxed)).filter(|it| *it == 4));
        CONDITION.release().unwrap();
        seen
    });
    for state in 1..=4 {
        assert!(!thread.is_finished());
        CONDITION.acquire();
        STATE.store(state, Ordering::Relaxed);
        CONDITION.notify(1).unwrap();
        CONDITION.release().unwrap();
    }
    assert_eq!(thread.join(), Ok(4));
}
