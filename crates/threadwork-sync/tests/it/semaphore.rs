//! `Semaphore`: the count, and which waiters get permits.

use std::{
    num::NonZeroU64,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use threadwork_sync::{ReleaseError, Semaphore, StopSource, Wait, WaitError, WaitKind, get_ident};

use crate::{
    objects::{panic_of, start_waiting, stopped, until},
    support::{Helper, eventually},
};

type Order = Arc<Mutex<Vec<NonZeroU64>>>;

/// Starts a thread that waits for `n` permits, adds its number to `order` once it has them, and keeps them.
#[track_caller]
fn queue_with(
    semaphore: &Arc<Semaphore>,
    n: usize,
    order: &Order,
    wait: Wait,
) -> Helper<Result<(), WaitError>> {
    let (semaphore, order) = (Arc::clone(semaphore), Arc::clone(order));
    start_waiting(WaitKind::Semaphore, move || {
        let permit = semaphore.acquire_many_with(n, &wait)?;
        order.lock().unwrap().push(get_ident());
        assert_eq!(permit.count(), n);
        permit.forget();
        Ok(())
    })
}

#[track_caller]
fn queue(semaphore: &Arc<Semaphore>, n: usize, order: &Order) -> Helper<Result<(), WaitError>> {
    queue_with(semaphore, n, order, Wait::forever())
}

#[test]
fn a_permit_is_taken_and_given_back() {
    let semaphore = Semaphore::new(2);
    let first = semaphore.acquire();
    let second = semaphore.try_acquire().unwrap();
    assert_eq!((semaphore.available(), first.count(), second.count()), (0, 1, 1));
    assert!(semaphore.try_acquire().is_none());
    drop(first);
    assert_eq!(semaphore.available(), 1);
    drop(second);
    assert_eq!(semaphore.available(), 2);
}

#[test]
fn every_form_of_acquire_returns_the_requested_permits() {
    let semaphore = Semaphore::new(8);
    let permits = [
        semaphore.acquire(),
        semaphore.try_acquire().unwrap(),
        semaphore.acquire_timeout(Duration::ZERO).unwrap(),
        semaphore.acquire_with(&stopped()).unwrap(),
    ];
    assert_eq!(semaphore.available(), 4);
    drop(permits);
    let permits = [
        semaphore.acquire_many(2),
        semaphore.try_acquire_many(2).unwrap(),
        semaphore.acquire_many_timeout(2, Duration::ZERO).unwrap(),
        semaphore.acquire_many_with(2, &stopped()).unwrap(),
    ];
    assert!(permits.iter().all(|it| it.count() == 2));
    assert_eq!(semaphore.available(), 0);
    assert!(semaphore.try_acquire().is_none());
    assert_eq!(semaphore.acquire_timeout(Duration::ZERO).unwrap_err(), WaitError::TimedOut);
    assert_eq!(semaphore.acquire_with(&stopped()).unwrap_err(), WaitError::Stopped);
    drop(permits);
    assert!(semaphore.try_acquire_many(9).is_none());
    let too_many = semaphore.acquire_many_timeout(9, Duration::ZERO);
    assert_eq!(too_many.unwrap_err(), WaitError::TimedOut);
    assert_eq!(semaphore.acquire_many_with(9, &stopped()).unwrap_err(), WaitError::Stopped);
    assert_eq!(semaphore.available(), 8, "a failed acquire takes no part of the permits");
    assert!(semaphore.try_acquire_many(8).is_some(), "the failed waits left nothing behind");
}

#[test]
fn a_forgotten_permit_is_gone_until_one_is_released() {
    let semaphore = Semaphore::new(3);
    semaphore.acquire_many(2).forget();
    assert_eq!(semaphore.available(), 1);
    assert_eq!(semaphore.release(1), Ok(()));
    assert_eq!(semaphore.available(), 2);
    assert_eq!(semaphore.release(5), Ok(()), "any thread may release any number of permits");
    assert_eq!(semaphore.available(), 7);
}

#[test]
fn an_acquire_of_zero_permits_takes_and_returns_none() {
    let semaphore = Semaphore::new(0);
    let none = semaphore.acquire_many(0);
    assert_eq!((none.count(), semaphore.available()), (0, 0));
    drop(none);
    assert_eq!(semaphore.available(), 0);
}

#[test]
fn an_acquire_of_zero_permits_never_blocks() {
    let semaphore = Arc::new(Semaphore::new(1));
    let many = Arc::clone(&semaphore);
    let waiting = start_waiting(WaitKind::Semaphore, move || many.acquire_many(2).count());
    assert!(semaphore.try_acquire().is_none(), "another thread comes first");
    assert_eq!(semaphore.try_acquire_many(0).map(|it| it.count()), Some(0));
    assert_eq!(semaphore.acquire_many(0).count(), 0);
    assert_eq!(semaphore.available(), 1);
    semaphore.release(1).unwrap();
    assert_eq!(waiting.join(), 2);
}

#[test]
fn a_release_beyond_the_maximum_is_an_error_and_changes_nothing() {
    const MOST: usize = Semaphore::MAX_PERMITS;
    let semaphore = Semaphore::new(1);
    assert_eq!(semaphore.release(0), Err(ReleaseError::Nothing));
    for too_many in [MOST, MOST + 1, usize::MAX] {
        assert_eq!(semaphore.release(too_many), Err(ReleaseError::TooMany));
        assert_eq!(semaphore.available(), 1);
    }
    assert_eq!(semaphore.release(MOST - 1), Ok(()));
    assert_eq!(semaphore.available(), MOST);
    assert_eq!(semaphore.release(1), Err(ReleaseError::TooMany));
    assert_eq!(Semaphore::new(MOST).available(), MOST);
    panic_of(|| Semaphore::new(MOST + 1));
}

#[test]
fn a_release_beyond_the_maximum_wakes_no_waiter() {
    const MOST: usize = Semaphore::MAX_PERMITS;
    let (semaphore, order) = (Arc::new(Semaphore::new(1)), Order::default());
    let waiter = queue(&semaphore, MOST, &order);
    assert_eq!(semaphore.release(0), Err(ReleaseError::Nothing));
    for too_many in [MOST, usize::MAX] {
        assert_eq!(semaphore.release(too_many), Err(ReleaseError::TooMany));
        assert_eq!(semaphore.available(), 1);
    }
    waiter.blocked();
    assert_eq!(semaphore.release(MOST - 1), Ok(()));
    waiter.join().unwrap();
    assert_eq!(semaphore.available(), 0);
}

#[test]
fn a_release_of_n_wakes_n() {
    let (semaphore, order) = (Arc::new(Semaphore::new(0)), Order::default());
    let mut waiters: Vec<_> = (0..6).map(|_| queue(&semaphore, 1, &order)).collect();
    for (released, left) in [(3, 3), (1, 2), (2, 0)] {
        assert_eq!(semaphore.release(released), Ok(()));
        waiters.drain(..released).for_each(|it| it.join().unwrap());
        waiters.iter().for_each(|it| _ = it.blocked());
        assert_eq!((semaphore.available(), waiters.len()), (0, left));
    }
    assert_eq!(semaphore.release(2), Ok(()));
    assert_eq!(semaphore.available(), 2);
}

#[test]
fn a_dropped_permit_wakes_a_waiter() {
    static SEMAPHORE: Semaphore = Semaphore::new(2);
    let permits = SEMAPHORE.acquire_many(2);
    let waiters = [1, 1].map(|_| start_waiting(WaitKind::Semaphore, || drop(SEMAPHORE.acquire())));
    drop(permits);
    waiters.into_iter().for_each(Helper::join);
    assert_eq!(SEMAPHORE.available(), 2);
}

#[test]
fn while_a_thread_waits_for_several_permits_go_in_order_of_arrival() {
    let (semaphore, order) = (Arc::new(Semaphore::new(0)), Order::default());
    let waiters = [1, 3, 1, 2].map(|n| queue(&semaphore, n, &order));
    // The number of threads that have their permits, and of available permits, after each release of one permit.
    let expected = [(1, 0), (1, 1), (1, 2), (2, 0), (3, 0), (3, 1), (4, 0)];
    for (gone, left) in expected {
        semaphore.release(1).unwrap();
        eventually("a waiter does not return", || {
            (order.lock().unwrap().len() == gone).then_some(())
        });
        assert_eq!(semaphore.available(), left);
        assert!(
            left == 0 || semaphore.try_acquire().is_none(),
            "the permits are reserved for the waiters"
        );
        waiters[gone..].iter().for_each(|it| _ = it.blocked());
    }
    let arrival = waiters.each_ref().map(Helper::ident);
    waiters.into_iter().for_each(|it| it.join().unwrap());
    assert_eq!(*order.lock().unwrap(), arrival);
    semaphore.release(1).unwrap();
    assert!(semaphore.try_acquire().is_some(), "no thread waits for several any more");
}

#[test]
fn one_release_serves_all_waiters_that_it_suffices_for() {
    let (semaphore, order) = (Arc::new(Semaphore::new(0)), Order::default());
    let waiters = [2, 1, 3, 1].map(|n| queue(&semaphore, n, &order));
    semaphore.release(5).unwrap();
    let [first, second, third, fourth] = waiters;
    [first, second].into_iter().for_each(|it| it.join().unwrap());
    assert_eq!(semaphore.available(), 2, "the last waiter may not overtake");
    third.blocked();
    fourth.blocked();
    semaphore.release(9).unwrap();
    [third, fourth].into_iter().for_each(|it| it.join().unwrap());
    assert_eq!(semaphore.available(), 7);
    assert!(semaphore.try_acquire_many(7).is_some());
}

#[test]
fn an_acquire_of_many_is_not_starved_by_acquires_of_one() {
    static SEMAPHORE: Semaphore = Semaphore::new(3);
    static ENOUGH: AtomicBool = AtomicBool::new(false);
    let held = [SEMAPHORE.acquire(), SEMAPHORE.acquire(), SEMAPHORE.acquire()];
    let many = start_waiting(WaitKind::Semaphore, || SEMAPHORE.acquire_many(3).count());
    let greedy: Vec<_> = (0..4)
        .map(|_| {
            Helper::start(|| {
                while !ENOUGH.load(Ordering::Relaxed) {
                    drop(SEMAPHORE.acquire());
                }
            })
        })
        .collect();
    greedy.iter().for_each(|it| _ = it.blocked());
    for permit in held {
        assert!(SEMAPHORE.try_acquire().is_none());
        drop(permit);
    }
    assert_eq!(many.join(), 3);
    ENOUGH.store(true, Ordering::Relaxed);
    greedy.into_iter().for_each(Helper::join);
    assert_eq!(SEMAPHORE.available(), 3);
}

#[test]
fn an_acquire_of_many_succeeds_under_constant_load() {
    static SEMAPHORE: Semaphore = Semaphore::new(3);
    static ENOUGH: AtomicBool = AtomicBool::new(false);
    let greedy: Vec<_> = (0..4)
        .map(|_| {
            Helper::start(|| {
                while !ENOUGH.load(Ordering::Relaxed) {
                    drop(SEMAPHORE.acquire());
                }
            })
        })
        .collect();
    let many = Helper::start(|| (0..200).for_each(|_| drop(SEMAPHORE.acquire_many(3))));
    many.join();
    ENOUGH.store(true, Ordering::Relaxed);
    greedy.into_iter().for_each(Helper::join);
    assert_eq!(SEMAPHORE.available(), 3);
}

#[test]
fn waiters_behind_a_stopped_acquire_of_many_get_their_permits() {
    for (released, served) in [(2, 2), (1, 1)] {
        let (semaphore, order) = (Arc::new(Semaphore::new(0)), Order::default());
        let stop = StopSource::new();
        let many = queue_with(&semaphore, 3, &order, until(&stop));
        let mut behind: Vec<_> = [1, 1].map(|n| queue(&semaphore, n, &order)).into();
        semaphore.release(released).unwrap();
        behind.iter().for_each(|it| _ = it.blocked());
        assert_eq!(semaphore.available(), released);
        stop.request_stop();
        assert_eq!(many.join(), Err(WaitError::Stopped));
        behind.drain(..served).for_each(|it| it.join().unwrap());
        assert_eq!(semaphore.available(), 0);
        semaphore.release(2).unwrap();
        behind.into_iter().for_each(|it| it.join().unwrap());
        assert_eq!(semaphore.available(), served);
        assert!(semaphore.try_acquire().is_some());
    }
}

#[test]
fn waiters_before_a_stopped_acquire_of_many_keep_their_places() {
    let (semaphore, order) = (Arc::new(Semaphore::new(0)), Order::default());
    let stop = StopSource::new();
    let before = queue(&semaphore, 2, &order);
    let many = queue_with(&semaphore, 3, &order, until(&stop));
    let behind = queue(&semaphore, 1, &order);
    semaphore.release(1).unwrap();
    stop.request_stop();
    assert_eq!(many.join(), Err(WaitError::Stopped));
    assert!(semaphore.try_acquire().is_none(), "a thread still waits for several");
    before.blocked();
    behind.blocked();
    assert_eq!(semaphore.available(), 1);
    semaphore.release(2).unwrap();
    let arrival = [before.ident(), behind.ident()];
    [before, behind].into_iter().for_each(|it| it.join().unwrap());
    order.lock().unwrap().sort_unstable();
    assert_eq!(*order.lock().unwrap(), arrival);
    assert_eq!(semaphore.available(), 0);
}

#[test]
fn after_a_stopped_acquire_of_many_permits_are_taken_as_before() {
    let (semaphore, order) = (Arc::new(Semaphore::new(0)), Order::default());
    let stop = StopSource::new();
    let many = queue_with(&semaphore, 3, &order, until(&stop));
    semaphore.release(2).unwrap();
    assert!(semaphore.try_acquire().is_none());
    stop.request_stop();
    assert_eq!(many.join(), Err(WaitError::Stopped));
    assert!(semaphore.try_acquire_many(2).is_some());
    assert_eq!(semaphore.available(), 2);
}

#[test]
fn a_stopped_acquire_of_one_leaves_the_others_waiting() {
    for stopped in 0..3 {
        let (semaphore, order) = (Arc::new(Semaphore::new(0)), Order::default());
        let stop = StopSource::new();
        let mut waiters: Vec<_> = (0..3)
            .map(|it| {
                let wait = if it == stopped { until(&stop) } else { Wait::forever() };
                queue_with(&semaphore, 1, &order, wait)
            })
            .collect();
        stop.request_stop();
        assert_eq!(waiters.remove(stopped).join(), Err(WaitError::Stopped));
        waiters.iter().for_each(|it| _ = it.blocked());
        semaphore.release(2).unwrap();
        waiters.into_iter().for_each(|it| it.join().unwrap());
        assert_eq!(semaphore.available(), 0);
    }
}

#[test]
fn debug_shows_the_name_and_the_available_permits() {
    static PLACES: Semaphore = Semaphore::new(3).named("places");
    assert_eq!(PLACES.name(), Some("places"));
    assert_eq!(format!("{PLACES:?}"), r#"Semaphore { name: Some("places"), available: 3 }"#);
    let permits = PLACES.acquire_many(3);
    assert_eq!(format!("{PLACES:?}"), r#"Semaphore { name: Some("places"), available: 0 }"#);
    for n in [1, 2] {
        let waiter = start_waiting(WaitKind::Semaphore, move || drop(PLACES.acquire_many(n)));
        assert_eq!(waiter.blocked().name, Some("places"));
        PLACES.release(n).unwrap();
        waiter.join();
        assert!(PLACES.try_acquire_many(n).is_some_and(|it| {
            it.forget();
            true
        }));
    }
    assert_eq!(format!("{PLACES:?}"), r#"Semaphore { name: Some("places"), available: 0 }"#);
    drop(permits);
    assert!(Semaphore::new(0).name().is_none());
}

#[test]
fn a_semaphore_may_be_dropped_by_the_last_thread_that_used_it() {
    for n in [1, 2].repeat(50) {
        let semaphore = Arc::new(Semaphore::new(n));
        let permits = semaphore.acquire_many(n);
        let last = Arc::clone(&semaphore);
        let waiter = start_waiting(WaitKind::Semaphore, move || drop(last.acquire_many(n)));
        drop(permits);
        drop(semaphore);
        waiter.join();
    }
}
