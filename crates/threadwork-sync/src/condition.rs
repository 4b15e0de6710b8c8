//! The condition: threads wait under a lock until another one, under the same lock, notifies them.

use std::{fmt, panic::Location, sync::atomic::Ordering, time::Duration};

use crate::{
    door::{self, Key, Requeue, Token},
    error::WaitError,
    floor::{Kept, Word, const_new},
    forms::without_end,
    guard::{
        Guard,
        sealed::{Levels, Sealed},
    },
    lock::RawLock,
    named::named,
    wait::Wait,
};

mod raw;
mod waiting;

#[cfg(test)]
mod tests;

pub use self::raw::{HeldLock, RawCondition};

/// Threads that hold a lock wait for news of what it guards; the thread that brings the news notifies them.
///
/// A condition goes with a [`Lock`](crate::Lock) or an [`RLock`](crate::RLock): its guard is what proves that the lock is held, for waiting as for notifying.
/// Several conditions may go with one lock; a condition that threads wait at goes with one lock only.
/// [`RawCondition`](crate::RawCondition) comes with its lock, as Python's does.
///
/// A wait releases the lock, a re-entrant one on all levels, and has it again when it returns, however it ended.
/// Exactly as many threads wake up as were notified, in the order in which they came, and none without: there are no spurious wake-ups.
/// A thread whose time was up, or that was stopped, has used up no notification. Notified threads are moved to the queue of the lock,
/// and wake up one after the other as it is released. A condition takes 24 bytes, a name included.
///
/// # Happens-before
///
/// As the lock.
///
/// # Differences from Python
///
/// * Only the holder of the lock can notify, and the compiler sees to it.
/// * The predicate of [`wait_for`](Self::wait_for) returns an `Option`, and its value is what is waited for.
///
/// # Examples
///
/// A bounded buffer, with two conditions of one lock:
///
/// ```
/// # use threadwork_sync as threadwork;
/// use std::collections::VecDeque;
/// use threadwork::{Condition, Lock};
///
/// struct Buffer {
///     items: Lock<VecDeque<u32>>,
///     not_empty: Condition,
///     not_full: Condition,
/// }
///
/// impl Buffer {
///     fn put(&self, item: u32) {
///         let mut items = self.items.acquire();
///         self.not_full.wait_for(&mut items, |items| (items.len() < 2).then_some(()));
///         items.push_back(item);
///         self.not_empty.notify(&items, 1);
///     }
///
///     fn get(&self) -> u32 {
///         let mut items = self.items.acquire();
///         let item = self.not_empty.wait_for(&mut items, |items| items.pop_front());
///         self.not_full.notify(&items, 1);
///         item
///     }
/// }
///
/// let buffer = Buffer { items: Lock::default(), not_empty: Condition::new(), not_full: Condition::new() };
/// std::thread::scope(|scope| {
///     scope.spawn(|| (0..10).for_each(|item| buffer.put(item)));
///     assert!((0..10).all(|item| buffer.get() == item));
/// });
/// ```
pub struct Condition {
    /// The address of the word of the lock with which threads wait here, or zero. Written only with the queue locked.
    word: Word,
    name: Kept<Option<&'static str>>,
}

impl Condition {
    const_new! {
        /// A condition at which nobody waits.
        #[must_use]
        pub const fn new() -> Condition {
            Condition { word: Word::new(0), name: Kept::new(None) }
        }
    }

    named!(pub name: "condition", "waits at");

    /// Releases the lock, waits until notified, and acquires the lock again.
    ///
    /// # Panics
    ///
    /// If threads wait here with another lock.
    #[track_caller]
    pub fn wait<G: Guard>(&self, guard: &mut G) {
        let location = Location::caller();
        without_end(|wait| self.wait_at(guard, wait, location));
    }

    /// Releases the lock, waits until notified, at most for `timeout`, and acquires the lock again, however long that takes.
    ///
    /// # Errors
    ///
    /// [`WaitError::TimedOut`].
    ///
    /// # Panics
    ///
    /// As [`wait`](Self::wait).
    #[track_caller]
    pub fn wait_timeout<G: Guard>(
        &self,
        guard: &mut G,
        timeout: Duration,
    ) -> Result<(), WaitError> {
        self.wait_at(guard, &Wait::timeout(timeout), Location::caller())
    }

    /// Releases the lock, waits until notified unless `wait` ends first, and acquires the lock again, however long that takes.
    ///
    /// # Errors
    ///
    /// What ended the wait.
    ///
    /// # Panics
    ///
    /// As [`wait`](Self::wait).
    #[track_caller]
    pub fn wait_with<G: Guard>(&self, guard: &mut G, wait: &Wait) -> Result<(), WaitError> {
        self.wait_at(guard, wait, Location::caller())
    }

    /// Waits until `predicate` says what is there: it is asked under the lock, first at once, then after each notification.
    ///
    /// # Panics
    ///
    /// As [`wait`](Self::wait). If the predicate panics, the lock is held, as it was before.
    #[track_caller]
    pub fn wait_for<G: Guard, R>(
        &self,
        guard: &mut G,
        mut predicate: impl FnMut(&mut G) -> Option<R>,
    ) -> R {
        loop {
            if let Some(value) = predicate(guard) {
                return value;
            }
            self.wait(guard);
        }
    }

    /// As [`wait_for`](Self::wait_for), at most for `timeout` in all, however often it is notified. The predicate is asked once more at the end.
    ///
    /// # Errors
    ///
    /// [`WaitError::TimedOut`].
    ///
    /// # Panics
    ///
    /// As [`wait_for`](Self::wait_for).
    #[track_caller]
    pub fn wait_for_timeout<G: Guard, R>(
        &self,
        guard: &mut G,
        timeout: Duration,
        predicate: impl FnMut(&mut G) -> Option<R>,
    ) -> Result<R, WaitError> {
        self.wait_for_with(guard, &Wait::timeout(timeout), predicate)
    }

    /// As [`wait_for`](Self::wait_for), unless `wait` ends first. The predicate is asked once more at the end.
    ///
    /// # Errors
    ///
    /// What ended the wait.
    ///
    /// # Panics
    ///
    /// As [`wait_for`](Self::wait_for).
    #[track_caller]
    pub fn wait_for_with<G: Guard, R>(
        &self,
        guard: &mut G,
        wait: &Wait,
        mut predicate: impl FnMut(&mut G) -> Option<R>,
    ) -> Result<R, WaitError> {
        let mut ended = Ok(());
        loop {
            if let Some(value) = predicate(guard) {
                return Ok(value);
            }
            ended?;
            ended = self.wait_at(guard, wait, Location::caller()).and_then(|()| wait.check_time());
        }
    }

    /// Notifies the `n` threads that have waited longest, or as many as there are: none if `n` is zero. Returns how many.
    ///
    /// They go on one after the other, once the lock is released. Costs one load if nobody waits.
    ///
    /// # Panics
    ///
    /// If threads wait here with another lock than the guard's.
    #[inline]
    #[track_caller]
    pub fn notify<G: Guard>(&self, guard: &G, n: usize) -> usize {
        self.notify_with(guard, n)
    }

    /// Notifies all threads that wait. Returns how many. Costs one load if nobody waits.
    ///
    /// # Panics
    ///
    /// As [`notify`](Self::notify).
    #[inline]
    #[track_caller]
    pub fn notify_all<G: Guard>(&self, guard: &G) -> usize {
        self.notify_with(guard, usize::MAX)
    }

    #[inline]
    #[track_caller]
    pub(crate) fn notify_with(&self, held: &impl Sealed, n: usize) -> usize {
        if self.is_waited_at() { self.notify_slow(held.raw().plain(), n) } else { 0 }
    }

    #[cold]
    #[track_caller]
    fn notify_slow(&self, lock: &RawLock, n: usize) -> usize {
        let mut notified = 0;
        while notified < n && self.is_waited_at() {
            let how = if n == usize::MAX { Requeue::MoveAll } else { Requeue::MoveOne };
            match self.move_waiters(lock, how) {
                0 => break,
                moved => notified += moved,
            }
        }
        notified
    }

    /// Whether somebody may wait here. Exact for the holder of the lock, under which every wait begins.
    #[inline]
    fn is_waited_at(&self) -> bool {
        self.word.load(Ordering::Relaxed) != 0
    }

    /// No other object wakes threads of this queue: what they are told there comes from here, or from the lock they were moved to.
    fn key(&self) -> Key {
        Key::exact(&self.word)
    }

    #[track_caller]
    fn move_waiters(&self, lock: &RawLock, how: Requeue) -> usize {
        let (mut mixed, mut is_free) = (false, false);
        let validate = || match self.word.load(Ordering::Relaxed) {
            0 => Requeue::Nothing,
            used if used != lock.key().address() => {
                mixed = true;
                Requeue::Nothing
            }
            _ => {
                is_free = !lock.mark_parked();
                how
            }
        };
        let found = door::unpark_requeue(self.key(), lock.key(), validate, |found| {
            if !found.more {
                self.word.store(0, Ordering::Relaxed);
            }
            Token::RETRY
        });
        if is_free {
            // Another thread has released it, a plain lock alone, since this one was found to hold it.
            lock.wake_moved();
        }
        assert!(
            !mixed,
            "a condition at which threads wait with one lock was notified with the guard of another"
        );
        found.requeued
    }
}

impl Default for Condition {
    fn default() -> Self {
        Condition::new()
    }
}

impl fmt::Debug for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Condition")
            .field("name", &self.name)
            .field("is_waited_at", &self.is_waited_at())
            .finish()
    }
}
