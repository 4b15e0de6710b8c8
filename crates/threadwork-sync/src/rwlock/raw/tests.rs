//! The word and the queue of the read-write lock, step by step.
#![cfg(not(threadwork_loom))]

use std::{
    num::NonZeroU64,
    sync::{Arc, atomic::Ordering},
    thread::JoinHandle,
    time::Duration,
};

use super::{DRAINING, Mode, PARKED, READER, RawRwLock, UPGRADABLE, WRITER};
use crate::{
    StopSource, Wait, WaitError,
    door::{
        self, Token,
        testing::{eventually, queue, start},
        waits,
    },
    forms::Blocking,
    number::{self, current_word},
    rwlock::word::FULL,
};

mod turns;

fn word(lock: &RawRwLock) -> usize {
    lock.word.load(Ordering::Relaxed)
}

fn held(mode: Mode) -> Arc<RawRwLock> {
    let lock = RawRwLock::new();
    assert!(lock.in_mode(mode).at_once().is_some());
    Arc::new(lock)
}

fn at_once() -> Wait {
    Wait::timeout(Duration::ZERO)
}

/// Starts a thread that acquires the lock and keeps it.
#[track_caller]
fn waiter(
    lock: &Arc<RawRwLock>,
    mode: Mode,
    wait: Wait,
) -> (usize, JoinHandle<Result<(), WaitError>>) {
    let lock = Arc::clone(lock);
    start(move || lock.in_mode(mode).unless(&wait))
}

/// Starts a thread that upgrades its upgradable read to a write.
#[track_caller]
fn upgrading(lock: &Arc<RawRwLock>, wait: Wait) -> (usize, JoinHandle<Result<(), WaitError>>) {
    let lock = Arc::clone(lock);
    start(move || lock.upgrading().unless(&wait))
}

fn holder_of_wait(thread: usize) -> Option<NonZeroU64> {
    let waiting = waits().into_iter().find(|it| Some(it.thread.ident) == number::from_word(thread));
    waiting.expect("the thread waits").holder
}

#[test]
fn the_number_of_readers_does_not_exceed_its_limit() {
    let lock = RawRwLock::new();
    let most = FULL - READER;
    lock.word.store(most, Ordering::Relaxed);
    assert!(lock.in_mode(Mode::Read).at_once().is_some());
    assert!(lock.readers() > 0);
    let full = word(&lock);
    assert!(lock.in_mode(Mode::Read).at_once().is_none());
    assert!(lock.in_mode(Mode::Write).at_once().is_none());
    assert_eq!(word(&lock), full);
    lock.release(Mode::Read);
    assert_eq!(word(&lock), most);
}

#[test]
fn giving_up_the_claim_wakes_the_waiters_that_can_proceed_and_they_owe_the_others_a_wake_up() {
    let lock = held(Mode::Write);
    assert_eq!(word(&lock), current_word() | WRITER);
    let (_, reader) = waiter(&lock, Mode::Read, Wait::forever());
    let (_, upgradable) = waiter(&lock, Mode::Upgradable, Wait::forever());
    let (first, writer) = waiter(&lock, Mode::Write, Wait::forever());
    let (second, other_writer) = waiter(&lock, Mode::Write, Wait::forever());
    let (_, other_reader) = waiter(&lock, Mode::Read, Wait::forever());

    lock.release(Mode::Write);
    assert_eq!(reader.join().unwrap(), Ok(()));
    assert_eq!(upgradable.join().unwrap(), Ok(()));
    assert_eq!(other_reader.join().unwrap(), Ok(()));
    assert_eq!(word(&lock), (2 * READER) | UPGRADABLE | PARKED);
    assert_eq!(
        queue(lock.key()),
        [first, second],
        "waiters that can proceed do not stay behind one that cannot"
    );

    lock.release(Mode::Upgradable);
    eventually("no writer takes the claim", || {
        word(&lock) == (2 * READER) | DRAINING | PARKED && queue(lock.key()) == [second, first]
    });
    lock.release(Mode::Read);
    assert_eq!(queue(lock.key()), [second, first], "there is another reader");
    lock.release(Mode::Read);
    assert_eq!(writer.join().unwrap(), Ok(()));
    assert_eq!((word(&lock), queue(lock.key())), (first | WRITER | PARKED, vec![second]));

    lock.release(Mode::Write);
    assert_eq!(other_writer.join().unwrap(), Ok(()));
    assert_eq!((word(&lock), lock.writer()), (second | WRITER, number::from_word(second)));
    lock.release(Mode::Write);
    assert_eq!(word(&lock), 0);
}

#[test]
fn an_overtaken_writer_wakes_the_readers_that_can_proceed() {
    let lock = held(Mode::Write);
    let (writer, writing) = waiter(&lock, Mode::Write, Wait::forever());
    let (_, reading) = waiter(&lock, Mode::Read, Wait::forever());
    // The lock was released, and before a woken thread ran, another thread acquired an upgradable read.
    lock.word.store(UPGRADABLE, Ordering::Relaxed);
    lock.wake(0);
    assert_eq!(reading.join().unwrap(), Ok(()));
    eventually("the writer has not entered the queue again", || queue(lock.key()) == [writer]);
    assert_eq!(word(&lock), READER | UPGRADABLE | PARKED);
    lock.release(Mode::Read);
    lock.release(Mode::Upgradable);
    assert_eq!(writing.join().unwrap(), Ok(()));
}

#[test]
fn a_woken_reader_ignores_the_claim_of_a_later_writer() {
    let lock = held(Mode::Write);
    let (_, reading) = waiter(&lock, Mode::Read, Wait::forever());
    // The lock was released, and before the woken reader ran, another thread started to read and a writer started to wait for it.
    lock.word.store(READER | DRAINING, Ordering::Relaxed);
    assert!(lock.in_mode(Mode::Read).at_once().is_none());
    lock.wake(0);
    assert_eq!(reading.join().unwrap(), Ok(()));
    assert_eq!(word(&lock), (2 * READER) | DRAINING);
}

#[test]
fn a_writer_that_gives_up_wakes_everyone_that_waited_because_of_it() {
    let stop = StopSource::new();
    let lock = held(Mode::Read);
    let (writer, writing) = waiter(&lock, Mode::Write, Wait::forever().or_stop(&stop.token()));
    assert_eq!((word(&lock), queue(lock.key())), (READER | DRAINING, vec![writer]));
    assert!(lock.in_mode(Mode::Read).at_once().is_none(), "the writer is not starved");
    let (_, reading) = waiter(&lock, Mode::Read, Wait::forever());
    let (_, upgradable) = waiter(&lock, Mode::Upgradable, Wait::forever());
    stop.request_stop();
    assert_eq!(writing.join().unwrap(), Err(WaitError::Stopped));
    assert_eq!(reading.join().unwrap(), Ok(()));
    assert_eq!(upgradable.join().unwrap(), Ok(()));
    assert_eq!(word(&lock), (2 * READER) | UPGRADABLE);

    assert_eq!(lock.in_mode(Mode::Write).unless(&at_once()), Err(WaitError::TimedOut));
    let stopped = Wait::forever().or_stop(&stop.token());
    assert_eq!(lock.in_mode(Mode::Write).unless(&stopped), Err(WaitError::Stopped));
    lock.release(Mode::Upgradable);
    assert_eq!(word(&lock), 2 * READER, "a flag without a waiter is cleared with the claim");
    assert_eq!(lock.in_mode(Mode::Write).unless(&at_once()), Err(WaitError::TimedOut));
    assert_eq!(word(&lock), 2 * READER);
}

#[test]
fn a_flag_without_a_waiter_keeps_no_thread_out() {
    for mode in [Mode::Read, Mode::Upgradable, Mode::Write] {
        let lock = RawRwLock::new();
        lock.word.store(PARKED, Ordering::Relaxed);
        assert!(lock.in_mode(mode).at_once().is_some());
        lock.release(mode);
        assert_eq!(word(&lock), if mode == Mode::Read { PARKED } else { 0 });
        assert_eq!(lock.in_mode(mode).unless(&at_once()), Ok(()));
    }
}

#[test]
fn an_upgrade_that_gives_up_lets_readers_in_again_and_keeps_the_claim() {
    let stop = StopSource::new();
    let lock = held(Mode::Read);
    assert!(lock.in_mode(Mode::Upgradable).at_once().is_some());
    let (writer, writing) = waiter(&lock, Mode::Write, Wait::forever());
    let (_, upgrade) = upgrading(&lock, Wait::forever().or_stop(&stop.token()));
    assert_eq!(word(&lock), READER | UPGRADABLE | DRAINING | PARKED);
    assert!(lock.in_mode(Mode::Read).at_once().is_none());
    let (_, reading) = waiter(&lock, Mode::Read, Wait::forever());
    stop.request_stop();
    assert_eq!(upgrade.join().unwrap(), Err(WaitError::Stopped));
    assert_eq!(reading.join().unwrap(), Ok(()));
    assert_eq!(word(&lock), (2 * READER) | UPGRADABLE | PARKED);
    assert_eq!(lock.upgrading().unless(&at_once()), Err(WaitError::TimedOut));
    assert_eq!(word(&lock), (2 * READER) | UPGRADABLE | PARKED);
    assert_eq!(queue(lock.key()), [writer]);
    lock.release(Mode::Read);
    lock.release(Mode::Read);
    lock.release(Mode::Upgradable);
    assert_eq!(writing.join().unwrap(), Ok(()));
}

#[test]
fn a_waiting_reader_has_the_writer_as_holder_and_a_writer_that_waits_for_readers_has_none() {
    let lock = held(Mode::Read);
    let (first, writing) = waiter(&lock, Mode::Write, Wait::forever());
    let (second, reading) = waiter(&lock, Mode::Read, Wait::forever());
    assert_eq!([first, second].map(holder_of_wait), [None, number::from_word(first)]);
    lock.release(Mode::Read);
    assert_eq!(writing.join().unwrap(), Ok(()));
    assert_eq!(holder_of_wait(second), number::from_word(first));
    lock.release(Mode::Write);
    assert_eq!(reading.join().unwrap(), Ok(()));
}

// Scenario "the address that somebody else has now" in docs/architecture.md.
#[test]
fn a_wake_up_meant_for_an_older_object_at_the_address_ends_no_wait() {
    let lock = held(Mode::Read);
    assert!(lock.in_mode(Mode::Upgradable).at_once().is_some());
    let (upgrader, upgrade) = upgrading(&lock, Wait::forever());
    let (writer, writing) = waiter(&lock, Mode::Write, Wait::forever());
    for token in [Token::RETRY, Token::RETRY_MORE, Token::value(0)] {
        assert_eq!(door::unpark_all(lock.key(), token), 2);
        eventually("the threads have not entered the queue again", || {
            let mut queue = queue(lock.key());
            queue.sort_unstable();
            queue == [upgrader, writer]
        });
    }
    lock.release(Mode::Read);
    assert_eq!(upgrade.join().unwrap(), Ok(()));
    assert_eq!((word(&lock), queue(lock.key())), (upgrader | WRITER | PARKED, vec![writer]));
    lock.release(Mode::Write);
    assert_eq!(writing.join().unwrap(), Ok(()));
}

#[test]
fn a_downgrade_wakes_the_waiters_that_can_proceed_beside_it() {
    let lock = held(Mode::Write);
    let (_, reading) = waiter(&lock, Mode::Read, Wait::forever());
    let (writer, writing) = waiter(&lock, Mode::Write, Wait::forever());
    lock.downgrade(Mode::Write);
    assert_eq!(reading.join().unwrap(), Ok(()));
    eventually("the writer does not take the claim", || {
        word(&lock) == (2 * READER) | DRAINING && queue(lock.key()) == [writer]
    });
    lock.release(Mode::Read);
    lock.release(Mode::Read);
    assert_eq!(writing.join().unwrap(), Ok(()));
    assert_eq!(word(&lock), writer | WRITER);

    let lock = held(Mode::Upgradable);
    let (_, upgradable) = waiter(&lock, Mode::Upgradable, Wait::forever());
    lock.downgrade(Mode::Upgradable);
    assert_eq!(upgradable.join().unwrap(), Ok(()));
    assert_eq!(word(&lock), READER | UPGRADABLE);
}
