//! The semaphore: a number of permits that threads acquire and release.

use std::{fmt, sync::atomic::Ordering, time::Duration};

use crate::{
    door::Key,
    error::{ReleaseError, WaitError},
    floor::{self, Kept, Word, const_new},
    forms::Blocking,
    forms::named,
    wait::Wait,
};

mod bounded;
mod slow;
mod future;

#[cfg(test)]
mod tests;

pub use self::{bounded::BoundedSemaphore, future::SemaphoreAcquire};

/// A number of permits, which threads acquire and release.
///
/// [`acquire`](Self::acquire) returns a [permit](SemaphorePermit), which is released when dropped. A permit that is
/// [forgotten](SemaphorePermit::forget) is lost until a thread [releases](Self::release) one. Any thread may release, even without
/// having acquired a permit. A semaphore takes 32 bytes, including the name, and allocates nothing.
///
/// # Fairness
///
/// While every waiter wants a single permit, threads may barge: a thread that finds a permit takes it, even if a waiter has been woken
/// to take it. That waiter keeps its turn, and about once in a millisecond a release gives its permits to the threads that have waited
/// longest.
/// As soon as a thread waits for several permits, permits go to the waiters in order of arrival, and a thread that arrives later waits
/// behind them. So an acquire of many permits is not starved by acquires of one.
///
/// # Happens-before
///
/// What a thread did before a release is seen by the threads that acquire the released permits.
///
/// # Differences from Python
///
/// * The number of permits is limited to [`MAX_PERMITS`](Self::MAX_PERMITS): a release beyond it is an error and changes nothing.
/// * Several permits can be acquired together, and a permit is an object.
///
/// # Examples
///
/// ```
/// # use threadwork_sync as threadwork;
/// use threadwork::Semaphore;
///
/// static CONNECTIONS: Semaphore = Semaphore::new(2);
///
/// let first = CONNECTIONS.acquire();
/// let second = CONNECTIONS.acquire();
/// assert!(CONNECTIONS.try_acquire().is_none());
/// drop(first);
/// assert_eq!(CONNECTIONS.available(), 1);
/// # drop(second);
/// ```
pub struct Semaphore {
    /// The number of available permits, shifted past two flags:
    ///
    /// * `PARKED`: a thread is in the queue, or is about to enter it. Cleared only with the queue locked.
    /// * `STRICT`: a thread in the queue wants several permits. Then [`grant`](Self::grant) gives out all permits; the only exception is
    ///   a woken thread, which came before the threads in the queue. Cleared only with the queue locked; never set without `PARKED`.
    // Scenario "the permit that is handed over" in docs/architecture.md.
    word: Word,
    name: Kept<Option<&'static str>>,
    /// The largest possible number of permits.
    limit: Kept<usize>,
}

const PARKED: usize = 1;
const STRICT: usize = 2;
const FLAGS: usize = PARKED | STRICT;
const SHIFT: u32 = 2;

/// Replaces the word after a take where it is not known or does not matter.
const UNKNOWN: usize = PARKED;

const fn permits(word: usize) -> usize {
    word >> SHIFT
}

impl Semaphore {
    /// The largest possible number of permits.
    pub const MAX_PERMITS: usize = usize::MAX >> SHIFT;

    const_new! {
        /// Creates a semaphore with `permits` permits.
        ///
        /// # Panics
        ///
        /// Panics if `permits` is greater than [`MAX_PERMITS`](Self::MAX_PERMITS).
        #[must_use]
        pub const fn new(permits: usize) -> Semaphore {
            Semaphore::with_limit(permits, Semaphore::MAX_PERMITS)
        }
    }

    const_new! {
        pub(crate) const fn with_limit(permits: usize, limit: usize) -> Semaphore {
            assert!(
                permits <= Semaphore::MAX_PERMITS,
                "cannot create a semaphore with more than `Semaphore::MAX_PERMITS` permits; use fewer"
            );
            Semaphore {
                word: Word::new(permits << SHIFT),
                name: Kept::new(None),
                limit: Kept::new(limit),
            }
        }
    }

    named!(pub name: "semaphore", "waits for");

    /// Returns the number of available permits. This may have changed by the time the caller looks at the result.
    #[must_use]
    pub fn available(&self) -> usize {
        permits(self.word.load(Ordering::Relaxed))
    }

    /// Acquires a permit, blocking the current thread until one is available.
    ///
    /// # Panics
    ///
    /// Panics if there can never be a permit, as in a [`BoundedSemaphore`](crate::BoundedSemaphore) with a bound of zero.
    #[inline]
    #[track_caller]
    pub fn acquire(&self) -> SemaphorePermit<'_> {
        self.acquire_many(1)
    }

    /// Attempts to acquire a permit without blocking. Returns `None` if none is available, or if waiting threads must be served first.
    #[inline]
    pub fn try_acquire(&self) -> Option<SemaphorePermit<'_>> {
        self.try_acquire_many(1)
    }

    /// Acquires a permit, blocking the current thread for at most `timeout`.
    ///
    /// # Errors
    ///
    /// Returns [`WaitError::TimedOut`] if the timeout expires first, or immediately [`WaitError::Impossible`] if there can never be a permit.
    #[inline]
    #[track_caller]
    pub fn acquire_timeout(&self, timeout: Duration) -> Result<SemaphorePermit<'_>, WaitError> {
        self.acquire_many_timeout(1, timeout)
    }

    /// Acquires a permit, blocking the current thread until one is available or `wait` ends.
    ///
    /// # Errors
    ///
    /// Returns why `wait` ended, if it ends first, or immediately [`WaitError::Impossible`] if there can never be a permit.
    #[inline]
    #[track_caller]
    pub fn acquire_with(&self, wait: &Wait) -> Result<SemaphorePermit<'_>, WaitError> {
        self.acquire_many_with(1, wait)
    }

    /// Acquires `n` permits together, blocking the current thread until they are available. `n = 0` always succeeds immediately.
    ///
    /// # Panics
    ///
    /// Panics if there can never be `n` permits: `n` is greater than [`MAX_PERMITS`](Self::MAX_PERMITS), or than the
    /// [bound](crate::BoundedSemaphore::bound) of a [`BoundedSemaphore`](crate::BoundedSemaphore).
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_sync as threadwork;
    /// use threadwork::Semaphore;
    ///
    /// let readers = Semaphore::new(3);
    /// let writer = readers.acquire_many(3);
    /// assert_eq!((writer.count(), readers.available()), (3, 0));
    /// ```
    #[inline]
    #[track_caller]
    pub fn acquire_many(&self, n: usize) -> SemaphorePermit<'_> {
        let left = Permits { semaphore: self, n }.forever();
        self.permit(n, left)
    }

    /// Attempts to acquire `n` permits together without blocking. Returns `None` as [`try_acquire`](Self::try_acquire) does.
    #[inline]
    pub fn try_acquire_many(&self, n: usize) -> Option<SemaphorePermit<'_>> {
        let left = Permits { semaphore: self, n }.at_once()?;
        Some(self.permit(n, left))
    }

    /// Acquires `n` permits together, blocking the current thread for at most `timeout`.
    ///
    /// # Errors
    ///
    /// Returns [`WaitError::TimedOut`] if the timeout expires first, or immediately [`WaitError::Impossible`] if there can never be `n` permits.
    #[inline]
    #[track_caller]
    pub fn acquire_many_timeout(
        &self,
        n: usize,
        timeout: Duration,
    ) -> Result<SemaphorePermit<'_>, WaitError> {
        let left = Permits { semaphore: self, n }.within(timeout)?;
        Ok(self.permit(n, left))
    }

    /// Acquires `n` permits together, blocking the current thread until they are available or `wait` ends.
    ///
    /// # Errors
    ///
    /// Returns why `wait` ended, if it ends first, or immediately [`WaitError::Impossible`] if there can never be `n` permits.
    #[inline]
    #[track_caller]
    pub fn acquire_many_with(
        &self,
        n: usize,
        wait: &Wait,
    ) -> Result<SemaphorePermit<'_>, WaitError> {
        let left = Permits { semaphore: self, n }.unless(wait)?;
        Ok(self.permit(n, left))
    }

    /// Adds `n` permits and wakes as many waiters as can use them.
    ///
    /// # Errors
    ///
    /// Returns [`ReleaseError::Nothing`] if `n` is zero, and [`ReleaseError::TooMany`] if there would be more permits than `MAX_PERMITS`,
    /// or than the [bound](crate::BoundedSemaphore::bound) of a [`BoundedSemaphore`](crate::BoundedSemaphore). Nothing changes then.
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_sync as threadwork;
    /// use threadwork::{ReleaseError, Semaphore};
    ///
    /// let items = Semaphore::new(0);
    /// items.release(2)?;
    /// assert_eq!(items.available(), 2);
    /// assert_eq!(items.release(Semaphore::MAX_PERMITS), Err(ReleaseError::TooMany));
    /// assert_eq!(items.available(), 2);
    /// # Ok::<(), ReleaseError>(())
    /// ```
    #[inline]
    pub fn release(&self, n: usize) -> Result<(), ReleaseError> {
        if n == 0 {
            return Err(ReleaseError::Nothing);
        }
        let limit = self.limit();
        let mut word = self.word.load(Ordering::Relaxed);
        while word & PARKED == 0 {
            let more = permits(word)
                .checked_add(n)
                .filter(|more| *more <= limit)
                .ok_or(ReleaseError::TooMany)?;
            // The next owner of the permits may free the semaphore. Scenario "the lock that is freed by its next owner" in docs/architecture.md.
            match self.word.compare_exchange_weak(
                word,
                more << SHIFT,
                Ordering::AcqRel,
                Ordering::Relaxed,
            ) {
                Ok(_) => return Ok(()),
                Err(_) => word = self.changed(),
            }
        }
        self.grant(n)
    }

    /// Takes `n` permits if they are available and no waiter must be served first. Returns the word after that.
    #[inline]
    fn take(&self, n: usize) -> Option<usize> {
        if n == 0 {
            return Some(UNKNOWN);
        }
        let mut word = self.word.load(Ordering::Relaxed);
        while word & STRICT == 0 && permits(word) >= n {
            let left = word - (n << SHIFT);
            match self.word.compare_exchange_weak(word, left, Ordering::AcqRel, Ordering::Relaxed) {
                Ok(_) => return Some(left),
                Err(_) => word = self.changed(),
            }
        }
        None
    }

    /// Puts `n` permits back if the word is still `left`, as it was after they were taken. Reading the word first would take longer than trying.
    // Scenario "the word that is not read after it was written" in docs/architecture.md.
    #[inline]
    fn put_back(&self, n: usize, left: usize) -> bool {
        let before = left.wrapping_add(n << SHIFT);
        // The semaphore is not accessed after this, as in `release`.
        left & PARKED == 0
            && self.word.compare_exchange(left, before, Ordering::AcqRel, Ordering::Relaxed).is_ok()
    }

    /// Returns the word after another thread has changed it. Backs off, because threads that retry immediately slow each other down.
    #[cold]
    fn changed(&self) -> usize {
        floor::back_off();
        self.word.load(Ordering::Relaxed)
    }

    /// Creates the permit object for `count` permits that have just been taken. `left` is the word after that.
    #[inline]
    fn permit(&self, count: usize, left: usize) -> SemaphorePermit<'_> {
        SemaphorePermit { semaphore: self, count, left }
    }

    #[inline]
    pub(crate) const fn limit(&self) -> usize {
        *self.limit.get()
    }

    /// The key of the queue of waiters. It is exact because a wake-up can hand over permits: no other object wakes threads in this queue.
    pub(crate) fn key(&self) -> Key {
        Key::exact(&self.word)
    }
}

/// The operation that acquires `n` permits. It returns the word after that instead of a permit object, because a word fits in a register.
#[derive(Clone, Copy)]
struct Permits<'a> {
    semaphore: &'a Semaphore,
    n: usize,
}

impl fmt::Debug for Semaphore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Semaphore")
            .field("name", &self.name)
            .field("available", &self.available())
            .finish()
    }
}

/// Permits of a semaphore, which are released when this object is dropped. It takes 24 bytes.
///
/// # Examples
///
/// ```
/// # use threadwork_sync as threadwork;
/// use threadwork::Semaphore;
///
/// let semaphore = Semaphore::new(1);
/// semaphore.acquire().forget();
/// assert_eq!(semaphore.available(), 0);
/// semaphore.release(1)?;
/// assert_eq!(semaphore.available(), 1);
/// # Ok::<(), threadwork::ReleaseError>(())
/// ```
#[must_use = "if unused the permits are released immediately"]
#[clippy::has_significant_drop]
#[derive(Debug)]
pub struct SemaphorePermit<'a> {
    semaphore: &'a Semaphore,
    count: usize,
    /// The word after these permits were taken, or [`UNKNOWN`].
    left: usize,
}

impl SemaphorePermit<'_> {
    /// Returns the number of permits.
    #[must_use]
    pub const fn count(&self) -> usize {
        self.count
    }

    /// Drops this object without releasing the permits.
    pub fn forget(self) {
        std::mem::forget(self);
    }
}

impl Drop for SemaphorePermit<'_> {
    #[inline]
    fn drop(&mut self) {
        if self.count > 0 && !self.semaphore.put_back(self.count, self.left) {
            self.release_after_change();
        }
    }
}
