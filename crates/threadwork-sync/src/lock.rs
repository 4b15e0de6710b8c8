//! The lock that guards a value.
#![expect(unsafe_code, reason = "the value is reached through the cell behind the guard")]

use std::{
    cell::UnsafeCell,
    fmt,
    marker::PhantomData,
    num::NonZeroU64,
    ops::{Deref, DerefMut},
    time::Duration,
};

use crate::{
    error::WaitError,
    floor::{const_new, real_only},
    forms::Blocking,
    wait::Wait,
};

pub(crate) mod probe;
mod raw;
pub(crate) mod guarded;
real_only! { mod lock_api; }

use self::guarded::{constructors, guard, guarded_forms, released};
pub(crate) use self::raw::Peek;
pub use self::raw::RawLock;
real_only! { pub use self::lock_api::CurrentIdent; }

/// A value that one thread at a time may use.
///
/// A thread acquires the lock and gets a [guard](LockGuard), through which it reaches the value; the end of the guard releases the lock.
/// Acquiring twice in one thread blocks for ever, as in Python; [`waits`](crate::waits) then names the thread as its own holder.
/// A lock takes 24 bytes beside its value, a name included, and allocates nothing.
///
/// # Fairness
///
/// As [`RawLock`]: barging, unless it is made [from a fair one](Self::from_raw).
///
/// # Happens-before
///
/// What a thread did before its guard ended is seen by the next thread that acquires the lock.
///
/// # Differences from Python
///
/// * It guards a value, so that nobody can forget to acquire it, or release it twice. [`RawLock`] is Python's `Lock`.
/// * The guard stays in its thread.
///
/// # Differences from `std::sync::Mutex`
///
/// * It does not poison: a panic under the guard releases the lock.
/// * Waiting can have a deadline, and a stop ends it.
/// * It knows its holder, may have a name, and can be fair.
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
/// A guard cannot go to another thread:
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
/// while a reference to the lock can:
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

// SAFETY: the lock hands out its value to one thread at a time, which needs `T: Send` and no more.
unsafe impl<T: ?Sized + Send> Sync for Lock<T> {}

constructors!(Lock, RawLock);

impl<T> Lock<T> {
    /// A lock around `value` with the fairness and the name of `raw`.
    #[must_use]
    pub const fn from_raw(raw: RawLock, value: T) -> Lock<T> {
        Lock { raw, value: UnsafeCell::new(value) }
    }

    /// The value, by value: nobody else can have the lock.
    #[must_use]
    pub fn into_inner(self) -> T {
        self.value.into_inner()
    }
}

impl<T: ?Sized> Lock<T> {
    /// The value, without acquiring: nobody else can have the lock.
    pub fn get_mut(&mut self) -> &mut T {
        self.value.get_mut()
    }

    /// Whether it is handed over in order of arrival.
    #[must_use]
    pub fn is_fair(&self) -> bool {
        self.raw.is_fair()
    }

    /// Whether somebody holds it; that may have changed by the time you look at the answer.
    #[must_use]
    pub fn is_locked(&self) -> bool {
        self.raw.is_locked()
    }

    /// The number of the thread that holds it.
    #[must_use]
    pub fn holder(&self) -> Option<NonZeroU64> {
        self.raw.holder()
    }

    guarded_forms! {
        LockGuard, |lock| lock.raw;

        /// Acquires the lock, and waits for it as long as it takes.
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

        /// Acquires the lock if it is free.
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

        /// Acquires the lock within `timeout`.
        ///
        /// # Errors
        ///
        /// [`WaitError::TimedOut`].
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

        /// Acquires the lock unless `wait` ends first.
        ///
        /// # Errors
        ///
        /// What ended the wait.
        ///
        /// # Examples
        ///
        /// ```
        /// # use threadwork_sync as threadwork;
        /// use threadwork::{Deadline, Lock, Wait};
        /// use std::time::Duration;
        ///
        /// // Both within one second.
        /// let wait = Wait::until(Deadline::after(Duration::from_secs(1)));
        /// let (left, right) = (Lock::new(1), Lock::new(2));
        /// assert_eq!(*left.acquire_with(&wait)? + *right.acquire_with(&wait)?, 3);
        /// # Ok::<(), threadwork::WaitError>(())
        /// ```
        x_with: acquire_with;
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for Lock<T> {
    /// Never blocks: a value that is in use shows as `<locked>`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("Lock");
        debug.field("name", &self.name()).field("holder", &self.holder());
        match self.raw.peek() {
            // SAFETY: the lock is held until the end of this arm, and only guards reach the value otherwise.
            Some(_peek) => debug.field("value", &unsafe { &*self.value.get() }),
            None => debug.field("value", &format_args!("<locked>")),
        };
        debug.finish()
    }
}

guard! {
    /// The right to use the value of a [`Lock`]; its end releases the lock.
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
    release: |lock| released(lock.raw.release());
}

// SAFETY: sharing a guard shares `&T` and nothing else.
unsafe impl<T: ?Sized + Sync> Sync for LockGuard<'_, T> {}

impl<'a, T: ?Sized> LockGuard<'a, T> {
    pub(crate) fn raw(&self) -> &'a RawLock {
        &self.lock.raw
    }
}

const_new! {
    /// A free lock for the library's own use: nobody is told of it, and it is in no statistics.
    #[must_use]
    pub const fn own_lock<T>(name: &'static str, value: T) -> Lock<T> {
        Lock::from_raw(RawLock::internal(name), value)
    }
}

/// In the child of a fork: nobody waits for this lock any more. Its release then leaves the queue alone, which one of those
/// who are not there any more may have locked.
pub fn forget_waiters<T: ?Sized>(guard: &LockGuard<'_, T>) {
    guard.raw().left_queue(true);
}

impl<T: ?Sized> DerefMut for LockGuard<'_, T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: as in `deref`, and the guard is borrowed exclusively.
        unsafe { &mut *self.lock.value.get() }
    }
}
