//! The lock that many may read under.
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
    lock::guarded::{constructors, guard, guarded_forms},
    wait::Wait,
};

mod word;
mod wake;
mod raw;
mod slow;

use self::{raw::RawRwLock, word::Mode};

/// A value that many threads may read at a time, or one may write.
///
/// A reader that may have to write takes an [upgradable read](Self::upgradable_read), of which there is one at a time beside any number of plain ones.
/// A lock takes 24 bytes beside its value, a name included, and allocates nothing.
///
/// # Fairness
///
/// A thread that comes when the lock can be had takes it, even if others were woken to take it; that is fastest, as with a [`Lock`](crate::Lock).
/// A writer that waits for readers keeps new ones out, so readers cannot starve it. So a thread that reads must not read again
/// while it does: it would wait for a writer that waits for it.
///
/// # Happens-before
///
/// What a writer did before its guard ended is seen by whoever has the lock next.
///
/// # Differences from `std::sync::RwLock`
///
/// * It does not poison, waiting can have a deadline, a stop ends it, and it knows its writer.
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

// SAFETY: the lock hands out `&mut T` to one thread at a time and `&T` to many, which needs `Send` and `Sync`.
unsafe impl<T: ?Sized + Send + Sync> Sync for RwLock<T> {}

constructors!(RwLock, RawRwLock);

impl<T> RwLock<T> {
    const fn from_raw(raw: RawRwLock, value: T) -> RwLock<T> {
        RwLock { raw, value: UnsafeCell::new(value) }
    }

    /// The value, by value: nobody else can have the lock.
    #[must_use]
    pub fn into_inner(self) -> T {
        self.value.into_inner()
    }
}

/// The four forms of taking the lock in one mode.
macro_rules! forms {
    ($mode:expr, $guard:ident: $what:literal, $x:ident $try_x:ident $x_timeout:ident $x_with:ident) => {
        guarded_forms! {
            $guard, |lock| lock.raw.in_mode($mode);

            #[doc = concat!($what, ", and waits for it as long as it takes.")]
            x: $x;

            #[doc = concat!($what, " if that is possible at once.")]
            try_x: $try_x;

            #[doc = concat!($what, " within `timeout`.\n\n# Errors\n\n[`WaitError::TimedOut`].")]
            x_timeout: $x_timeout;

            #[doc = concat!($what, " unless `wait` ends first.\n\n# Errors\n\nWhat ended the wait.")]
            x_with: $x_with;
        }
    };
}

impl<T: ?Sized> RwLock<T> {
    forms!(Mode::Read, RwLockReadGuard: "Takes the lock to read", read try_read read_timeout read_with);

    forms!(Mode::Write, RwLockWriteGuard: "Takes the lock to write", write try_write write_timeout write_with);

    forms!(
        Mode::Upgradable, RwLockUpgradableGuard: "Takes the lock to read, and perhaps to write later",
        upgradable_read try_upgradable_read upgradable_read_timeout upgradable_read_with
    );

    /// The value, without the lock: nobody else can have it.
    pub fn get_mut(&mut self) -> &mut T {
        self.value.get_mut()
    }

    /// The number of the thread that writes.
    #[must_use]
    pub fn writer(&self) -> Option<NonZeroU64> {
        self.raw.writer()
    }

    /// How many read, an upgradable read included; that may have changed by the time you look at the answer.
    #[must_use]
    pub fn n_readers(&self) -> usize {
        self.raw.readers()
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for RwLock<T> {
    /// Never blocks: a value that is being written shows as `<locked>`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("RwLock");
        debug
            .field("name", &self.name())
            .field("writer", &self.writer())
            .field("n_readers", &self.n_readers());
        match self.raw.peek() {
            // SAFETY: the lock is held to read until the end of this arm, so nobody has a `&mut T`.
            Some(_peek) => debug.field("value", &unsafe { &*self.value.get() }),
            None => debug.field("value", &format_args!("<locked>")),
        };
        debug.finish()
    }
}

/// Declares a guard: all are alike but for their mode.
macro_rules! guard_in_mode {
    ($(#[$attribute:meta])* $guard:ident, $mode:expr) => {
        guard! {
            $(#[$attribute])*
            $guard of RwLock;
            // SAFETY: the guard exists, so the lock is held in its mode, and nobody has a `&mut T` but through a guard to write.
            value: |lock| unsafe { &*lock.value.get() };
            release: |lock| lock.raw.release($mode);
        }

        // SAFETY: sharing a guard shares `&T` and nothing else.
        unsafe impl<T: ?Sized + Sync> Sync for $guard<'_, T> {}
    };
}

guard_in_mode! {
    /// The right to read the value of an [`RwLock`].
    RwLockReadGuard, Mode::Read
}

guard_in_mode! {
    /// The right to write the value of an [`RwLock`].
    RwLockWriteGuard, Mode::Write
}

guard_in_mode! {
    /// The right to read the value of an [`RwLock`], and to write it once the other readers are gone.
    RwLockUpgradableGuard, Mode::Upgradable
}

impl<T: ?Sized> DerefMut for RwLockWriteGuard<'_, T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: the lock is held to write, and the guard is borrowed exclusively.
        unsafe { &mut *self.lock.value.get() }
    }
}

impl<'a, T: ?Sized> RwLockWriteGuard<'a, T> {
    /// Goes on reading: no writer comes in between.
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
        let guard = ManuallyDrop::new(guard);
        guard.lock.raw.downgrade(Mode::Write);
        RwLockReadGuard::new(guard.lock)
    }
}

impl<'a, T: ?Sized> RwLockUpgradableGuard<'a, T> {
    /// Waits until the other readers are gone, and goes on writing: no writer comes in between.
    #[track_caller]
    pub fn upgrade(guard: Self) -> RwLockWriteGuard<'a, T> {
        guard.lock.raw.upgrading().forever();
        Self::upgraded(guard)
    }

    /// Goes on writing if there are no other readers.
    ///
    /// # Errors
    ///
    /// The guard itself, if there are.
    pub fn try_upgrade(guard: Self) -> Result<RwLockWriteGuard<'a, T>, Self> {
        match guard.lock.raw.upgrading().at_once() {
            Some(()) => Ok(Self::upgraded(guard)),
            None => Err(guard),
        }
    }

    /// Waits until the other readers are gone, at most for `timeout`, and goes on writing.
    ///
    /// # Errors
    ///
    /// The guard itself, and [`WaitError::TimedOut`].
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

    /// Waits until the other readers are gone, unless `wait` ends first, and goes on writing.
    ///
    /// # Errors
    ///
    /// The guard itself, and what ended the wait.
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

    /// Goes on as a plain reader.
    pub fn downgrade(guard: Self) -> RwLockReadGuard<'a, T> {
        let guard = ManuallyDrop::new(guard);
        guard.lock.raw.downgrade(Mode::Upgradable);
        RwLockReadGuard::new(guard.lock)
    }

    /// The raw lock has just been upgraded.
    fn upgraded(guard: Self) -> RwLockWriteGuard<'a, T> {
        RwLockWriteGuard::new(ManuallyDrop::new(guard).lock)
    }
}
