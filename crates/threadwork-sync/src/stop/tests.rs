//! The list of those who wait for a stop.
#![cfg(not(threadwork_loom))]

use std::{
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use super::{StopCallback, StopSource};
use crate::{Event, RawLock, Wait, WaitError};

#[track_caller]
fn check_lists(stop: &StopSource, n_waiters: usize, n_callbacks: usize) {
    let listeners = stop.state.listeners.lock();
    assert_eq!((listeners.waiters.len(), listeners.callbacks.len()), (n_waiters, n_callbacks));
}

#[test]
fn a_wait_is_on_the_list_while_it_lasts_however_it_ends() {
    let stop = StopSource::new();
    let wait = Wait::forever().or_stop(&stop.token());
    let event = Arc::new(Event::new());
    let waiter = {
        let (event, wait) = (Arc::clone(&event), wait.clone());
        thread::spawn(move || event.wait_with(&wait))
    };
    let give_up = Instant::now() + Duration::from_secs(60);
    while stop.state.listeners.lock().waiters.is_empty() {
        assert!(Instant::now() < give_up, "the thread does not wait");
        thread::yield_now();
    }
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
fn a_callback_is_on_the_list_until_it_is_called_or_taken_back() {
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

#[test]
fn a_child_leaves_its_parents_list_with_its_last_owner() {
    let parent = StopSource::new();
    let child = StopSource::child_of(&parent.token());
    let token = child.token();
    drop(child);
    check_lists(&parent, 0, 1);
    drop(token);
    check_lists(&parent, 0, 0);
}
