//! `Barrier`: rounds that succeed, and the action.

use std::{
    sync::{
        Arc, LazyLock, OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use threadwork_sync::{
    Barrier, BarrierWaitResult, BrokenBarrierError, BrokenReason, Event, WaitKind,
};

use crate::{
    objects::{message, start_waiting, stopped},
    support::{Helper, eventually},
};

type Passed = Result<BarrierWaitResult, BrokenBarrierError>;

/// Starts a party, and returns once it waits for the others.
#[track_caller]
fn party(barrier: &Arc<Barrier>) -> Helper<Passed> {
    let barrier = Arc::clone(barrier);
    start_waiting(WaitKind::Barrier, move || barrier.wait())
}

#[track_caller]
fn parties<const N: usize>(barrier: &Arc<Barrier>) -> [Helper<Passed>; N] {
    std::array::from_fn(|_| party(barrier))
}

#[track_caller]
fn assert_passed(party: Helper<Passed>) {
    assert!(!party.join().unwrap().is_leader());
}

#[track_caller]
fn assert_broken(party: Helper<Passed>, reason: BrokenReason) {
    assert_eq!(party.join().unwrap_err().reason(), reason);
}

#[test]
fn all_parties_return_once_all_have_arrived() {
    let barrier = Arc::new(Barrier::new(4));
    let early: [_; 3] = parties(&barrier);
    assert_eq!((barrier.n_waiting(), barrier.parties()), (3, 4));
    assert!(early.iter().all(|it| !it.is_finished()));
    assert!(barrier.wait().unwrap().is_leader());
    early.into_iter().for_each(assert_passed);
    assert_eq!(barrier.n_waiting(), 0);
    assert!(!barrier.is_broken());
}

#[test]
fn a_party_is_told_its_place_of_arrival_and_the_last_one_is_the_leader() {
    let barrier = Arc::new(Barrier::new(4));
    for _ in 0..3 {
        let early: [_; 3] = parties(&barrier);
        let last = barrier.wait().unwrap();
        assert_eq!((last.index(), last.is_leader()), (3, true));
        for (place, party) in early.into_iter().enumerate() {
            let passed = party.join().unwrap();
            assert_eq!((passed.index(), passed.is_leader()), (place, false));
        }
    }
}

#[test]
fn a_barrier_of_one_party_never_blocks() {
    static ROUNDS: AtomicUsize = AtomicUsize::new(0);
    let barrier = Barrier::new(1).with_action(|| _ = ROUNDS.fetch_add(1, Ordering::Relaxed));
    for passed in [
        barrier.wait(),
        barrier.wait_timeout(Duration::ZERO),
        barrier.wait_with(&stopped()),
        barrier.try_wait().map(|it| it.expect("it arrives last")),
    ] {
        let passed = passed.unwrap();
        assert_eq!((passed.index(), passed.is_leader()), (0, true));
    }
    assert_eq!(ROUNDS.load(Ordering::Relaxed), 4);
}

#[test]
fn five_threads_meet_a_hundred_times() {
    const PARTIES: usize = 5;
    static BARRIER: Barrier = Barrier::new(PARTIES);
    static ARRIVED: AtomicUsize = AtomicUsize::new(0);
    static LED: AtomicUsize = AtomicUsize::new(0);
    let threads: Vec<_> = (0..PARTIES)
        .map(|_| {
            Helper::start(|| {
                let mut places = 0;
                for round in 1..=100 {
                    ARRIVED.fetch_add(1, Ordering::Relaxed);
                    let passed = BARRIER.wait().unwrap();
                    let arrived = ARRIVED.load(Ordering::Relaxed);
                    // All of this round have arrived; of the next round, at most those that have returned already.
                    assert!((round * PARTIES..(round + 1) * PARTIES).contains(&arrived));
                    LED.fetch_add(usize::from(passed.is_leader()), Ordering::Relaxed);
                    places += passed.index();
                }
                places
            })
        })
        .collect();
    let places: usize = threads.into_iter().map(Helper::join).sum();
    assert_eq!(LED.load(Ordering::Relaxed), 100);
    assert_eq!(places, 100 * (1 + 2 + 3 + 4), "each place is given once a round");
    assert_eq!(BARRIER.n_waiting(), 0);
}

#[test]
fn the_last_party_runs_the_action_before_any_returns() {
    static DONE: AtomicUsize = AtomicUsize::new(0);
    static BY: OnceLock<std::thread::ThreadId> = OnceLock::new();
    let barrier = Arc::new(Barrier::new(3).with_action(|| {
        BY.get_or_init(|| std::thread::current().id());
        DONE.fetch_add(1, Ordering::Relaxed);
    }));
    let early = [0, 1].map(|_| {
        let barrier = Arc::clone(&barrier);
        start_waiting(WaitKind::Barrier, move || {
            barrier.wait().unwrap();
            DONE.load(Ordering::Relaxed)
        })
    });
    assert_eq!(DONE.load(Ordering::Relaxed), 0);
    assert!(barrier.wait().unwrap().is_leader());
    assert!(early.into_iter().all(|it| it.join() == 1));
    assert_eq!(BY.get(), Some(&std::thread::current().id()));
}

#[test]
fn parties_of_the_next_round_wait_until_the_action_has_returned() {
    static GO_ON: Event = Event::new();
    static BUSY: Event = Event::new();
    let barrier = Arc::new(Barrier::new(2).with_action(|| {
        BUSY.set();
        GO_ON.wait();
    }));
    let first = party(&barrier);
    let last = {
        let barrier = Arc::clone(&barrier);
        Helper::start(move || barrier.wait())
    };
    BUSY.wait();
    let next = party(&barrier);
    assert_eq!(barrier.n_waiting(), 2, "the next party has not arrived yet");
    assert_eq!(barrier.try_wait(), Ok(None));
    first.blocked();
    GO_ON.set();
    assert_passed(first);
    assert!(last.join().unwrap().is_leader());
    eventually("the next round does not begin", || (barrier.n_waiting() == 1).then_some(()));
    assert_eq!(barrier.wait().unwrap().index(), 1);
    assert_passed(next);
}

#[test]
fn the_action_may_look_at_its_barrier() {
    static SEEN: Event = Event::new();
    static BARRIER: LazyLock<Arc<Barrier>> = LazyLock::new(|| {
        Arc::new(Barrier::new(2).with_action(|| {
            assert_eq!((BARRIER.n_waiting(), BARRIER.parties()), (2, 2));
            assert!(!BARRIER.is_broken());
            assert_eq!(BARRIER.try_wait(), Ok(None));
            assert!(format!("{:?}", *BARRIER).contains("parties: 2"));
            SEEN.set();
        }))
    });
    let early = party(&BARRIER);
    BARRIER.wait().unwrap();
    assert_passed(early);
    assert!(SEEN.is_set());
}

#[test]
fn an_action_that_aborts_its_barrier_breaks_the_round_for_all() {
    static BARRIER: LazyLock<Arc<Barrier>> =
        LazyLock::new(|| Arc::new(Barrier::new(3).with_action(|| BARRIER.abort())));
    for _ in 0..3 {
        let early: [_; 2] = parties(&BARRIER);
        assert_eq!(BARRIER.wait().unwrap_err().reason(), BrokenReason::Aborted);
        early.into_iter().for_each(|it| assert_broken(it, BrokenReason::Aborted));
        assert!(BARRIER.is_broken());
        BARRIER.reset();
    }
}

#[test]
fn an_action_that_resets_its_barrier_breaks_the_round_and_leaves_it_ready() {
    static RESETS: AtomicUsize = AtomicUsize::new(0);
    static BARRIER: LazyLock<Arc<Barrier>> = LazyLock::new(|| {
        Arc::new(Barrier::new(3).with_action(|| {
            if RESETS.fetch_add(1, Ordering::Relaxed) == 0 {
                BARRIER.reset();
            }
        }))
    });
    let early: [_; 2] = parties(&BARRIER);
    assert_eq!(BARRIER.wait().unwrap_err().reason(), BrokenReason::Reset);
    early.into_iter().for_each(|it| assert_broken(it, BrokenReason::Reset));
    assert!(!BARRIER.is_broken());
    let early: [_; 2] = parties(&BARRIER);
    assert!(BARRIER.wait().unwrap().is_leader());
    early.into_iter().for_each(assert_passed);
}

#[test]
fn a_panic_of_the_action_is_resumed_in_the_leader_and_breaks_the_round_for_the_others() {
    let barrier = Arc::new(Barrier::new(3).with_action(|| panic!("not today")));
    for _ in 0..2 {
        let early: [_; 2] = parties(&barrier);
        let leader = {
            let barrier = Arc::clone(&barrier);
            Helper::start(move || barrier.wait())
        };
        assert_eq!(message(leader.outcome().map(drop)).as_deref(), Some("not today"));
        early.into_iter().for_each(|it| assert_broken(it, BrokenReason::ActionPanicked));
        assert!(barrier.is_broken());
        assert_eq!(barrier.wait().unwrap_err().reason(), BrokenReason::ActionPanicked);
        barrier.reset();
        assert!(!barrier.is_broken());
    }
}

#[test]
fn try_wait_succeeds_only_as_the_last_to_arrive() {
    let barrier = Arc::new(Barrier::new(3));
    assert_eq!(barrier.try_wait(), Ok(None));
    let first = party(&barrier);
    assert_eq!(barrier.try_wait(), Ok(None));
    assert_eq!(barrier.n_waiting(), 1, "a failed try_wait is no arrival");
    let second = party(&barrier);
    let last = barrier.try_wait().unwrap().unwrap();
    assert_eq!((last.index(), last.is_leader()), (2, true));
    assert_passed(first);
    assert_passed(second);
    barrier.abort();
    assert_eq!(barrier.try_wait().unwrap_err().reason(), BrokenReason::Aborted);
}

#[test]
fn a_barrier_needs_at_least_one_party() {
    for parties in [0, usize::MAX] {
        assert!(std::panic::catch_unwind(|| Barrier::new(parties)).is_err());
    }
}

#[test]
fn debug_shows_the_name_and_how_far_the_round_is() {
    let barrier = Arc::new(Barrier::new(2).named("start"));
    let shown = |n_waiting, is_broken| {
        format!(
            r#"Barrier {{ name: Some("start"), parties: 2, n_waiting: {n_waiting}, is_broken: {is_broken}, .. }}"#
        )
    };
    assert_eq!(barrier.name(), Some("start"));
    assert_eq!(format!("{barrier:?}"), shown(0, false));
    let early = party(&barrier);
    let record = early.blocked();
    assert_eq!((record.name, record.holder), (Some("start"), None));
    assert_eq!(format!("{barrier:?}"), shown(1, false));
    barrier.abort();
    assert_broken(early, BrokenReason::Aborted);
    assert_eq!(format!("{barrier:?}"), shown(0, true));
    assert!(Barrier::new(1).name().is_none());
    static NAMED: Barrier = Barrier::new(1).with_timeout(Duration::MAX).named("static");
    assert_eq!(NAMED.name(), Some("static"));
}

#[test]
fn a_barrier_may_be_dropped_by_the_last_party_that_returns() {
    for _ in 0..50 {
        let barrier = Arc::new(Barrier::new(3));
        let early: [_; 2] = parties(&barrier);
        let last = {
            let barrier = Arc::clone(&barrier);
            Helper::start(move || barrier.wait().unwrap())
        };
        drop(barrier);
        early.into_iter().for_each(assert_passed);
        assert!(last.join().is_leader());
    }
}
