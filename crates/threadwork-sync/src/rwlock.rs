//! The read-write lock that protects a value.
#![expect(unsafe_code, reason = "the value is reached through the cell behind the guards")]

use std::{
    cell::UnsafeCell,
    fmt,
    marker::PhantomData,
    mem::ManuallyDrop,
    num::NonZeroU64,
    ops::{Deref, DerefMut},
    time::Duration,
};

use crate::{
    error::WaitError,
    floor::const_new,
    forms::Blocking,
    lock::{
        guarded::{constructors, guard, guarded_forms},
        held::guard_ends,
    },
    wait::Wait,
};

mod word;
mod raw;
mod wake;
mod slow;

use self::{raw::RawRwLock, word::Mode};

/// A read-write lock that protects a value: many threads can read it at a time, or one can write it.
///
/// A reader that may need to write acquires an [upgradable read](Self::upgradable_read). There can be one of these at a time, beside any
/// number of plain reads. A lock takes 24 bytes in addition to its value, including the name, and allocates nothing.
///
/// # Fairness
///
/// As with a [`Lock`](crate::Lock), threads may barge: a thread that finds the lock available takes it, even if waiters have been woken
/// to take it. About once in a millisecond, whoever ends or downgrades a write, or ends an upgradable read, hands the lock to those that have
/// waited longest: to a writer, or to the readers before the next writer, which then is the next to write.
/// A writer that waits for readers keeps new readers out, so readers cannot starve it. For this reason a thread that is reading
/// must not start a second read: if a writer waits for the first, they would wait for each other.
///
/// # Happens-before
///
/// What a writer did before its guard was dropped is seen by the next holders of the lock.
///
/// There is no async form: a read is that of a thread, which may poll another task meanwhile that writes, and would wait for itself.
///
/// # Differences from `std::sync::RwLock`
///
/// * It is never poisoned. A wait can have a deadline, and a stop request can end it. The lock knows its writer.
///
/// # Examples
///
/// ```
/// # use threadwork_sync as threadwork;
/// use threadwork::{RwLock, RwLockUpgradableGuard};
///
/// let cache = RwLock::new(vec![1]);
/// {
///     let (a, b) = (cache.read(), cache.read());
///     assert_eq!(a.len() + b.len(), 2);
/// }
/// let seen = cache.upgradable_read();
/// assert_eq!(seen.len(), 1);
/// let mut writer = RwLockUpgradableGuard::upgrade(seen);
/// writer.push(2);
/// drop(writer);
/// assert_eq!(cache.into_inner(), [1, 2]);
/// ```
pub struct RwLock<T: ?Sized> {
    raw: RawRwLock,
    value: UnsafeCell<T>,
}

// SAFETY: the lock gives `&mut T` to one thread at a time and `&T` to many, which requires `Send` and `Sync`.
unsafe impl<T: ?Sized + Send + Sync> Sync for RwLock<T> {}

constructors!(RwLock, RawRwLock);

impl<T> RwLock<T> {
    const fn from_raw(raw: RawRwLock, value: T) -> RwLock<T> {
        RwLock { raw, value: UnsafeCell::new(value) }
    }

    /// Consumes the lock and returns the value.
    #[must_use]
    pub fn into_inner(self) -> T {
        self.value.into_inner()
    }
}

/// Declares the four forms of acquiring the lock in one mode.
macro_rules! forms {
    ($mode:expr, $guard:ident: $what:literal, $x:ident $try_x:ident $x_timeout:ident $x_with:ident) => {
        guarded_forms! {
            $guard, |lock| lock.raw.in_mode($mode);

            #[doc = concat!($what, ", blocking the current thread until that is possible.")]
            x: $x;

            #[doc = concat!($what, " if that is possible without blocking. Returns `None` otherwise.")]
            try_x: $try_x;

            #[doc = concat!(
                $what, ", blocking the current thread for at most `timeout`.\n\n# Errors\n\n",
                "Returns [`WaitError::TimedOut`] if the timeout expires first.",
            )]
            x_timeout: $x_timeout;

            #[doc = concat!(
                $what, ", blocking the current thread until that is possible or `wait` ends.\n\n# Errors\n\n",
                "Returns [`WaitError::TimedOut`] or [`WaitError::Stopped`] if `wait` ends first.",
            )]
            x_with: $x_with;
        }
    };
}

impl<T: ?Sized> RwLock<T> {
    forms!(Mode::Read, RwLockReadGuard: "Acquires the lock for reading", read try_read read_timeout read_with);

    forms!(Mode::Write, RwLockWriteGuard: "Acquires the lock for writing", write try_write write_timeout write_with);

    forms!(
        Mode::Upgradable, RwLockUpgradableGuard: "Acquires the lock for an upgradable read",
        upgradable_read try_upgradable_read upgradable_read_timeout upgradable_read_with
    );

    /// Returns a mutable reference to the value. No locking is needed: the lock is borrowed exclusively.
    pub fn get_mut(&mut self) -> &mut T {
        self.value.get_mut()
    }

    /// Returns the number of the thread that holds the lock for writing.
    #[must_use]
    pub fn writer(&self) -> Option<NonZeroU64> {
        self.raw.writer()
    }

    /// Returns the number of readers, including an upgradable one. This may have changed by the time the caller looks at the result.
    #[must_use]
    pub fn n_readers(&self) -> usize {
        self.raw.readers()
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for RwLock<T> {
    /// Never blocks: a value that is being written, or whose readers a writer with the claim waits for, is shown as `<locked>`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("RwLock");
        debug
            .field("name", &self.name())
            .field("writer", &self.writer())
            .field("n_readers", &self.n_readers());
        match self.raw.peek() {
            // SAFETY: this thread holds the lock for reading until the end of this arm, so no `&mut T` exists.
            Some(_peek) => debug.field("value", &unsafe { &*self.value.get() }),
            None => debug.field("value", &format_args!("<locked>")),
        };
        debug.finish()
    }
}

/// Declares the guard for a mode.
macro_rules! guard_in_mode {
    ($(#[$attribute:meta])* $guard:ident, $mode:expr) => {
        guard! {
            $(#[$attribute])*
            $guard of RwLock;
            // SAFETY: the guard exists, so the lock is held in its mode, and a `&mut T` can only come from a guard for writing.
            value: |lock| unsafe { &*lock.value.get() };
            release: |lock| lock.raw.release($mode);
        }

        // SAFETY: a shared guard gives access to `&T` only.
        unsafe impl<T: ?Sized + Sync> Sync for $guard<'_, T> {}
    };
}

guard_in_mode! {
    /// Gives read access to the value of an [`RwLock`], and releases the lock when dropped.
    RwLockReadGuard, Mode::Read
}

guard_in_mode! {
    /// Gives write access to the value of an [`RwLock`], and releases the lock when dropped.
    RwLockWriteGuard, Mode::Write
}

guard_in_mode! {
    /// Gives read access to the value of an [`RwLock`], can be upgraded to write access, and releases the lock when dropped.
    RwLockUpgradableGuard, Mode::Upgradable
}

impl<T: ?Sized> DerefMut for RwLockWriteGuard<'_, T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: the lock is held for writing, and the guard is borrowed exclusively.
        unsafe { &mut *self.lock.value.get() }
    }
}

/// Declares how a guard ends without releasing its lock: another guard takes its place.
macro_rules! keeps {
    ($guard:ident) => {
        impl<'a, T: ?Sized> $guard<'a, T> {
            fn keep(self) -> &'a RwLock<T> {
                guard_ends();
                ManuallyDrop::new(self).lock
            }
        }
    };
}

keeps!(RwLockWriteGuard);
keeps!(RwLockUpgradableGuard);

impl<'a, T: ?Sized> RwLockWriteGuard<'a, T> {
    /// Turns the guard into a read guard. No writer can get in between.
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_sync as threadwork;
    /// use threadwork::{RwLock, RwLockWriteGuard};
    ///
    /// let lock = RwLock::new(1);
    /// let mut writer = lock.write();
    /// *writer += 1;
    /// let reader = RwLockWriteGuard::downgrade(writer);
    /// assert_eq!((*reader, *lock.read()), (2, 2));
    /// ```
    pub fn downgrade(guard: Self) -> RwLockReadGuard<'a, T> {
        let lock = guard.keep();
        lock.raw.downgrade(Mode::Write);
        RwLockReadGuard::new(lock)
    }
}

impl<'a, T: ?Sized> RwLockUpgradableGuard<'a, T> {
    /// Turns the guard into a write guard, blocking the current thread until the other readers are gone. No writer can get in between.
    #[track_caller]
    pub fn upgrade(guard: Self) -> RwLockWriteGuard<'a, T> {
        guard.lock.raw.upgrading().forever();
        Self::upgraded(guard)
    }

    /// Attempts to turn the guard into a write guard without blocking.
    ///
    /// # Errors
    ///
    /// Returns the original guard if there are other readers.
    pub fn try_upgrade(guard: Self) -> Result<RwLockWriteGuard<'a, T>, Self> {
        match guard.lock.raw.upgrading().at_once() {
            Some(()) => Ok(Self::upgraded(guard)),
            None => Err(guard),
        }
    }

    /// Turns the guard into a write guard, blocking the current thread until the other readers are gone, for at most `timeout`.
    ///
    /// # Errors
    ///
    /// Returns the original guard and [`WaitError::TimedOut`] if the timeout expires first.
    #[track_caller]
    pub fn upgrade_timeout(
        guard: Self,
        timeout: Duration,
    ) -> Result<RwLockWriteGuard<'a, T>, (Self, WaitError)> {
        match guard.lock.raw.upgrading().within(timeout) {
            Ok(()) => Ok(Self::upgraded(guard)),
            Err(error) => Err((guard, error)),
        }
    }

    /// Turns the guard into a write guard, blocking the current thread until the other readers are gone or `wait` ends.
    ///
    /// # Errors
    ///
    /// Returns the original guard, and [`WaitError::TimedOut`] or [`WaitError::Stopped`], if `wait` ends first.
    #[track_caller]
    pub fn upgrade_with(
        guard: Self,
        wait: &Wait,
    ) -> Result<RwLockWriteGuard<'a, T>, (Self, WaitError)> {
        match guard.lock.raw.upgrading().unless(wait) {
            Ok(()) => Ok(Self::upgraded(guard)),
            Err(error) => Err((guard, error)),
        }
    }

    /// Turns the guard into a plain read guard.
    pub fn downgrade(guard: Self) -> RwLockReadGuard<'a, T> {
        let lock = guard.keep();
        lock.raw.downgrade(Mode::Upgradable);
        RwLockReadGuard::new(lock)
    }

    /// Creates the write guard. The caller has just upgraded the raw lock.
    fn upgraded(guard: Self) -> RwLockWriteGuard<'a, T> {
        RwLockWriteGuard::new(guard.keep())
    }
}
