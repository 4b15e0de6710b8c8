//! `Lock<T>`: the value, its guard, and what survives a panic.

use std::{
    fmt::Debug,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use threadwork_sync::{Event, Lock, RawLock, StopSource, Wait, WaitError, WaitKind, get_ident};

use crate::support::Helper;

#[test]
fn the_guard_reaches_the_value_and_its_drop_releases() {
    let lock = Lock::new(1);
    let mut guard = lock.acquire();
    assert!(lock.is_locked());
    *guard += 1;
    assert_eq!(*guard, 2);
    drop(guard);
    assert!(!lock.is_locked());
    assert_eq!(*lock.acquire(), 2);
}

#[test]
fn threads_take_turns() {
    static TOTAL: Lock<u32> = Lock::new(0);
    let threads: Vec<_> = (0..4)
        .map(|_| {
            Helper::start(|| {
                for _ in 0..1000 {
                    let mut total = TOTAL.acquire();
                    let seen = *total;
                    std::hint::spin_loop();
                    *total = seen + 1;
                }
            })
        })
        .collect();
    threads.into_iter().for_each(Helper::join);
    assert_eq!(*TOTAL.acquire(), 4000);
}

#[test]
fn every_form_of_acquire_hands_out_a_guard() {
    let lock = Lock::new(0);
    *lock.try_acquire().unwrap() += 1;
    *lock.acquire_timeout(std::time::Duration::ZERO).unwrap() += 1;
    *lock.acquire_with(&Wait::forever()).unwrap() += 1;
    assert_eq!(*lock.acquire(), 3);
}

#[test]
fn try_acquire_of_a_held_lock_is_none_until_it_is_released() {
    let lock = Arc::new(Lock::new(0));
    let guard = lock.acquire();
    let other = Arc::clone(&lock);
    Helper::start(move || assert!(other.try_acquire().is_none())).join();
    drop(guard);
    assert!(lock.try_acquire().is_some());
}

#[test]
fn a_panic_under_the_guard_releases_the_lock_and_poisons_nothing() {
    static LOCK: Lock<Vec<u8>> = Lock::new(Vec::new());
    let panicked = Helper::start(|| {
        let mut guard = LOCK.acquire();
        guard.push(1);
        panic!("on purpose");
    });
    assert!(panicked.outcome().is_err());
    assert!(!LOCK.is_locked());
    assert_eq!(*LOCK.acquire(), [1], "what was written before the panic is kept");
    assert!(LOCK.try_acquire().is_some());
}

#[test]
fn a_panic_under_the_guard_wakes_the_waiter() {
    let lock = Arc::new(Lock::new(0));
    let mut waiter = None;
    let panicked = catch_unwind(AssertUnwindSafe(|| {
        let _guard = lock.acquire();
        let lock = Arc::clone(&lock);
        waiter = Some(Helper::start_blocked(move || *lock.acquire() += 1));
        panic!("on purpose");
    }));
    assert!(panicked.is_err());
    waiter.unwrap().join();
    assert_eq!(*lock.acquire(), 1);
}

#[test]
fn debug_of_a_held_lock_does_not_block() {
    let lock = Lock::named("orders", 7);
    assert_eq!(format!("{lock:?}"), r#"Lock { name: Some("orders"), holder: None, value: 7 }"#);
    let guard = lock.acquire();
    let shown = format!(
        r#"Lock {{ name: Some("orders"), holder: Some({}), value: <locked> }}"#,
        get_ident().get()
    );
    assert_eq!(format!("{lock:?}"), shown);
    drop(guard);
    assert!(!lock.is_locked(), "debug has released the lock");
}

#[test]
fn a_panic_of_the_values_debug_leaves_the_lock_free() {
    struct Shy;
    impl Debug for Shy {
        fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            panic!("on purpose")
        }
    }
    let lock = Lock::new(Shy);
    assert!(catch_unwind(|| format!("{lock:?}")).is_err());
    assert!(!lock.is_locked());
}

#[test]
fn a_guard_shows_its_value() {
    let lock = Lock::new("seven");
    let guard = lock.acquire();
    assert_eq!(format!("{guard}, {guard:?}"), r#"seven, "seven""#);
}

#[test]
fn the_value_can_be_reached_without_acquiring_by_its_only_user() {
    let mut lock = Lock::from(String::from("a"));
    lock.get_mut().push('b');
    assert_eq!(lock.into_inner(), "ab");
    assert_eq!(Lock::<u8>::default().into_inner(), 0);
}

#[test]
fn the_value_is_dropped_once() {
    let counted = Arc::new(());
    let lock = Lock::new(Arc::clone(&counted));
    drop(lock.acquire());
    drop(lock);
    assert_eq!(Arc::strong_count(&counted), 1);
}

#[test]
fn the_value_may_be_unsized() {
    let lock: Arc<Lock<[u8]>> = Arc::new(Lock::new([1, 2, 3]));
    lock.acquire().reverse();
    assert_eq!(*lock.acquire(), [3, 2, 1]);
    let lock: Box<Lock<dyn FnMut() -> u8 + Send>> = Box::new(Lock::new(|| 5));
    assert_eq!((lock.acquire())(), 5);
    assert!(lock.name().is_none() && !lock.is_fair() && lock.holder().is_none());
}

#[test]
fn fairness_and_name_come_from_the_raw_lock() {
    static TICKETS: Lock<u32> = Lock::from_raw(RawLock::fair().named("tickets"), 0);
    assert!(TICKETS.is_fair());
    assert_eq!(TICKETS.name(), Some("tickets"));

    let guard = TICKETS.acquire();
    let waiters: Vec<_> = (0..4)
        .map(|number| {
            Helper::start_blocked(move || {
                let mut tickets = TICKETS.acquire();
                assert_eq!(*tickets, number);
                *tickets += 1;
            })
        })
        .collect();
    drop(guard);
    waiters.into_iter().for_each(Helper::join);
    assert_eq!(*TICKETS.acquire(), 4);
}

#[test]
fn the_record_of_a_waiter_has_the_name_of_the_lock_and_its_holder() {
    static ORDERS: Lock<u32> = Lock::named("orders of the day", 0);
    let guard = ORDERS.acquire();
    assert_eq!(ORDERS.holder(), Some(get_ident()));
    let waiter = Helper::start(|| *ORDERS.acquire() += 1);
    let record = waiter.blocked();
    assert_eq!(record.kind, WaitKind::Lock);
    assert_eq!(record.name, Some("orders of the day"));
    assert_eq!(record.holder, Some(get_ident()));
    drop(guard);
    waiter.join();
}

#[test]
fn a_thread_that_acquires_twice_shows_itself_as_the_holder() {
    let stop = StopSource::new();
    let token = stop.token();
    let twice = Helper::start(move || {
        let lock = Lock::new(0);
        let _guard = lock.acquire();
        lock.acquire_with(&Wait::forever().or_stop(&token)).map(drop)
    });
    assert_eq!(twice.blocked().holder, Some(twice.ident()));
    stop.request_stop();
    assert_eq!(twice.join(), Err(WaitError::Stopped));
}

#[test]
fn a_lock_may_be_dropped_by_the_last_thread_that_used_it() {
    for _ in 0..50 {
        let lock = Arc::new(Lock::new(Event::new()));
        let guard = lock.acquire();
        let last = Arc::clone(&lock);
        let waiter = Helper::start_blocked(move || last.acquire().set());
        drop(guard);
        drop(lock);
        waiter.join();
    }
}
