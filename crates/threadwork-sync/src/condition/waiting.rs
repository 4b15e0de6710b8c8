//! How a thread waits at a condition.

use std::{cell::Cell, panic::Location, sync::atomic::Ordering};

use crate::{
    condition::Condition,
    door::{self, Filter, Holder, NextLock, Parking, Subject, Token, WaitKind},
    error::WaitError,
    guard::sealed::{Levels, Sealed},
    lock::{RawLock, probe},
    number,
    wait::Wait,
};

/// Where a thread is that waits at a condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// Not in the queue: it holds the lock.
    Outside,
    /// Not in the queue, because others wait there with another lock.
    Mixed,
    /// In the queue of the condition, or it was woken from that of the lock.
    InQueue,
    /// In the queue of the lock, to which a notification has moved it.
    Moved,
}

/// How a thread has left the queue of a condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Left {
    /// It has not stood there, and holds the lock: others wait there with another lock.
    Mixed,
    /// It has not stood there, and holds the lock: its time was up, or it was stopped.
    AtOnce(WaitError),
    /// It was notified; the token if it was woken.
    Notified(Option<Token>),
    /// It was not notified in time.
    GaveUp(WaitError),
}

impl Condition {
    /// Releases the lock on all levels, waits, and returns with the lock, unless the wait was stopped before it began.
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
        let left = self.stand(lock, wait, &subject);
        match left {
            Left::AtOnce(WaitError::TimedOut) => {
                // There is no time to wait, but for others to have their turn.
                release(lock);
                lock.acquire_again(None, H::Raw::KIND, location);
            }
            Left::Mixed | Left::AtOnce(_) => (),
            Left::Notified(Some(Token::HANDED_OVER)) => {
                probe::acquired(|| lock.probed(H::Raw::KIND), location, since);
            }
            Left::Notified(token) => lock.acquire_again(token, H::Raw::KIND, location),
            Left::GaveUp(error) => {
                if error == WaitError::Stopped {
                    self.forget_lock_unless_waited_at();
                }
                lock.acquire_again(None, H::Raw::KIND, location);
            }
        }
        held.resume(levels);
        match left {
            Left::Mixed => panic!(
                "a condition at which threads wait with one lock was waited at with the guard of another"
            ),
            Left::Notified(_) => Ok(()),
            Left::AtOnce(error) | Left::GaveUp(error) => Err(error),
        }
    }

    /// Stands in the queue once, and releases the lock as soon as it stands there.
    fn stand(&self, lock: &RawLock, wait: &Wait, subject: &Subject) -> Left {
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
        let timed_out = |queue, was_last| {
            if queue != key {
                place.set(Place::Moved);
                lock.left_queue(was_last);
            } else if was_last {
                self.word.store(0, Ordering::Relaxed);
            }
        };
        let parking = Parking { key, amount: 0, subject };
        let parked = wait.park_and(&parking, validate, before_sleep, timed_out);
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
        &self,
        kind: WaitKind,
        lock: &RawLock,
        location: &'static Location<'static>,
    ) -> Subject {
        let next = NextLock { key: lock.key(), kind, name: lock.name() };
        let holder = Holder::NobodyBefore(next);
        Subject { kind: WaitKind::Condition, name: self.name(), holder, location }
    }

    /// Whether threads wait here with another lock. Certain only with the queue locked.
    fn is_of_another(&self, lock: &RawLock) -> bool {
        let used = self.word.load(Ordering::Relaxed);
        used != 0 && used != lock.key().address()
    }

    /// A stop has taken a thread out of the queue, perhaps the last one.
    fn forget_lock_unless_waited_at(&self) {
        door::unpark_filter(
            self.key(),
            |_| Filter::Stop,
            |found| {
                if !found.more {
                    self.word.store(0, Ordering::Relaxed);
                }
                Token::RETRY
            },
        );
    }
}

/// Releases the lock of a thread that waits. Another thread may have released a plain lock meanwhile, and a third one acquired it.
fn release(lock: &RawLock) {
    if lock.is_held_by(number::current_word()) {
        let _ = lock.release_quietly();
    }
}
