//! `RawRLock` and `RLock<T>`: the owner, and the depth.

use std::{
    cell::{Cell, RefCell},
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    time::Duration,
};

use threadwork_sync::{RLock, RawRLock, ReleaseError, StopSource, WaitError, WaitKind, get_ident};

use crate::{
    objects::{start_waiting, stopped, until},
    support::Helper,
};

fn both_kinds() -> [Arc<RawRLock>; 2] {
    [Arc::new(RawRLock::new()), Arc::new(RawRLock::fair())]
}

#[test]
fn the_holder_acquires_it_in_any_form_as_often_as_it_likes() {
    for lock in both_kinds() {
        lock.acquire();
        assert!(lock.try_acquire());
        assert!(lock.acquire_timeout(Duration::ZERO).is_ok());
        assert_eq!(lock.acquire_with(&stopped()), Ok(()));
        for depth in (1..=4).rev() {
            assert_eq!((lock.depth(), lock.holder()), (depth, Some(get_ident())));
            assert!(lock.is_owned() && lock.is_locked());
            lock.release().unwrap();
        }
        assert_eq!((lock.depth(), lock.holder()), (0, None));
        assert!(!lock.is_owned() && !lock.is_locked());
    }
}

#[test]
fn a_release_by_another_thread_is_an_error_and_changes_nothing() {
    for lock in both_kinds() {
        assert_eq!(lock.release(), Err(ReleaseError::NotHolder));
        lock.acquire();
        lock.acquire();
        let other = Arc::clone(&lock);
        let released = Helper::start(move || [other.release(), other.release()]).join();
        assert_eq!(released, [Err(ReleaseError::NotHolder); 2]);
        assert_eq!(lock.depth(), 2);
        lock.release().unwrap();
        lock.release().unwrap();
        assert_eq!(lock.release(), Err(ReleaseError::NotHolder));
        assert!(lock.try_acquire(), "the failed release did not lock it");
    }
}

#[test]
fn other_threads_get_it_only_after_the_last_release() {
    for lock in both_kinds() {
        lock.acquire();
        lock.acquire();
        let other = Arc::clone(&lock);
        let waiter = start_waiting(WaitKind::RLock, move || {
            assert!(!other.try_acquire());
            other.acquire();
            let depth = other.depth();
            other.release().unwrap();
            depth
        });
        assert_eq!(waiter.blocked().holder, Some(get_ident()));
        lock.release().unwrap();
        waiter.blocked();
        assert!(lock.is_owned());
        lock.release().unwrap();
        assert_eq!(waiter.join(), 1);
        assert!(!lock.is_locked());
    }
}

#[test]
fn a_wait_for_it_ends_at_a_stop_or_a_timeout_of_zero() {
    for lock in both_kinds() {
        lock.acquire();
        let stop = StopSource::new();
        let (other, wait) = (Arc::clone(&lock), until(&stop));
        let waiter = start_waiting(WaitKind::RLock, move || {
            let ended = other.acquire_with(&wait);
            assert_eq!(other.acquire_timeout(Duration::ZERO), Err(WaitError::TimedOut));
            assert_eq!((other.depth(), other.is_owned()), (0, false));
            ended
        });
        stop.request_stop();
        assert_eq!(waiter.join(), Err(WaitError::Stopped));
        assert_eq!(lock.depth(), 1);
        lock.release().unwrap();
        assert!(!lock.is_locked());
    }
}

#[test]
fn a_fair_one_is_handed_over_in_order_of_arrival() {
    static LOCK: RLock<RefCell<Vec<u32>>> =
        RLock::from_raw(RawRLock::fair(), RefCell::new(Vec::new()));
    assert!(LOCK.is_fair());
    let guards = [LOCK.acquire(), LOCK.acquire()];
    let waiters = [0, 1, 2, 3].map(|it| {
        start_waiting(WaitKind::RLock, move || {
            let _outer = LOCK.acquire();
            LOCK.acquire().borrow_mut().push(it);
        })
    });
    drop(guards);
    waiters.into_iter().for_each(Helper::join);
    assert_eq!(*LOCK.acquire().borrow(), [0, 1, 2, 3]);
}

#[test]
fn it_stays_locked_when_its_holder_ends_and_later_threads_do_not_own_it() {
    for lock in both_kinds() {
        let other = Arc::clone(&lock);
        let holder = Helper::start(move || {
            other.acquire();
            other.acquire();
        });
        let ident = holder.ident();
        holder.join();
        for _ in 0..1000 {
            let other = Arc::clone(&lock);
            let later = Helper::start(move || {
                assert_eq!(other.release(), Err(ReleaseError::NotHolder));
                other.is_owned() || other.try_acquire() || other.depth() > 0
            });
            assert!(!later.join());
        }
        assert!(lock.is_locked());
        assert_eq!(lock.holder(), Some(ident));

        let (stop, other) = (StopSource::new(), Arc::clone(&lock));
        let wait = until(&stop);
        let waiter = Helper::start_blocked(move || other.acquire_with(&wait));
        assert_eq!(waiter.blocked().holder, Some(ident), "the record names the ended holder");
        stop.request_stop();
        assert_eq!(waiter.join(), Err(WaitError::Stopped));
    }
}

#[test]
fn debug_shows_the_name_the_holder_and_the_depth_and_does_not_block() {
    static LOCK: RawRLock = RawRLock::new().named("accounts");
    let shown = |holder: &str, depth| {
        format!(r#"RawRLock {{ name: Some("accounts"), holder: {holder}, depth: {depth} }}"#)
    };
    assert_eq!(LOCK.name(), Some("accounts"));
    assert_eq!(format!("{LOCK:?}"), shown("None", 0));
    LOCK.acquire();
    LOCK.acquire();
    let me = format!("Some({})", get_ident());
    assert_eq!(format!("{LOCK:?}"), shown(&me, 2));
    assert_eq!(Helper::start(|| format!("{LOCK:?}")).join(), shown(&me, 2), "elsewhere too");
    let waiter = Helper::start(|| LOCK.acquire_with(&stopped()));
    assert_eq!(waiter.join(), Err(WaitError::Stopped));
    let stop = StopSource::new();
    let wait = until(&stop);
    let waiter = start_waiting(WaitKind::RLock, move || LOCK.acquire_with(&wait));
    let record = waiter.blocked();
    assert_eq!((record.name, record.holder), (Some("accounts"), Some(get_ident())));
    stop.request_stop();
    waiter.join().unwrap_err();
    LOCK.release().unwrap();
    LOCK.release().unwrap();
    assert!(!RawRLock::default().is_fair() && RawRLock::fair().is_fair());
}

#[test]
fn every_form_of_acquire_hands_out_a_guard_of_the_same_value() {
    let lock = RLock::named("cell", Cell::new(0));
    assert_eq!(lock.name(), Some("cell"));
    let guards = [
        lock.acquire(),
        lock.try_acquire().unwrap(),
        lock.acquire_timeout(Duration::ZERO).unwrap(),
        lock.acquire_with(&stopped()).unwrap(),
    ];
    guards.iter().for_each(|it| it.set(it.get() + 1));
    assert_eq!((lock.depth(), guards[0].get()), (4, 4));
    drop(guards);
    assert!(!lock.is_locked() && !lock.is_owned());
    assert_eq!(lock.holder(), None);
}

#[test]
fn guards_may_end_in_any_order() {
    let lock = Arc::new(RLock::new(Cell::new(0)));
    let (first, second, third) = (lock.acquire(), lock.acquire(), lock.acquire());
    drop(first);
    drop(third);
    assert_eq!(lock.depth(), 1);
    second.set(1);
    let other = Arc::clone(&lock);
    Helper::start(move || {
        assert!(other.try_acquire().is_none());
        let no_time = other.acquire_timeout(Duration::ZERO);
        assert_eq!(no_time.unwrap_err(), WaitError::TimedOut);
        assert_eq!(other.acquire_with(&stopped()).unwrap_err(), WaitError::Stopped);
    })
    .join();
    drop(second);
    assert!(!lock.is_locked());
}

#[test]
fn threads_take_turns() {
    static TOTAL: RLock<Cell<u32>> = RLock::new(Cell::new(0));
    let threads = [0; 4].map(|_| {
        Helper::start(|| {
            for _ in 0..500 {
                let outer = TOTAL.acquire();
                let seen = outer.get();
                let inner = TOTAL.acquire();
                drop(outer);
                inner.set(seen + 1);
            }
        })
    });
    threads.into_iter().for_each(Helper::join);
    assert_eq!(TOTAL.acquire().get(), 2000);
}

#[test]
fn a_panic_under_guards_releases_all_levels_and_poisons_nothing() {
    let lock = RLock::new(Cell::new(0));
    let panicked = catch_unwind(AssertUnwindSafe(|| {
        let _guards = [lock.acquire(), lock.acquire(), lock.acquire()];
        lock.acquire().set(1);
        panic!("on purpose");
    }));
    assert!(panicked.is_err());
    assert!(!lock.is_locked());
    assert_eq!(lock.acquire().get(), 1);
}

#[test]
fn debug_of_a_value_in_use_elsewhere_shows_that_it_is_locked() {
    let lock = Arc::new(RLock::named("seven", 7));
    let free = r#"RLock { name: Some("seven"), holder: None, depth: 0, value: 7 }"#;
    assert_eq!(format!("{lock:?}"), free);
    let guard = lock.acquire();
    let me = get_ident();
    let mine =
        format!(r#"RLock {{ name: Some("seven"), holder: Some({me}), depth: 1, value: 7 }}"#);
    assert_eq!(format!("{lock:?}"), mine);
    assert_eq!(format!("{guard} {guard:?}"), "7 7");
    let other = Arc::clone(&lock);
    let elsewhere = Helper::start(move || format!("{other:?}")).join();
    assert!(elsewhere.ends_with("depth: 0, value: <locked> }"), "{elsewhere}");
    drop(guard);
    assert_eq!(format!("{lock:?}"), free, "debug has released the lock");
}

#[test]
fn the_value_can_be_reached_without_acquiring_by_its_only_user() {
    let mut lock = RLock::from(String::from("a"));
    lock.get_mut().push('b');
    assert_eq!(lock.into_inner(), "ab");
    assert_eq!(RLock::<u8>::default().into_inner(), 0);
    let lock: Arc<RLock<[u8]>> = Arc::new(RLock::new([1, 2, 3]));
    assert_eq!(*lock.acquire(), [1, 2, 3]);
    let counted = Arc::new(());
    drop(RLock::new(Arc::clone(&counted)));
    assert_eq!(Arc::strong_count(&counted), 1);
}
