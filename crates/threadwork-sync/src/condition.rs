//! The condition: threads wait under a lock until another thread, under the same lock, notifies them.

use std::{fmt, panic::Location, sync::atomic::Ordering, time::Duration};

use crate::{
    door::{self, Key, Requeue},
    error::WaitError,
    floor::{Kept, Word, const_new},
    forms::named,
    forms::without_end,
    guard::{
        Guard,
        sealed::{Levels, Sealed},
    },
    lock::RawLock,
    wait::Wait,
};

mod predicate;
mod raw;
mod waiting;

#[cfg(test)]
mod tests;

pub use self::raw::{HeldLock, RawCondition};

/// Lets threads that hold a lock wait until another thread, holding the same lock, notifies them.
///
/// A condition is used with a [`Lock`](crate::Lock) or an [`RLock`](crate::RLock). Both waiting and notifying take the guard, as proof
/// that the lock is held. A condition cannot be used with an [`RwLock`](crate::RwLock): keep what threads wait for in a `Lock`. Several conditions can share one lock, but all threads that wait on a condition at the same time must
/// use the same lock. A [`RawCondition`](crate::RawCondition) includes its lock, as in Python.
///
/// A wait releases the lock (a re-entrant lock at all levels) and holds it again when it returns, however the wait ended.
/// Each notification ends the wait of exactly one thread, in order of arrival. There are no spurious wake-ups.
/// A wait that times out or is stopped does not use up a notification. Notified threads are moved to the queue of the lock,
/// and wake up one after the other as it is released. A condition takes 24 bytes, including the name.
///
/// # Happens-before
///
/// As for the lock: what a thread did before it released the lock, including by a wait, is seen by the next thread that acquires it.
///
/// # Differences from Python
///
/// * Only the holder of the lock can notify; the compiler checks this.
/// * The predicate of [`wait_for`](Self::wait_for) returns an `Option`, and `wait_for` returns its value.
/// * Python's `wait_for` returns the last answer of the predicate, also at a timeout. [`wait_for_ok_with`](Self::wait_for_ok_with) does, and
///   says why the wait ended.
///
/// # Differences from `std::sync::Condvar`
///
/// * A wait borrows the guard instead of taking and returning it, and a timeout is an error.
/// * `wait_timeout_while` is called [`wait_while_timeout`](Self::wait_while_timeout).
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
    /// The address of the word of the lock that the waiters use, or zero. Written only with the queue locked.
    word: Word,
    name: Kept<Option<&'static str>>,
}

impl Condition {
    const_new! {
        /// Creates a condition.
        #[must_use]
        pub const fn new() -> Condition {
            Condition { word: Word::new(0), name: Kept::new(None) }
        }
    }

    named!(pub name: "condition", "waits on");

    /// Releases the lock, blocks the current thread until it is notified, and acquires the lock again.
    ///
    /// # Panics
    ///
    /// Panics if threads wait here with another lock.
    #[track_caller]
    pub fn wait<G: Guard>(&self, guard: &mut G) {
        let location = Location::caller();
        without_end(|wait| self.wait_at(guard, wait, location));
    }

    /// Releases the lock, blocks the current thread until it is notified, for at most `timeout`, and acquires the lock again,
    /// however long that takes.
    ///
    /// # Errors
    ///
    /// Returns [`WaitError::TimedOut`] if the timeout expires before a notification.
    ///
    /// # Panics
    ///
    /// As for [`wait`](Self::wait).
    #[track_caller]
    pub fn wait_timeout<G: Guard>(
        &self,
        guard: &mut G,
        timeout: Duration,
    ) -> Result<(), WaitError> {
        self.wait_at(guard, &Wait::timeout(timeout), Location::caller())
    }

    /// Releases the lock, blocks the current thread until it is notified or `wait` ends, and acquires the lock again, however long that takes.
    ///
    /// # Errors
    ///
    /// Returns [`WaitError::TimedOut`] or [`WaitError::Stopped`] if `wait` ends before a notification.
    ///
    /// # Panics
    ///
    /// As for [`wait`](Self::wait).
    #[track_caller]
    pub fn wait_with<G: Guard>(&self, guard: &mut G, wait: &Wait) -> Result<(), WaitError> {
        self.wait_at(guard, wait, Location::caller())
    }

    /// Notifies the `n` threads that have waited longest, or all if fewer wait. Returns the number of threads notified.
    ///
    /// They wake up one after the other, once the lock is released. `n = 0` notifies none. Costs a single load if no thread waits.
    ///
    /// # Panics
    ///
    /// Panics if threads wait here with another lock than the guard's.
    #[inline]
    #[track_caller]
    pub fn notify<G: Guard>(&self, guard: &G, n: usize) -> usize {
        self.notify_with(guard, n)
    }

    /// Notifies all threads that wait. Returns the number of threads notified. Costs a single load if no thread waits.
    ///
    /// # Panics
    ///
    /// As for [`notify`](Self::notify).
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

    /// Returns `true` if threads may wait here. Exact for the holder of the lock, because every wait begins with the lock held.
    #[inline]
    fn is_waited_at(&self) -> bool {
        self.word.load(Ordering::Relaxed) != 0
    }

    /// The key of the queue of waiters. It is exact because a wake-up here is a notification: only this condition wakes its waiters,
    /// or the lock to whose queue they were moved.
    // Scenario "the address that somebody else has now" in docs/architecture.md.
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
                is_free = !lock.receive_waiters();
                how
            }
        };
        let found = door::unpark_requeue(self.key(), lock.key(), validate, |found| {
            if !found.more {
                self.word.store(0, Ordering::Relaxed);
            }
        });
        if is_free {
            // Another thread has released the lock since the caller was found to hold it. This can happen only to a plain lock.
            lock.wake_moved();
        }
        assert!(
            !mixed,
            "cannot notify a condition with one lock while threads wait there with another; use one lock per condition"
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
