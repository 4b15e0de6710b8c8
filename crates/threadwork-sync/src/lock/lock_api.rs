//! The traits of `lock_api`, so that its wrappers work with the locks of this crate.
#![expect(unsafe_code, reason = "the traits of lock_api are unsafe to implement and partly unsafe to call")]

use std::{
    num::NonZeroUsize,
    time::{Duration, Instant},
};

use lock_api::{GetThreadId, GuardNoSend, RawMutex, RawMutexFair, RawMutexTimed};

use crate::{wait::{Deadline, Wait}, number, lock::RawLock};

// SAFETY: `RawLock` is exclusive: its word names one holder, which is set by an acquiring compare-exchange and given up by a releasing store;
// loom explores both (`tests/loom`). It may be moved and dropped while it is locked, because only its waiters point to it.
unsafe impl RawMutex for RawLock {
    const INIT: RawLock = RawLock::new();

    type Guard = GuardNoSend;

    #[inline]
    #[track_caller]
    fn lock(&self) -> GuardNoSend {
        self.acquire();
        GuardNoSend::new()
    }

    #[inline]
    #[track_caller]
    fn try_lock(&self) -> Option<GuardNoSend> {
        self.try_acquire().then(GuardNoSend::new)
    }

    #[inline]
    unsafe fn unlock(&self, _: GuardNoSend) {
        self.release_held();
    }

    fn is_locked(&self) -> bool {
        RawLock::is_locked(self)
    }
}

// SAFETY: as above; `release_fair` hands the lock to the next holder without freeing it in between.
unsafe impl RawMutexFair for RawLock {
    unsafe fn unlock_fair(&self, _: GuardNoSend) {
        let released = self.release_fair();
        debug_assert!(released.is_ok(), "the caller holds the lock");
    }
}

// SAFETY: as above; a wait that times out has not acquired the lock.
unsafe impl RawMutexTimed for RawLock {
    type Duration = Duration;
    type Instant = Instant;

    #[track_caller]
    fn try_lock_for(&self, timeout: Duration) -> Option<GuardNoSend> {
        self.acquire_timeout(timeout).ok().map(|()| GuardNoSend::new())
    }

    #[track_caller]
    fn try_lock_until(&self, instant: Instant) -> Option<GuardNoSend> {
        self.acquire_with(&Wait::until(Deadline::at(instant))).ok().map(|()| GuardNoSend::new())
    }
}

/// Tells `lock_api` the current thread's number, for re-entrant mutexes based on [`RawLock`].
///
/// # Examples
///
/// ```
/// # use threadwork_sync as threadwork;
/// use threadwork::{CurrentIdent, RawLock};
///
/// type Mutex<T> = lock_api::Mutex<RawLock, T>;
/// type ReentrantMutex<T> = lock_api::ReentrantMutex<RawLock, CurrentIdent, T>;
///
/// static TOTAL: Mutex<u32> = Mutex::new(0);
/// static NAMES: ReentrantMutex<[&str; 2]> = ReentrantMutex::new(["a", "b"]);
///
/// *TOTAL.lock() += 1;
/// let (outer, inner) = (NAMES.lock(), NAMES.lock());
/// assert_eq!(outer[0], inner[0]);
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct CurrentIdent(());

// SAFETY: a thread keeps its number, and the number is never given to another thread (`number`).
unsafe impl GetThreadId for CurrentIdent {
    const INIT: CurrentIdent = CurrentIdent(());

    #[inline]
    fn nonzero_thread_id(&self) -> NonZeroUsize {
        NonZeroUsize::new(number::current_word()).expect("the current thread has a number")
    }
}
