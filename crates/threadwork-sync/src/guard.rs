//! The guards that a condition can wait with.

use std::ops::Deref;

use crate::{lock::LockGuard, rlock::RLockGuard};

/// A guard that can be used with a [`Condition`](crate::Condition): the guard of a [`Lock`](crate::Lock) or an [`RLock`](crate::RLock).
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
pub trait Guard: Deref + sealed::Sealed {}

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

    /// A type through which the current thread reaches a raw lock. Only a guard proves that the thread holds it.
    #[expect(unnameable_types, reason = "keeps `Guard` and `HeldLock` closed")]
    pub trait Sealed {
        type Raw: Levels;

        fn raw(&self) -> &Self::Raw;
    }

    /// A raw lock that a condition can release at all levels and restore.
    #[expect(unnameable_types, reason = "keeps `Guard` and `HeldLock` closed")]
    pub trait Levels: Blocking<Got = ()> {
        /// The kind of lock.
        const KIND: WaitKind;

        /// Returns the plain lock inside. While the levels are suspended, a single release frees it.
        fn plain(&self) -> &RawLock;

        /// Prepares the current thread, the holder, to release the lock at all levels. Returns the argument for [`resume`](Self::resume).
        fn suspend(&self) -> u32;

        /// Restores the levels after the current thread has acquired the lock again.
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

    /// Implements `Sealed` for the types that give access to a raw lock: the lock itself, its guard, a reference, an `Arc`.
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
