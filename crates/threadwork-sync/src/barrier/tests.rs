//! Rounds of the barrier, step by step: the test counts an arrival and decides when that party gives up or continues.
#![cfg(not(threadwork_loom))]

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use super::{Arrival, Barrier, END_BITS, End, PASSED, PHASE, TRIPPING};
use crate::{
    BrokenReason, WaitError,
    door::testing::{start, subject},
};

/// Arrives as the first of two parties, and returns the number of the round.
#[track_caller]
fn arrive_first(barrier: &Barrier) -> usize {
    match barrier.count() {
        Arrival::Waiting { index: 0, round } => round,
        _ => panic!("not the first"),
    }
}

/// Arrives as the second of two parties, and returns the number of the round.
#[track_caller]
fn arrive_last(barrier: &Barrier) -> usize {
    match barrier.count() {
        Arrival::Last { round } => round,
        _ => panic!("not the last"),
    }
}

fn leave(barrier: &Barrier, round: usize, error: WaitError) -> End {
    barrier.leave(round, error, &subject())
}

#[test]
fn a_party_that_leaves_after_its_round_ended_learns_how_it_ended() {
    let barrier = Barrier::new(2);
    let passed = arrive_first(&barrier);
    assert!(barrier.wait().unwrap().is_leader());
    let reset = arrive_first(&barrier);
    barrier.reset();
    let aborted = arrive_first(&barrier);
    barrier.abort();
    for error in [WaitError::TimedOut, WaitError::Stopped] {
        assert_eq!(leave(&barrier, passed, error), PASSED);
        assert_eq!(leave(&barrier, reset, error), BrokenReason::Reset as End);
        assert_eq!(leave(&barrier, aborted, error), BrokenReason::Aborted as End);
    }
    barrier.reset();
    let next = arrive_first(&barrier);
    assert_eq!(leave(&barrier, aborted, WaitError::Stopped), BrokenReason::Aborted as End);
    assert_eq!(
        (barrier.n_waiting(), barrier.is_broken()),
        (1, false),
        "the next round is not affected"
    );
    assert_eq!(leave(&barrier, next, WaitError::Stopped), BrokenReason::Stopped as End);
    assert_eq!(barrier.wait().unwrap_err().reason(), BrokenReason::Stopped);
}

#[test]
fn a_party_that_leaves_while_the_action_runs_waits_for_its_end() {
    for aborted in [false, true] {
        let barrier = Arc::new(Barrier::new(2));
        let round = arrive_first(&barrier);
        assert_eq!(arrive_last(&barrier), round);
        let (_, leaving) = start({
            let barrier = Arc::clone(&barrier);
            move || leave(&barrier, round, WaitError::TimedOut)
        });
        if aborted {
            barrier.abort();
            assert_eq!(leaving.join().unwrap(), BrokenReason::Aborted as End);
            assert_eq!(barrier.trip(round).unwrap_err().reason(), BrokenReason::Aborted);
        } else {
            assert!(barrier.trip(round).unwrap().is_leader());
            assert_eq!(leaving.join().unwrap(), PASSED);
        }
        assert_eq!(barrier.is_broken(), aborted);
    }
}

#[test]
fn a_reset_while_the_action_runs_breaks_the_round_of_all_its_parties() {
    let barrier = Barrier::new(2);
    let round = arrive_first(&barrier);
    arrive_last(&barrier);
    barrier.reset();
    let next = arrive_first(&barrier);
    assert_eq!(barrier.trip(round).unwrap_err().reason(), BrokenReason::Reset);
    assert_eq!(leave(&barrier, round, WaitError::Stopped), BrokenReason::Reset as End);
    assert_eq!(barrier.n_waiting(), 1, "the next round is not affected");
    assert_eq!(arrive_last(&barrier), next);
    assert!(barrier.trip(next).unwrap().is_leader());
}

#[test]
fn a_thread_that_arrives_while_the_action_runs_waits_and_breaks_nothing() {
    let barrier = Arc::new(Barrier::new(2));
    let round = arrive_first(&barrier);
    arrive_last(&barrier);
    let early = barrier.wait_timeout(Duration::ZERO);
    assert_eq!(early.unwrap_err().reason(), BrokenReason::TimedOut);
    assert_eq!(barrier.try_wait(), Ok(None));
    assert_eq!(barrier.word.load(Ordering::Relaxed) & PHASE, TRIPPING);

    let [(_, first), (_, second)] = [(); 2].map(|()| {
        let barrier = Arc::clone(&barrier);
        start(move || barrier.wait().unwrap().is_leader())
    });
    assert!(barrier.trip(round).unwrap().is_leader());
    assert_ne!(first.join().unwrap(), second.join().unwrap());
}

#[test]
fn the_number_of_the_round_may_wrap_around() {
    let barrier = Arc::new(Barrier::new(2));
    barrier.round.store(usize::MAX, Ordering::Relaxed);
    let (_, waiter) = start({
        let barrier = Arc::clone(&barrier);
        move || barrier.wait().unwrap().index()
    });
    assert_eq!(barrier.wait().unwrap().index(), 1);
    assert_eq!(waiter.join().unwrap(), 0);
    assert_eq!(barrier.round.load(Ordering::Relaxed), 0);
    assert_eq!(barrier.end_of(usize::MAX), Some(PASSED));
    assert_eq!(barrier.end_of(0), None);

    barrier.round.store(usize::MAX, Ordering::Relaxed);
    let round = arrive_first(&barrier);
    barrier.abort();
    assert_eq!(leave(&barrier, round, WaitError::Stopped), BrokenReason::Aborted as End);
}

#[test]
fn rounds_older_than_the_history_count_as_passed() {
    let barrier = Barrier::new(1);
    let remembered = usize::BITS / END_BITS;
    barrier.end_round(BrokenReason::Reset as End);
    for ago in 1..=remembered {
        assert_eq!(barrier.end_of(0), Some(BrokenReason::Reset as End), "{ago} rounds ago");
        barrier.end_round(BrokenReason::ActionPanicked as End);
    }
    assert_eq!(barrier.end_of(0), Some(PASSED));
    assert_eq!(barrier.end_of(1), Some(BrokenReason::ActionPanicked as End));
}

#[test]
fn a_panic_of_the_action_breaks_the_round_and_continues_in_the_last_party() {
    let barrier = Arc::new(Barrier::new(2).with_action(|| std::panic::resume_unwind(Box::new(7))));
    let (_, waiter) = start({
        let barrier = Arc::clone(&barrier);
        move || barrier.wait()
    });
    let payload = catch_unwind(AssertUnwindSafe(|| barrier.wait())).unwrap_err();
    assert_eq!(payload.downcast_ref(), Some(&7));
    assert_eq!(waiter.join().unwrap().unwrap_err().reason(), BrokenReason::ActionPanicked);
    assert_eq!(barrier.wait().unwrap_err().reason(), BrokenReason::ActionPanicked);
}
