//! The condition that comes with its lock.

use std::{fmt, panic::Location, sync::Arc, time::Duration};

use crate::{
    condition::Condition,
    error::{ConditionWaitError, NotHolderError, ReleaseError, WaitError},
    floor::const_new,
    forms::{Blocking, without_end},
    guard::sealed::{Levels, Sealed},
    lock::RawLock,
    named::named,
    number,
    rlock::RawRLock,
    wait::Wait,
};

/// Python's `Condition`: with a lock of its own, re-entrant unless another is given, and exact `acquire` and `release`.
///
/// It guards no data; [`Condition`] goes with a lock that does. Several conditions share a lock if it is given to all of them,
/// by reference or in an `Arc`. To wait or to notify without holding the lock is an error.
/// Everything else is as [`Condition`] says. It takes 24 bytes besides its lock, a name included.
///
/// # Differences from Python
///
/// * With a plain lock too it is the thread that holds it that may wait and notify; that somebody else does is not enough.
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

/// A lock that a [`RawCondition`] can have: a [`RawRLock`] or a [`RawLock`], itself, by reference or in an [`Arc`].
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
        /// A condition with a re-entrant lock of its own.
        #[must_use]
        pub const fn new() -> RawCondition {
            RawCondition::with_lock(RawRLock::new())
        }
    }
}

impl<L> RawCondition<L> {
    const_new! {
        /// A condition with this lock.
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

    /// The lock.
    #[must_use]
    pub const fn lock(&self) -> &L {
        &self.lock
    }
}

impl<L: HeldLock> RawCondition<L> {
    named!(pub condition: "condition", "waits at");

    /// Acquires the lock, and waits for it as long as it takes.
    #[track_caller]
    pub fn acquire(&self) {
        self.lock.raw().forever();
    }

    /// Acquires the lock if that is possible at once. Returns whether it did.
    #[must_use = "the lock may not have been acquired"]
    #[track_caller]
    pub fn try_acquire(&self) -> bool {
        self.lock.raw().at_once().is_some()
    }

    /// Acquires the lock within `timeout`.
    ///
    /// # Errors
    ///
    /// [`WaitError::TimedOut`].
    #[track_caller]
    pub fn acquire_timeout(&self, timeout: Duration) -> Result<(), WaitError> {
        self.lock.raw().within(timeout)
    }

    /// Acquires the lock unless `wait` ends first.
    ///
    /// # Errors
    ///
    /// What ended the wait.
    #[track_caller]
    pub fn acquire_with(&self, wait: &Wait) -> Result<(), WaitError> {
        self.lock.raw().unless(wait)
    }

    /// Releases the lock.
    ///
    /// # Errors
    ///
    /// As the lock.
    pub fn release(&self) -> Result<(), ReleaseError> {
        self.lock.raw().release()
    }

    /// Whether somebody holds the lock.
    #[must_use]
    pub fn is_locked(&self) -> bool {
        self.lock.raw().plain().is_locked()
    }

    /// Releases the lock, waits until notified, and acquires the lock again.
    ///
    /// # Errors
    ///
    /// If the current thread does not hold the lock.
    #[track_caller]
    pub fn wait(&self) -> Result<(), NotHolderError> {
        self.check_held()?;
        let location = Location::caller();
        without_end(|wait| self.condition.wait_at(&self.lock, wait, location));
        Ok(())
    }

    /// Releases the lock, waits until notified, at most for `timeout`, and acquires the lock again, however long that takes.
    ///
    /// # Errors
    ///
    /// If the current thread does not hold the lock, or [`WaitError::TimedOut`] as [`Wait`](ConditionWaitError::Wait).
    #[track_caller]
    pub fn wait_timeout(&self, timeout: Duration) -> Result<(), ConditionWaitError> {
        self.wait_with(&Wait::timeout(timeout))
    }

    /// Releases the lock, waits until notified unless `wait` ends first, and acquires the lock again, however long that takes.
    ///
    /// # Errors
    ///
    /// If the current thread does not hold the lock, or what ended the wait as [`Wait`](ConditionWaitError::Wait).
    #[track_caller]
    pub fn wait_with(&self, wait: &Wait) -> Result<(), ConditionWaitError> {
        self.check_held()?;
        Ok(self.condition.wait_at(&self.lock, wait, Location::caller())?)
    }

    /// Waits until `predicate` says what is there: it is asked under the lock, first at once, then after each notification.
    ///
    /// # Errors
    ///
    /// If the current thread does not hold the lock.
    #[track_caller]
    pub fn wait_for<R>(
        &self,
        mut predicate: impl FnMut() -> Option<R>,
    ) -> Result<R, NotHolderError> {
        loop {
            self.check_held()?;
            if let Some(value) = predicate() {
                return Ok(value);
            }
            self.wait()?;
        }
    }

    /// As [`wait_for`](Self::wait_for), at most for `timeout` in all, however often it is notified. The predicate is asked once more at the end.
    ///
    /// # Errors
    ///
    /// If the current thread does not hold the lock, or [`WaitError::TimedOut`] as [`Wait`](ConditionWaitError::Wait).
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_sync as threadwork;
    /// use std::time::Duration;
    /// use threadwork::{ConditionWaitError, RawCondition, WaitError};
    ///
    /// let condition = RawCondition::new();
    /// condition.acquire();
    /// assert_eq!(condition.wait_for_timeout(Duration::ZERO, || Some(7)), Ok(7));
    /// let never = condition.wait_for_timeout(Duration::from_millis(1), || None::<u32>);
    /// assert_eq!(never, Err(ConditionWaitError::Wait(WaitError::TimedOut)));
    /// ```
    #[track_caller]
    pub fn wait_for_timeout<R>(
        &self,
        timeout: Duration,
        predicate: impl FnMut() -> Option<R>,
    ) -> Result<R, ConditionWaitError> {
        self.wait_for_with(&Wait::timeout(timeout), predicate)
    }

    /// As [`wait_for`](Self::wait_for), unless `wait` ends first: one total time. The predicate is asked once more at the end.
    ///
    /// # Errors
    ///
    /// If the current thread does not hold the lock, or what ended the wait as [`Wait`](ConditionWaitError::Wait).
    #[track_caller]
    pub fn wait_for_with<R>(
        &self,
        wait: &Wait,
        mut predicate: impl FnMut() -> Option<R>,
    ) -> Result<R, ConditionWaitError> {
        let mut ended = Ok(());
        loop {
            self.check_held()?;
            if let Some(value) = predicate() {
                return Ok(value);
            }
            ended?;
            self.check_held()?;
            let notified = self.condition.wait_at(&self.lock, wait, Location::caller());
            ended = notified.and_then(|()| wait.check_time());
        }
    }

    /// Notifies the `n` threads that have waited longest, or as many as there are. Returns how many.
    ///
    /// # Errors
    ///
    /// If the current thread does not hold the lock.
    #[track_caller]
    pub fn notify(&self, n: usize) -> Result<usize, NotHolderError> {
        self.check_held()?;
        Ok(self.condition.notify_with(&self.lock, n))
    }

    /// Notifies all threads that wait. Returns how many.
    ///
    /// # Errors
    ///
    /// If the current thread does not hold the lock.
    #[track_caller]
    pub fn notify_all(&self) -> Result<usize, NotHolderError> {
        self.notify(usize::MAX)
    }

    fn check_held(&self) -> Result<(), NotHolderError> {
        if self.lock.raw().plain().is_held_by(number::current_word()) {
            Ok(())
        } else {
            Err(NotHolderError(()))
        }
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
