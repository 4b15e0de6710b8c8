//! The condition that includes its lock.

use std::{fmt, panic::Location, sync::Arc, time::Duration};

use crate::{
    condition::Condition,
    error::{ConditionWaitError, NotHolderError, ReleaseError, WaitError},
    floor::const_new,
    forms::named,
    forms::{Blocking, without_end},
    guard::sealed::{Levels, Sealed},
    lock::RawLock,
    rlock::RawRLock,
    wait::Wait,
};

mod predicate;

/// Python's `Condition`: it has a lock, re-entrant unless another one is given, and explicit `acquire` and `release`.
///
/// It protects no data; use [`Condition`] with a lock that does. To share a lock among several conditions, give it to all of them,
/// by reference or in an `Arc`. Waiting or notifying without holding the lock is an error.
/// Everything else is as for [`Condition`]. It takes 24 bytes in addition to its lock, including the name.
///
/// # Differences from Python
///
/// * The current thread must hold the lock to wait or notify, even if it is a plain lock. It is not enough that some thread holds it.
/// * Python's `wait_for` returns the last answer of the predicate, also at a timeout. [`wait_for_ok_with`](Self::wait_for_ok_with) does, and
///   says why the wait ended.
///
/// # Examples
///
/// ```
/// # use threadwork_sync as threadwork;
/// use std::sync::atomic::{AtomicBool, Ordering};
/// use threadwork::RawCondition;
///
/// static CHANGED: RawCondition = RawCondition::new();
/// static READY: AtomicBool = AtomicBool::new(false);
///
/// std::thread::scope(|scope| {
///     scope.spawn(|| {
///         CHANGED.acquire();
///         READY.store(true, Ordering::Relaxed);
///         CHANGED.notify(1).unwrap();
///         CHANGED.release().unwrap();
///     });
///     CHANGED.acquire();
///     while !READY.load(Ordering::Relaxed) {
///         CHANGED.wait().unwrap();
///     }
///     CHANGED.release().unwrap();
/// });
/// ```
pub struct RawCondition<L = RawRLock> {
    lock: L,
    condition: Condition,
}

/// A lock that a [`RawCondition`] can have: a [`RawRLock`] or a [`RawLock`], by value, by reference or in an [`Arc`].
///
/// # Examples
///
/// ```
/// # use threadwork_sync as threadwork;
/// use std::sync::Arc;
/// use threadwork::{RawCondition, RawLock};
///
/// let lock = Arc::new(RawLock::new());
/// let condition = RawCondition::with_lock(Arc::clone(&lock));
/// condition.acquire();
/// assert!(lock.is_locked());
/// ```
pub trait HeldLock: held::Held {}

impl<L: held::Held> HeldLock for L {}

mod held {
    use super::{Arc, RawLock, RawRLock, Sealed};

    #[expect(unnameable_types, reason = "keeps `HeldLock` closed")]
    pub trait Held: Sealed {}

    impl Held for RawLock {}
    impl Held for RawRLock {}
    impl<L: Held> Held for &L {}
    impl<L: Held> Held for Arc<L> {}
}

impl RawCondition {
    const_new! {
        /// Creates a condition with a re-entrant lock of its own.
        #[must_use]
        pub const fn new() -> RawCondition {
            RawCondition::with_lock(RawRLock::new())
        }
    }
}

impl<L> RawCondition<L> {
    const_new! {
        /// Creates a condition with the given lock.
        ///
        /// # Examples
        ///
        /// ```
        /// # use threadwork_sync as threadwork;
        /// use threadwork::{RawCondition, RawLock};
        ///
        /// let lock = RawLock::new();
        /// let (not_empty, not_full) = (RawCondition::with_lock(&lock), RawCondition::with_lock(&lock));
        /// not_empty.acquire();
        /// assert_eq!(not_full.notify_all(), Ok(0));
        /// not_full.release()?;
        /// # Ok::<(), threadwork::ReleaseError>(())
        /// ```
        #[must_use]
        pub const fn with_lock(lock: L) -> RawCondition<L> {
            RawCondition { lock, condition: Condition::new() }
        }
    }

    /// Returns the lock.
    #[must_use]
    pub const fn lock(&self) -> &L {
        &self.lock
    }
}

impl<L: HeldLock> RawCondition<L> {
    named!(pub condition: "condition", "waits on");

    /// Acquires the lock, blocking the current thread until that is possible.
    #[track_caller]
    pub fn acquire(&self) {
        self.lock.raw().forever();
    }

    /// Attempts to acquire the lock without blocking. Returns `true` if the lock was acquired.
    #[must_use = "the lock may not have been acquired"]
    #[track_caller]
    pub fn try_acquire(&self) -> bool {
        self.lock.raw().at_once().is_some()
    }

    /// Acquires the lock, blocking the current thread for at most `timeout`.
    ///
    /// # Errors
    ///
    /// Returns [`WaitError::TimedOut`] if the timeout expires first.
    #[track_caller]
    pub fn acquire_timeout(&self, timeout: Duration) -> Result<(), WaitError> {
        self.lock.raw().within(timeout)
    }

    /// Acquires the lock, blocking the current thread until that is possible or `wait` ends.
    ///
    /// # Errors
    ///
    /// Returns [`WaitError::TimedOut`] or [`WaitError::Stopped`] if `wait` ends first.
    #[track_caller]
    pub fn acquire_with(&self, wait: &Wait) -> Result<(), WaitError> {
        self.lock.raw().unless(wait)
    }

    /// Releases the lock.
    ///
    /// # Errors
    ///
    /// Returns the error of the lock: [`ReleaseError::NotHolder`] or, for a plain lock, [`ReleaseError::NotAcquired`].
    pub fn release(&self) -> Result<(), ReleaseError> {
        self.lock.raw().release()
    }

    /// Returns `true` if a thread holds the lock.
    #[must_use]
    pub fn is_locked(&self) -> bool {
        self.lock.raw().plain().is_locked()
    }

    /// Returns `true` if the current thread holds the lock, so that it can wait and notify.
    #[must_use]
    pub fn is_owned(&self) -> bool {
        self.lock.raw().plain().is_owned()
    }

    /// Releases the lock, blocks the current thread until it is notified, and acquires the lock again.
    ///
    /// # Errors
    ///
    /// Returns [`NotHolderError`] if the current thread does not hold the lock.
    #[track_caller]
    pub fn wait(&self) -> Result<(), NotHolderError> {
        self.check_held()?;
        let location = Location::caller();
        without_end(|wait| self.condition.wait_at(&self.lock, wait, location));
        Ok(())
    }

    /// Releases the lock, blocks the current thread until it is notified, for at most `timeout`, and acquires the lock again,
    /// however long that takes.
    ///
    /// # Errors
    ///
    /// Returns [`NotHolder`](ConditionWaitError::NotHolder) if the current thread does not hold the lock, and
    /// [`Wait`](ConditionWaitError::Wait) with [`WaitError::TimedOut`] if the timeout expires before a notification.
    #[track_caller]
    pub fn wait_timeout(&self, timeout: Duration) -> Result<(), ConditionWaitError> {
        self.wait_with(&Wait::timeout(timeout))
    }

    /// Releases the lock, blocks the current thread until it is notified or `wait` ends, and acquires the lock again, however long that takes.
    ///
    /// # Errors
    ///
    /// Returns [`NotHolder`](ConditionWaitError::NotHolder) if the current thread does not hold the lock, and
    /// [`Wait`](ConditionWaitError::Wait) with [`WaitError::TimedOut`] or [`WaitError::Stopped`] if `wait` ends before a notification.
    #[track_caller]
    pub fn wait_with(&self, wait: &Wait) -> Result<(), ConditionWaitError> {
        self.check_held()?;
        Ok(self.condition.wait_at(&self.lock, wait, Location::caller())?)
    }

    /// Notifies the `n` threads that have waited longest, or all if fewer wait. Returns the number of threads notified.
    ///
    /// # Errors
    ///
    /// Returns [`NotHolderError`] if the current thread does not hold the lock.
    #[track_caller]
    pub fn notify(&self, n: usize) -> Result<usize, NotHolderError> {
        self.check_held()?;
        Ok(self.condition.notify_with(&self.lock, n))
    }

    /// Notifies all threads that wait. Returns the number of threads notified.
    ///
    /// # Errors
    ///
    /// Returns [`NotHolderError`] if the current thread does not hold the lock.
    #[track_caller]
    pub fn notify_all(&self) -> Result<usize, NotHolderError> {
        self.notify(usize::MAX)
    }

    fn check_held(&self) -> Result<(), NotHolderError> {
        if self.is_owned() { Ok(()) } else { Err(NotHolderError(())) }
    }
}

impl Default for RawCondition {
    fn default() -> Self {
        RawCondition::new()
    }
}

impl<L: fmt::Debug> fmt::Debug for RawCondition<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RawCondition")
            .field("lock", &self.lock)
            .field("condition", &self.condition)
            .finish()
    }
}
