//! When a lock is freed by a store, seen from its label.

use std::{
    pin::pin,
    sync::atomic::Ordering,
    task::{Context, Waker},
    thread,
    time::{Duration, Instant},
};

use crate::{
    Condition, Lock, RLock, RawLock, Wait, WaitError,
    door::{
        HandOver,
        testing::{eventually, start},
    },
    floor::fence,
};

/// How often a new lock is freed by a swap.
const FIRST: usize = 16;

/// Frees the lock as a guard does.
fn use_once(lock: &RawLock) {
    lock.acquire();
    lock.release_held();
}

/// Uses the lock until it is freed by a store. Other tests may keep it from that for a while, if their locks share its bucket.
#[track_caller]
fn become_store(lock: &RawLock) {
    eventually("the lock is freed by swaps", || {
        use_once(lock);
        lock.is_freed_by_store()
    });
}

/// Returns a lock that this thread holds and would free by a store; leaked, because threads wait for it.
#[track_caller]
fn held() -> &'static RawLock {
    let lock: &RawLock = Box::leak(Box::default());
    become_store(lock);
    lock.acquire();
    assert!(lock.is_freed_by_store());
    lock
}

#[test]
fn a_new_lock_is_freed_by_a_store_after_sixteen_releases() {
    let locks: Vec<_> = (0..100).map(|_| RawLock::new()).collect();
    for lock in &locks {
        for _ in 1..FIRST {
            use_once(lock);
            assert!(!lock.is_freed_by_store());
        }
        use_once(lock);
    }
    let count = locks.iter().filter(|it| it.is_freed_by_store()).count();
    assert_eq!(count > 0, fence::is_asymmetric(), "{count} of {}", locks.len());
    assert!(locks.iter().all(|it| !it.is_locked()));
}

#[test]
fn a_fair_lock_never_is() {
    let (lock, other) = (RawLock::fair(), RLock::from_raw(crate::RawRLock::fair(), ()));
    for _ in 0..1_000 {
        use_once(&lock);
        drop(other.acquire());
        assert!(!lock.is_freed_by_store());
    }
}

#[test]
fn each_way_to_free_a_lock_frees_it() {
    if !fence::is_asymmetric() {
        return;
    }
    let frees: [fn(&RawLock); 5] = [
        RawLock::release_held,
        |it| it.release().unwrap(),
        |it| it.release_fair().unwrap(),
        |it| it.release_quietly().unwrap(),
        |it| thread::scope(|scope| scope.spawn(|| it.release()).join().unwrap()).unwrap(),
    ];
    for free in frees {
        let lock = held();
        free(lock);
        assert!(!lock.is_locked());
        assert!(lock.release().is_err());
        assert!(lock.is_freed_by_store(), "nobody has waited");
    }
}

#[test]
fn a_peek_frees_the_lock_as_it_found_it() {
    if !fence::is_asymmetric() {
        return;
    }
    let lock = Lock::new(7);
    become_store(lock.raw());
    assert!(format!("{lock:?}").contains('7'));
    assert!(!lock.is_locked());
    assert!(lock.raw().is_freed_by_store());
}

#[test]
fn a_thread_that_waits_makes_it_a_swap_and_the_lock_goes_back_later() {
    if !fence::is_asymmetric() {
        return;
    }
    // Whether the waiter is woken, or handed the lock: then it is not expected to come.
    for (how, pause) in [(HandOver::Never, 10), (HandOver::Always, 1)] {
        let (lock, since) = (held(), Instant::now());
        let (_, waiter) = start(|| {
            lock.acquire();
            lock.release_held();
        });
        assert!(!lock.is_freed_by_store(), "somebody waits");
        lock.hand_over(how).unwrap();
        waiter.join().unwrap();
        become_store(lock);
        assert!(since.elapsed() >= Duration::from_millis(pause), "{how:?}: it went back too early");
    }
}

#[test]
fn a_waiter_that_gives_up_lets_the_lock_go_back() {
    if !fence::is_asymmetric() {
        return;
    }
    let (lock, since) = (held(), Instant::now());
    eventually("the thread does not enter the queue", || {
        assert_eq!(lock.acquire_timeout(Duration::from_millis(1)), Err(WaitError::TimedOut));
        !lock.is_freed_by_store()
    });
    lock.release_held();
    become_store(lock);
    assert!(since.elapsed() >= Duration::from_millis(1));
}

/// Each first waiter costs a fence. The tasks give up at once.
#[test]
fn a_lock_that_somebody_waits_for_each_time_causes_a_fence_each_millisecond_at_most() {
    if !fence::is_asymmetric() {
        return;
    }
    let lock = Lock::new(());
    for _ in 0..5 {
        become_store(lock.raw());
        let (guard, since) = (lock.acquire(), Instant::now());
        let mut context = Context::from_waker(Waker::noop());
        assert!(pin!(lock.acquire_async()).poll(&mut context).is_pending());
        assert!(!lock.raw().is_freed_by_store(), "somebody waited");
        drop(guard);
        become_store(lock.raw());
        assert!(since.elapsed() >= Duration::from_millis(1), "it went back too early");
    }
}

#[test]
fn a_lock_does_not_go_back_while_somebody_waits() {
    if !fence::is_asymmetric() {
        return;
    }
    let lock: &Lock<()> = Box::leak(Box::default());
    become_store(lock.raw());
    let guard = lock.acquire();
    let mut task = Box::pin(lock.acquire_async());
    let mut context = Context::from_waker(Waker::noop());
    assert!(task.as_mut().poll(&mut context).is_pending());
    assert!(!lock.raw().is_freed_by_store(), "a task waits");
    drop(guard);
    // The task was told of the wake-up and is not polled, so it stays where it is.
    let until = Instant::now() + Duration::from_millis(30);
    while Instant::now() < until {
        use_once(lock.raw());
        assert!(!lock.raw().is_freed_by_store(), "a task waits");
    }
    drop(task);
    become_store(lock.raw());
}

#[test]
fn a_waiter_that_is_moved_makes_it_a_swap() {
    if !fence::is_asymmetric() {
        return;
    }
    let shared: &(Lock<bool>, Condition) = Box::leak(Box::default());
    let (lock, condition) = shared;
    let (_, waiter) = start(|| condition.wait_for(&mut lock.acquire(), |it| it.then_some(())));
    become_store(lock.raw());
    let mut guard = lock.acquire();
    assert!(lock.raw().is_freed_by_store(), "nobody waits for the lock itself");
    *guard = true;
    assert_eq!(condition.notify(&guard, 1), 1);
    assert!(!lock.raw().is_freed_by_store(), "the waiter is in the queue of the lock");
    drop(guard);
    waiter.join().unwrap();
    become_store(lock.raw());
}

#[test]
fn a_store_that_has_wiped_out_the_flag_wakes_the_waiter() {
    if !fence::is_asymmetric() {
        return;
    }
    let lock = held();
    let (_, waiter) = start(|| lock.acquire_with(&Wait::forever()));
    // The holder looked before the waiter came, and stores now.
    lock.word.store(0, Ordering::Release);
    assert!(!lock.is_freed_by_store(), "the holder sees this after its store");
    lock.wake_one();
    assert_eq!(waiter.join().unwrap(), Ok(()));
    lock.release_held();
    become_store(lock);
}
