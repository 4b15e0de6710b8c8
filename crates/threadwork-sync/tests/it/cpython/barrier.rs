//! `BarrierTests`.

use std::sync::{
    Arc, Barrier as StdBarrier, LazyLock,
    atomic::{AtomicUsize, Ordering},
};

use threadwork_sync::{Barrier, BrokenReason, WaitKind};

use crate::{
    objects::{panic_of, start_waiting},
    support::{Helper, eventually},
};

const PARTIES: usize = 5;

/// Runs `f` in several threads, and returns their results.
#[track_caller]
fn run<T: Send + 'static>(f: impl Fn(usize) -> T + Send + Sync + 'static) -> Vec<T> {
    let f = Arc::new(f);
    let threads: Vec<_> = (0..PARTIES)
        .map(|me| {
            let f = Arc::clone(&f);
            Helper::start(move || f(me))
        })
        .collect();
    threads.into_iter().map(Helper::join).collect()
}

/// After `BarrierTests.test_constructor`. DIFFERENCE: parties below zero cannot be written.
#[test]
fn a_barrier_without_parties_is_refused() {
    panic_of(|| Barrier::new(0));
}

#[track_caller]
fn check_passes(rounds: usize) {
    let barrier = Arc::new(Barrier::new(PARTIES));
    let inside = Arc::clone(&barrier);
    let arrived = [AtomicUsize::new(0), AtomicUsize::new(0)];
    run(move |_| {
        for round in 0..rounds {
            for arrived in &arrived {
                assert!(arrived.load(Ordering::Relaxed) >= round * PARTIES);
                arrived.fetch_add(1, Ordering::Relaxed);
                inside.wait().unwrap();
                assert!(arrived.load(Ordering::Relaxed) >= (round + 1) * PARTIES);
            }
            assert!(arrived[1].load(Ordering::Relaxed) >= (round + 1) * PARTIES);
        }
    });
    assert_eq!(barrier.n_waiting(), 0);
    assert!(!barrier.is_broken());
}

/// After `BarrierTests.test_barrier`.
#[test]
fn no_party_returns_before_all_have_arrived() {
    check_passes(1);
}

/// After `BarrierTests.test_barrier_10`.
#[test]
fn ten_rounds_go_through_one_barrier() {
    check_passes(10);
}

/// After `BarrierTests.test_wait_return`.
#[test]
fn every_party_gets_a_different_place() {
    let barrier = Barrier::new(PARTIES);
    let mut places = run(move |_| barrier.wait().unwrap().index());
    places.sort_unstable();
    assert_eq!(places, [0, 1, 2, 3, 4]);
}

/// After `BarrierTests.test_action`.
#[test]
fn the_action_has_run_once_when_they_return() {
    static RUN: AtomicUsize = AtomicUsize::new(0);
    let barrier = Barrier::new(PARTIES).with_action(|| _ = RUN.fetch_add(1, Ordering::Relaxed));
    let seen = run(move |_| {
        barrier.wait().unwrap();
        RUN.load(Ordering::Relaxed)
    });
    assert_eq!(seen, [1; PARTIES]);
}

/// `BarrierTests` has no test of these: an action that raises breaks the barrier, and its exception continues in the last party;
/// inside the action, `n_waiting` is the number of parties.
#[test]
fn an_action_that_raises_breaks_the_barrier_and_sees_all_parties() {
    static BARRIER: LazyLock<Barrier> = LazyLock::new(|| {
        let raises = || Err(format!("{} are waiting", BARRIER.n_waiting()))?;
        Barrier::new(PARTIES).with_fallible_action(raises)
    });
    let failures = run(|_| BARRIER.wait().unwrap_err().failure().map(ToString::to_string));
    let raised: Vec<_> = failures.into_iter().flatten().collect();
    assert_eq!(raised, [format!("{PARTIES} are waiting")]);
    assert!(BARRIER.is_broken());
}

/// After `BarrierTests.test_abort`.
#[test]
fn a_party_that_aborts_breaks_the_barrier_for_all() {
    let barrier = Arc::new(Barrier::new(PARTIES));
    let inside = Arc::clone(&barrier);
    let passed = run(move |me| {
        if me == PARTIES / 2 {
            inside.abort();
            return false;
        }
        inside.wait().is_ok()
    });
    assert_eq!(passed, [false; PARTIES]);
    assert!(barrier.is_broken());
}

/// After `BarrierTests.test_reset`.
#[test]
fn a_reset_breaks_the_round_of_the_waiters_and_the_barrier_stays_usable() {
    let barrier = Arc::new(Barrier::new(PARTIES));
    let inside = Arc::clone(&barrier);
    let met = StdBarrier::new(PARTIES);
    let outcomes = run(move |me| {
        let outcome = if me == 0 {
            eventually("the others do not arrive", || {
                (inside.n_waiting() == PARTIES - 1).then_some(())
            });
            inside.reset();
            None
        } else {
            Some(inside.wait().unwrap_err().reason())
        };
        met.wait();
        inside.wait().unwrap();
        outcome
    });
    let sent_away = outcomes.iter().filter(|it| **it == Some(BrokenReason::Reset)).count();
    assert_eq!(sent_away, PARTIES - 1);
    assert!(!barrier.is_broken());
}

/// After `BarrierTests.test_abort_and_reset`.
#[test]
fn an_aborted_barrier_is_usable_after_a_reset() {
    let barrier = Arc::new(Barrier::new(PARTIES));
    let inside = Arc::clone(&barrier);
    let meeting = Barrier::new(PARTIES);
    let passed = run(move |me| {
        let passed = if me == PARTIES / 2 {
            inside.abort();
            false
        } else {
            inside.wait().is_ok()
        };
        // One of the parties resets the barrier once all have left.
        if meeting.wait().unwrap().is_leader() {
            inside.reset();
        }
        meeting.wait().unwrap();
        inside.wait().unwrap();
        passed
    });
    assert_eq!(passed, [false; PARTIES]);
    assert!(!barrier.is_broken());
}

/// After `BarrierTests.test_single_thread`.
#[test]
fn one_party_goes_through_alone() {
    let barrier = Barrier::new(1);
    assert!(barrier.wait().is_ok());
    assert!(barrier.wait().is_ok());
}

/// After `BarrierTests.test_repr`.
#[test]
fn debug_shows_the_waiters_and_whether_it_is_broken() {
    let barrier = Arc::new(Barrier::new(3));
    assert!(format!("{barrier:?}").contains("parties: 3, n_waiting: 0, is_broken: false"));
    let early = [1, 2].map(|n_waiting| {
        let party = Arc::clone(&barrier);
        let party = start_waiting(WaitKind::Barrier, move || party.wait());
        assert!(format!("{barrier:?}").contains(&format!("n_waiting: {n_waiting}")));
        party
    });
    barrier.wait().unwrap();
    assert!(early.into_iter().all(|it| it.join().is_ok()));
    assert!(format!("{barrier:?}").contains("n_waiting: 0, is_broken: false"));
    barrier.abort();
    assert!(format!("{barrier:?}").contains("is_broken: true"));
}
