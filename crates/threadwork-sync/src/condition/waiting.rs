//! Waiting on a condition.

use std::{cell::Cell, panic::Location, sync::atomic::Ordering};

use crate::{
    condition::Condition,
    door::{Holder, NextLock, Parking, Subject, Token, WaitKind},
    error::WaitError,
    guard::sealed::{Levels, Sealed},
    lock::{RawLock, probe},
    number,
    wait::Wait,
};

/// The place of a thread that waits on a condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// In no queue yet: the thread holds the lock.
    Outside,
    /// In no queue, because other threads wait on the condition with another lock.
    Mixed,
    /// In the queue of the condition, or woken from the queue of the lock.
    InQueue,
    /// In the queue of the lock, to which a notification moved it.
    Moved,
}

/// How the wait in the queue of a condition ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Left {
    /// The thread did not enter the queue, and holds the lock: other threads wait there with another lock.
    Mixed,
    /// The thread did not enter the queue, and holds the lock: it had timed out or been stopped before.
    AtOnce(WaitError),
    /// The thread was notified. With a token if it was woken.
    Notified(Option<Token>),
    /// The thread timed out or was stopped before it was notified.
    GaveUp(WaitError),
}

impl Condition {
    /// Releases the lock at all levels, waits, and acquires the lock again. A wait that is stopped before it begins keeps the lock.
    #[cold]
    #[track_caller]
    pub(crate) fn wait_at<H: Sealed>(
        &self,
        held: &H,
        wait: &Wait,
        location: &'static Location<'static>,
    ) -> Result<(), WaitError> {
        let held = held.raw();
        let lock = held.plain();
        let levels = held.suspend();
        let subject = self.subject(H::Raw::KIND, lock, location);
        let since = probe::since();
        let left = self.wait_in_queue(lock, wait, &subject);
        match left {
            Left::AtOnce(WaitError::TimedOut) => {
                // There is no time left to wait, but other threads get a chance to acquire the lock.
                // Scenario "the wait whose time is up before it begins" in docs/architecture.md.
                release(lock);
                lock.acquire_again(None, H::Raw::KIND, location);
            }
            Left::Mixed | Left::AtOnce(_) => (),
            Left::Notified(Some(Token::HANDED_OVER)) => {
                probe::acquired(|| lock.probed(H::Raw::KIND), location, since);
            }
            Left::Notified(token) => lock.acquire_again(token, H::Raw::KIND, location),
            Left::GaveUp(_) => lock.acquire_again(None, H::Raw::KIND, location),
        }
        held.resume(levels);
        match left {
            Left::Mixed => panic!(
                "cannot wait on a condition with one lock while threads wait there with another; use one lock per condition"
            ),
            Left::Notified(_) => Ok(()),
            Left::AtOnce(error) | Left::GaveUp(error) => Err(error),
        }
    }

    /// Waits in the queue once. Releases the lock as soon as this thread is in the queue.
    fn wait_in_queue(&self, lock: &RawLock, wait: &Wait, subject: &Subject) -> Left {
        let key = self.key();
        let place = Cell::new(Place::Outside);
        let validate = || {
            if self.is_of_another(lock) {
                place.set(Place::Mixed);
                return false;
            }
            self.word.store(lock.key().address(), Ordering::Relaxed);
            true
        };
        let before_sleep = || {
            place.set(Place::InQueue);
            release(lock);
        };
        let gave_up = |queue, was_last| {
            // Scenario "the notified waiter whose time is up" in docs/architecture.md.
            if queue != key {
                place.set(Place::Moved);
                lock.left_queue(was_last);
            } else if was_last {
                self.word.store(0, Ordering::Relaxed);
            }
        };
        let parking = Parking { key, amount: 0, subject, overtaken: false };
        let parked = wait.park_and(&parking, validate, before_sleep, gave_up);
        match (parked, place.get()) {
            (_, Place::Mixed) => Left::Mixed,
            (Err(WaitError::TimedOut), Place::Outside) if self.is_of_another(lock) => Left::Mixed,
            (Err(error), Place::Outside) => Left::AtOnce(error),
            (Err(_), Place::Moved) => Left::Notified(None),
            (Err(error), Place::InQueue) => Left::GaveUp(error),
            (Ok(token), _) => Left::Notified(token),
        }
    }

    fn subject(
        // The lock is a part of the record: a notified waiter is found in the lock's queue.
        // Scenario "the record in the queue" in docs/architecture.md.
        &self,
        kind: WaitKind,
        lock: &RawLock,
        location: &'static Location<'static>,
    ) -> Subject {
        let next = NextLock { key: lock.key(), kind, name: lock.name() };
        let holder = Holder::NobodyBefore(next);
        Subject { kind: WaitKind::Condition, name: self.name(), holder, location }
    }

    /// Returns `true` if threads wait here with another lock. Reliable only with the queue locked.
    fn is_of_another(&self, lock: &RawLock) -> bool {
        let used = self.word.load(Ordering::Relaxed);
        used != 0 && used != lock.key().address()
    }
}

/// Releases the lock for a thread that waits. Does nothing if another thread has released a plain lock in the meantime; a third thread
/// may have acquired it since.
fn release(lock: &RawLock) {
    if lock.is_held_by(number::current_word()) {
        let _ = lock.release_quietly();
    }
}
