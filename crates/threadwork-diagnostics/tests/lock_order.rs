//! Orders of locks that are created, dropped, tried and handed over; with the feature `lock_probe`.
//!
//! There is one handler for the process, so each test uses its own names of locks.

use std::{mem, sync::Once, time::Duration};

use threadwork_core::Thread;
use threadwork_diagnostics::{LockInversion, watch_lock_order};
use threadwork_sync::{Condition, Event, Lock, RLock, RawLock, RwLock, WaitKind, get_ident, waits};

const LONG: Duration = Duration::from_secs(60);

/// Locks that the handler acquires when it is called for them.
static USED: Lock<u32> = Lock::named("used by the handler", 0);
static ALSO_USED: Lock<u32> = Lock::named("used by the handler too", 0);

fn names(inversion: &LockInversion, prefix: &str) -> bool {
    inversion.steps.iter().any(|it| it.held.starts_with(prefix))
}

/// How many inversions were reported for locks whose names begin with `prefix`.
fn seen(prefix: &str) -> usize {
    static ONCE: Once = Once::new();
    static SEEN: Lock<Vec<LockInversion>> = Lock::new(Vec::new());
    ONCE.call_once(|| {
        watch_lock_order(|it| {
            if names(it, "used") {
                *USED.acquire() += 1;
                *ALSO_USED.acquire() += 1;
            }
            SEEN.acquire().push(it.clone());
            assert!(!names(it, "broken"), "on purpose");
        });
    });
    let seen = SEEN.acquire();
    seen.iter().filter(|it| names(it, prefix)).count()
}

fn both(first: &Lock<u32>, second: &Lock<u32>) {
    let _first = first.acquire();
    *second.acquire() += 1;
}

#[test]
fn a_lock_at_the_address_of_a_dropped_lock_is_another_lock() {
    static NAMED: Lock<u32> = Lock::named("gone", 0);
    assert_eq!(seen("gone"), 0);
    let mut lock = Box::new(Lock::new(0));
    both(&NAMED, &lock);
    *lock = Lock::new(0);
    both(&lock, &NAMED);
    assert_eq!(seen("gone"), 0);
    both(&NAMED, &lock);
    assert_eq!(seen("gone"), 1);
}

#[test]
fn a_lock_stays_the_same_when_it_is_moved() {
    static NAMED: Lock<u32> = Lock::named("moved", 0);
    assert_eq!(seen("moved"), 0);
    let mut place = Box::new(Lock::new(0));
    both(&NAMED, &place);
    let lock = mem::replace(&mut *place, Lock::new(0));
    both(&place, &NAMED);
    assert_eq!(seen("moved"), 0);
    both(&lock, &NAMED);
    assert_eq!(seen("moved"), 1);
}

#[test]
fn an_attempt_to_acquire_is_not_an_order() {
    static A: Lock<u32> = Lock::named("tried", 0);
    static R: RLock<u32> = RLock::named("tried re-entrant", 0);
    static W: RwLock<u32> = RwLock::named("tried read-write", 0);
    static B: Lock<u32> = Lock::named("tried under", 0);
    assert_eq!(seen("tried"), 0);
    drop((A.acquire(), B.acquire()));
    drop((R.acquire(), B.acquire()));
    drop((W.read(), B.acquire()));
    let b = B.acquire();
    drop(A.try_acquire().unwrap());
    drop(A.acquire_timeout(Duration::ZERO).unwrap());
    drop(R.try_acquire().unwrap());
    drop(R.acquire_timeout(Duration::ZERO).unwrap());
    drop(W.try_read().unwrap());
    drop(W.read_timeout(Duration::ZERO).unwrap());
    drop(W.try_upgradable_read().unwrap());
    drop(W.try_write().unwrap());
    drop(b);
    assert_eq!(seen("tried"), 0);
    let b = B.acquire();
    drop(A.acquire_timeout(LONG).unwrap());
    drop(R.acquire_timeout(LONG).unwrap());
    drop(W.read_timeout(LONG).unwrap());
    drop(b);
    assert_eq!(seen("tried"), 3);
}

#[test]
fn a_lock_acquired_after_an_attempt_is_in_an_order() {
    static A: Lock<u32> = Lock::named("after a try", 0);
    static B: Lock<u32> = Lock::named("after a try, the other", 0);
    assert_eq!(seen("after a try"), 0);
    drop((A.try_acquire().unwrap(), B.acquire()));
    drop((B.acquire(), A.acquire()));
    assert_eq!(seen("after a try"), 1);
}

#[test]
fn the_handler_may_acquire_any_lock() {
    static OUTER: Lock<u32> = Lock::named("used outside", 0);
    assert_eq!(seen("used"), 0);
    both(&USED, &ALSO_USED);
    let outer = OUTER.acquire();
    both(&ALSO_USED, &USED);
    assert_eq!(seen("used"), 0, "a lock is held");
    assert_eq!((*USED.acquire(), *ALSO_USED.acquire()), (1, 1));
    drop(outer);
    assert_eq!(seen("used"), 1);
    assert_eq!((*USED.acquire(), *ALSO_USED.acquire()), (2, 2));
}

#[test]
fn a_thread_continues_after_a_panic_of_the_handler() {
    static LOCKS: [Lock<u32>; 3] =
        [Lock::named("broken a", 0), Lock::named("broken b", 0), Lock::named("broken c", 0)];
    let [a, b, c] = &LOCKS;
    assert_eq!(seen("broken"), 0);
    both(a, b);
    both(b, c);
    both(b, a);
    both(c, b);
    assert_eq!(seen("broken"), 2);
}

#[test]
fn a_lock_that_another_thread_released_is_no_longer_held() {
    static RAW: RawLock = RawLock::new().named("handed over");
    static A: Lock<u32> = Lock::named("handed over, one", 0);
    static B: Lock<u32> = Lock::named("handed over, two", 0);
    assert_eq!(seen("handed over"), 0);
    RAW.acquire();
    std::thread::scope(|scope| {
        scope.spawn(|| RAW.release().unwrap());
    });
    *A.acquire() += 1;
    {
        let _a = A.acquire();
        RAW.acquire();
        RAW.release().unwrap();
    }
    assert_eq!(seen("handed over"), 0);
    both(&A, &B);
    both(&B, &A);
    assert_eq!(seen("handed over"), 1, "it is reported, since no lock is held");
}

#[test]
fn a_dropped_lock_is_no_longer_held() {
    static A: Lock<u32> = Lock::named("forgotten a", 0);
    static B: Lock<u32> = Lock::named("forgotten b", 0);
    assert_eq!(seen("forgotten"), 0);
    let (lock, read, written) = (Lock::new(0), RwLock::new(0), RwLock::new(0));
    mem::forget((lock.acquire(), read.read(), written.write()));
    both(&A, &B);
    both(&B, &A);
    assert_eq!(seen("forgotten"), 0, "locks are held");
    drop((lock, read, written));
    *A.acquire() += 1;
    assert_eq!(seen("forgotten"), 1);
}

#[test]
fn a_thread_that_stands_in_a_queue_reports_nothing() {
    static A: Lock<bool> = Lock::named("at a condition, a", false);
    static B: Lock<u32> = Lock::named("at a condition, b", 0);
    static CHANGED: Condition = Condition::new().named("condition of the order");
    static DONE: Event = Event::new();
    assert_eq!(seen("at a condition"), 0);
    drop((A.acquire(), B.acquire()));
    let waiter = Thread::new(|| {
        let b = B.acquire();
        let mut a = A.acquire();
        drop(b);
        // It holds no lock while it waits here, and still reports nothing.
        CHANGED.wait_for(&mut a, |it| it.then_some(()));
        assert_eq!(seen("at a condition"), 0);
        drop(a);
        assert_eq!(seen("at a condition"), 1);
        DONE.set();
    });
    waiter.start().unwrap();
    let is_there = || {
        waits().iter().any(|it| it.kind == WaitKind::Condition && it.thread.ident != get_ident())
    };
    while !is_there() {
        std::thread::yield_now();
    }
    assert_eq!(seen("at a condition"), 0);
    let mut a = A.acquire();
    *a = true;
    CHANGED.notify_all(&a);
    drop(a);
    DONE.wait();
    waiter.join().unwrap();
}
