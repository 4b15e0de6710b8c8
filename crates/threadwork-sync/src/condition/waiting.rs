//! How a thread waits at a condition.

use std::{panic::Location, sync::atomic::Ordering};

use crate::{
    condition::Condition,
    door::{self, Filter, Holder, NextLock, Parking, Subject, Token, WaitKind},
    error::WaitError,
    guard::sealed::Sealed,
    lock::{RawLock, probe},
    number,
    wait::Wait,
};

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
        let (key, lock) = (self.key(), held.raw_lock());
        let (mut mixed, mut stood, mut notified) = (false, false, false);
        let levels = held.suspend();
        let validate = || {
            mixed = self.is_of_another(lock);
            if !mixed {
                self.word.store(lock.key().address(), Ordering::Relaxed);
            }
            !mixed
        };
        let before_sleep = || {
            stood = true;
            release(lock);
        };
        let timed_out = |queue, was_last| {
            if queue == key {
                if was_last {
                    self.word.store(0, Ordering::Relaxed);
                }
            } else {
                notified = true;
                lock.left_queue(was_last);
            }
        };
        let subject = self.subject::<H>(lock, location);
        let parking = Parking { key, amount: 0, subject: &subject };
        let since = probe::since();
        let parked = wait.park_and(&parking, validate, before_sleep, timed_out);
        match parked {
            Err(WaitError::TimedOut) if !stood => {
                mixed = self.is_of_another(lock);
                if !mixed {
                    // There is no time to wait, but for others to have their turn.
                    release(lock);
                    lock.acquire_again(None, H::KIND, location);
                }
            }
            _ if !stood => (),
            Ok(Some(Token::HANDED_OVER)) => {
                probe::acquired(|| lock.probed(H::KIND), location, since);
            }
            Ok(token) => lock.acquire_again(token, H::KIND, location),
            Err(error) => {
                if error == WaitError::Stopped {
                    self.forget_lock_unless_waited_at();
                }
                lock.acquire_again(None, H::KIND, location);
            }
        }
        held.resume(levels);
        assert!(
            !mixed,
            "a condition at which threads wait with one lock was waited at with the guard of another"
        );
        if notified { Ok(()) } else { parked.map(|_| ()) }
    }

    fn subject<H: Sealed>(&self, lock: &RawLock, location: &'static Location<'static>) -> Subject {
        let next = NextLock { key: lock.key(), kind: H::KIND, name: lock.name() };
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
