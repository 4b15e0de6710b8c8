//! The traits of `lock_api` 0.4, in which a guard is a marker and no value.
#![expect(unsafe_code, reason = "the traits of lock_api are unsafe to implement and partly unsafe to call")]

use std::time::{Duration, Instant};

use lock_api_0_4::{GuardNoSend, RawMutex, RawMutexFair, RawMutexTimed};

use crate::{
    lock::RawLock,
    wait::{Deadline, Wait},
};

// SAFETY: `RawLock` is exclusive: its word names one holder, which is set by an acquiring compare-exchange and given up by a releasing store;
// loom explores both (`tests/loom`). It may be moved and dropped while it is locked, because only its waiters point to it.
unsafe impl RawMutex for RawLock {
    const INIT: RawLock = RawLock::new();

    type GuardMarker = GuardNoSend;

    #[inline]
    #[track_caller]
    fn lock(&self) {
        self.acquire();
    }

    #[inline]
    #[track_caller]
    fn try_lock(&self) -> bool {
        self.try_acquire()
    }

    #[inline]
    unsafe fn unlock(&self) {
        self.release_held();
    }

    fn is_locked(&self) -> bool {
        RawLock::is_locked(self)
    }
}

// SAFETY: as above; `release_fair` hands the lock to the next holder without freeing it in between.
unsafe impl RawMutexFair for RawLock {
    unsafe fn unlock_fair(&self) {
        let released = self.release_fair();
        debug_assert!(released.is_ok(), "the caller holds the lock");
    }
}

// SAFETY: as above; a wait that times out has not acquired the lock.
unsafe impl RawMutexTimed for RawLock {
    type Duration = Duration;
    type Instant = Instant;

    #[track_caller]
    fn try_lock_for(&self, timeout: Duration) -> bool {
        self.acquire_timeout(timeout).is_ok()
    }

    #[track_caller]
    fn try_lock_until(&self, instant: Instant) -> bool {
        self.acquire_with(&Wait::until(Deadline::at(instant))).is_ok()
    }
}
