//! A stop ends every wait that has its token, and no other.

use std::{
    collections::HashSet,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use threadwork_sync::{Event, RawLock, StopSource, StopToken, Wait, WaitError};

use crate::support::Helper;

fn wait_for(token: &StopToken) -> Wait {
    Wait::forever().or_stop(token)
}

/// Starts a thread that waits for an event that is never set, until a stop of `token`.
#[track_caller]
fn waiter(token: StopToken) -> Helper<Result<(), WaitError>> {
    Helper::start_blocked(move || Event::new().wait_with(&wait_for(&token)))
}

#[test]
fn only_the_first_request_counts() {
    let stop = StopSource::new();
    assert!(!stop.stop_requested());
    assert!(stop.request_stop());
    assert!(stop.stop_requested());
    assert!(!stop.request_stop());
    assert!(stop.stop_requested());
}

#[test]
fn clones_and_tokens_share_one_request() {
    let stop = StopSource::new();
    let (clone, token) = (stop.clone(), stop.token());
    let other = token.clone();
    assert!(clone.request_stop());
    assert!(!stop.request_stop());
    assert!(stop.stop_requested() && token.stop_requested() && other.stop_requested());
}

#[test]
fn a_token_outlives_its_source() {
    let token = StopSource::new().token();
    assert!(!token.stop_requested());
    let wait = Wait::timeout(Duration::ZERO).or_stop(&token);
    assert_eq!(Event::new().wait_with(&wait), Err(WaitError::TimedOut));
}

#[test]
fn a_stop_ends_all_waits_whatever_they_wait_for() {
    let stop = StopSource::new();
    let (plain, fair) = (Arc::new(RawLock::new()), Arc::new(RawLock::fair()));
    plain.acquire();
    fair.acquire();
    let mut waiters: Vec<_> = (0..4).map(|_| waiter(stop.token())).collect();
    for lock in [&plain, &plain, &fair, &fair] {
        let (lock, token) = (Arc::clone(lock), stop.token());
        waiters.push(Helper::start_blocked(move || lock.acquire_with(&wait_for(&token))));
    }
    stop.request_stop();
    for waiter in waiters {
        assert_eq!(waiter.join(), Err(WaitError::Stopped));
    }
    plain.release().unwrap();
    fair.release().unwrap();
    assert!(plain.try_acquire() && fair.try_acquire());
}

#[test]
fn a_stop_does_not_end_waits_without_its_token() {
    let event = Arc::new(Event::new());
    let (ours, theirs) = (StopSource::new(), StopSource::new());
    let waits = [Wait::forever(), wait_for(&theirs.token())];
    let others = waits.map(|wait| {
        let event = Arc::clone(&event);
        Helper::start_blocked(move || event.wait_with(&wait))
    });
    let stopped = {
        let (event, token) = (Arc::clone(&event), ours.token());
        Helper::start_blocked(move || event.wait_with(&wait_for(&token)))
    };
    ours.request_stop();
    assert_eq!(stopped.join(), Err(WaitError::Stopped));
    for other in &others {
        other.blocked();
    }
    event.set();
    for other in others {
        assert_eq!(other.join(), Ok(()));
    }
}

#[test]
fn a_thread_that_has_returned_is_not_woken_from_its_next_wait() {
    let (first, second) = (Arc::new(Event::new()), Arc::new(Event::new()));
    let (stop, other) = (StopSource::new(), StopSource::new());
    let waiter = {
        let (first, second) = (Arc::clone(&first), Arc::clone(&second));
        let (token, other) = (stop.token(), other.token());
        Helper::start_blocked(move || {
            first.wait_with(&wait_for(&token))?;
            second.wait_with(&wait_for(&other))
        })
    };
    let before = waiter.blocked();
    first.set();
    crate::support::eventually("the second wait does not begin", || {
        (waiter.blocked().address != before.address).then_some(())
    });
    stop.request_stop();
    waiter.blocked();
    second.set();
    assert_eq!(waiter.join(), Ok(()));
}

#[test]
fn the_request_is_seen_with_all_that_was_written_before_it() {
    static VALUE: AtomicU32 = AtomicU32::new(0);
    let stop = StopSource::new();
    let token = stop.token();
    let reader = Helper::start_blocked(move || {
        let ended = Event::new().wait_with(&wait_for(&token));
        (ended, VALUE.load(Ordering::Relaxed))
    });
    VALUE.store(7, Ordering::Relaxed);
    stop.request_stop();
    assert_eq!(reader.join(), (Err(WaitError::Stopped), 7));
}

#[test]
fn a_stop_of_the_parent_reaches_child_and_grandchild() {
    let parent = StopSource::new();
    let child = StopSource::child_of(&parent.token());
    let grandchild = StopSource::child_of(&child.token());
    let waiters = [waiter(parent.token()), waiter(child.token()), waiter(grandchild.token())];
    parent.request_stop();
    assert!(child.stop_requested() && grandchild.stop_requested());
    for waiter in waiters {
        assert_eq!(waiter.join(), Err(WaitError::Stopped));
    }
    assert!(!child.request_stop(), "only the first request returns true");
}

#[test]
fn a_stop_of_a_child_reaches_neither_parent_nor_sibling() {
    let parent = StopSource::new();
    let child = StopSource::child_of(&parent.token());
    let sibling = StopSource::child_of(&parent.token());
    let waiter = waiter(sibling.token());
    assert!(child.request_stop());
    assert!(!parent.stop_requested() && !sibling.stop_requested());
    waiter.blocked();
    assert!(parent.request_stop());
    assert_eq!(waiter.join(), Err(WaitError::Stopped));
}

#[test]
fn a_child_of_a_stopped_parent_is_stopped() {
    let parent = StopSource::new();
    parent.request_stop();
    assert!(StopSource::child_of(&parent.token()).stop_requested());
}

#[test]
fn a_child_that_is_gone_does_not_disturb_its_parent() {
    let parent = StopSource::new();
    drop(StopSource::child_of(&parent.token()));
    let token = StopSource::child_of(&parent.token()).token();
    assert!(parent.request_stop());
    assert!(token.stop_requested(), "a token keeps the source alive for the stop of the parent");
}

#[test]
fn a_child_outlives_its_parent() {
    let parent = StopSource::new();
    let child = StopSource::child_of(&parent.token());
    drop(parent);
    assert!(child.request_stop());
}

#[test]
fn a_wait_that_succeeded_is_not_stopped_afterwards() {
    let stop = StopSource::new();
    let event = Arc::new(Event::new());
    let waiter = {
        let (event, token) = (Arc::clone(&event), stop.token());
        Helper::start_blocked(move || event.wait_with(&wait_for(&token)))
    };
    event.set();
    stop.request_stop();
    assert_eq!(waiter.join(), Ok(()), "the event was set first");
}

#[test]
fn a_stop_beats_a_deadline_that_has_passed_too() {
    let stop = StopSource::new();
    stop.request_stop();
    let wait = Wait::timeout(Duration::ZERO).or_stop(&stop.token());
    assert_eq!(Event::new().wait_with(&wait), Err(WaitError::Stopped));
}

#[test]
fn debug_shows_whether_a_stop_was_requested() {
    let stop = StopSource::new();
    assert_eq!(format!("{stop:?}"), "StopSource { stop_requested: false }");
    stop.request_stop();
    assert_eq!(format!("{:?}", stop.token()), "StopToken { stop_requested: true }");
}

#[test]
fn sources_and_tokens_are_equal_if_they_are_of_the_same_stop() {
    let (stop, other) = (StopSource::new(), StopSource::new());
    let child = StopSource::child_of(&stop.token());
    assert_eq!((stop.clone(), stop.token()), (stop.clone(), stop.token().clone()));
    assert!(stop != other && stop != child && stop.token() != other.token());
    let tokens = [&stop, &other, &stop, &child, &child].map(StopSource::token);
    assert_eq!(HashSet::from(tokens).len(), 3);
    assert_eq!(HashSet::from([stop.clone(), stop]).len(), 1);
}
