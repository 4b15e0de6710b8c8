//! `Barrier`: broken rounds, and the rounds after them.

use std::{sync::Arc, time::Duration};

use threadwork_sync::{
    Barrier, BarrierWaitResult, BrokenBarrierError, BrokenReason, Event, StopSource, Wait, WaitKind,
};

use crate::{
    objects::{start_waiting, stopped, until},
    support::{Helper, eventually},
};

pub(crate) type Passed = Result<BarrierWaitResult, BrokenBarrierError>;

/// Starts a party, and returns once it waits for the others.
#[track_caller]
fn party(barrier: &Arc<Barrier>, wait: Wait) -> Helper<Passed> {
    let barrier = Arc::clone(barrier);
    start_waiting(WaitKind::Barrier, move || barrier.wait_with(&wait))
}

#[track_caller]
pub(crate) fn parties<const N: usize>(barrier: &Arc<Barrier>) -> [Helper<Passed>; N] {
    std::array::from_fn(|_| party(barrier, Wait::forever()))
}

#[track_caller]
pub(crate) fn assert_broken(
    parties: impl IntoIterator<Item = Helper<Passed>>,
    reason: BrokenReason,
) {
    for party in parties {
        assert_eq!(party.join().unwrap_err().reason(), reason);
    }
}

/// Checks that a whole round succeeds: nothing is left of the rounds before.
#[track_caller]
fn assert_usable(barrier: &Arc<Barrier>) {
    assert!(!barrier.is_broken());
    assert_eq!(barrier.n_waiting(), 0);
    let early: Vec<_> = (1..barrier.parties()).map(|_| party(barrier, Wait::forever())).collect();
    assert_eq!(barrier.try_wait().unwrap().unwrap().index(), early.len());
    for (place, party) in early.into_iter().enumerate() {
        assert_eq!(party.join().unwrap().index(), place);
    }
}

/// Checks that every arrival fails at once until a reset.
#[track_caller]
pub(crate) fn assert_fails_until_reset(barrier: &Arc<Barrier>, reason: BrokenReason) {
    assert!(barrier.is_broken());
    assert_eq!(barrier.n_waiting(), 0);
    for failed in [
        barrier.wait(),
        barrier.wait_timeout(Duration::MAX),
        barrier.wait_with(&Wait::forever()),
        barrier.wait_with(&stopped()),
        barrier.try_wait().map(|_| unreachable!("the barrier is broken")),
    ] {
        assert_eq!(failed.unwrap_err().reason(), reason);
    }
    barrier.reset();
    assert_usable(barrier);
}

#[test]
fn abort_breaks_the_round_for_all_and_for_later_arrivals() {
    let barrier = Arc::new(Barrier::new(4));
    let early: [_; 3] = parties(&barrier);
    barrier.abort();
    assert_broken(early, BrokenReason::Aborted);
    assert_fails_until_reset(&barrier, BrokenReason::Aborted);
}

#[test]
fn a_barrier_without_waiters_can_be_aborted() {
    let barrier = Arc::new(Barrier::new(2));
    barrier.abort();
    barrier.abort();
    assert_fails_until_reset(&barrier, BrokenReason::Aborted);
}

#[test]
fn a_broken_barrier_stays_broken_for_the_first_reason() {
    let barrier = Arc::new(Barrier::new(2));
    assert_eq!(barrier.wait_timeout(Duration::ZERO).unwrap_err().reason(), BrokenReason::TimedOut);
    barrier.abort();
    assert_fails_until_reset(&barrier, BrokenReason::TimedOut);
}

#[test]
fn reset_breaks_the_round_of_the_waiters_and_the_next_round_begins_at_once() {
    let barrier = Arc::new(Barrier::new(3));
    for _ in 0..50 {
        let old: [_; 2] = parties(&barrier);
        barrier.reset();
        // The parties of the old round have not returned yet.
        let [first, second] = parties(&barrier);
        assert_eq!(barrier.n_waiting(), 2);
        assert_broken(old, BrokenReason::Reset);
        assert_eq!(barrier.wait().unwrap().index(), 2);
        assert_eq!(first.join().unwrap().index(), 0);
        assert_eq!(second.join().unwrap().index(), 1);
    }
    assert_usable(&barrier);
}

#[test]
fn reset_of_a_barrier_without_waiters_changes_nothing() {
    let barrier = Arc::new(Barrier::new(2));
    barrier.reset();
    barrier.reset();
    assert_usable(&barrier);
}

#[test]
fn those_whose_round_was_aborted_are_told_so_even_if_it_was_reset_meanwhile() {
    let barrier = Arc::new(Barrier::new(3));
    for _ in 0..50 {
        let early: [_; 2] = parties(&barrier);
        barrier.abort();
        barrier.reset();
        assert!(!barrier.is_broken());
        let late = party(&barrier, Wait::forever());
        assert_broken(early, BrokenReason::Aborted);
        assert_eq!(barrier.n_waiting(), 1);
        barrier.reset();
        assert_broken([late], BrokenReason::Reset);
    }
}

#[test]
fn parties_that_wait_again_at_once_meet_in_the_new_round() {
    let barrier = Arc::new(Barrier::new(3));
    let reset = Arc::new(Event::new());
    let again: Vec<_> = (0..2)
        .map(|_| {
            let (barrier, reset) = (Arc::clone(&barrier), Arc::clone(&reset));
            start_waiting(WaitKind::Barrier, move || {
                let sent_away = barrier.wait().unwrap_err();
                reset.set();
                (sent_away.reason(), barrier.wait().unwrap().is_leader())
            })
        })
        .collect();
    barrier.reset();
    reset.wait();
    barrier.wait().unwrap();
    let mut leaders = 0;
    for party in again {
        let (reason, leader) = party.join();
        assert_eq!(reason, BrokenReason::Reset);
        leaders += usize::from(leader);
    }
    assert!(leaders <= 1);
    assert_usable(&barrier);
}

#[test]
fn a_timeout_of_zero_breaks_the_round_unless_the_party_arrives_last() {
    let barrier = Arc::new(Barrier::new(3));
    let early: [_; 1] = parties(&barrier);
    let late = barrier.wait_timeout(Duration::ZERO);
    assert_eq!(late.unwrap_err().reason(), BrokenReason::TimedOut);
    assert_broken(early, BrokenReason::TimedOut);
    assert_fails_until_reset(&barrier, BrokenReason::TimedOut);

    let early: [_; 2] = parties(&barrier);
    assert!(barrier.wait_timeout(Duration::ZERO).unwrap().is_leader());
    early.into_iter().for_each(|it| _ = it.join().unwrap());
    assert_usable(&barrier);
}

#[test]
fn an_arrival_that_timed_out_is_never_counted_later() {
    let barrier = Arc::new(Barrier::new(2));
    for _ in 0..20 {
        barrier.wait_timeout(Duration::ZERO).unwrap_err();
        barrier.reset();
        assert_eq!(barrier.try_wait(), Ok(None), "no party waits");
        assert_usable(&barrier);
    }
}

#[test]
fn a_stopped_party_breaks_the_round_for_all() {
    for place in 0..3 {
        let barrier = Arc::new(Barrier::new(4));
        let stop = StopSource::new();
        let early: [_; 3] = std::array::from_fn(|it| {
            party(&barrier, if it == place { until(&stop) } else { Wait::forever() })
        });
        stop.request_stop();
        assert_broken(early, BrokenReason::Stopped);
        assert_fails_until_reset(&barrier, BrokenReason::Stopped);
    }
}

#[test]
fn a_party_that_was_stopped_before_it_arrived_breaks_the_round_too() {
    let barrier = Arc::new(Barrier::new(3));
    let early: [_; 1] = parties(&barrier);
    assert_eq!(barrier.wait_with(&stopped()).unwrap_err().reason(), BrokenReason::Stopped);
    assert_broken(early, BrokenReason::Stopped);
    assert_fails_until_reset(&barrier, BrokenReason::Stopped);
}

#[test]
fn a_stopped_token_does_not_matter_to_the_last_to_arrive() {
    let barrier = Arc::new(Barrier::new(2));
    let early: [_; 1] = parties(&barrier);
    assert!(barrier.wait_with(&stopped()).unwrap().is_leader());
    early.into_iter().for_each(|it| _ = it.join().unwrap());
    assert_usable(&barrier);
}

#[test]
fn a_stop_after_the_last_one_has_arrived_comes_too_late() {
    static BUSY: Event = Event::new();
    static GO_ON: Event = Event::new();
    let barrier = Arc::new(Barrier::new(2).with_action(|| {
        BUSY.set();
        GO_ON.wait();
    }));
    let stop = StopSource::new();
    let early = party(&barrier, until(&stop));
    let last = {
        let barrier = Arc::clone(&barrier);
        Helper::start(move || barrier.wait())
    };
    BUSY.wait();
    let before = early.blocked();
    stop.request_stop();
    // The stop took the party out of the queue; it now waits for the end of the action.
    eventually("the stopped party does not wait", || {
        crate::support::record_of(early.ident()).filter(|it| it.since != before.since)
    });
    assert!(!barrier.is_broken());
    GO_ON.set();
    assert_eq!(early.join().unwrap().index(), 0);
    assert!(last.join().unwrap().is_leader());
    assert_usable(&barrier);
}

#[test]
fn a_party_stopped_during_the_last_rounds_action_has_not_arrived() {
    static BUSY: Event = Event::new();
    static GO_ON: Event = Event::new();
    let barrier = Arc::new(Barrier::new(2).with_action(|| {
        BUSY.set();
        GO_ON.wait();
    }));
    let old: [_; 1] = parties(&barrier);
    let last = {
        let barrier = Arc::clone(&barrier);
        Helper::start(move || barrier.wait())
    };
    BUSY.wait();
    let stop = StopSource::new();
    let next = party(&barrier, until(&stop));
    stop.request_stop();
    assert_broken([next], BrokenReason::Stopped);
    assert_eq!(barrier.wait_with(&stopped()).unwrap_err().reason(), BrokenReason::Stopped);
    assert_eq!(barrier.wait_timeout(Duration::ZERO).unwrap_err().reason(), BrokenReason::TimedOut);
    assert!(!barrier.is_broken(), "it is not a party of that round and does not break it");
    GO_ON.set();
    old.into_iter().for_each(|it| _ = it.join().unwrap());
    assert!(last.join().unwrap().is_leader());
    assert_usable(&barrier);
}

#[test]
fn abort_and_reset_while_the_action_runs_break_its_round_also_for_the_leader() {
    for (reason, is_broken) in [(BrokenReason::Aborted, true), (BrokenReason::Reset, false)] {
        let (busy, go_on) = (Arc::new(Event::new()), Arc::new(Event::new()));
        let action = {
            let (busy, go_on) = (Arc::clone(&busy), Arc::clone(&go_on));
            move || {
                busy.set();
                go_on.wait();
            }
        };
        let barrier = Arc::new(Barrier::new(2).with_action(action));
        let early: [_; 1] = parties(&barrier);
        let last = {
            let barrier = Arc::clone(&barrier);
            Helper::start(move || barrier.wait())
        };
        busy.wait();
        let turn: [_; 1] = parties(&barrier);
        if is_broken {
            barrier.abort();
        } else {
            barrier.reset();
        }
        assert_broken(early, reason);
        assert_eq!(barrier.is_broken(), is_broken);
        if is_broken {
            assert_broken(turn, reason);
            go_on.set();
            assert_broken([last], reason);
            assert_fails_until_reset(&barrier, reason);
        } else {
            // The next round does not wait for the action of the round that was reset.
            let [next] = turn;
            eventually("the next does not arrive", || (barrier.n_waiting() == 1).then_some(()));
            go_on.set();
            assert_broken([last], reason);
            assert_eq!(
                barrier.n_waiting(),
                1,
                "the end of the old action does not end the next round"
            );
            assert_eq!(barrier.wait().unwrap().index(), 1);
            next.join().unwrap();
            assert_usable(&barrier);
        }
    }
}

#[test]
fn every_error_says_why() {
    let of = |reason| {
        let barrier = Arc::new(Barrier::new(2));
        match reason {
            BrokenReason::TimedOut => barrier.wait_timeout(Duration::ZERO).unwrap_err(),
            BrokenReason::Stopped => barrier.wait_with(&stopped()).unwrap_err(),
            BrokenReason::Aborted => {
                barrier.abort();
                barrier.wait().unwrap_err()
            }
            _ => {
                let [early] = parties(&barrier);
                barrier.reset();
                early.join().unwrap_err()
            }
        }
    };
    for (reason, text) in [
        (BrokenReason::TimedOut, "barrier is broken, because a party timed out"),
        (BrokenReason::Stopped, "barrier is broken, because a party was stopped"),
        (BrokenReason::Aborted, "barrier is broken, because it was aborted"),
        (BrokenReason::Reset, "barrier was reset while this party waited"),
    ] {
        let error = of(reason);
        assert_eq!(error.reason(), reason);
        assert!(error.to_string().starts_with(text), "{error}");
    }
}
