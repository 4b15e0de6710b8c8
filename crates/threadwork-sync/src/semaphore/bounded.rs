//! The semaphore that never has more permits than it started with.

use std::{fmt, ops::Deref};

use crate::{floor::const_new, forms::named, semaphore::Semaphore};

/// A [`Semaphore`] that never has more permits than it started with: a release beyond that is an error and changes nothing.
///
/// It dereferences to a [`Semaphore`], which has the methods to acquire and release.
/// It takes 32 bytes, including the name, and allocates nothing.
///
/// # Differences from Python
///
/// * An acquire of more permits than there can ever be fails immediately instead of waiting forever.
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
pub struct BoundedSemaphore {
    semaphore: Semaphore,
}

impl BoundedSemaphore {
    const_new! {
        /// Creates a semaphore with `permits` permits, which is also its bound.
        ///
        /// # Panics
        ///
        /// Panics if `permits` is greater than [`Semaphore::MAX_PERMITS`].
        #[must_use]
        pub const fn new(permits: usize) -> BoundedSemaphore {
            BoundedSemaphore { semaphore: Semaphore::with_limit(permits, permits) }
        }
    }

    named!(pub semaphore: "semaphore", "waits for");

    /// Returns the largest possible number of permits.
    #[must_use]
    pub const fn bound(&self) -> usize {
        self.semaphore.limit()
    }
}

impl Deref for BoundedSemaphore {
    type Target = Semaphore;

    #[inline]
    fn deref(&self) -> &Semaphore {
        &self.semaphore
    }
}

impl fmt::Debug for BoundedSemaphore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BoundedSemaphore")
            .field("semaphore", &self.semaphore)
            .field("bound", &self.bound())
            .finish()
    }
}
