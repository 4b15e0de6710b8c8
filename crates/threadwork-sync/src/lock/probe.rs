//! Who is told of each acquisition and release of a lock, where the feature `lock_probe` is on.
//!
//! Without it all of this is nothing: it would cost the fast path of every lock. Nobody is told of the locks of the library's own.

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
    /// The lock is released. User code may run here, so no lock of the library's own is held, and the thread stands in no queue.
    #[inline]
    pub(crate) fn has_released(self) {
        #[cfg(feature = "lock_probe")]
        told::has_released(self);
    }
}

/// A wait for a lock begins now.
#[inline]
pub(crate) fn since() -> Since {
    #[cfg(feature = "lock_probe")]
    return told::since();
    #[cfg(not(feature = "lock_probe"))]
    Since()
}

/// The current thread has acquired a lock that was free.
#[inline]
#[cfg_attr(not(feature = "lock_probe"), expect(unused_variables, reason = "nobody is told"))]
pub(crate) fn acquired_free<'a>(
    lock: impl FnOnce() -> Probed<'a>,
    location: &'static Location<'static>,
    or_else: Else,
) {
    #[cfg(feature = "lock_probe")]
    told::acquired(lock, location, Since::default(), or_else);
}

/// The current thread has acquired a lock that it has waited for since then.
#[inline]
#[cfg_attr(not(feature = "lock_probe"), expect(unused_variables, reason = "nobody is told"))]
pub(crate) fn acquired<'a>(
    lock: impl FnOnce() -> Probed<'a>,
    location: &'static Location<'static>,
    since: Since,
) {
    #[cfg(feature = "lock_probe")]
    told::acquired(lock, location, since, Else::Wait);
}

/// The current thread is about to release a lock.
#[inline]
#[cfg_attr(not(feature = "lock_probe"), expect(unused_variables, reason = "nobody is told"))]
pub(crate) fn releases<'a>(lock: impl FnOnce() -> Releasing<'a>) -> Told {
    #[cfg(feature = "lock_probe")]
    return told::releases(lock);
    #[cfg(not(feature = "lock_probe"))]
    Told()
}

/// A lock is dropped; whether somebody holds it still, whose guard was forgotten.
#[cfg(feature = "lock_probe")]
pub(crate) fn ends(label: &mut Label, is_held: bool) {
    told::ends(label, is_held);
}
