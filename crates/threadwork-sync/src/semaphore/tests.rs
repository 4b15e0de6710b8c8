//! The word and the queue of the semaphore, step by step.
#![cfg(not(threadwork_loom))]

use std::{
    panic::Location,
    sync::{Arc, atomic::Ordering},
    thread::JoinHandle,
    time::Duration,
};

use super::{FLAGS, PARKED, SHIFT, STRICT, Semaphore};
use crate::{
    BoundedSemaphore, ReleaseError, StopSource, Wait, WaitError, Waitable,
    any::Several,
    door::{
        Token,
        testing::{eventually, queue, start, unpark_thread},
    },
};

mod turns;

const ONE: usize = 1 << SHIFT;
const MAX: usize = Semaphore::MAX_PERMITS;

fn word(semaphore: &Semaphore) -> usize {
    semaphore.word.load(Ordering::Relaxed)
}

fn set_word(semaphore: &Semaphore, word: usize) {
    semaphore.word.store(word, Ordering::Relaxed);
}

/// Starts a thread that waits for `n` permits and keeps them.
#[track_caller]
fn waiter(semaphore: &Arc<Semaphore>, n: usize) -> (usize, JoinHandle<()>) {
    let semaphore = Arc::clone(semaphore);
    start(move || semaphore.acquire_many(n).forget())
}

#[test]
fn the_number_of_permits_does_not_exceed_its_limit() {
    for flags in [0, PARKED, FLAGS] {
        let semaphore = Semaphore::new(0);
        set_word(&semaphore, (MAX - 1) << SHIFT | flags);
        assert_eq!(semaphore.release(2), Err(ReleaseError::TooMany));
        assert_eq!(semaphore.release(usize::MAX), Err(ReleaseError::TooMany));
        assert_eq!(word(&semaphore), (MAX - 1) << SHIFT | flags);
        assert_eq!(semaphore.release(1), Ok(()));
        assert_eq!(word(&semaphore), MAX << SHIFT, "the queue is empty");
        assert_eq!(semaphore.release(1), Err(ReleaseError::TooMany));
        semaphore.acquire_many(MAX).forget();
        assert_eq!(word(&semaphore), 0);
    }
}

#[test]
fn a_wait_for_one_permit_that_times_out_leaves_a_flag_to_the_next_release() {
    let semaphore = Semaphore::new(0);
    assert!(semaphore.acquire_timeout(Duration::from_millis(1)).is_err());
    assert_eq!(word(&semaphore), PARKED);
    assert_eq!(semaphore.release(1), Ok(()));
    assert_eq!(word(&semaphore), ONE);
}

#[test]
fn a_wait_for_many_permits_that_gives_up_leaves_no_flag() {
    let semaphore = Semaphore::new(1);
    assert!(semaphore.acquire_many_timeout(2, Duration::ZERO).is_err());
    assert_eq!(word(&semaphore), ONE);

    let stop = StopSource::new();
    stop.request_stop();
    let wait = Wait::forever().or_stop(&stop.token());
    assert_eq!(semaphore.acquire_many_with(2, &wait).unwrap_err(), WaitError::Stopped);
    assert_eq!(word(&semaphore), ONE);
}

#[test]
fn a_woken_thread_takes_the_permit_although_another_now_waits_for_many() {
    let semaphore = Arc::new(Semaphore::new(0));
    let (one, first) = waiter(&semaphore, 1);
    assert_eq!(word(&semaphore), PARKED);
    let (many, second) = waiter(&semaphore, 2);
    assert_eq!(word(&semaphore), FLAGS);
    // As if the release had come before the second waiter, and the first one looked only now.
    set_word(&semaphore, ONE | FLAGS);
    assert!(unpark_thread(semaphore.key(), one, Token::RETRY));
    first.join().unwrap();
    assert_eq!((word(&semaphore), queue(semaphore.key())), (FLAGS, vec![many]));
    assert_eq!(semaphore.release(2), Ok(()));
    second.join().unwrap();
    assert_eq!(word(&semaphore), 0);
}

#[test]
fn a_woken_thread_that_was_overtaken_enters_the_queue_again() {
    let semaphore = Arc::new(Semaphore::new(0));
    let (thread, waiter) = waiter(&semaphore, 1);
    set_word(&semaphore, 0);
    assert!(unpark_thread(semaphore.key(), thread, Token::RETRY));
    eventually("the thread has not entered the queue again", || queue(semaphore.key()) == [thread]);
    assert_eq!(word(&semaphore), PARKED);
    assert_eq!(semaphore.release(1), Ok(()));
    waiter.join().unwrap();
}

#[test]
fn permits_are_handed_over_in_order_while_a_thread_waits_for_many() {
    let semaphore = Arc::new(Semaphore::new(0));
    let (many, first) = waiter(&semaphore, 2);
    let (one, second) = waiter(&semaphore, 1);
    assert_eq!(semaphore.release(1), Ok(()));
    assert_eq!((word(&semaphore), queue(semaphore.key())), (ONE | FLAGS, vec![many, one]));
    assert!(semaphore.try_acquire().is_none(), "a new thread does not overtake");

    assert_eq!(semaphore.release(1), Ok(()));
    first.join().unwrap();
    assert_eq!((word(&semaphore), queue(semaphore.key())), (PARKED, vec![one]));
    assert_eq!(semaphore.release(2), Ok(()));
    second.join().unwrap();
    assert_eq!(word(&semaphore), ONE);
}

#[test]
fn an_acquire_gets_an_available_permit_even_while_permits_are_handed_over() {
    let semaphore = Semaphore::new(1);
    // Left by a thread that wanted several permits and has left the queue, but has not given out permits yet.
    set_word(&semaphore, ONE | STRICT | PARKED);
    semaphore.acquire().forget();
    assert_eq!(word(&semaphore), 0);
}

#[test]
fn a_release_beyond_the_limit_wakes_no_thread_that_waits_for_many() {
    let semaphore = Arc::new(Semaphore::with_limit(0, 4));
    let (thread, waiter) = waiter(&semaphore, 4);
    set_word(&semaphore, (2 * ONE) | FLAGS);
    assert_eq!(semaphore.release(3), Err(ReleaseError::TooMany));
    assert_eq!(word(&semaphore), (2 * ONE) | FLAGS);
    assert_eq!(queue(semaphore.key()), [thread]);
    assert_eq!(semaphore.release(2), Ok(()));
    waiter.join().unwrap();
}

#[test]
fn a_release_that_seems_to_exceed_the_limit_wakes_a_waiter_nevertheless() {
    let semaphore = Arc::new(Semaphore::with_limit(0, 1));
    let (_, waiter) = waiter(&semaphore, 1);
    // Another thread may take the available permit before the release adds its own, and no other release would wake this waiter.
    set_word(&semaphore, ONE | PARKED);
    assert_eq!(semaphore.release(1), Err(ReleaseError::TooMany));
    waiter.join().unwrap();
    assert_eq!(word(&semaphore) >> SHIFT, 0);
}

#[test]
fn a_permit_that_would_exceed_the_bound_is_not_put_back() {
    let semaphore = BoundedSemaphore::new(1);
    let permit = semaphore.acquire();
    assert_eq!(semaphore.release(1), Ok(()));
    drop(permit);
    assert_eq!(semaphore.available(), 1);
}

#[test]
fn permits_are_put_back_through_the_queue_if_a_waiter_was_noted_when_they_were_taken_or_later() {
    let semaphore = Semaphore::new(3);
    set_word(&semaphore, word(&semaphore) | PARKED);
    let permit = semaphore.acquire();
    assert_eq!(word(&semaphore), 2 << SHIFT | PARKED);
    drop(permit);
    assert_eq!(word(&semaphore), 3 << SHIFT, "the release looked at the queue and found it empty");

    let permit = semaphore.acquire();
    set_word(&semaphore, word(&semaphore) | PARKED);
    drop(permit);
    assert_eq!(word(&semaphore), 3 << SHIFT, "the same holds here");

    let (first, second) = (semaphore.acquire(), semaphore.acquire_many(2));
    drop(first);
    assert_eq!(
        semaphore.available(),
        1,
        "the word is not reset to what it was before the first acquire"
    );
    drop(second);
    assert_eq!(word(&semaphore), 3 << SHIFT);
}

/// Watches a semaphore without blocking a thread.
fn watcher(semaphore: &Semaphore) -> Several<'_> {
    Several::new([semaphore.target(Location::caller())])
}

#[test]
fn a_watcher_keeps_the_flag_until_it_has_left() {
    let semaphore = Semaphore::new(0);
    let mut watcher = watcher(&semaphore);
    assert_eq!((word(&semaphore), queue(semaphore.key()).len()), (PARKED, 1));
    assert_eq!(watcher.try_next(), None);
    semaphore.release(1).unwrap();
    assert_eq!(word(&semaphore), ONE | PARKED);
    assert_eq!(watcher.try_next(), Some(0), "it has been told");
    assert_eq!((word(&semaphore), queue(semaphore.key()).len()), (ONE | PARKED, 0));
    semaphore.release(1).unwrap();
    assert_eq!(word(&semaphore), 2 * ONE, "the queue is empty");
}

#[test]
fn a_watcher_uses_up_no_permit_and_no_wake_up() {
    let semaphore = Arc::new(Semaphore::new(0));
    let mut first = watcher(&semaphore);
    let (_, taker) = waiter(&semaphore, 1);
    let mut second = watcher(&semaphore);
    semaphore.release(1).unwrap();
    eventually("the thread is not woken", || taker.is_finished());
    assert_eq!(word(&semaphore), PARKED);
    // Both were told, and find nothing. After that they are told again.
    assert_eq!([&mut first, &mut second].map(Several::try_next), [None; 2]);
    semaphore.release(1).unwrap();
    assert_eq!([&mut first, &mut second].map(Several::try_next), [Some(0); 2]);
    assert_eq!(semaphore.available(), 1);
}

#[test]
fn a_watcher_is_not_served_while_permits_are_handed_over() {
    let semaphore = Arc::new(Semaphore::new(0));
    let mut watcher = watcher(&semaphore);
    let (_, taker) = waiter(&semaphore, 2);
    semaphore.release(1).unwrap();
    assert_eq!(word(&semaphore), ONE | FLAGS);
    assert_eq!(watcher.try_next(), None, "the permit is not for those who come later");
    semaphore.release(2).unwrap();
    eventually("the thread is not woken", || taker.is_finished());
    assert_eq!(word(&semaphore), ONE | PARKED);
    assert_eq!(watcher.try_next(), Some(0));
}

#[test]
fn a_watcher_is_told_when_the_thread_that_held_permits_up_leaves() {
    let (semaphore, stop) = (Arc::new(Semaphore::new(0)), StopSource::new());
    let mut watcher = watcher(&semaphore);
    let (_, taker) = {
        let (semaphore, wait) = (Arc::clone(&semaphore), Wait::forever().or_stop(&stop.token()));
        start(move || semaphore.acquire_many_with(2, &wait).map(drop))
    };
    semaphore.release(1).unwrap();
    assert_eq!(watcher.try_next(), None);
    stop.request_stop();
    assert_eq!(taker.join().unwrap(), Err(WaitError::Stopped));
    assert_eq!(word(&semaphore), ONE | PARKED);
    assert_eq!(watcher.try_next(), Some(0));
}
