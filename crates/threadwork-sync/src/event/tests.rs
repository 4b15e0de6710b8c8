//! The states of the event's word, step by step.
#![cfg(not(threadwork_loom))]

use std::{
    panic::Location,
    sync::{Arc, atomic::Ordering},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use super::{COUNT, Event, ONE, PARKED, SET};
use crate::{
    Waitable,
    any::Several,
    door::{self, Filter, Key, Token, waits},
    number::{adopt_ident, reserve_ident},
};

fn word(event: &Event) -> usize {
    event.word.load(Ordering::Relaxed)
}

#[track_caller]
fn eventually(what: &str, mut look: impl FnMut() -> bool) {
    let give_up = Instant::now() + Duration::from_secs(60);
    while !look() {
        assert!(Instant::now() < give_up, "{what}");
        thread::yield_now();
    }
}

/// Starts a thread that waits for `event` and is blocked when this function returns.
#[track_caller]
fn waiter(event: &Arc<Event>) -> JoinHandle<()> {
    let (reserved, event) = (reserve_ident(), Arc::clone(event));
    let ident = reserved.get();
    let thread = thread::spawn(move || {
        adopt_ident(reserved);
        event.wait();
    });
    eventually("the thread has not blocked", || waits().iter().any(|it| it.thread.ident == ident));
    thread
}

#[test]
fn only_a_set_of_a_clear_event_counts() {
    let event = Event::new();
    event.set();
    assert_eq!(word(&event), ONE | SET);
    event.set();
    assert_eq!(word(&event), ONE | SET);
    event.clear();
    event.clear();
    assert_eq!(word(&event), ONE);
    event.set();
    assert_eq!(word(&event), (2 * ONE) | SET);
}

#[test]
fn a_set_clears_the_flag_of_the_waiters() {
    let event = Arc::new(Event::new());
    let waiters = [waiter(&event), waiter(&event)];
    assert_eq!(word(&event), PARKED);
    event.clear();
    assert_eq!(word(&event), PARKED, "a clear leaves the flag set");
    event.set();
    assert_eq!(word(&event), ONE | SET);
    waiters.into_iter().for_each(|it| it.join().unwrap());
}

#[test]
fn a_wait_that_times_out_leaves_the_flag_to_the_next_set() {
    let event = Event::new();
    assert!(event.wait_timeout(Duration::from_millis(1)).is_err());
    assert_eq!(word(&event), PARKED);
    event.set();
    assert_eq!(word(&event), ONE | SET);
}

#[test]
fn the_count_may_wrap_around_while_a_thread_waits() {
    let event = Arc::new(Event::new());
    event.word.store(COUNT, Ordering::Relaxed);
    let waiter = waiter(&event);
    event.set();
    event.clear();
    assert_eq!(word(&event), 0);
    waiter.join().unwrap();
}

// Scenario "the address that somebody else has now" in docs/architecture.md.
#[test]
fn a_wake_up_meant_for_an_older_event_at_the_address_does_no_harm() {
    let event = Arc::new(Event::new());
    let waiter = waiter(&event);
    let key = Key::of(&event.word);
    for token in [Token::RETRY, Token::RETRY_MORE, Token::value(7)] {
        assert_eq!(door::unpark_all(key, token), 1);
        eventually("the thread has not entered the queue again", || {
            let mut n_waiting = 0;
            let look = |_| {
                n_waiting += 1;
                Filter::Skip
            };
            door::unpark_filter(key, look, |_| Token::RETRY);
            n_waiting == 1
        });
    }
    event.set();
    waiter.join().unwrap();
}

#[test]
fn a_set_visits_those_who_watch_once_and_a_clear_does_not_hide_it() {
    let event = Event::new();
    let mut watcher = Several::new([event.target(Location::caller())]);
    assert_eq!(word(&event), PARKED);
    event.set();
    event.clear();
    assert_eq!(word(&event), ONE);
    assert_eq!(watcher.try_next(), Some(0));
    let late = Several::new([event.target(Location::caller())]).try_next();
    assert_eq!(late, None);
}
