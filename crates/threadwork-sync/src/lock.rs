//! The lock that protects a value.
#![expect(unsafe_code, reason = "the value is reached through the cell behind the guard")]

use std::{
    cell::UnsafeCell,
    fmt,
    marker::PhantomData,
    num::NonZeroU64,
    ops::{Deref, DerefMut},
    panic::Location,
    time::Duration,
};

use crate::{
    error::WaitError,
    floor::{const_new, real_only},
    forms::Blocking,
    wait::Wait,
};

pub(crate) mod probe;
pub(crate) mod held;
mod raw;
pub(crate) mod guarded;
real_only! {
    #[cfg(any(feature = "lock_api", feature = "lock_api_0_4"))]
    mod lock_api;
}

use self::guarded::{constructors, guard, guarded_forms};
pub(crate) use self::raw::Peek;
pub use self::raw::RawLock;
real_only! {
    #[cfg(any(feature = "lock_api", feature = "lock_api_0_4"))]
    pub use self::lock_api::CurrentIdent;
}

/// A mutual-exclusion lock that protects a value.
///
/// Acquiring the lock returns a [guard](LockGuard), which gives access to the value and releases the lock when dropped.
/// A thread that acquires a lock it already holds blocks forever, as in Python; [`waits`](crate::waits) then lists the thread as its own
/// holder. A lock takes 24 bytes in addition to its value, including the name, and allocates nothing.
///
/// # Fairness
///
/// As for [`RawLock`]: threads may barge, but about once in a millisecond the lock is handed to the thread that has waited longest.
/// A lock that is created [from a fair one](Self::from_raw) is always handed over.
///
/// # How it is freed
///
/// On Linux, a lock for which nobody waits is freed by a plain store, and the first waiter pays for that with a memory barrier of the whole
/// process, at most a thousand times a second. The environment variable `THREADWORK_MEMBARRIER=off`, read once, turns that off.
/// [`RawLock`] has the details.
///
/// # Happens-before
///
/// What a thread did before its guard was dropped is seen by the next thread that acquires the lock.
///
/// # Differences from Python
///
/// * The lock protects a value, so a caller cannot forget to acquire it, or release it twice. [`RawLock`] is Python's `Lock`.
/// * The guard cannot leave its thread.
///
/// # Differences from `std::sync::Mutex`
///
/// * It is never poisoned: a panic while the guard exists releases the lock.
/// * A wait can have a deadline, and a stop request can end it.
/// * It knows its holder, can have a name, and can be fair.
///
/// # Examples
///
/// ```
/// # use threadwork_sync as threadwork;
/// use threadwork::Lock;
///
/// static TOTAL: Lock<u32> = Lock::new(0);
///
/// std::thread::scope(|scope| {
///     for _ in 0..4 {
///         scope.spawn(|| *TOTAL.acquire() += 1);
///     }
/// });
/// assert_eq!(*TOTAL.acquire(), 4);
/// ```
///
/// A guard cannot be sent to another thread:
///
/// ```compile_fail,E0277
/// # use threadwork_sync as threadwork;
/// let lock = threadwork::Lock::new(0);
/// let guard = lock.acquire();
/// std::thread::scope(|scope| {
///     scope.spawn(move || drop(guard));
/// });
/// ```
///
/// A reference to the lock can:
///
/// ```
/// # use threadwork_sync as threadwork;
/// let lock = threadwork::Lock::new(0);
/// let guard = lock.acquire();
/// std::thread::scope(|scope| {
///     scope.spawn(|| assert!(lock.is_locked()));
/// });
/// drop(guard);
/// ```
pub struct Lock<T: ?Sized> {
    raw: RawLock,
    value: UnsafeCell<T>,
}

// SAFETY: the lock gives access to its value to one thread at a time, which requires only `T: Send`.
unsafe impl<T: ?Sized + Send> Sync for Lock<T> {}

constructors!(Lock, RawLock);

impl<T> Lock<T> {
    /// Creates a lock around `value` with the fairness and the name of `raw`.
    #[must_use]
    pub const fn from_raw(raw: RawLock, value: T) -> Lock<T> {
        Lock { raw, value: UnsafeCell::new(value) }
    }

    /// Consumes the lock and returns the value.
    #[must_use]
    pub fn into_inner(self) -> T {
        self.value.into_inner()
    }
}

impl<T: ?Sized> Lock<T> {
    /// Returns a mutable reference to the value. No locking is needed: the lock is borrowed exclusively.
    pub fn get_mut(&mut self) -> &mut T {
        self.value.get_mut()
    }

    /// Returns `true` if the lock is handed over in order of arrival.
    #[must_use]
    pub fn is_fair(&self) -> bool {
        self.raw.is_fair()
    }

    /// Returns `true` if a thread holds the lock. This may have changed by the time the caller looks at the result.
    #[must_use]
    pub fn is_locked(&self) -> bool {
        self.raw.is_locked()
    }

    /// Returns `true` if the current thread holds the lock.
    #[must_use]
    pub fn is_owned(&self) -> bool {
        self.raw.is_owned()
    }

    /// Returns the number of the thread that holds the lock.
    #[must_use]
    pub fn holder(&self) -> Option<NonZeroU64> {
        self.raw.holder()
    }

    guarded_forms! {
        LockGuard, |lock| lock.raw;

        /// Acquires the lock, blocking the current thread until it is free.
        ///
        /// # Examples
        ///
        /// ```
        /// # use threadwork_sync as threadwork;
        /// let lock = threadwork::Lock::new(1);
        /// *lock.acquire() += 1;
        /// assert_eq!(lock.into_inner(), 2);
        /// ```
        x: acquire;

        /// Attempts to acquire the lock without blocking. Returns `None` if the lock is held.
        ///
        /// # Examples
        ///
        /// ```
        /// # use threadwork_sync as threadwork;
        /// let lock = threadwork::Lock::new(1);
        /// let guard = lock.try_acquire().unwrap();
        /// assert!(lock.try_acquire().is_none());
        /// # drop(guard);
        /// ```
        try_x: try_acquire;

        /// Acquires the lock, blocking the current thread for at most `timeout`.
        ///
        /// # Errors
        ///
        /// Returns [`WaitError::TimedOut`] if the timeout expires first.
        ///
        /// # Examples
        ///
        /// ```
        /// # use threadwork_sync as threadwork;
        /// use std::time::Duration;
        /// use threadwork::{Lock, WaitError};
        ///
        /// let lock = Lock::new(1);
        /// let guard = lock.acquire_timeout(Duration::MAX).unwrap();
        /// assert_eq!(lock.acquire_timeout(Duration::ZERO).unwrap_err(), WaitError::TimedOut);
        /// # drop(guard);
        /// ```
        x_timeout: acquire_timeout;

        /// Acquires the lock, blocking the current thread until the lock is free or `wait` ends.
        ///
        /// # Errors
        ///
        /// Returns [`WaitError::TimedOut`] or [`WaitError::Stopped`] if `wait` ends first.
        ///
        /// # Examples
        ///
        /// ```
        /// # use threadwork_sync as threadwork;
        /// use threadwork::{Deadline, Lock, Wait};
        /// use std::time::Duration;
        ///
        /// // The second wait has what is left of the same second.
        /// let wait = Wait::until(Deadline::after(Duration::from_secs(1)));
        /// let (left, right) = (Lock::new(1), Lock::new(2));
        /// assert_eq!(*left.acquire_with(&wait)? + *right.acquire_with(&wait)?, 3);
        /// # Ok::<(), threadwork::WaitError>(())
        /// ```
        x_with: acquire_with;
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for Lock<T> {
    /// Never blocks: a locked value is shown as `<locked>`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("Lock");
        debug.field("name", &self.name()).field("holder", &self.holder());
        match self.raw.peek() {
            // SAFETY: this thread holds the lock until the end of this arm, and otherwise only guards reach the value.
            Some(_peek) => debug.field("value", &unsafe { &*self.value.get() }),
            None => debug.field("value", &format_args!("<locked>")),
        };
        debug.finish()
    }
}

guard! {
    /// Gives access to the value of a [`Lock`], and releases the lock when dropped.
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_sync as threadwork;
    /// use threadwork::Lock;
    ///
    /// let names = Lock::new(vec!["a"]);
    /// let mut guard = names.acquire();
    /// guard.push("b");
    /// assert!(names.is_locked());
    /// drop(guard);
    /// assert_eq!(names.into_inner(), ["a", "b"]);
    /// ```
    LockGuard of Lock;
    // SAFETY: the guard exists, so this thread holds the lock (`LockGuard::new`), and only guards reach the value.
    value: |lock| unsafe { &*lock.value.get() };
    release: |lock| lock.raw.release_held();
}

// SAFETY: a shared guard gives access to `&T` only.
unsafe impl<T: ?Sized + Sync> Sync for LockGuard<'_, T> {}

impl<T: ?Sized> Lock<T> {
    pub(crate) fn raw(&self) -> &RawLock {
        &self.raw
    }

    /// Returns the guard of the current thread, which has just acquired the raw lock.
    pub(crate) fn acquired(&self) -> LockGuard<'_, T> {
        LockGuard::new(self)
    }

    /// Acquires the lock for code that was called from `location`.
    pub(crate) fn acquire_at(&self, location: &'static Location<'static>) -> LockGuard<'_, T> {
        self.raw.acquire_at(location);
        LockGuard::new(self)
    }
}

impl<'a, T: ?Sized> LockGuard<'a, T> {
    pub(crate) fn raw(&self) -> &'a RawLock {
        &self.lock.raw
    }
}

const_new! {
    /// Creates a free lock for the library's internal use. Observers are not notified of it, and statistics leave it out.
    #[must_use]
    #[inline]
    pub const fn own_lock<T>(name: &'static str, value: T) -> Lock<T> {
        Lock::from_raw(RawLock::internal(name), value)
    }
}

/// Returns `true` if the holder frees the lock by a store now, because nobody waits for it and the system offers the fence that this needs.
/// Tests ask for it.
#[must_use]
pub fn is_freed_by_store<T: ?Sized>(lock: &Lock<T>) -> bool {
    lock.raw.is_freed_by_store()
}

impl<T: ?Sized> DerefMut for LockGuard<'_, T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: as in `deref`, and the guard is borrowed exclusively.
        unsafe { &mut *self.lock.value.get() }
    }
}
