//! What a condition has to know of the guard that it waits with.

use crate::{
    door::WaitKind,
    lock::{LockGuard, RawLock},
    rlock::RLockGuard,
};

/// The guard of a lock that a [`Condition`](crate::Condition) can go with: of a [`Lock`](crate::Lock) or an [`RLock`](crate::RLock).
///
/// # Examples
///
/// ```
/// # use threadwork_sync as threadwork;
/// use threadwork::{Condition, Guard, Lock, RLock};
///
/// fn announce(condition: &Condition, guard: &impl Guard) -> usize {
///     condition.notify_all(guard)
/// }
///
/// let (condition, lock, rlock) = (Condition::new(), Lock::new(()), RLock::new(()));
/// assert_eq!(announce(&condition, &lock.acquire()), 0);
/// assert_eq!(announce(&condition, &rlock.acquire()), 0);
/// ```
pub trait Guard: sealed::Sealed {}

impl<T: ?Sized> Guard for LockGuard<'_, T> {}
impl<T: ?Sized> Guard for RLockGuard<'_, T> {}

pub(crate) mod sealed {
    use super::{RawLock, WaitKind};

    #[expect(unnameable_types, reason = "keeps `Guard` closed")]
    pub trait Sealed {
        /// What kind of thing the lock is.
        const KIND: WaitKind;

        /// The lock, which the current thread holds.
        fn raw_lock(&self) -> &RawLock;

        /// Makes one release enough, and says what to [`resume`](Self::resume) with.
        fn suspend(&self) -> u32;

        /// Restores the levels of a lock that is held again.
        fn resume(&self, levels: u32);
    }
}

impl<T: ?Sized> sealed::Sealed for LockGuard<'_, T> {
    const KIND: WaitKind = WaitKind::Lock;

    fn raw_lock(&self) -> &RawLock {
        self.raw()
    }

    fn suspend(&self) -> u32 {
        0
    }

    fn resume(&self, _: u32) {}
}

impl<T: ?Sized> sealed::Sealed for RLockGuard<'_, T> {
    const KIND: WaitKind = WaitKind::RLock;

    fn raw_lock(&self) -> &RawLock {
        self.raw().lock()
    }

    fn suspend(&self) -> u32 {
        self.raw().suspend()
    }

    fn resume(&self, levels: u32) {
        self.raw().resume(levels);
    }
}
