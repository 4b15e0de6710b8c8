//! What a condition has to know of the guard that it waits with.

use crate::{lock::LockGuard, rlock::RLockGuard};

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
    use std::sync::Arc;

    use crate::{
        door::WaitKind,
        error::ReleaseError,
        forms::Blocking,
        lock::{LockGuard, RawLock},
        rlock::{RLockGuard, RawRLock},
    };

    /// Something through which the current thread reaches a raw lock.
    #[expect(unnameable_types, reason = "keeps `Guard` and `HeldLock` closed")]
    pub trait Sealed {
        type Raw: Levels;

        fn raw(&self) -> &Self::Raw;
    }

    /// A raw lock that a condition can release on all levels, and restore.
    #[expect(unnameable_types, reason = "keeps `Guard` and `HeldLock` closed")]
    pub trait Levels: Blocking<Got = ()> {
        /// What kind of thing the lock is.
        const KIND: WaitKind;

        /// The lock itself, of which one release is enough while the levels are suspended.
        fn plain(&self) -> &RawLock;

        /// The holder, the current thread, is about to release the lock on all levels; returns what to [`resume`](Self::resume) with.
        fn suspend(&self) -> u32;

        /// Restores the levels of a lock that the current thread holds again.
        fn resume(&self, levels: u32);

        fn release(&self) -> Result<(), ReleaseError>;
    }

    impl Levels for RawLock {
        const KIND: WaitKind = WaitKind::Lock;

        fn plain(&self) -> &RawLock {
            self
        }

        fn suspend(&self) -> u32 {
            0
        }

        fn resume(&self, _: u32) {}

        fn release(&self) -> Result<(), ReleaseError> {
            RawLock::release(self)
        }
    }

    impl Levels for RawRLock {
        const KIND: WaitKind = WaitKind::RLock;

        fn plain(&self) -> &RawLock {
            self.lock()
        }

        fn suspend(&self) -> u32 {
            RawRLock::suspend(self)
        }

        fn resume(&self, levels: u32) {
            RawRLock::resume(self, levels);
        }

        fn release(&self) -> Result<(), ReleaseError> {
            RawRLock::release(self)
        }
    }

    /// What reaches a raw lock: the lock itself, a guard, a pointer.
    macro_rules! reaches {
        ($([$($generics:tt)*] $reaching:ty: $raw:ty, |$it:ident| $reached:expr;)+) => {
            $(
                impl<$($generics)*> Sealed for $reaching {
                    type Raw = $raw;

                    #[inline]
                    fn raw(&self) -> &$raw {
                        let $it = self;
                        $reached
                    }
                }
            )+
        };
    }

    reaches! {
        [] RawLock: RawLock, |it| it;
        [] RawRLock: RawRLock, |it| it;
        [T: ?Sized] LockGuard<'_, T>: RawLock, |it| LockGuard::raw(it);
        [T: ?Sized] RLockGuard<'_, T>: RawRLock, |it| RLockGuard::raw(it);
        [L: Sealed] &L: L::Raw, |it| (**it).raw();
        [L: Sealed] Arc<L>: L::Raw, |it| (**it).raw();
    }
}
