//! `BoundedSemaphore`: never more permits than at its construction.

use std::{sync::Arc, time::Duration};

use threadwork_sync::{
    BoundedSemaphore, ReleaseError, Semaphore, StopSource, Wait, WaitError, WaitKind,
};

use crate::{
    objects::{panic_of, start_waiting, stopped, until},
    support::Helper,
};

#[test]
fn a_release_beyond_the_bound_is_an_error_and_changes_nothing() {
    let semaphore = BoundedSemaphore::new(3);
    assert_eq!((semaphore.bound(), semaphore.available()), (3, 3));
    assert_eq!(semaphore.release(0), Err(ReleaseError::Nothing));
    for n in [1, 3, Semaphore::MAX_PERMITS, usize::MAX] {
        assert_eq!(semaphore.release(n), Err(ReleaseError::TooMany));
        assert_eq!(semaphore.available(), 3);
    }
    semaphore.acquire_many(2).forget();
    assert_eq!(semaphore.release(3), Err(ReleaseError::TooMany), "no part of it is released");
    assert_eq!(semaphore.available(), 1);
    assert_eq!(semaphore.release(2), Ok(()));
    assert_eq!(semaphore.release(1), Err(ReleaseError::TooMany));
    assert_eq!((semaphore.bound(), semaphore.available()), (3, 3));
}

#[test]
fn a_release_beyond_the_bound_wakes_no_waiter() {
    let semaphore = Arc::new(BoundedSemaphore::new(3));
    let held = semaphore.acquire_many(2);
    let waiters = [3, 1].map(|n| {
        let semaphore = Arc::clone(&semaphore);
        start_waiting(WaitKind::Semaphore, move || semaphore.acquire_many(n).count())
    });
    for n in [3, usize::MAX] {
        assert_eq!(semaphore.release(n), Err(ReleaseError::TooMany));
        assert_eq!(semaphore.available(), 1);
        waiters.iter().for_each(|it| _ = it.blocked());
    }
    drop(held);
    assert_eq!(waiters.map(Helper::join), [3, 1]);
    assert_eq!(semaphore.available(), 3);
}

#[test]
fn a_bound_of_zero_never_has_permits() {
    let semaphore = BoundedSemaphore::new(0);
    assert_eq!(semaphore.release(1), Err(ReleaseError::TooMany));
    assert!(semaphore.try_acquire().is_none());
    assert_eq!(semaphore.acquire_timeout(Duration::MAX).unwrap_err(), WaitError::Impossible);
    assert_eq!(semaphore.acquire_with(&Wait::forever()).unwrap_err(), WaitError::Impossible);
    assert_eq!(panic_of(|| semaphore.acquire()), WaitError::Impossible.to_string());
}

#[test]
fn an_acquire_of_more_than_there_can_ever_be_is_refused_at_once_in_every_form() {
    let never = WaitError::Impossible;
    assert!(never.to_string().contains("request fewer"));
    let bounded = BoundedSemaphore::new(2);
    for n in [3, Semaphore::MAX_PERMITS, Semaphore::MAX_PERMITS + 1, usize::MAX] {
        assert_eq!(panic_of(|| bounded.acquire_many(n)), never.to_string());
        assert!(bounded.try_acquire_many(n).is_none());
        for timeout in [Duration::ZERO, Duration::MAX] {
            assert_eq!(bounded.acquire_many_timeout(n, timeout).unwrap_err(), never);
        }
        for wait in [Wait::forever(), Wait::timeout(Duration::ZERO), stopped()] {
            assert_eq!(bounded.acquire_many_with(n, &wait).unwrap_err(), never);
        }
    }
    assert_eq!(bounded.acquire_many(2).count(), 2);
    assert_eq!(bounded.available(), 2);

    let semaphore = Semaphore::new(2);
    for n in [Semaphore::MAX_PERMITS + 1, usize::MAX] {
        assert_eq!(panic_of(|| semaphore.acquire_many(n)), never.to_string());
        assert!(semaphore.try_acquire_many(n).is_none());
        assert_eq!(semaphore.acquire_many_timeout(n, Duration::MAX).unwrap_err(), never);
        assert_eq!(semaphore.acquire_many_with(n, &Wait::forever()).unwrap_err(), never);
    }
    assert_eq!(semaphore.available(), 2);
    panic_of(|| BoundedSemaphore::new(Semaphore::MAX_PERMITS + 1));
}

#[test]
fn every_form_of_acquire_returns_the_requested_permits() {
    let semaphore = BoundedSemaphore::new(4);
    let one_each = [
        semaphore.acquire(),
        semaphore.try_acquire().unwrap(),
        semaphore.acquire_timeout(Duration::ZERO).unwrap(),
        semaphore.acquire_with(&stopped()).unwrap(),
    ];
    assert_eq!(semaphore.available(), 0);
    drop(one_each);
    for _ in 0..3 {
        let two = semaphore.acquire_many_timeout(2, Duration::ZERO).unwrap();
        let other_two = semaphore.acquire_many_with(2, &stopped()).unwrap();
        assert_eq!((two.count(), other_two.count(), semaphore.available()), (2, 2, 0));
        drop(two);
        assert_eq!(semaphore.try_acquire_many(2).unwrap().count(), 2);
    }
    assert_eq!(semaphore.available(), 4);
}

#[test]
fn a_permit_that_was_released_by_another_call_is_not_given_back_twice() {
    let semaphore = BoundedSemaphore::new(2);
    let permits = semaphore.acquire_many(2);
    semaphore.release(2).unwrap();
    drop(permits);
    assert_eq!(semaphore.available(), 2);
    let (one, other) = (semaphore.acquire(), semaphore.acquire());
    semaphore.release(1).unwrap();
    drop(one);
    drop(other);
    assert_eq!(semaphore.available(), 2);
}

#[test]
fn waiters_behind_a_stopped_acquire_of_many_get_their_permits() {
    let semaphore = Arc::new(BoundedSemaphore::new(3));
    let held = semaphore.acquire_many(2);
    let stop = StopSource::new();
    let many = {
        let (semaphore, wait) = (Arc::clone(&semaphore), until(&stop));
        start_waiting(WaitKind::Semaphore, move || {
            semaphore.acquire_many_with(3, &wait).map(|it| it.count())
        })
    };
    let behind = {
        let semaphore = Arc::clone(&semaphore);
        start_waiting(WaitKind::Semaphore, move || semaphore.acquire().count())
    };
    stop.request_stop();
    assert_eq!(many.join(), Err(WaitError::Stopped));
    assert_eq!(behind.join(), 1);
    drop(held);
    assert_eq!(semaphore.available(), 3);
}

#[test]
fn debug_shows_the_semaphore_and_its_bound() {
    static TOKENS: BoundedSemaphore = BoundedSemaphore::new(2).named("tokens");
    assert_eq!(TOKENS.name(), Some("tokens"));
    let permits = TOKENS.acquire_many(2);
    let expected = concat!(
        r#"BoundedSemaphore { semaphore: Semaphore { name: Some("tokens"), available: 0 }, "#,
        "bound: 2 }"
    );
    assert_eq!(format!("{TOKENS:?}"), expected);
    let waiter = start_waiting(WaitKind::Semaphore, || TOKENS.acquire().count());
    assert_eq!(waiter.blocked().name, Some("tokens"));
    drop(permits);
    assert_eq!(waiter.join(), 1);
}
