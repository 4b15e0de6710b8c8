//! Who is told of each acquisition and release of a lock, where the feature `lock_probe` is on.
//!
//! Without it all of this is nothing: it would cost the fast path of every lock.

use std::panic::Location;

use crate::{park::Key, waiting::WaitKind};

#[cfg(feature = "lock_probe")]
pub use told::{LockObserver, LockTaken, observe_locks};

/// A lock, as those see it who are told of it.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(not(feature = "lock_probe"), expect(dead_code, reason = "nobody is told"))]
pub(crate) struct Probed {
    pub(crate) key: Key,
    pub(crate) kind: WaitKind,
    pub(crate) name: Option<&'static str>,
}

/// When a thread began to wait for a lock; nothing where nobody wants to know.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Since(#[cfg(feature = "lock_probe")] Option<std::time::Instant>);

#[cfg(feature = "lock_probe")]
mod told {
    use std::{
        panic::Location,
        sync::{
            OnceLock,
            atomic::{AtomicBool, Ordering},
        },
        time::Duration,
    };

    use super::{Key, Probed, Since};
    use crate::{park, waiting::WaitKind};

    /// Is told of every lock that is acquired and released, by the thread that does it.
    ///
    /// It may not use a lock of this crate: it would be told of that too.
    pub trait LockObserver: Sync {
        /// The current thread has acquired a lock.
        fn acquired(&self, taken: &LockTaken);

        /// The current thread is about to release the lock at `address`.
        fn released(&self, address: usize);
    }

    /// A lock that was acquired.
    #[derive(Clone, Copy, Debug)]
    pub struct LockTaken {
        /// Where it is.
        pub address: usize,
        /// What kind of lock it is.
        pub kind: WaitKind,
        /// Its name, if it has one.
        pub name: Option<&'static str>,
        /// The line that has acquired it.
        pub location: &'static Location<'static>,
        /// For how long it was waited for; `None` if it was free.
        pub waited: Option<Duration>,
    }

    static OBSERVER: OnceLock<&'static dyn LockObserver> = OnceLock::new();
    static IS_ON: AtomicBool = AtomicBool::new(false);

    /// Makes this the observer of all locks, of which there is one; false if there is another.
    pub fn observe_locks(observer: &'static dyn LockObserver) -> bool {
        let is_ours = std::ptr::addr_eq(*OBSERVER.get_or_init(|| observer), observer);
        if is_ours {
            IS_ON.store(true, Ordering::Release);
        }
        is_ours
    }

    #[inline]
    fn observer() -> Option<&'static dyn LockObserver> {
        if IS_ON.load(Ordering::Acquire) { OBSERVER.get().copied() } else { None }
    }

    pub(super) fn since() -> Since {
        Since(observer().map(|_| park::now()))
    }

    #[inline]
    pub(super) fn acquired(
        lock: impl FnOnce() -> Probed,
        location: &'static Location<'static>,
        since: Since,
    ) {
        if let Some(observer) = observer() {
            let Probed { key, kind, name } = lock();
            let waited = since.0.map(|since| park::now().saturating_duration_since(since));
            let address = key.address();
            observer.acquired(&LockTaken { address, kind, name, location, waited });
        }
    }

    #[inline]
    pub(super) fn released(key: impl FnOnce() -> Key) {
        if let Some(observer) = observer() {
            observer.released(key().address());
        }
    }
}

#[cfg(not(feature = "lock_probe"))]
mod told {
    use std::panic::Location;

    use super::{Key, Probed, Since};

    #[inline]
    pub(super) fn since() -> Since {
        Since()
    }

    #[inline]
    pub(super) fn acquired(_: impl FnOnce() -> Probed, _: &'static Location<'static>, _: Since) {}

    #[inline]
    pub(super) fn released(_: impl FnOnce() -> Key) {}
}

/// A wait for a lock begins now.
#[inline]
pub(crate) fn since() -> Since {
    told::since()
}

/// The current thread has acquired a lock that was free.
#[inline]
pub(crate) fn acquired_free(lock: impl FnOnce() -> Probed, location: &'static Location<'static>) {
    told::acquired(lock, location, Since::default());
}

/// The current thread has acquired a lock that it has waited for since then.
#[inline]
pub(crate) fn acquired(
    lock: impl FnOnce() -> Probed,
    location: &'static Location<'static>,
    since: Since,
) {
    told::acquired(lock, location, since);
}

/// The current thread is about to release a lock.
#[inline]
pub(crate) fn released(key: impl FnOnce() -> Key) {
    told::released(key);
}
