//! Tasks that wait for locks, polled by hand: who is woken, and who holds the lock.

use std::{pin::pin, task::Poll, thread, time::Duration};

use threadwork_sync::{Lock, RawLock, get_ident};
use threadwork_test_support::tasks::{Woken, block_on};

use crate::support::Helper;

#[test]
fn the_polling_thread_holds_the_lock() {
    for raw in [RawLock::new(), RawLock::fair()] {
        let lock = Lock::from_raw(raw, 7);
        let guard = block_on(lock.acquire_async());
        assert_eq!((*guard, lock.holder()), (7, Some(get_ident())));
        assert!(lock.try_acquire().is_none());
        drop(guard);
        assert!(!lock.is_locked());
    }
}

#[test]
fn a_release_wakes_one_task_after_the_other() {
    for raw in [RawLock::new(), RawLock::fair()] {
        let lock = Lock::from_raw(raw, 0);
        let guard = lock.acquire();
        let woken = [Woken::new(), Woken::new()];
        let mut waits = [Box::pin(lock.acquire_async()), Box::pin(lock.acquire_async())];
        for (woken, wait) in woken.iter().zip(&mut waits) {
            assert!(woken.poll(wait.as_mut()).is_pending());
        }
        drop(guard);
        assert_eq!(woken.each_ref().map(|it| it.count()), [1, 0]);
        let Poll::Ready(guard) = woken[0].poll(waits[0].as_mut()) else { panic!("it is free") };
        assert_eq!(woken[1].count(), 0);
        drop(guard);
        assert_eq!(woken.each_ref().map(|it| it.count()), [1, 1]);
        assert!(woken[1].poll(waits[1].as_mut()).is_ready());
    }
}

#[test]
fn a_woken_task_that_is_dropped_passes_the_wake_up_on() {
    for raw in [RawLock::new(), RawLock::fair()] {
        let lock = Lock::from_raw(raw, 0);
        let guard = lock.acquire();
        let woken = [Woken::new(), Woken::new()];
        let [mut first, mut second] = [(); 2].map(|()| Box::pin(lock.acquire_async()));
        assert!(woken[0].poll(first.as_mut()).is_pending());
        assert!(woken[1].poll(second.as_mut()).is_pending());
        drop(guard);
        drop(first);
        assert_eq!(woken[1].count(), 1);
        assert!(woken[1].poll(second.as_mut()).is_ready());
    }
}

#[test]
fn an_overtaken_task_keeps_its_place() {
    let lock = Lock::new(0);
    let guard = lock.acquire();
    let woken = [Woken::new(), Woken::new()];
    let [mut first, mut second] = [(); 2].map(|()| Box::pin(lock.acquire_async()));
    assert!(woken[0].poll(first.as_mut()).is_pending());
    assert!(woken[1].poll(second.as_mut()).is_pending());
    drop(guard);
    let barging = lock.try_acquire().expect("a woken task does not hold the lock");
    assert!(woken[0].poll(first.as_mut()).is_pending());
    drop(barging);
    assert_eq!(woken.each_ref().map(|it| it.count()), [2, 0]);
}

#[test]
fn a_lock_with_tasks_in_its_queue_can_be_used_in_every_way() {
    for raw in [RawLock::new(), RawLock::fair()] {
        let lock = Lock::from_raw(raw, 0);
        let guard = lock.acquire();
        let woken = Woken::new();
        let mut wait = pin!(lock.acquire_async());
        assert!(woken.poll(wait.as_mut()).is_pending());
        drop(guard);
        // The task was told, and does not look.
        assert!(!lock.is_locked() && lock.holder().is_none());
        assert!(format!("{lock:?}").contains("value: 0"));
        drop(lock.try_acquire().expect("it is free"));
        drop(lock.acquire());
        drop(lock.acquire_timeout(Duration::ZERO).expect("it is free"));
        thread::scope(|scope| {
            scope.spawn(|| *lock.acquire() += 1);
        });
        assert_eq!(woken.count(), 1, "it was told, and has not looked");
        let Poll::Ready(guard) = woken.poll(wait) else { panic!("it is free") };
        assert_eq!(*guard, 1);
    }
}

#[test]
fn a_fair_lock_is_handed_to_the_thread_behind_a_task() {
    let lock: &Lock<u32> = Box::leak(Box::new(Lock::from_raw(RawLock::fair(), 0)));
    let guard = lock.acquire();
    let woken = Woken::new();
    let mut wait = pin!(lock.acquire_async());
    assert!(woken.poll(wait.as_mut()).is_pending());
    let behind = Helper::start_blocked(move || *lock.acquire() += 1);
    drop(guard);
    behind.join();
    assert!(woken.count() <= 1, "the release of the thread tells the task");
    let Poll::Ready(guard) = woken.poll(wait) else { panic!("it is free") };
    assert_eq!((*guard, woken.count()), (1, 1));
}

#[test]
fn a_task_and_a_thread_are_both_served_by_one_release_each() {
    for raw in [RawLock::new(), RawLock::fair()] {
        let lock: &Lock<u32> = Box::leak(Box::new(Lock::from_raw(raw, 0)));
        let guard = lock.acquire();
        let task =
            Helper::start_blocked(move || block_on(async { *lock.acquire_async().await += 1 }));
        let thread = Helper::start_blocked(move || *lock.acquire() += 1);
        drop(guard);
        task.join();
        thread.join();
        assert_eq!(*lock.acquire(), 2);
    }
}
