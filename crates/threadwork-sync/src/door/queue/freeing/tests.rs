//! When a lock is handed over, when it is freed by a store again, and when its holder lets others run.
//!
//! Other tests may use the bucket of a key at any moment. So what is set is set again until nothing has changed it meanwhile.
//! A time in the future was "just now", however long the test takes.

use std::time::Instant;

use super::*;
use crate::{
    door::{
        HandOver::{Always, IfAwake, Never},
        bucket::terms::{Sort, Token},
        testing::{eventually, stand_in_front},
        unpark_one,
    },
    floor::{Pace, Word, now},
};

/// Longer than a test takes.
const HOUR: Duration = Duration::from_secs(3600);

fn key() -> Key {
    Key::of(Box::leak(Box::new(Word::new(0))))
}

/// A time since which `ago` has passed, and not yet `less_than`.
#[derive(Clone, Copy)]
struct Since {
    ago: Duration,
    less_than: Duration,
}

const NEVER: Since = Since { ago: Duration::MAX, less_than: Duration::MAX };
const JUST_NOW: Since = Since { ago: Duration::ZERO, less_than: HOUR };

fn since(ago: Duration, less_than: Duration) -> Since {
    Since { ago, less_than }
}

/// Does `f` at a moment when the paces have been like this, and returns its result. Here `f` steps none of them.
#[track_caller]
fn at<const N: usize, R>(set: [(&Pace, Since); N], f: impl Fn() -> R) -> R {
    let mut result = None;
    eventually("there was no such moment", || {
        let began = now();
        let times = set.map(|(_, it)| match it {
            Since { ago: Duration::MAX, .. } => None,
            Since { less_than: HOUR, .. } => Some(began + HOUR),
            _ => began.checked_sub(it.ago),
        });
        set.iter().zip(times).for_each(|((pace, _), time)| pace.set(time));
        result = Some(f());
        let took = now() - began;
        let is_early = set
            .iter()
            .all(|(_, it)| it.ago.saturating_add(took) < it.less_than || it.ago == Duration::MAX);
        is_early && set.iter().zip(times).all(|((pace, _), time)| pace.last() == time)
    });
    // A lock of another test may share the bucket.
    set.iter().for_each(|(pace, _)| pace.set(None));
    result.unwrap()
}

#[test]
fn a_lock_is_handed_over_soon_to_a_thread_that_is_awake_and_later_to_one_that_sleeps() {
    let key = key();
    let last = &paces(key).hand_overs;
    for (since, expected) in [
        (NEVER, Always),
        (since(TO_SLEEPING, HOUR * 2), Always),
        (since(TO_AWAKE * 2, TO_SLEEPING), IfAwake),
        (since(TO_AWAKE, TO_SLEEPING), IfAwake),
        (since(TO_AWAKE / 3, TO_AWAKE), Never),
        (JUST_NOW, Never),
    ] {
        assert_eq!(at([(last, since)], || HandOver::when(key)), expected, "{:?}", since.ago);
    }
}

#[test]
fn a_hand_over_is_noted() {
    let key = key();
    let before = now();
    HandOver::note(key);
    assert!(paces(key).hand_overs.last().is_some_and(|it| (before..=now()).contains(&it)));
}

#[test]
fn a_lock_is_handed_over_to_a_thread_that_sleeps_or_only_to_one_that_is_awake() {
    let ticket = |is_awake| Ticket { thread: 8, amount: 0, sort: Sort::Waiter, is_awake };
    let suits = |how: HandOver| [false, true].map(|is_awake| how.suits(ticket(is_awake)));
    assert_eq!([Never, IfAwake, Always].map(suits), [[false; 2], [false, true], [true; 2]]);
}

/// Looks at the queue. Returns whether the lock is freed by a store then.
fn becomes_store(key: Key) -> bool {
    let freed_by = FreedBy::new();
    freed_by.look(key);
    freed_by.is_store()
}

#[test]
fn a_lock_goes_back_to_stores_if_no_thread_is_expected_and_the_last_fence_is_long_ago() {
    let key = key();
    let last = paces(key);
    let long_ago = [since(IS_GONE, HOUR), since(FENCES_APART, HOUR)]
        .map(|it| Since { less_than: HOUR * 2, ..it });
    let [gone, apart] = long_ago;
    for (wake_up, fence, expected) in [
        (NEVER, NEVER, true),
        (gone, apart, true),
        (gone, NEVER, true),
        (NEVER, apart, true),
        (JUST_NOW, NEVER, false),
        (since(IS_GONE / 4, IS_GONE), NEVER, false),
        (NEVER, JUST_NOW, false),
        (NEVER, since(FENCES_APART / 4, FENCES_APART), false),
        (JUST_NOW, JUST_NOW, false),
    ] {
        let set = [(&last.wake_ups, wake_up), (&last.fences, fence)];
        let what = (wake_up.ago, fence.ago);
        assert_eq!(at(set, || becomes_store(key)), expected && fence::is_asymmetric(), "{what:?}");
    }
}

#[test]
fn a_lock_does_not_go_back_to_stores_while_somebody_is_in_the_queue() {
    let key = key();
    let last = paces(key);
    let long_ago = || [(&last.wake_ups, NEVER), (&last.fences, NEVER)];
    stand_in_front(key, 0, || {
        assert!(!at(long_ago(), || becomes_store(key)));
        unpark_one(key, |_| Token::RETRY);
    });
    assert_eq!(at(long_ago(), || becomes_store(key)), fence::is_asymmetric());
}

#[test]
fn a_signal_handler_that_interrupts_a_visit_does_not_look() {
    let key = key();
    let last = paces(key);
    let at_work = AtWork::begin();
    let looked = at([(&last.wake_ups, NEVER), (&last.fences, NEVER)], || becomes_store(key));
    drop(at_work);
    assert!(!looked);
}

#[test]
fn the_holder_lets_others_run_if_a_woken_thread_is_late() {
    let key = key();
    let last = paces(key);
    for (wake_up, yielded, expected) in [
        (NEVER, NEVER, false),
        (JUST_NOW, NEVER, false),
        (since(COMES_BACK / 4, COMES_BACK), NEVER, false),
        (since(COMES_BACK, IS_GONE), JUST_NOW, false),
        (since(COMES_BACK, IS_GONE), since(COMES_BACK / 4, COMES_BACK), false),
        (since(IS_GONE, HOUR * 2), NEVER, false),
    ] {
        let set = [(&last.wake_ups, wake_up), (&last.yields, yielded)];
        assert_eq!(at(set, || must_yield(key)), expected, "{:?}", (wake_up.ago, yielded.ago));
    }
}

#[test]
fn a_holder_that_lets_others_run_notes_that_and_looks_again_later_also_without_the_fence() {
    let key = key();
    let last = paces(key);
    for yielded in [None, now().checked_sub(COMES_BACK)] {
        let late = since(COMES_BACK, IS_GONE);
        let (before, has_yielded) = at([(&last.wake_ups, late)], || {
            // If this takes long, it goes back to stores and does not count.
            let freed_by = FreedBy::new();
            last.yields.set(yielded);
            freed_by.count_again();
            (now(), freed_by.count_release(key))
        });
        assert!(has_yielded, "{yielded:?}");
        assert!(last.yields.last().is_some_and(|it| it >= before));
    }
}

#[test]
fn a_wake_up_and_a_fence_are_noted() {
    let key = key();
    let last = paces(key);
    let is_noted = |pace: &Pace, before: Instant| pace.last().is_some_and(|it| it >= before);
    let freed_by = FreedBy::new();
    let before = now();
    freed_by.has_woken(key);
    assert!(is_noted(&last.wake_ups, before));

    freed_by.become_store();
    let before = now();
    freed_by.must_swap(key);
    assert!(!freed_by.is_store());
    assert!(is_noted(&last.fences, before));
    // Who comes next has not to fence.
    at([(&last.fences, NEVER)], || freed_by.must_swap(key));
}
