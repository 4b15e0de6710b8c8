//! Races of the lock, written as sequences of steps on its word.
//!
//! A slow waiter is a thread that parks at the lock's word and does nothing when it is woken. It stands for a thread that takes
//! as long as the test needs between its wake-up and its next look at the lock.
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
    door::{self, HandOver, Key, Parked, Parking, Subject, Ticket, Token, Until, waits},
    number::{MAIN_IDENT, adopt_ident, current_word, reserve_ident},
};

mod freeing;
mod turns;

/// Starts a thread that is blocked when this function returns. Also returns the thread's word.
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
        assert!(Instant::now() < give_up, "the thread has not blocked");
        thread::yield_now();
    }
    ((ident.get() as usize) << crate::number::FLAG_BITS, thread)
}

/// Starts a waiter that does not look at the lock again after its wake-up.
#[track_caller]
fn slow_waiter(lock: &Arc<RawLock>) -> (usize, JoinHandle<Parked>) {
    let lock = Arc::clone(lock);
    start(move || {
        let subject = Subject::join(MAIN_IDENT, Location::caller());
        let key = Key::of(&lock.word);
        let parking = Parking { key, amount: 0, subject: &subject, overtaken: false };
        door::park(&parking, Until::default(), || true, || (), |_, _| ())
    })
}

/// Starts a waiter that acquires the lock and does not release it.
#[track_caller]
fn waiter(lock: &Arc<RawLock>, wait: Wait) -> (usize, JoinHandle<Result<(), WaitError>>) {
    let lock = Arc::clone(lock);
    start(move || lock.acquire_with(&wait))
}

/// Returns a lock that the current thread holds, with `flag` set in its word.
fn held(is_fair: bool, flag: usize) -> Arc<RawLock> {
    let lock = if is_fair { RawLock::fair() } else { RawLock::new() };
    lock.word.store(current_word() | flag, Ordering::Relaxed);
    Arc::new(lock)
}

fn word(lock: &RawLock) -> usize {
    lock.word.load(Ordering::Relaxed)
}

/// Returns the words of the threads in the queue.
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
fn waits_again(lock: &RawLock, thread: usize) {
    let give_up = Instant::now() + Duration::from_secs(60);
    while queue(lock) != [thread] {
        assert!(Instant::now() < give_up, "the thread has not entered the queue again");
        thread::yield_now();
    }
}

#[test]
fn a_release_frees_the_lock_for_the_first_thread_that_takes_it() {
    let lock = held(false, PARKED);
    let (_, first) = slow_waiter(&lock);
    let (_, second) = slow_waiter(&lock);
    lock.hand_over(HandOver::Never).unwrap();
    assert_eq!(first.join().unwrap(), Parked::Woken(Token::RETRY_MORE));
    assert_eq!(word(&lock), 0);
    assert!(lock.try_acquire(), "the woken thread is overtaken");
    assert_eq!(word(&lock), current_word(), "a barging thread owes the queue nothing");

    lock.word.fetch_or(PARKED, Ordering::Relaxed);
    lock.hand_over(HandOver::Never).unwrap();
    assert_eq!(second.join().unwrap(), Parked::Woken(Token::RETRY));
    assert_eq!(word(&lock), 0);
}

#[test]
fn a_woken_thread_that_left_others_in_the_queue_owes_them_a_wake_up() {
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
fn an_overtaken_thread_enters_the_queue_again() {
    for token in [Token::RETRY, Token::RETRY_MORE] {
        let lock = held(false, 0);
        let (thread, waiter) = waiter(&lock, Wait::forever());
        // The lock was released and acquired again before the woken thread looked.
        lock.word.store(current_word(), Ordering::Relaxed);
        door::unpark_one(Key::of(&lock.word), |_| token);
        waits_again(&lock, thread);
        assert_eq!(word(&lock), current_word() | PARKED, "this release will wake it");
        lock.release().unwrap();
        assert_eq!(waiter.join().unwrap(), Ok(()));
        assert_eq!(word(&lock), thread, "it paid the wake-up by entering the queue again");
    }
}

// Scenario "the address that somebody else has now" in docs/architecture.md.
#[test]
fn a_wake_up_meant_for_an_older_lock_at_the_address_does_no_harm() {
    for is_fair in [false, true] {
        for token in [Token::RETRY, Token::RETRY_MORE, Token::value(7)] {
            let lock = held(is_fair, 0);
            let (thread, waiter) = waiter(&lock, Wait::forever());
            door::unpark_one(Key::of(&lock.word), |_| token);
            waits_again(&lock, thread);
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
    assert_eq!(word(&lock), first | PARKED, "the other thread still waits");
    assert_eq!(first_thread.join().unwrap(), Parked::Woken(Token::HANDED_OVER));
    assert!(!lock.try_acquire());
    lock.release().unwrap();
    assert_eq!(word(&lock), second, "no other thread waits");
    assert_eq!(second_thread.join().unwrap(), Parked::Woken(Token::HANDED_OVER));
    lock.release().unwrap();
    assert_eq!(word(&lock), 0);
}

#[test]
fn a_fair_release_frees_the_lock_if_the_queue_is_empty() {
    for flag in [0, PARKED] {
        let lock = held(true, flag);
        lock.release().unwrap();
        assert_eq!(word(&lock), 0);
        assert!(lock.release().is_err());
        assert_eq!(word(&lock), 0);
    }
}

#[test]
fn the_second_of_two_concurrent_fair_releases_fails_if_no_thread_waits() {
    let lock = held(true, PARKED);
    // Both releases have seen a held lock with `PARKED` set; the first one succeeds.
    lock.release().unwrap();
    assert!(lock.hand_over(HandOver::Always).is_err());
    assert_eq!(word(&lock), 0);
    // A waiter may have cleared `PARKED` again before the release locks the queue.
    assert!(lock.try_acquire());
    assert!(lock.hand_over(HandOver::Always).is_ok());
    assert_eq!(word(&lock), 0);
}

#[test]
fn a_timeout_clears_the_flag_only_if_it_empties_the_queue() {
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
