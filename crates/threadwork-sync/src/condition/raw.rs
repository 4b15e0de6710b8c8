//! The condition that comes with its lock.

use std::{fmt, panic::Location, sync::Arc, time::Duration};

use crate::{
    condition::Condition,
    door::WaitKind,
    error::{NotHolderError, ReleaseError, WaitError},
    floor::const_new,
    guard::sealed::Sealed,
    lock::RawLock,
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

pub(crate) mod held {
    use super::{Arc, RawLock, RawRLock, ReleaseError, Sealed, Wait, WaitError, WaitKind};

    #[expect(unnameable_types, reason = "keeps `HeldLock` closed")]
    pub trait Held: Sealed {
        fn acquire_with(&self, wait: &Wait) -> Result<(), WaitError>;
        fn try_acquire(&self) -> bool;
        fn release(&self) -> Result<(), ReleaseError>;
    }

    macro_rules! held {
        ($lock:ident, $kind:ident: $raw_lock:expr, $suspend:expr, $resume:expr) => {
            impl Sealed for $lock {
                const KIND: WaitKind = WaitKind::$kind;

                fn raw_lock(&self) -> &RawLock {
                    $raw_lock(self)
                }

                fn suspend(&self) -> u32 {
                    $suspend(self)
                }

                fn resume(&self, levels: u32) {
                    $resume(self, levels);
                }
            }

            impl Held for $lock {
                #[track_caller]
                fn acquire_with(&self, wait: &Wait) -> Result<(), WaitError> {
                    $lock::acquire_with(self, wait)
                }

                #[track_caller]
                fn try_acquire(&self) -> bool {
                    $lock::try_acquire(self)
                }

                fn release(&self) -> Result<(), ReleaseError> {
                    $lock::release(self)
                }
            }
        };
    }

    held!(RawLock, Lock: |it| it, |_| 0, |_, _| ());
    held!(RawRLock, RLock: RawRLock::lock, RawRLock::suspend, RawRLock::resume);

    /// A lock behind a pointer is the lock.
    macro_rules! behind {
        ($pointer:ty) => {
            impl<L: Held> Sealed for $pointer {
                const KIND: WaitKind = L::KIND;

                fn raw_lock(&self) -> &RawLock {
                    (**self).raw_lock()
                }

                fn suspend(&self) -> u32 {
                    (**self).suspend()
                }

                fn resume(&self, levels: u32) {
                    (**self).resume(levels);
                }
            }

            impl<L: Held> Held for $pointer {
                #[track_caller]
                fn acquire_with(&self, wait: &Wait) -> Result<(), WaitError> {
                    (**self).acquire_with(wait)
                }

                #[track_caller]
                fn try_acquire(&self) -> bool {
                    (**self).try_acquire()
                }

                fn release(&self) -> Result<(), ReleaseError> {
                    (**self).release()
                }
            }
        };
    }

    behind!(&L);
    behind!(Arc<L>);
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
    /// The same condition with a name, which is shown where somebody waits at it.
    #[must_use]
    pub const fn named(mut self, name: &'static str) -> RawCondition<L> {
        self.condition.rename(name);
        self
    }

    /// Acquires the lock, and waits for it as long as it takes.
    #[track_caller]
    pub fn acquire(&self) {
        let acquired = self.lock.acquire_with(&Wait::forever());
        debug_assert!(acquired.is_ok(), "a wait without end has no other end");
    }

    /// Acquires the lock if that is possible at once. Returns whether it did.
    #[must_use = "the lock may not have been acquired"]
    #[track_caller]
    pub fn try_acquire(&self) -> bool {
        self.lock.try_acquire()
    }

    /// Acquires the lock within `timeout`. Returns whether it did.
    #[must_use = "the lock may not have been acquired"]
    #[track_caller]
    pub fn acquire_timeout(&self, timeout: Duration) -> bool {
        self.lock.acquire_with(&Wait::timeout(timeout)).is_ok()
    }

    /// Acquires the lock unless `wait` ends first.
    ///
    /// # Errors
    ///
    /// What ended the wait.
    #[track_caller]
    pub fn acquire_with(&self, wait: &Wait) -> Result<(), WaitError> {
        self.lock.acquire_with(wait)
    }

    /// Releases the lock.
    ///
    /// # Errors
    ///
    /// As the lock.
    pub fn release(&self) -> Result<(), ReleaseError> {
        self.lock.release()
    }

    /// Whether somebody holds the lock.
    #[must_use]
    pub fn is_locked(&self) -> bool {
        self.lock.raw_lock().is_locked()
    }

    /// Releases the lock, waits until notified, and acquires the lock again.
    ///
    /// # Errors
    ///
    /// If the current thread does not hold the lock.
    #[track_caller]
    pub fn wait(&self) -> Result<(), NotHolderError> {
        self.wait_with(&Wait::forever()).map(|_| ())
    }

    /// Releases the lock, waits until notified, at most for `timeout`, and acquires the lock again.
    /// Returns whether it was notified.
    ///
    /// # Errors
    ///
    /// If the current thread does not hold the lock.
    #[track_caller]
    pub fn wait_timeout(&self, timeout: Duration) -> Result<bool, NotHolderError> {
        self.wait_with(&Wait::timeout(timeout)).map(|ended| ended.is_ok())
    }

    /// Releases the lock, waits until notified unless `wait` ends first, and acquires the lock again. Says what ended the wait.
    ///
    /// # Errors
    ///
    /// If the current thread does not hold the lock.
    #[track_caller]
    pub fn wait_with(&self, wait: &Wait) -> Result<Result<(), WaitError>, NotHolderError> {
        self.check_held()?;
        Ok(self.condition.wait_at(&self.lock, wait, Location::caller()))
    }

    /// Waits until `predicate` says what is there: it is asked under the lock, first at once, then after each notification.
    ///
    /// # Errors
    ///
    /// If the current thread does not hold the lock.
    #[track_caller]
    pub fn wait_for<R>(&self, predicate: impl FnMut() -> Option<R>) -> Result<R, NotHolderError> {
        match self.wait_for_with(&Wait::forever(), predicate)? {
            Ok(value) => Ok(value),
            Err(_) => unreachable!("a wait without end has no other end"),
        }
    }

    /// As [`wait_for`](Self::wait_for), unless `wait` ends first: one total time. The predicate is asked once more at the end.
    ///
    /// # Errors
    ///
    /// If the current thread does not hold the lock.
    #[track_caller]
    pub fn wait_for_with<R>(
        &self,
        wait: &Wait,
        mut predicate: impl FnMut() -> Option<R>,
    ) -> Result<Result<R, WaitError>, NotHolderError> {
        let mut ended = Ok(());
        loop {
            self.check_held()?;
            match (predicate(), ended) {
                (Some(value), _) => return Ok(Ok(value)),
                (None, Err(error)) => return Ok(Err(error)),
                (None, Ok(())) => ended = self.wait_with(wait)?.and_then(|()| wait.check_time()),
            }
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
        if self.lock.raw_lock().is_held_by(number::current_word()) {
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
