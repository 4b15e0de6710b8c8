//! Those who wait for a stop, and the links between sources.
#![cfg(not(threadwork_loom))]

use std::{sync::Arc, thread, time::Duration};

use super::{StopCallback, StopSource};
use crate::{
    Event, RawLock, Wait, WaitError,
    door::testing::{eventually, n_watchers},
};

#[track_caller]
fn check_lists(stop: &StopSource, n_waiters: usize, n_callbacks: usize) {
    let callbacks = stop.state.callbacks.lock().by_number.len();
    assert_eq!((n_watchers(&stop.state.requested), callbacks), (n_waiters, n_callbacks));
}

#[test]
fn a_wait_is_listed_until_it_ends_for_any_reason() {
    let stop = StopSource::new();
    let wait = Wait::forever().or_stop(&stop.token());
    let event = Arc::new(Event::new());
    let waiter = {
        let (event, wait) = (Arc::clone(&event), wait.clone());
        thread::spawn(move || event.wait_with(&wait))
    };
    eventually("the thread does not wait", || n_watchers(&stop.state.requested) == 1);
    event.set();
    assert_eq!(waiter.join().unwrap(), Ok(()));
    check_lists(&stop, 0, 0);

    event.clear();
    let short = Wait::timeout(Duration::ZERO).or_stop(&stop.token());
    assert_eq!(event.wait_with(&short), Err(WaitError::TimedOut));
    check_lists(&stop, 0, 0);

    let lock = RawLock::new();
    lock.acquire();
    stop.request_stop();
    assert_eq!(lock.acquire_with(&wait), Err(WaitError::Stopped));
    check_lists(&stop, 0, 0);
}

#[test]
fn a_callback_is_listed_until_it_is_called_or_dropped() {
    let stop = StopSource::new();
    let [called, taken_back] = [(); 2].map(|()| StopCallback::new(&stop.token(), || ()));
    check_lists(&stop, 0, 2);
    drop(taken_back);
    check_lists(&stop, 0, 1);
    stop.request_stop();
    check_lists(&stop, 0, 0);
    let late = StopCallback::new(&stop.token(), || ());
    check_lists(&stop, 0, 0);
    drop((called, late));
}

/// Checks how many parents and children a source has.
#[track_caller]
fn check_links(stop: &StopSource, n_parents: usize, n_children: usize) {
    assert_eq!(super::family::n_links(&stop.state), (n_parents, n_children));
}

#[test]
fn a_child_is_unlinked_when_its_last_share_is_dropped() {
    let parent = StopSource::new();
    let child = StopSource::child_of(&parent.token());
    let callback = StopCallback::new(&child.token(), || ());
    let token = child.token();
    drop(child);
    check_links(&parent, 0, 1);
    drop(token);
    check_links(&parent, 0, 1);
    drop(callback);
    check_links(&parent, 0, 0);
}

#[test]
fn a_source_without_shares_hands_its_children_to_its_parents() {
    let top = StopSource::new();
    let middle = StopSource::child_of(&top.token());
    let token = middle.token();
    let [one, other] = [(); 2].map(|()| StopSource::child_of(&token));
    check_links(&top, 0, 1);
    check_links(&middle, 1, 2);
    drop(middle);
    check_links(&top, 0, 1);
    drop(token);
    check_links(&top, 0, 2);
    check_links(&one, 1, 0);
    check_links(&other, 1, 0);
    assert!(one.request_stop());
    check_links(&top, 0, 1);
    top.request_stop();
    assert!(other.stop_requested());
}

#[test]
fn a_source_that_is_handed_to_a_parent_it_already_has_is_linked_once() {
    let (group, top) = (StopSource::new(), StopSource::new());
    let mut last = StopSource::child_of_all([&group.token(), &top.token(), &group.token()]);
    for _ in 0..100 {
        check_links(&last, 2, 0);
        last = StopSource::child_of_all([&last.token(), &group.token()]);
    }
    check_links(&group, 0, 1);
    check_links(&top, 0, 1);
    drop(group);
    check_links(&last, 1, 0);
    drop(top);
    check_links(&last, 0, 0);
}

#[test]
fn a_stopped_source_has_no_links() {
    let [top, beside] = [(); 2].map(|()| StopSource::new());
    let middle = StopSource::child_of_all([&top.token(), &beside.token()]);
    let low = StopSource::child_of_all([&middle.token(), &top.token(), &beside.token()]);
    assert!(middle.request_stop());
    let late = StopSource::child_of_all([&beside.token(), &middle.token()]);
    for it in [&top, &beside, &middle, &low, &late] {
        check_links(it, 0, 0);
    }
    assert!(low.stop_requested() && late.stop_requested());
    assert!(!top.stop_requested() && !beside.stop_requested());
}

#[test]
fn a_wait_with_several_tokens_is_unlinked_when_it_is_dropped() {
    let stops = [(); 3].map(|()| StopSource::new());
    let wait = stops.iter().fold(Wait::forever(), |wait, stop| wait.or_stop(&stop.token()));
    let copy = wait.clone();
    drop(wait);
    stops.iter().for_each(|it| check_links(it, 0, 1));
    drop(copy);
    stops.iter().for_each(|it| check_links(it, 0, 0));
    let same = StopSource::new();
    drop(Wait::forever().or_stop(&same.token()).or_stop(&same.token()));
    assert!(!same.state.member.is_linked(), "one token needs no link");
}

/// The middle source may be dropped between any two steps of others. Each step is one critical section, so these are all possible orders.
#[test]
fn the_middle_source_may_be_dropped_before_or_after_any_other_step() {
    for leaves_at in 0..4 {
        let top = StopSource::new();
        let mut middle = Some(StopSource::child_of(&top.token()));
        let low = StopSource::child_of(&middle.as_ref().unwrap().token());
        let mut leave = |step| _ = middle.take_if(|_| step == leaves_at);
        leave(0);
        let lower = StopSource::child_of(&low.token());
        leave(1);
        drop(low);
        leave(2);
        top.request_stop();
        leave(3);
        assert!(lower.stop_requested(), "dropped at step {leaves_at}");
        check_links(&top, 0, 0);
        check_links(&lower, 0, 0);
    }
}
