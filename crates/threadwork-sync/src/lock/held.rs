//! How many guards the current thread has.
//!
//! A lock notes its holder, and a thread notes only what it reads: a note of each lock would cost each acquisition and each release. So
//! guards are counted where that does not matter: in builds with debug assertions, and with the feature `lock_probe`.

use crate::door::reads_here;

#[cfg(any(debug_assertions, feature = "lock_probe"))]
mod count {
    use std::cell::Cell;

    thread_local! {
        static GUARDS: Cell<usize> = const { Cell::new(0) };
    }

    #[inline]
    pub(super) fn add(guards: usize) {
        GUARDS.set(GUARDS.get().wrapping_add(guards));
    }

    pub(super) fn get() -> Option<usize> {
        Some(GUARDS.get())
    }
}

#[cfg(not(any(debug_assertions, feature = "lock_probe")))]
mod count {
    #[inline]
    pub(super) fn add(_: usize) {}

    pub(super) fn get() -> Option<usize> {
        None
    }
}

/// Notes that the current thread has one guard more.
#[inline]
pub(crate) fn guard_begins() {
    count::add(1);
}

/// Notes that the current thread has one guard less.
#[inline]
pub(crate) fn guard_ends() {
    count::add(usize::MAX);
}

/// Returns how many guards the current thread has, of locks that guard a value. Where guards are not counted, this is the number of its
/// reads under read-write locks, as far as it has notes of them.
#[must_use]
pub fn guards_here() -> usize {
    count::get().unwrap_or_else(reads_here)
}
