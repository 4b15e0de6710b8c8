//! `Latch`: it counts down to zero, once.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use threadwork_sync::{ArriveError, Latch, ReleaseError, StopSource, WaitError, WaitKind};

use crate::{
    objects::{panic_of, start_waiting, stopped, until},
    support::Helper,
};

#[track_caller]
fn waiter(latch: &Arc<Latch>) -> Helper<()> {
    let latch = Arc::clone(latch);
    start_waiting(WaitKind::Latch, move || latch.wait())
}

#[test]
fn it_opens_when_the_count_reaches_zero() {
    let latch = Arc::new(Latch::new(4));
    let waiters: Vec<_> = (0..5).map(|_| waiter(&latch)).collect();
    for (n, left) in [(1, 3), (2, 1), (0, 1)] {
        assert_eq!(latch.count_down(n), Ok(()));
        assert_eq!(latch.count(), left);
        assert!(!latch.try_wait());
        waiters.iter().for_each(|it| _ = it.blocked());
    }
    assert_eq!(latch.count_down(1), Ok(()));
    waiters.into_iter().for_each(Helper::join);
    assert_eq!(latch.count(), 0);
}

#[test]
fn a_wait_at_an_open_latch_returns_at_once() {
    for latch in [Latch::new(0), Latch::new(1)] {
        if latch.count() > 0 {
            latch.count_down(1).unwrap();
        }
        for _ in 0..2 {
            latch.wait();
            assert!(latch.try_wait());
            assert!(latch.wait_timeout(Duration::ZERO).is_ok());
            assert_eq!(latch.wait_with(&stopped()), Ok(()));
        }
    }
}

#[test]
fn every_form_says_whether_it_opened() {
    let latch = Latch::new(1);
    assert!(!latch.try_wait());
    assert_eq!(latch.wait_timeout(Duration::ZERO), Err(WaitError::TimedOut));
    assert_eq!(latch.wait_with(&stopped()), Err(WaitError::Stopped));
    assert_eq!(latch.count(), 1, "a waiter does not count down");
}

#[test]
fn counting_below_zero_is_an_error_and_changes_nothing() {
    let latch = Arc::new(Latch::new(2));
    for n in [3, usize::MAX] {
        assert_eq!(latch.count_down(n), Err(ReleaseError::BelowZero));
        assert_eq!(latch.count(), 2);
    }
    let waiting = waiter(&latch);
    assert!(ReleaseError::BelowZero.to_string().contains("count down once per arrival"));
    assert_eq!(latch.count_down(3), Err(ReleaseError::BelowZero));
    waiting.blocked();
    assert_eq!(latch.count_down(2), Ok(()));
    waiting.join();
    assert_eq!(latch.count_down(1), Err(ReleaseError::BelowZero));
    assert_eq!(latch.count_down(0), Ok(()), "counting down by zero is no error");
    assert_eq!(latch.count(), 0);
    let most = Latch::new(Latch::MAX_COUNT);
    assert_eq!(most.count(), Latch::MAX_COUNT);
    most.count_down(Latch::MAX_COUNT).unwrap();
    assert!(most.try_wait());
    panic_of(|| Latch::new(Latch::MAX_COUNT + 1));
}

#[test]
fn arrive_and_wait_counts_down_and_waits_for_the_others() {
    static ARRIVED: AtomicU32 = AtomicU32::new(0);
    let latch = Arc::new(Latch::new(4));
    let early = [1, 2, 3].map(|it| {
        let inside = Arc::clone(&latch);
        let party = start_waiting(WaitKind::Latch, move || {
            ARRIVED.fetch_add(1, Ordering::Relaxed);
            inside.arrive_and_wait().unwrap();
            ARRIVED.load(Ordering::Relaxed)
        });
        assert_eq!(latch.count(), 4 - it);
        party
    });
    ARRIVED.fetch_add(1, Ordering::Relaxed);
    assert_eq!(latch.arrive_and_wait(), Ok(()));
    assert!(early.into_iter().all(|it| it.join() == 4));
    assert_eq!(latch.arrive_and_wait(), Err(ReleaseError::BelowZero), "there is no next round");
}

#[test]
fn an_arrival_whose_wait_ends_stays_counted() {
    let latch = Arc::new(Latch::new(4));
    let timed_out = latch.arrive_and_wait_timeout(Duration::from_millis(1));
    assert_eq!(timed_out, Err(ArriveError::Wait(WaitError::TimedOut)));
    assert_eq!(latch.count(), 3);
    assert_eq!(latch.arrive_and_wait_with(&stopped()), Err(ArriveError::Wait(WaitError::Stopped)));
    assert_eq!(latch.count(), 2);
    let inside = Arc::clone(&latch);
    let early =
        start_waiting(WaitKind::Latch, move || inside.arrive_and_wait_timeout(Duration::MAX));
    assert_eq!(latch.count(), 1);
    assert_eq!(latch.arrive_and_wait_with(&stopped()), Ok(()), "the last one does not wait");
    assert_eq!(early.join(), Ok(()));

    let error = ArriveError::CountDown(ReleaseError::BelowZero);
    assert_eq!(latch.arrive_and_wait_timeout(Duration::ZERO), Err(error));
    assert_eq!(latch.arrive_and_wait_with(&stopped()), Err(error));
    assert_eq!(error.to_string(), ReleaseError::BelowZero.to_string());
    assert!(std::error::Error::source(&error).is_some_and(|it| it.is::<ReleaseError>()));
}

#[test]
fn a_stop_ends_a_wait_and_leaves_the_others_waiting() {
    let latch = Arc::new(Latch::new(1));
    let stop = StopSource::new();
    let before = waiter(&latch);
    let stopped = {
        let (latch, wait) = (Arc::clone(&latch), until(&stop));
        start_waiting(WaitKind::Latch, move || latch.wait_with(&wait))
    };
    let behind = waiter(&latch);
    stop.request_stop();
    assert_eq!(stopped.join(), Err(WaitError::Stopped));
    before.blocked();
    behind.blocked();
    latch.count_down(1).unwrap();
    before.join();
    behind.join();
}

#[test]
fn a_latch_still_opens_after_its_only_waiter_was_stopped() {
    let latch = Arc::new(Latch::new(2));
    let stop = StopSource::new();
    let stopped = {
        let (latch, wait) = (Arc::clone(&latch), until(&stop));
        start_waiting(WaitKind::Latch, move || latch.wait_with(&wait))
    };
    stop.request_stop();
    assert_eq!(stopped.join(), Err(WaitError::Stopped));
    latch.count_down(1).unwrap();
    let next = waiter(&latch);
    latch.count_down(1).unwrap();
    next.join();
}

#[test]
fn many_threads_count_exactly() {
    static LATCH: Latch = Latch::new(4 * 500);
    let waiters = [0; 3].map(|_| Helper::start(|| LATCH.wait()));
    let counters =
        [0; 4].map(|_| Helper::start(|| (0..500).for_each(|_| LATCH.count_down(1).unwrap())));
    counters.into_iter().for_each(Helper::join);
    waiters.into_iter().for_each(Helper::join);
    assert_eq!((LATCH.count(), LATCH.count_down(1)), (0, Err(ReleaseError::BelowZero)));
}

#[test]
fn debug_shows_the_name_and_the_count() {
    static LATCH: Latch = Latch::new(2).named("ready");
    assert_eq!(LATCH.name(), Some("ready"));
    assert_eq!(format!("{LATCH:?}"), r#"Latch { name: Some("ready"), count: 2 }"#);
    let waiter = Helper::start(|| LATCH.wait());
    let record = waiter.blocked();
    assert_eq!((record.kind, record.name, record.holder), (WaitKind::Latch, Some("ready"), None));
    assert_eq!(format!("{LATCH:?}"), r#"Latch { name: Some("ready"), count: 2 }"#);
    LATCH.count_down(2).unwrap();
    waiter.join();
    assert!(Latch::new(0).name().is_none());
}

#[test]
fn a_latch_may_be_dropped_by_the_last_thread_that_waited_for_it() {
    for _ in 0..50 {
        let latch = Arc::new(Latch::new(1));
        let waiters = [waiter(&latch), waiter(&latch)];
        latch.count_down(1).unwrap();
        drop(latch);
        waiters.into_iter().for_each(Helper::join);
    }
}
