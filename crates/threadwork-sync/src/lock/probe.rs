//! Notifies the observer of locks of each acquisition and release, if the feature `lock_probe` is enabled.
//!
//! Without the feature these functions do nothing, because they would slow down the fast path of every lock.
//! Observers are never notified of the library's own locks.

use std::panic::Location;

#[cfg(feature = "lock_probe")]
use crate::door::Label;
use crate::forms::Else;

mod terms;
#[cfg(feature = "lock_probe")]
mod told;

pub(crate) use self::terms::{Probed, Releasing, Since, Told};
#[cfg(feature = "lock_probe")]
pub use self::told::{LockEnded, LockObserver, LockReleased, LockTaken, observe_locks};

impl Told {
    /// Reports that the lock has been released. User code may run here: the thread holds no lock of the library and is in no queue.
    #[inline]
    pub(crate) fn has_released(self) {
        #[cfg(feature = "lock_probe")]
        told::has_released(self);
    }
}

/// Returns the start time of a wait for a lock, which begins now.
#[inline]
pub(crate) fn since() -> Since {
    #[cfg(feature = "lock_probe")]
    return told::since();
    #[cfg(not(feature = "lock_probe"))]
    Since()
}

/// Reports that the current thread acquired a lock that was free.
#[inline]
#[cfg_attr(not(feature = "lock_probe"), expect(unused_variables, reason = "there is no observer"))]
pub(crate) fn acquired_free<'a>(
    lock: impl FnOnce() -> Probed<'a>,
    location: &'static Location<'static>,
    or_else: Else,
) {
    #[cfg(feature = "lock_probe")]
    told::acquired(lock, location, Since::default(), or_else);
}

/// Reports that the current thread acquired a lock for which it had waited since `since`.
#[inline]
#[cfg_attr(not(feature = "lock_probe"), expect(unused_variables, reason = "there is no observer"))]
pub(crate) fn acquired<'a>(
    lock: impl FnOnce() -> Probed<'a>,
    location: &'static Location<'static>,
    since: Since,
) {
    #[cfg(feature = "lock_probe")]
    told::acquired(lock, location, since, Else::Wait);
}

/// Reports that the current thread is about to release a lock.
#[inline]
#[cfg_attr(not(feature = "lock_probe"), expect(unused_variables, reason = "there is no observer"))]
pub(crate) fn releases<'a>(lock: impl FnOnce() -> Releasing<'a>) -> Told {
    #[cfg(feature = "lock_probe")]
    return told::releases(lock);
    #[cfg(not(feature = "lock_probe"))]
    Told()
}

/// Reports that a lock is being dropped. `is_held` says whether a thread still holds it, for example because its guard was forgotten.
#[cfg(feature = "lock_probe")]
pub(crate) fn ends(label: &mut Label, is_held: bool) {
    told::ends(label, is_held);
}
