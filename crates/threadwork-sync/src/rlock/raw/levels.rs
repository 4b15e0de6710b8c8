//! Releasing all levels of a re-entrant lock at once, and acquiring several.

use std::{num::NonZeroU32, panic::Location, sync::atomic::Ordering, time::Duration};

use crate::{
    error::{ReleaseError, WaitError},
    forms::{Blocking, Else},
    number,
    rlock::raw::{RawRLock, TOO_DEEP},
    wait::Wait,
};

impl RawRLock {
    /// Frees the lock, however often the current thread has acquired it. Returns how often that was, for
    /// [`acquire_many`](Self::acquire_many).
    ///
    /// # Errors
    ///
    /// Returns [`ReleaseError::NotHolder`] if the current thread does not hold the lock; nothing changes then.
    ///
    /// # Examples
    ///
    /// A function that its callers may call with the lock held, and that lets other threads have it for a while:
    ///
    /// ```
    /// # use threadwork_sync as threadwork;
    /// use threadwork::{RawRLock, ReleaseError};
    ///
    /// fn let_others(lock: &RawRLock) -> Result<(), ReleaseError> {
    ///     let depth = lock.release_all()?;
    ///     std::thread::scope(|scope| {
    ///         scope.spawn(|| assert!(lock.try_acquire() && lock.release().is_ok()));
    ///     });
    ///     lock.acquire_many(depth);
    ///     Ok(())
    /// }
    ///
    /// let lock = RawRLock::new();
    /// assert_eq!(let_others(&lock), Err(ReleaseError::NotHolder));
    /// lock.acquire();
    /// lock.acquire();
    /// assert_eq!(let_others(&lock), Ok(()));
    /// assert_eq!(lock.depth(), 2);
    /// ```
    pub fn release_all(&self) -> Result<NonZeroU32, ReleaseError> {
        if !self.is_owned() {
            return Err(ReleaseError::NotHolder);
        }
        let depth = NonZeroU32::MIN.saturating_add(self.suspend());
        self.lock.release_held();
        Ok(depth)
    }

    /// Acquires the lock `n` times at once, blocking the current thread until the lock is free, unless the current thread is the holder.
    ///
    /// It is then released by `n` releases, or by one [`release_all`](Self::release_all).
    ///
    /// # Panics
    ///
    /// Panics if the current thread would then hold the lock more than 2³² - 1 times; the depth is then unchanged.
    #[track_caller]
    pub fn acquire_many(&self, n: NonZeroU32) {
        self.times(n).forever();
    }

    /// Attempts to acquire the lock `n` times without blocking. Returns `true` if the lock was free or the current thread is the holder.
    ///
    /// # Panics
    ///
    /// As for [`acquire_many`](Self::acquire_many).
    #[must_use = "the lock may not have been acquired"]
    #[track_caller]
    pub fn try_acquire_many(&self, n: NonZeroU32) -> bool {
        self.times(n).at_once().is_some()
    }

    /// Acquires the lock `n` times at once, blocking the current thread for at most `timeout`.
    ///
    /// # Errors
    ///
    /// Returns [`WaitError::TimedOut`] if the timeout expires first.
    ///
    /// # Panics
    ///
    /// As for [`acquire_many`](Self::acquire_many).
    #[track_caller]
    pub fn acquire_many_timeout(&self, n: NonZeroU32, timeout: Duration) -> Result<(), WaitError> {
        self.times(n).within(timeout)
    }

    /// Acquires the lock `n` times at once, blocking the current thread until the lock is free or `wait` ends.
    ///
    /// # Errors
    ///
    /// Returns [`WaitError::TimedOut`] or [`WaitError::Stopped`] if `wait` ends first; the lock is then not acquired.
    ///
    /// # Panics
    ///
    /// As for [`acquire_many`](Self::acquire_many).
    #[track_caller]
    pub fn acquire_many_with(&self, n: NonZeroU32, wait: &Wait) -> Result<(), WaitError> {
        self.times(n).unless(wait)
    }

    fn times(&self, n: NonZeroU32) -> Times<'_> {
        Times { lock: self, n: n.get() }
    }
}

/// The operation that acquires a re-entrant lock several times.
struct Times<'a> {
    lock: &'a RawRLock,
    n: u32,
}

impl Times<'_> {
    /// Counts the levels beyond the first. The current thread has just acquired the lock.
    fn count(&self) {
        self.lock.again.store(self.n - 1, Ordering::Relaxed);
    }
}

impl Blocking for Times<'_> {
    type Got = ();

    #[track_caller]
    fn attempt(&self, or_else: Else) -> Option<()> {
        let me = number::current_word();
        if self.lock.is_owned_by(me) {
            let again = self.lock.again.load(Ordering::Relaxed).saturating_add(self.n);
            assert!(again < u32::MAX, "{TOO_DEEP}");
            self.lock.again.store(again, Ordering::Relaxed);
            return Some(());
        }
        self.lock.attempt_first(me, or_else).then(|| self.count())
    }

    fn wait_for(&self, wait: &Wait, location: &'static Location<'static>) -> Result<(), WaitError> {
        self.lock.wait_for(wait, location)?;
        self.count();
        Ok(())
    }
}
