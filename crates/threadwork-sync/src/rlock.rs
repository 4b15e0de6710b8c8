//! The re-entrant lock that protects a value.
#![expect(unsafe_code, reason = "sharing the lock requires only that the value can be sent")]

use std::{fmt, marker::PhantomData, num::NonZeroU64, ops::Deref, time::Duration};

use crate::{
    error::WaitError,
    floor::const_new,
    forms::Blocking,
    lock::guarded::{constructors, guard, guarded_forms},
    wait::Wait,
};

mod raw;

pub use self::raw::RawRLock;

/// A re-entrant lock that protects a value: one thread at a time can hold it, and that thread can acquire it again.
///
/// The holder can have several [guards](RLockGuard), so they give access to the value by shared reference only;
/// put data that changes into a `Cell` or a `RefCell`. A lock takes 40 bytes in addition to its value, including the name.
///
/// # Happens-before
///
/// What a thread did before its last guard was dropped is seen by the next thread that acquires the lock.
///
/// There is no async form: the lock could not tell two tasks that one thread polls apart, and would let both in.
///
/// # Differences from Python
///
/// * The lock protects a value, and only the thread that acquired it can release it: the guard cannot leave its thread.
///   [`RawRLock`] is Python's `RLock`.
///
/// # Examples
///
/// ```
/// # use threadwork_sync as threadwork;
/// use std::cell::RefCell;
/// use threadwork::RLock;
///
/// struct Account {
///     log: RLock<RefCell<Vec<&'static str>>>,
/// }
///
/// impl Account {
///     fn note(&self, text: &'static str) {
///         self.log.acquire().borrow_mut().push(text);
///     }
///
///     fn transfer(&self) {
///         let _both_or_none = self.log.acquire();
///         self.note("out");
///         self.note("in");
///     }
/// }
///
/// let account = Account { log: RLock::default() };
/// account.transfer();
/// assert_eq!(*account.log.acquire().borrow(), ["out", "in"]);
/// ```
///
/// A guard cannot be sent to another thread:
///
/// ```compile_fail,E0277
/// # use threadwork_sync as threadwork;
/// let lock = threadwork::RLock::new(0);
/// let guard = lock.acquire();
/// std::thread::scope(|scope| {
///     scope.spawn(move || drop(guard));
/// });
/// ```
pub struct RLock<T: ?Sized> {
    raw: RawRLock,
    value: T,
}

// SAFETY: one thread at a time reaches the value, and only by shared reference, which requires only `T: Send`.
unsafe impl<T: ?Sized + Send> Sync for RLock<T> {}

constructors!(RLock, RawRLock);

impl<T> RLock<T> {
    /// Creates a lock around `value` with the fairness and the name of `raw`.
    #[must_use]
    pub const fn from_raw(raw: RawRLock, value: T) -> RLock<T> {
        RLock { raw, value }
    }

    /// Consumes the lock and returns the value.
    #[must_use]
    pub fn into_inner(self) -> T {
        self.value
    }
}

impl<T: ?Sized> RLock<T> {
    /// Returns a mutable reference to the value. No locking is needed: the lock is borrowed exclusively.
    pub fn get_mut(&mut self) -> &mut T {
        &mut self.value
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

    /// Returns the number of the thread that holds the lock, or that ended while it held the lock.
    #[must_use]
    pub fn holder(&self) -> Option<NonZeroU64> {
        self.raw.holder()
    }

    /// Returns the number of guards of the current thread.
    #[must_use]
    pub fn depth(&self) -> u32 {
        self.raw.depth()
    }

    guarded_forms! {
        RLockGuard, |lock| lock.raw;

        /// Acquires the lock, blocking the current thread until the lock is free, unless the current thread is the holder.
        ///
        /// # Panics
        ///
        /// Panics if the current thread already holds the lock 2³² - 1 times.
        x: acquire;

        /// Attempts to acquire the lock without blocking. Returns `None` if another thread holds it.
        ///
        /// # Panics
        ///
        /// As for [`acquire`](Self::acquire).
        try_x: try_acquire;

        /// Acquires the lock, blocking the current thread for at most `timeout`.
        ///
        /// # Errors
        ///
        /// Returns [`WaitError::TimedOut`] if the timeout expires first.
        ///
        /// # Panics
        ///
        /// As for [`acquire`](Self::acquire).
        x_timeout: acquire_timeout;

        /// Acquires the lock, blocking the current thread until the lock is free or `wait` ends.
        ///
        /// # Errors
        ///
        /// Returns [`WaitError::TimedOut`] or [`WaitError::Stopped`] if `wait` ends first.
        ///
        /// # Panics
        ///
        /// As for [`acquire`](Self::acquire).
        x_with: acquire_with;
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for RLock<T> {
    /// Never blocks: a value that another thread has locked is shown as `<locked>`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("RLock");
        debug
            .field("name", &self.name())
            .field("holder", &self.holder())
            .field("depth", &self.depth());
        match self.raw.peek() {
            Some(_peek) => debug.field("value", &&self.value),
            None => debug.field("value", &format_args!("<locked>")),
        };
        debug.finish()
    }
}

const_new! {
    /// Creates a free lock for the library's internal use. Observers are not notified of it, and statistics leave it out.
    #[must_use]
    pub const fn own_rlock<T>(name: &'static str, value: T) -> RLock<T> {
        RLock::from_raw(RawRLock::internal(name), value)
    }
}

guard! {
    /// Gives access to the value of an [`RLock`]. The lock is released when the holder's last guard is dropped.
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_sync as threadwork;
    /// let lock = threadwork::RLock::new(7);
    /// let outer = lock.acquire();
    /// let inner = lock.acquire();
    /// assert_eq!(lock.depth(), 2);
    /// drop(outer);
    /// assert_eq!(*inner, 7);
    /// assert!(lock.is_owned());
    /// ```
    RLockGuard of RLock;
    value: |lock| &lock.value;
    release: |lock| lock.raw.release_owned();
}

// SAFETY: a shared guard gives access to `&T` only.
unsafe impl<T: ?Sized + Sync> Sync for RLockGuard<'_, T> {}

impl<T: ?Sized> RLockGuard<'_, T> {
    pub(crate) fn raw(&self) -> &RawRLock {
        &self.lock.raw
    }
}
