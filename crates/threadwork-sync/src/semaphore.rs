//! The semaphore: a number of permits.

use std::{fmt, panic::Location, sync::atomic::Ordering, time::Duration};

use crate::{
    door::Key,
    error::{ReleaseError, WaitError},
    floor::{self, Kept, Word, const_new},
    forms::{Blocking, Else},
    named::named,
    wait::Wait,
};

mod bounded;
mod slow;

#[cfg(test)]
mod tests;

pub use self::bounded::BoundedSemaphore;

/// A number of permits, which threads take and give back.
///
/// [`acquire`](Self::acquire) gives a [permit](SemaphorePermit) that goes back when it is dropped; one that is [forgotten](SemaphorePermit::forget)
/// is gone until somebody [releases](Self::release) one. Anybody may release, also without having acquired.
/// A semaphore takes 32 bytes, a name included, and allocates nothing.
///
/// # Fairness
///
/// As long as all who wait want one permit, a thread that comes when there is one takes it, even if others were woken to take it;
/// they then wait again, behind those who wait by now.
/// As soon as somebody waits for several, permits go to the waiting threads in the order in which they came, and a thread that comes
/// later waits behind them: an acquire of many is not starved by acquires of one.
///
/// # Happens-before
///
/// What a thread did before a release is seen by whoever acquires one of its permits.
///
/// # Differences from Python
///
/// * The number of permits has a limit, [`MAX_PERMITS`](Self::MAX_PERMITS): a release beyond it is an error and changes nothing.
/// * Several permits can be acquired at once, and a permit is an object.
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
    /// The permits that are there, shifted past two flags:
    ///
    /// * `PARKED`: somebody stands in the queue, or is about to. Cleared only with the queue locked.
    /// * `STRICT`: somebody there wants several permits. Then nobody takes a permit but from the hand of
    ///   [`grant`](Self::grant). Cleared only with the queue locked; never set without `PARKED`.
    word: Word,
    name: Kept<Option<&'static str>>,
    /// The most permits there can be.
    limit: Kept<usize>,
}

const PARKED: usize = 1;
const STRICT: usize = 2;
const FLAGS: usize = PARKED | STRICT;
const SHIFT: u32 = 2;

/// Stands for the word that a take has left where that is not known, or does not matter.
const UNKNOWN: usize = PARKED;

const fn permits(word: usize) -> usize {
    word >> SHIFT
}

impl Semaphore {
    /// The most permits there can be.
    pub const MAX_PERMITS: usize = usize::MAX >> SHIFT;

    const_new! {
        /// A semaphore with `permits` permits.
        ///
        /// # Panics
        ///
        /// If there are more than [`MAX_PERMITS`](Self::MAX_PERMITS).
        #[must_use]
        pub const fn new(permits: usize) -> Semaphore {
            Semaphore::with_limit(permits, Semaphore::MAX_PERMITS)
        }
    }

    const_new! {
        pub(crate) const fn with_limit(permits: usize, limit: usize) -> Semaphore {
            assert!(
                permits <= Semaphore::MAX_PERMITS,
                "a semaphore cannot have so many permits; make it with `Semaphore::MAX_PERMITS` at most"
            );
            Semaphore {
                word: Word::new(permits << SHIFT),
                name: Kept::new(None),
                limit: Kept::new(limit),
            }
        }
    }

    named!(pub name: "semaphore", "waits for");

    /// How many permits are there; that may have changed by the time you look at the answer.
    #[must_use]
    pub fn available(&self) -> usize {
        permits(self.word.load(Ordering::Relaxed))
    }

    /// Takes a permit, and waits for it as long as it takes.
    ///
    /// # Panics
    ///
    /// If there can be no permit at all, as in a [`BoundedSemaphore`](crate::BoundedSemaphore) of none.
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
    /// [`WaitError::TimedOut`], or [`WaitError::Impossible`] at once if there can be no permit at all.
    #[inline]
    #[track_caller]
    pub fn acquire_timeout(&self, timeout: Duration) -> Result<SemaphorePermit<'_>, WaitError> {
        self.acquire_many_timeout(1, timeout)
    }

    /// Takes a permit unless `wait` ends first.
    ///
    /// # Errors
    ///
    /// What ended the wait, or [`WaitError::Impossible`] at once if there can be no permit at all.
    #[inline]
    #[track_caller]
    pub fn acquire_with(&self, wait: &Wait) -> Result<SemaphorePermit<'_>, WaitError> {
        self.acquire_many_with(1, wait)
    }

    /// Takes `n` permits at once, and waits for them as long as it takes.
    ///
    /// No permits are had at once, whoever waits.
    ///
    /// # Panics
    ///
    /// If there can never be so many: `n` is more than [`MAX_PERMITS`](Self::MAX_PERMITS), or than the
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

    /// Takes `n` permits at once if they are there.
    #[inline]
    pub fn try_acquire_many(&self, n: usize) -> Option<SemaphorePermit<'_>> {
        let left = Permits { semaphore: self, n }.at_once()?;
        Some(self.permit(n, left))
    }

    /// Takes `n` permits at once within `timeout`.
    ///
    /// # Errors
    ///
    /// [`WaitError::TimedOut`], or [`WaitError::Impossible`] at once if there can never be so many.
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

    /// Takes `n` permits at once unless `wait` ends first.
    ///
    /// # Errors
    ///
    /// What ended the wait, or [`WaitError::Impossible`] at once if there can never be so many.
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

    /// Adds `n` permits, and wakes as many threads as can go on with them.
    ///
    /// # Errors
    ///
    /// If `n` is zero, or there would be more than [`MAX_PERMITS`](Self::MAX_PERMITS), or than the
    /// [bound](crate::BoundedSemaphore::bound) of a [`BoundedSemaphore`](crate::BoundedSemaphore); nothing is changed then.
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
            // Once the permits are there their next owner may free the semaphore: nothing of it is touched after this.
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

    /// Takes `n` permits if they are there and nobody has to be let through first. Returns what that leaves of the word.
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

    /// Puts `n` permits back where they were, if the word is what their take has `left`. To look before would take longer than to try.
    #[inline]
    fn put_back(&self, n: usize, left: usize) -> bool {
        let before = left.wrapping_add(n << SHIFT);
        // Nothing of the semaphore is touched after this, as in `release`.
        left & PARKED == 0
            && self.word.compare_exchange(left, before, Ordering::AcqRel, Ordering::Relaxed).is_ok()
    }

    /// The word, after another thread has changed it meanwhile. Threads that try again at once keep each other from it.
    #[cold]
    fn changed(&self) -> usize {
        floor::back_off();
        self.word.load(Ordering::Relaxed)
    }

    /// They have just been taken, which has `left` this word.
    #[inline]
    fn permit(&self, count: usize, left: usize) -> SemaphorePermit<'_> {
        SemaphorePermit { semaphore: self, count, left }
    }

    #[inline]
    pub(crate) const fn limit(&self) -> usize {
        *self.limit.get()
    }

    /// No other object wakes threads of this queue, so that what they are told about permits is true.
    fn key(&self) -> Key {
        Key::exact(&self.word)
    }
}

/// Acquires `n` permits of a semaphore. It gets the word that is left by that, and no permit: a word is returned in a register.
struct Permits<'a> {
    semaphore: &'a Semaphore,
    n: usize,
}

impl Blocking for Permits<'_> {
    type Got = usize;

    #[inline]
    fn attempt(&self, _: Else) -> Option<usize> {
        self.semaphore.take(self.n)
    }

    #[inline]
    fn wait_for(
        &self,
        wait: &Wait,
        location: &'static Location<'static>,
    ) -> Result<usize, WaitError> {
        self.semaphore.acquire_slow(self.n, wait, location)
    }
}

impl fmt::Debug for Semaphore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Semaphore")
            .field("name", &self.name)
            .field("available", &self.available())
            .finish()
    }
}

/// Permits of a semaphore, which go back when this is dropped. It takes 24 bytes.
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
#[must_use = "if unused the permits go back at once"]
#[clippy::has_significant_drop]
#[derive(Debug)]
pub struct SemaphorePermit<'a> {
    semaphore: &'a Semaphore,
    count: usize,
    /// The word that was left when these were taken, or [`UNKNOWN`].
    left: usize,
}

impl SemaphorePermit<'_> {
    /// How many permits these are.
    #[must_use]
    pub const fn count(&self) -> usize {
        self.count
    }

    /// Does not give the permits back.
    pub fn forget(self) {
        std::mem::forget(self);
    }
}

impl Drop for SemaphorePermit<'_> {
    #[inline]
    fn drop(&mut self) {
        if self.count > 0 && !self.semaphore.put_back(self.count, self.left) {
            // Beyond the limit only if somebody has released what was not his; then there is nothing to give back.
            let _ = self.semaphore.release(self.count);
        }
    }
}
