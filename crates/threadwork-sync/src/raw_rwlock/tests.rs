//! The words and the queue of the read-write lock, step by step.
#![cfg(not(threadwork_loom))]

use std::{
    sync::{Arc, atomic::Ordering},
    thread::JoinHandle,
    time::Duration,
};

use super::{Mode, PARKED, READER, RawRwLock, UPGRADABLE, UPGRADING, WRITER};
use crate::{
    StopSource, Wait, WaitError,
    ident::{self, current_word},
    park::testing::{eventually, queue, start},
    park::{self, Token},
    waiting::waits,
};

fn word(lock: &RawRwLock) -> usize {
    lock.word.load(Ordering::Relaxed)
}

fn held(mode: Mode) -> Arc<RawRwLock> {
    let lock = RawRwLock::new(None);
    assert!(lock.try_acquire(mode));
    Arc::new(lock)
}

fn at_once() -> Wait {
    Wait::timeout(Duration::ZERO)
}

/// A thread that takes the lock and keeps it.
#[track_caller]
fn waiter(
    lock: &Arc<RawRwLock>,
    mode: Mode,
    wait: Wait,
) -> (usize, JoinHandle<Result<(), WaitError>>) {
    let lock = Arc::clone(lock);
    start(move || lock.acquire(mode, &wait))
}

#[test]
fn there_are_no_more_readers_than_can_be_counted() {
    let lock = RawRwLock::new(None);
    let most = usize::MAX / READER * READER - READER;
    lock.word.store(most, Ordering::Relaxed);
    assert!(lock.try_acquire(Mode::Read));
    assert!(lock.readers() > 0);
    let full = word(&lock);
    assert!(!lock.try_acquire(Mode::Read));
    assert!(!lock.try_acquire(Mode::Write));
    assert_eq!(word(&lock), full);
    lock.release(Mode::Read);
    assert_eq!(word(&lock), most);
}

#[test]
fn the_lock_goes_to_those_who_wait_in_order_of_arrival() {
    let lock = held(Mode::Write);
    assert_eq!(lock.writer.load(Ordering::Relaxed), current_word());
    let (_, first) = waiter(&lock, Mode::Read, Wait::forever());
    let (writer, second) = waiter(&lock, Mode::Write, Wait::forever());
    let (reader, third) = waiter(&lock, Mode::Read, Wait::forever());

    lock.release(Mode::Write);
    assert_eq!(first.join().unwrap(), Ok(()));
    assert_eq!((word(&lock), queue(lock.key())), (READER | PARKED, vec![writer, reader]));
    assert!(!lock.try_acquire(Mode::Read), "nobody overtakes the writer");

    lock.release(Mode::Read);
    assert_eq!(second.join().unwrap(), Ok(()));
    assert_eq!((word(&lock), queue(lock.key())), (WRITER | PARKED, vec![reader]));
    assert_eq!(lock.writer.load(Ordering::Relaxed), writer);

    lock.release(Mode::Write);
    assert_eq!(third.join().unwrap(), Ok(()));
    assert_eq!((word(&lock), lock.writer()), (READER, None));
    lock.release(Mode::Read);
    assert_eq!(word(&lock), 0);
}

#[test]
fn who_gives_up_leaves_no_flag_and_lets_those_behind_it_go_on() {
    let stop = StopSource::new();
    let lock = held(Mode::Read);
    let (_, writer) = waiter(&lock, Mode::Write, Wait::forever().or_stop(&stop.token()));
    let (_, reader) = waiter(&lock, Mode::Read, Wait::forever());
    let (_, upgradable) = waiter(&lock, Mode::Upgradable, Wait::forever());
    stop.request_stop();
    assert_eq!(writer.join().unwrap(), Err(WaitError::Stopped));
    assert_eq!(reader.join().unwrap(), Ok(()));
    assert_eq!(upgradable.join().unwrap(), Ok(()));
    assert_eq!(word(&lock), (2 * READER) | UPGRADABLE);

    assert_eq!(lock.acquire(Mode::Write, &at_once()), Err(WaitError::TimedOut));
    let stopped = Wait::forever().or_stop(&stop.token());
    assert_eq!(lock.acquire(Mode::Write, &stopped), Err(WaitError::Stopped));
    assert_eq!(word(&lock), (2 * READER) | UPGRADABLE);
}

#[test]
fn a_flag_without_anybody_in_the_queue_keeps_nobody_out() {
    for mode in [Mode::Read, Mode::Upgradable, Mode::Write] {
        let lock = RawRwLock::new(None);
        lock.word.store(PARKED, Ordering::Relaxed);
        assert!(!lock.try_acquire(mode));
        assert_eq!(lock.acquire(mode, &at_once()), Ok(()));
        lock.release(mode);
        assert_eq!(word(&lock), 0);
    }
}

#[test]
fn an_upgrade_that_gives_up_lets_readers_in_again() {
    let stop = StopSource::new();
    let lock = held(Mode::Read);
    assert!(lock.try_acquire(Mode::Upgradable));
    let (_, upgrading) = start({
        let (lock, wait) = (Arc::clone(&lock), Wait::forever().or_stop(&stop.token()));
        move || lock.upgrade(&wait)
    });
    assert_eq!(word(&lock), READER | UPGRADABLE | UPGRADING);
    assert!(!lock.try_acquire(Mode::Read));
    let (_, reader) = waiter(&lock, Mode::Read, Wait::forever());
    assert_eq!(word(&lock), READER | UPGRADABLE | UPGRADING | PARKED);
    stop.request_stop();
    assert_eq!(upgrading.join().unwrap(), Err(WaitError::Stopped));
    assert_eq!(reader.join().unwrap(), Ok(()));
    assert_eq!(word(&lock), (2 * READER) | UPGRADABLE);
    assert_eq!(lock.upgrade(&at_once()), Err(WaitError::TimedOut));
    assert_eq!(word(&lock), (2 * READER) | UPGRADABLE);
}

#[test]
fn who_upgrades_waits_for_nobody_in_particular() {
    let lock = held(Mode::Read);
    assert!(lock.try_acquire(Mode::Upgradable));
    let (thread, upgrading) = start({
        let lock = Arc::clone(&lock);
        move || lock.upgrade(&Wait::forever())
    });
    let waiting = waits().into_iter().find(|it| Some(it.ident) == ident::from_word(thread));
    assert_eq!(waiting.unwrap().holder, None);
    lock.release(Mode::Read);
    assert_eq!(upgrading.join().unwrap(), Ok(()));
}

#[test]
fn a_wake_up_meant_for_an_older_object_at_the_address_does_not_end_an_upgrade() {
    let lock = held(Mode::Read);
    assert!(lock.try_acquire(Mode::Upgradable));
    let (thread, upgrading) = start({
        let lock = Arc::clone(&lock);
        move || lock.upgrade(&Wait::forever())
    });
    for token in [Token::RETRY, Token::RETRY_MORE, Token::HANDED_OVER, Token::STOPPED] {
        assert_eq!(park::unpark_all(lock.upgrade_key(), token), 1);
        eventually("it does not come back", || queue(lock.upgrade_key()) == [thread]);
    }
    lock.release(Mode::Read);
    assert_eq!(upgrading.join().unwrap(), Ok(()));
    assert_eq!((word(&lock), lock.writer.load(Ordering::Relaxed)), (WRITER, thread));
    lock.release(Mode::Write);
    assert_eq!(word(&lock), 0);
}

#[test]
fn a_downgrade_lets_those_in_who_can_go_beside_it() {
    let lock = held(Mode::Write);
    let (_, reader) = waiter(&lock, Mode::Read, Wait::forever());
    let (writer, waiting) = waiter(&lock, Mode::Write, Wait::forever());
    lock.downgrade(Mode::Write, Mode::Read);
    assert_eq!(reader.join().unwrap(), Ok(()));
    assert_eq!((word(&lock), lock.writer()), ((2 * READER) | PARKED, None));
    assert_eq!(queue(lock.key()), [writer]);
    lock.release(Mode::Read);
    lock.release(Mode::Read);
    assert_eq!(waiting.join().unwrap(), Ok(()));
}
