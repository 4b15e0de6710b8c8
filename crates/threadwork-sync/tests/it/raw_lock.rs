//! `RawLock`: which thread gets it, in which order, and which threads may release it.

use std::{
    num::NonZeroU64,
    sync::{Arc, Mutex},
};

use threadwork_sync::{Event, Lock, RawLock, StopSource, StopToken, Wait, WaitError, get_ident};

use crate::support::Helper;

fn both_kinds() -> [Arc<RawLock>; 2] {
    [Arc::new(RawLock::new()), Arc::new(RawLock::fair())]
}

/// Starts a thread that waits for `lock` and adds its number to `order` once it has acquired it.
#[track_caller]
fn queue(lock: &Arc<RawLock>, order: &Arc<Mutex<Vec<NonZeroU64>>>) -> Helper<()> {
    let (lock, order) = (Arc::clone(lock), Arc::clone(order));
    Helper::start_blocked(move || {
        lock.acquire();
        order.lock().unwrap().push(get_ident());
        lock.release().unwrap();
    })
}

/// Starts a thread that waits for `lock` until a stop of `token`.
#[track_caller]
fn queue_until(lock: &Arc<RawLock>, token: StopToken) -> Helper<Result<(), WaitError>> {
    let lock = Arc::clone(lock);
    Helper::start_blocked(move || lock.acquire_with(&Wait::forever().or_stop(&token)))
}

#[test]
fn release_of_an_unlocked_lock_is_an_error_and_changes_nothing() {
    for lock in both_kinds() {
        assert!(lock.release().is_err());
        assert!(!lock.is_locked());
        assert!(lock.try_acquire());
        assert!(lock.release().is_ok());
        assert!(lock.release().is_err());
        assert!(lock.release().is_err());
        assert!(lock.try_acquire());
        assert!(!lock.try_acquire(), "the failed releases did not unlock it a second time");
    }
}

#[test]
fn any_thread_may_release() {
    for lock in both_kinds() {
        lock.acquire();
        let releaser = Arc::clone(&lock);
        Helper::start(move || releaser.release()).join().unwrap();
        assert!(!lock.is_locked());
    }
}

#[test]
fn a_waiter_gets_the_lock_that_a_third_thread_releases() {
    for lock in both_kinds() {
        lock.acquire();
        let order = Arc::default();
        let waiter = queue(&lock, &order);
        let releaser = Arc::clone(&lock);
        Helper::start(move || releaser.release()).join().unwrap();
        waiter.join();
        assert!(!lock.is_locked());
    }
}

#[test]
fn the_holder_is_the_thread_that_acquired() {
    for lock in both_kinds() {
        assert_eq!(lock.holder(), None);
        lock.acquire();
        assert_eq!(lock.holder(), Some(get_ident()));
        lock.release().unwrap();
        assert_eq!(lock.holder(), None);

        let helper = Arc::clone(&lock);
        let helper = Helper::start(move || assert!(helper.try_acquire()));
        let ident = helper.ident();
        helper.join();
        assert_eq!(lock.holder(), Some(ident), "even after that thread has ended");
        lock.release().unwrap();
    }
}

#[test]
fn try_acquire_of_a_held_lock_returns_at_once() {
    for lock in both_kinds() {
        assert!(lock.try_acquire());
        assert!(!lock.try_acquire());
        let waiter = queue(&lock, &Arc::default());
        assert!(!lock.try_acquire());
        lock.release().unwrap();
        waiter.join();
    }
}

#[test]
fn waiters_get_the_lock_one_after_the_other() {
    for lock in both_kinds() {
        lock.acquire();
        let order = Arc::default();
        let waiters: Vec<_> = (0..8).map(|_| queue(&lock, &order)).collect();
        lock.release().unwrap();
        waiters.into_iter().for_each(Helper::join);
        assert_eq!(order.lock().unwrap().len(), 8);
        assert!(!lock.is_locked());
    }
}

#[test]
fn a_fair_lock_is_handed_over_in_order_of_arrival() {
    let lock = Arc::new(RawLock::fair());
    lock.acquire();
    let order = Arc::default();
    let waiters: Vec<_> = (0..8).map(|_| queue(&lock, &order)).collect();
    let arrival: Vec<_> = waiters.iter().map(Helper::ident).collect();
    lock.release().unwrap();
    waiters.into_iter().for_each(Helper::join);
    assert_eq!(*order.lock().unwrap(), arrival);
}

#[test]
fn a_fair_lock_is_not_overtaken_while_it_is_handed_over() {
    let lock = Arc::new(RawLock::fair());
    let enough = Arc::new(Event::new());
    lock.acquire();
    let first = {
        let (lock, enough) = (Arc::clone(&lock), Arc::clone(&enough));
        Helper::start_blocked(move || {
            lock.acquire();
            enough.wait();
            lock.release().unwrap();
        })
    };
    let order = Arc::default();
    let second = queue(&lock, &order);

    lock.release().unwrap();
    assert_eq!(
        lock.holder(),
        Some(first.ident()),
        "the lock is handed over without being free in between"
    );
    assert!(!lock.try_acquire());
    let third = queue(&lock, &order);
    enough.set();
    let arrival = [second.ident(), third.ident()];
    [first, second, third].into_iter().for_each(Helper::join);
    assert_eq!(*order.lock().unwrap(), arrival);
    assert!(lock.is_fair() && !lock.is_locked());
}

#[test]
fn a_stop_ends_a_wait_and_leaves_the_lock_to_its_holder() {
    for lock in both_kinds() {
        lock.acquire();
        let stop = StopSource::new();
        let waiter = queue_until(&lock, stop.token());
        stop.request_stop();
        assert_eq!(waiter.join(), Err(WaitError::Stopped));
        assert_eq!(lock.holder(), Some(get_ident()));
        lock.release().unwrap();
        assert!(lock.try_acquire(), "the stopped wait did not acquire it");
    }
}

#[test]
fn a_stopped_token_does_not_matter_if_the_lock_is_free() {
    let stop = StopSource::new();
    stop.request_stop();
    let wait = Wait::forever().or_stop(&stop.token());
    for lock in both_kinds() {
        assert_eq!(lock.acquire_with(&wait), Ok(()));
        assert_eq!(lock.acquire_with(&wait), Err(WaitError::Stopped));
        assert_eq!(lock.holder(), Some(get_ident()));
        lock.release().unwrap();
        assert!(lock.release().is_err(), "the stopped wait did not acquire it");
    }
}

#[test]
fn a_stopped_waiter_leaves_the_others_wakeable() {
    for lock in both_kinds() {
        for stopped in 0..3 {
            lock.acquire();
            let stop = StopSource::new();
            let order = Arc::default();
            let mut others = Vec::new();
            let mut stoppable = None;
            for place in 0..3 {
                if place == stopped {
                    stoppable = Some(queue_until(&lock, stop.token()));
                } else {
                    others.push(queue(&lock, &order));
                }
            }
            stop.request_stop();
            assert_eq!(stoppable.unwrap().join(), Err(WaitError::Stopped));
            let arrival: Vec<_> = others.iter().map(Helper::ident).collect();
            lock.release().unwrap();
            others.into_iter().for_each(Helper::join);
            assert_eq!(*order.lock().unwrap(), arrival);
            assert!(!lock.is_locked());
        }
    }
}

#[test]
fn a_wait_can_be_stopped_and_begun_again() {
    for lock in both_kinds() {
        lock.acquire();
        let stop = StopSource::new();
        let waiter = {
            let (lock, token) = (Arc::clone(&lock), stop.token());
            Helper::start_blocked(move || {
                let wait = Wait::forever().or_stop(&token);
                assert_eq!(lock.acquire_with(&wait), Err(WaitError::Stopped));
                lock.acquire();
                lock.release().unwrap();
            })
        };
        stop.request_stop();
        lock.release().unwrap();
        waiter.join();
        assert!(!lock.is_locked());
    }
}

#[test]
fn debug_shows_the_name_and_the_holder_and_does_not_block() {
    let lock = RawLock::new().named("door");
    assert_eq!(format!("{lock:?}"), r#"RawLock { name: Some("door"), holder: None }"#);
    lock.acquire();
    let expected =
        format!(r#"RawLock {{ name: Some("door"), holder: Some({}) }}"#, get_ident().get());
    assert_eq!(format!("{lock:?}"), expected);
}

#[test]
fn a_static_lock_is_made_at_compile_time() {
    static PLAIN: RawLock = RawLock::new();
    static FAIR: RawLock = RawLock::fair().named("tickets");
    assert!(!PLAIN.is_fair() && FAIR.is_fair());
    assert_eq!((PLAIN.name(), FAIR.name()), (None, Some("tickets")));
    for lock in [&PLAIN, &FAIR] {
        lock.acquire();
        assert!(lock.is_locked());
        lock.release().unwrap();
    }
    assert!(!RawLock::default().is_fair());
}

#[test]
fn it_excludes_other_threads() {
    for lock in both_kinds() {
        let inside = Arc::new(Mutex::new(0));
        let threads: Vec<_> = (0..4)
            .map(|_| {
                let (lock, inside) = (Arc::clone(&lock), Arc::clone(&inside));
                Helper::start(move || {
                    for _ in 0..500 {
                        lock.acquire();
                        *inside.try_lock().expect("no other thread holds the lock") += 1;
                        lock.release().unwrap();
                    }
                })
            })
            .collect();
        threads.into_iter().for_each(Helper::join);
        assert_eq!(*inside.lock().unwrap(), 2000);
    }
}

#[test]
fn it_is_owned_by_the_thread_that_acquired_it_until_any_thread_releases_it() {
    for lock in [RawLock::new(), RawLock::fair()].map(Arc::new) {
        assert!(!lock.is_owned());
        lock.acquire();
        assert!(lock.is_owned());
        let other = Arc::clone(&lock);
        let owned_elsewhere = Helper::start(move || {
            let before = other.is_owned();
            other.release().unwrap();
            other.acquire();
            (before, other.is_owned())
        });
        assert_eq!(owned_elsewhere.join(), (false, true));
        assert!(lock.is_locked() && !lock.is_owned());
    }
    let lock = Lock::new(());
    assert!(!lock.is_owned());
    let _guard = lock.acquire();
    assert!(lock.is_owned());
}
