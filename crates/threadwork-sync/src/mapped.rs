//! The guard of a part of a locked value.
#![expect(
    unsafe_code,
    reason = "the part is reached through a pointer that came from the guard of the whole"
)]

use std::{
    fmt,
    marker::PhantomData,
    mem::ManuallyDrop,
    ops::{Deref, DerefMut},
    ptr::NonNull,
};

use crate::lock::{LockGuard, RawLock, guarded::guard_traits};

/// Gives access to a part of the value of a [`Lock`](crate::Lock), and releases the lock when dropped.
///
/// Created by [`LockGuard::map`]. It takes 16 bytes if the part is sized.
///
/// # Examples
///
/// ```
/// # use threadwork_sync as threadwork;
/// use threadwork::{Lock, LockGuard};
///
/// let pair = Lock::new((1, "one"));
/// let mut number = LockGuard::map(pair.acquire(), |pair| &mut pair.0);
/// *number += 1;
/// assert!(pair.is_locked());
/// drop(number);
/// assert_eq!(pair.into_inner(), (2, "one"));
/// ```
#[must_use = "if unused the lock is released immediately"]
#[clippy::has_significant_drop]
pub struct MappedLockGuard<'a, T: ?Sized> {
    raw: &'a RawLock,
    part: NonNull<T>,
    stays_in_its_thread: PhantomData<(&'a mut T, *const ())>,
}

// SAFETY: a shared guard gives access to `&T` only.
unsafe impl<T: ?Sized + Sync> Sync for MappedLockGuard<'_, T> {}

impl<'a, T: ?Sized> LockGuard<'a, T> {
    /// Turns the guard into a guard of the part that `part` chooses.
    ///
    /// If `part` panics, the lock is released.
    pub fn map<U: ?Sized>(
        mut guard: Self,
        part: impl FnOnce(&mut T) -> &mut U,
    ) -> MappedLockGuard<'a, U> {
        let part = NonNull::from(part(&mut guard));
        MappedLockGuard {
            raw: ManuallyDrop::new(guard).raw(),
            part,
            stays_in_its_thread: PhantomData,
        }
    }

    /// Attempts to turn the guard into a guard of the part that `part` chooses.
    ///
    /// # Errors
    ///
    /// Returns the original guard if `part` returns `None`.
    pub fn try_map<U: ?Sized>(
        mut guard: Self,
        part: impl FnOnce(&mut T) -> Option<&mut U>,
    ) -> Result<MappedLockGuard<'a, U>, Self> {
        match part(&mut guard).map(NonNull::from) {
            Some(part) => Ok(MappedLockGuard {
                raw: ManuallyDrop::new(guard).raw(),
                part,
                stays_in_its_thread: PhantomData,
            }),
            None => Err(guard),
        }
    }
}

guard_traits! {
    MappedLockGuard;
    // SAFETY: the part belongs to the locked value, and the lock is held until this guard ends.
    value: |guard| unsafe { guard.part.as_ref() };
    release: |guard| guard.raw.release_held();
}

impl<T: ?Sized> DerefMut for MappedLockGuard<'_, T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: as in `deref`, and the guard is borrowed exclusively.
        unsafe { self.part.as_mut() }
    }
}
