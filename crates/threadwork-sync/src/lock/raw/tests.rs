//! Races of the lock, written down in order on its word.
//!
//! A thread that parks at the lock's word, and does nothing when it is woken, is a waiter that takes as long as a test likes
//! between its wake-up and its next look at the lock.
#![cfg(not(threadwork_loom))]

use std::{
    panic::Location,
    sync::{Arc, atomic::Ordering},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use super::{PARKED, RawLock};
use crate::{
    StopSource, Wait, WaitError,
    door::{self, Key, Parked, Parking, Subject, Ticket, Token, waits},
    number::{MAIN_IDENT, adopt_ident, current_word, reserve_ident},
};

/// Starts a thread that is blocked when this returns; also returns its word.
#[track_caller]
fn start<T: Send + 'static>(f: impl FnOnce() -> T + Send + 'static) -> (usize, JoinHandle<T>) {
    let reserved = reserve_ident();
    let ident = reserved.get();
    let thread = thread::spawn(move || {
        adopt_ident(reserved);
        f()
    });
    let give_up = Instant::now() + Duration::from_secs(60);
    while !waits().iter().any(|it| it.thread.ident == ident) {
        assert!(Instant::now() < give_up, "the thread does not block");
        thread::yield_now();
    }
    ((ident.get() as usize) << crate::number::FLAG_BITS, thread)
}

/// A waiter that is slow to look again.
#[track_caller]
fn slow_waiter(lock: &Arc<RawLock>) -> (usize, JoinHandle<Parked>) {
    let lock = Arc::clone(lock);
    start(move || {
        let subject = Subject::join(MAIN_IDENT, Location::caller());
        let key = Key::of(&lock.word);
        let parking = Parking { key, amount: 0, subject: &subject };
        door::park(&parking, None, || true, || (), |_, _| ())
    })
}

/// A waiter that acquires and does not release.
#[track_caller]
fn waiter(lock: &Arc<RawLock>, wait: Wait) -> (usize, JoinHandle<Result<(), WaitError>>) {
    let lock = Arc::clone(lock);
    start(move || lock.acquire_with(&wait))
}

/// A lock held by the current thread, as if its queue had been joined.
fn held(is_fair: bool, flag: usize) -> Arc<RawLock> {
    let lock = if is_fair { RawLock::fair() } else { RawLock::new() };
    lock.word.store(current_word() | flag, Ordering::Relaxed);
    Arc::new(lock)
}

fn word(lock: &RawLock) -> usize {
    lock.word.load(Ordering::Relaxed)
}

/// Who stands in the queue.
fn queue(lock: &RawLock) -> Vec<usize> {
    let mut threads = Vec::new();
    let key = Key::of(&lock.word);
    let look = |Ticket { thread, .. }: Ticket| {
        threads.push(thread);
        door::Filter::Skip
    };
    door::unpark_filter(key, look, |_| Token::RETRY);
    threads
}

#[track_caller]
fn stands_again(lock: &RawLock, thread: usize) {
    let give_up = Instant::now() + Duration::from_secs(60);
    while queue(lock) != [thread] {
        assert!(Instant::now() < give_up, "the thread does not come back");
        thread::yield_now();
    }
}

#[test]
fn a_release_frees_the_lock_for_whoever_comes_first() {
    let lock = held(false, PARKED);
    let (_, first) = slow_waiter(&lock);
    let (_, second) = slow_waiter(&lock);
    lock.release().unwrap();
    assert_eq!(first.join().unwrap(), Parked::Woken(Token::RETRY_MORE));
    assert_eq!(word(&lock), 0);
    assert!(lock.try_acquire(), "the woken thread is overtaken");
    assert_eq!(word(&lock), current_word(), "who barges owes the queue nothing");

    lock.word.fetch_or(PARKED, Ordering::Relaxed);
    lock.release().unwrap();
    assert_eq!(second.join().unwrap(), Parked::Woken(Token::RETRY));
    assert_eq!(word(&lock), 0);
}

#[test]
fn who_was_woken_and_left_others_behind_owes_them_a_wake_up() {
    for (token, owed) in [(Token::RETRY_MORE, PARKED), (Token::RETRY, 0)] {
        let lock = held(false, 0);
        let (thread, waiter) = waiter(&lock, Wait::forever());
        assert_eq!(word(&lock), current_word() | PARKED);
        lock.word.store(0, Ordering::Relaxed);
        door::unpark_one(Key::of(&lock.word), |_| token);
        assert_eq!(waiter.join().unwrap(), Ok(()));
        assert_eq!(word(&lock), thread | owed);
    }
}

#[test]
fn who_was_overtaken_stands_in_the_queue_again() {
    for token in [Token::RETRY, Token::RETRY_MORE] {
        let lock = held(false, 0);
        let (thread, waiter) = waiter(&lock, Wait::forever());
        // Released, and acquired again before the woken thread has looked.
        lock.word.store(current_word(), Ordering::Relaxed);
        door::unpark_one(Key::of(&lock.word), |_| token);
        stands_again(&lock, thread);
        assert_eq!(word(&lock), current_word() | PARKED, "this release will wake it");
        lock.release().unwrap();
        assert_eq!(waiter.join().unwrap(), Ok(()));
        assert_eq!(word(&lock), thread, "it has paid by standing in the queue again");
    }
}

#[test]
fn a_wake_up_meant_for_an_older_lock_at_the_address_does_no_harm() {
    for is_fair in [false, true] {
        for token in [Token::RETRY, Token::RETRY_MORE, Token::STOPPED] {
            let lock = held(is_fair, 0);
            let (thread, waiter) = waiter(&lock, Wait::forever());
            door::unpark_one(Key::of(&lock.word), |_| token);
            stands_again(&lock, thread);
            assert_eq!(word(&lock), current_word() | PARKED);
            lock.release().unwrap();
            assert_eq!(waiter.join().unwrap(), Ok(()));
        }
    }
}

#[test]
fn a_fair_release_makes_the_first_in_the_queue_the_holder() {
    let lock = held(true, PARKED);
    let (first, first_thread) = slow_waiter(&lock);
    let (second, second_thread) = slow_waiter(&lock);
    lock.release().unwrap();
    assert_eq!(word(&lock), first | PARKED, "the other one still waits");
    assert_eq!(first_thread.join().unwrap(), Parked::Woken(Token::HANDED_OVER));
    assert!(!lock.try_acquire());
    lock.release().unwrap();
    assert_eq!(word(&lock), second, "nobody waits any more");
    assert_eq!(second_thread.join().unwrap(), Parked::Woken(Token::HANDED_OVER));
    lock.release().unwrap();
    assert_eq!(word(&lock), 0);
}

#[test]
fn a_fair_release_frees_the_lock_if_nobody_has_reached_the_queue() {
    for flag in [0, PARKED] {
        let lock = held(true, flag);
        lock.release().unwrap();
        assert_eq!(word(&lock), 0);
        assert!(lock.release().is_err());
        assert_eq!(word(&lock), 0);
    }
}

#[test]
fn of_two_fair_releases_at_once_the_second_is_an_error_if_nobody_waits() {
    let lock = held(true, PARKED);
    // Both have seen the flags of a held lock; the first comes through.
    lock.release().unwrap();
    assert!(lock.hand_over().is_err());
    assert_eq!(word(&lock), 0);
    // A waiter may have taken its flag back before the release reaches the queue.
    assert!(lock.try_acquire());
    assert!(lock.hand_over().is_ok());
    assert_eq!(word(&lock), 0);
}

#[test]
fn the_last_one_whose_time_is_up_takes_the_flag_along_and_no_other() {
    for is_fair in [false, true] {
        let lock = held(is_fair, 0);
        assert_eq!(lock.acquire_timeout(Duration::from_millis(1)), Err(WaitError::TimedOut));
        assert_eq!(word(&lock), current_word());

        let (_, behind) = waiter(&lock, Wait::forever());
        assert_eq!(lock.acquire_timeout(Duration::from_millis(1)), Err(WaitError::TimedOut));
        assert_eq!(word(&lock), current_word() | PARKED);
        lock.release().unwrap();
        assert_eq!(behind.join().unwrap(), Ok(()));
    }
}

#[test]
fn a_stop_leaves_the_flag_to_the_next_release() {
    for is_fair in [false, true] {
        let lock = held(is_fair, 0);
        let stop = StopSource::new();
        let wait = Wait::forever().or_stop(&stop.token());
        let (_, stopped) = waiter(&lock, wait.clone());
        stop.request_stop();
        assert_eq!(stopped.join().unwrap(), Err(WaitError::Stopped));
        assert_eq!(lock.acquire_with(&wait), Err(WaitError::Stopped));
        assert!(queue(&lock).is_empty());
        assert_eq!(word(&lock), current_word() | PARKED);
        lock.release().unwrap();
        assert_eq!(word(&lock), 0);
    }
}
