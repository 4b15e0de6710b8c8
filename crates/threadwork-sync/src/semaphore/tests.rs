//! The word and the queue of the semaphore, step by step.
#![cfg(not(threadwork_loom))]

use std::{
    sync::{Arc, atomic::Ordering},
    thread::JoinHandle,
    time::Duration,
};

use super::{FLAGS, PARKED, SHIFT, STRICT, Semaphore};
use crate::{
    BoundedSemaphore, ReleaseError, StopSource, Wait, WaitError,
    door::{
        self, Token,
        testing::{eventually, queue, start},
    },
};

const ONE: usize = 1 << SHIFT;
const MAX: usize = Semaphore::MAX_PERMITS;

fn word(semaphore: &Semaphore) -> usize {
    semaphore.word.load(Ordering::Relaxed)
}

fn set_word(semaphore: &Semaphore, word: usize) {
    semaphore.word.store(word, Ordering::Relaxed);
}

/// A thread that waits for so many permits, and keeps them.
#[track_caller]
fn waiter(semaphore: &Arc<Semaphore>, n: usize) -> (usize, JoinHandle<()>) {
    let semaphore = Arc::clone(semaphore);
    start(move || semaphore.acquire_many(n).forget())
}

#[test]
fn the_last_permit_there_can_be_is_not_exceeded() {
    for flags in [0, PARKED, FLAGS] {
        let semaphore = Semaphore::new(0);
        set_word(&semaphore, (MAX - 1) << SHIFT | flags);
        assert_eq!(semaphore.release(2), Err(ReleaseError::TooMany));
        assert_eq!(semaphore.release(usize::MAX), Err(ReleaseError::TooMany));
        assert_eq!(word(&semaphore), (MAX - 1) << SHIFT | flags);
        assert_eq!(semaphore.release(1), Ok(()));
        assert_eq!(word(&semaphore), MAX << SHIFT, "nobody stands in the queue");
        assert_eq!(semaphore.release(1), Err(ReleaseError::TooMany));
        semaphore.acquire_many(MAX).forget();
        assert_eq!(word(&semaphore), 0);
    }
}

#[test]
fn who_waits_for_one_and_gives_up_leaves_a_flag_to_the_next_release() {
    let semaphore = Semaphore::new(0);
    assert!(semaphore.acquire_timeout(Duration::from_millis(1)).is_err());
    assert_eq!(word(&semaphore), PARKED);
    assert_eq!(semaphore.release(1), Ok(()));
    assert_eq!(word(&semaphore), ONE);
}

#[test]
fn who_waits_for_many_and_gives_up_leaves_no_flag() {
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
fn who_was_woken_takes_the_permit_though_somebody_now_waits_for_many() {
    let semaphore = Arc::new(Semaphore::new(0));
    let (one, first) = waiter(&semaphore, 1);
    assert_eq!(word(&semaphore), PARKED);
    let (many, second) = waiter(&semaphore, 2);
    assert_eq!(word(&semaphore), FLAGS);
    // As if the release had come before the second, and the first looked only now.
    set_word(&semaphore, ONE | FLAGS);
    assert!(door::unpark_thread(semaphore.key(), one, Token::RETRY));
    first.join().unwrap();
    assert_eq!((word(&semaphore), queue(semaphore.key())), (FLAGS, vec![many]));
    assert_eq!(semaphore.release(2), Ok(()));
    second.join().unwrap();
    assert_eq!(word(&semaphore), 0);
}

#[test]
fn who_was_woken_and_overtaken_stands_in_the_queue_again() {
    let semaphore = Arc::new(Semaphore::new(0));
    let (thread, waiter) = waiter(&semaphore, 1);
    set_word(&semaphore, 0);
    assert!(door::unpark_thread(semaphore.key(), thread, Token::RETRY));
    eventually("the thread does not come back", || queue(semaphore.key()) == [thread]);
    assert_eq!(word(&semaphore), PARKED);
    assert_eq!(semaphore.release(1), Ok(()));
    waiter.join().unwrap();
}

#[test]
fn permits_go_from_hand_to_hand_while_somebody_waits_for_many() {
    let semaphore = Arc::new(Semaphore::new(0));
    let (many, first) = waiter(&semaphore, 2);
    let (one, second) = waiter(&semaphore, 1);
    assert_eq!(semaphore.release(1), Ok(()));
    assert_eq!((word(&semaphore), queue(semaphore.key())), (ONE | FLAGS, vec![many, one]));
    assert!(semaphore.try_acquire().is_none(), "nobody overtakes");

    assert_eq!(semaphore.release(1), Ok(()));
    first.join().unwrap();
    assert_eq!((word(&semaphore), queue(semaphore.key())), (PARKED, vec![one]));
    assert_eq!(semaphore.release(2), Ok(()));
    second.join().unwrap();
    assert_eq!(word(&semaphore), ONE);
}

#[test]
fn who_comes_when_a_permit_goes_from_hand_to_hand_gets_it_at_once() {
    let semaphore = Semaphore::new(1);
    // Left by somebody who wanted several, and has gone but for its last look.
    set_word(&semaphore, ONE | STRICT | PARKED);
    semaphore.acquire().forget();
    assert_eq!(word(&semaphore), 0);
}

#[test]
fn a_release_too_much_wakes_nobody_who_waits_for_many() {
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
fn a_release_that_seems_too_much_wakes_all_the_same() {
    let semaphore = Arc::new(Semaphore::with_limit(0, 1));
    let (_, waiter) = waiter(&semaphore, 1);
    // Until it adds the permit somebody may have taken the one that is there, and nobody else would wake this thread.
    set_word(&semaphore, ONE | PARKED);
    assert_eq!(semaphore.release(1), Err(ReleaseError::TooMany));
    waiter.join().unwrap();
    assert_eq!(word(&semaphore) >> SHIFT, 0);
}

#[test]
fn a_permit_beyond_the_bound_is_nobodys() {
    let semaphore = BoundedSemaphore::new(1);
    let permit = semaphore.acquire();
    assert_eq!(semaphore.release(1), Ok(()));
    drop(permit);
    assert_eq!(semaphore.available(), 1);
}

#[test]
fn permits_go_back_by_way_of_the_queue_if_somebody_stood_there_at_their_take_or_since() {
    let semaphore = Semaphore::new(3);
    set_word(&semaphore, word(&semaphore) | PARKED);
    let permit = semaphore.acquire();
    assert_eq!(word(&semaphore), 2 << SHIFT | PARKED);
    drop(permit);
    assert_eq!(word(&semaphore), 3 << SHIFT, "the queue was looked at, and nobody stands there");

    let permit = semaphore.acquire();
    set_word(&semaphore, word(&semaphore) | PARKED);
    drop(permit);
    assert_eq!(word(&semaphore), 3 << SHIFT, "as above");

    let (first, second) = (semaphore.acquire(), semaphore.acquire_many(2));
    drop(first);
    assert_eq!(semaphore.available(), 1, "not what was there when the first was taken");
    drop(second);
    assert_eq!(word(&semaphore), 3 << SHIFT);
}
