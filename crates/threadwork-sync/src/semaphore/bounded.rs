//! The semaphore that never has more permits than at the beginning.

use std::{panic::Location, time::Duration};

use crate::{
    error::{ReleaseError, WaitError},
    floor::{Kept, const_new},
    semaphore::{Semaphore, SemaphorePermit, check},
    wait::Wait,
};

/// A [`Semaphore`] that never has more permits than at the beginning: a release too much is an error and changes nothing.
/// It takes 32 bytes, a name included, and allocates nothing.
///
/// # Differences from Python
///
/// * An acquire of more permits than there can ever be fails at once, where it would wait for ever.
///
/// # Examples
///
/// ```
/// # use threadwork_sync as threadwork;
/// use threadwork::{BoundedSemaphore, ReleaseError};
///
/// let tokens = BoundedSemaphore::new(1);
/// assert_eq!(tokens.release(1), Err(ReleaseError::TooMany));
/// tokens.acquire().forget();
/// assert_eq!(tokens.release(1), Ok(()));
/// assert_eq!(tokens.available(), 1);
/// ```
#[derive(Debug)]
pub struct BoundedSemaphore {
    semaphore: Semaphore,
    bound: Kept<usize>,
}

impl BoundedSemaphore {
    const_new! {
        /// A semaphore with `permits` permits, which is also the most it can have.
        ///
        /// # Panics
        ///
        /// If there are more than [`Semaphore::MAX_PERMITS`].
        #[must_use]
        pub const fn new(permits: usize) -> BoundedSemaphore {
            BoundedSemaphore { semaphore: Semaphore::new(permits), bound: Kept::new(permits) }
        }
    }

    const_new! {
        /// The same semaphore with a name, which is shown where somebody waits for it.
        #[must_use]
        pub const fn named(self, name: &'static str) -> BoundedSemaphore {
            BoundedSemaphore { semaphore: self.semaphore.named(name), bound: self.bound }
        }
    }

    /// The name, if it was given one.
    #[must_use]
    pub const fn name(&self) -> Option<&'static str> {
        self.semaphore.name()
    }

    /// The most permits there can be.
    #[must_use]
    pub const fn bound(&self) -> usize {
        *self.bound.get()
    }

    /// How many permits are there; that may have changed by the time you look at the answer.
    #[must_use]
    pub fn available(&self) -> usize {
        self.semaphore.available()
    }

    /// Takes a permit, and waits for it as long as it takes.
    ///
    /// # Panics
    ///
    /// If there can be no permit at all.
    #[inline]
    #[track_caller]
    pub fn acquire(&self) -> SemaphorePermit<'_> {
        self.acquire_many(1)
    }

    /// Takes a permit if there is one.
    #[inline]
    pub fn try_acquire(&self) -> Option<SemaphorePermit<'_>> {
        self.try_acquire_many(1)
    }

    /// Takes a permit within `timeout`.
    ///
    /// # Errors
    ///
    /// [`WaitError::TimedOut`], or [`WaitError::Impossible`] at once if there can never be so many.
    #[inline]
    #[track_caller]
    pub fn acquire_timeout(&self, timeout: Duration) -> Result<SemaphorePermit<'_>, WaitError> {
        self.acquire_many_timeout(1, timeout)
    }

    /// Takes a permit unless `wait` ends first.
    ///
    /// # Errors
    ///
    /// What ended the wait, or [`WaitError::Impossible`] at once if there can never be so many.
    #[inline]
    #[track_caller]
    pub fn acquire_with(&self, wait: &Wait) -> Result<SemaphorePermit<'_>, WaitError> {
        self.acquire_many_with(1, wait)
    }

    /// Takes `n` permits at once, and waits for them as long as it takes.
    ///
    /// # Panics
    ///
    /// If there can never be so many, that is if `n` is more than [`bound`](Self::bound).
    #[track_caller]
    pub fn acquire_many(&self, n: usize) -> SemaphorePermit<'_> {
        if let Err(error) = check(n, self.bound()) {
            panic!("{error}");
        }
        let location = Location::caller();
        let left = self.semaphore.take(n);
        self.permit(n, left.unwrap_or_else(|| self.semaphore.acquire_forever(n, location)))
    }

    /// Takes `n` permits at once if they are there.
    #[inline]
    pub fn try_acquire_many(&self, n: usize) -> Option<SemaphorePermit<'_>> {
        self.semaphore.take(n).map(|left| self.permit(n, left))
    }

    /// Takes `n` permits at once within `timeout`.
    ///
    /// # Errors
    ///
    /// [`WaitError::TimedOut`], or [`WaitError::Impossible`] at once if there can never be so many.
    #[track_caller]
    pub fn acquire_many_timeout(
        &self,
        n: usize,
        timeout: Duration,
    ) -> Result<SemaphorePermit<'_>, WaitError> {
        check(n, self.bound())?;
        let left = match self.semaphore.take(n) {
            Some(left) => left,
            None => self.semaphore.acquire_slow(n, &Wait::timeout(timeout), Location::caller())?,
        };
        Ok(self.permit(n, left))
    }

    /// Takes `n` permits at once unless `wait` ends first.
    ///
    /// # Errors
    ///
    /// What ended the wait, or [`WaitError::Impossible`] at once if there can never be so many.
    #[track_caller]
    pub fn acquire_many_with(
        &self,
        n: usize,
        wait: &Wait,
    ) -> Result<SemaphorePermit<'_>, WaitError> {
        check(n, self.bound())?;
        let left = match self.semaphore.take(n) {
            Some(left) => left,
            None => self.semaphore.acquire_slow(n, wait, Location::caller())?,
        };
        Ok(self.permit(n, left))
    }

    /// Adds `n` permits, and wakes as many threads as can go on with them.
    ///
    /// # Errors
    ///
    /// If `n` is zero, or there would be more than [`bound`](Self::bound); nothing is changed then.
    #[inline]
    pub fn release(&self, n: usize) -> Result<(), ReleaseError> {
        self.semaphore.release_within(n, self.bound())
    }

    #[inline]
    fn permit(&self, count: usize, left: usize) -> SemaphorePermit<'_> {
        self.semaphore.permit_within(count, self.bound(), left)
    }
}
