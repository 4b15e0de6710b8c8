//! How the holder of a lock frees it.

use std::sync::atomic::Ordering;

use crate::floor::{Byte, const_new};

/// How the holder of a lock frees it: by a store, while nobody waits, or by a swap, which also tells whether somebody waits.
///
/// A store costs half as much. But a thread that is about to wait may look at the lock before the store is visible. So it first makes the
/// lock be freed by swaps, and executes a fence for all threads. The holder looks here again after a store.
///
/// value | meaning
/// ------|--------
/// `STORE` | By a store. Nobody is in the queue.
/// `SWAP` | By a swap, as long as the lock exists.
/// others | By a swap. The number counts such releases.
///
/// The holder alone writes `STORE`, with the queue locked and empty. Whoever enters the queue replaces it, with the queue locked.
///
/// Scenario "the lock that is freed by a store" in docs/architecture.md.
#[derive(Debug)]
pub(crate) struct FreedBy(Byte);

const STORE: u8 = 0;
const SWAP: u8 = u8::MAX;

/// The count of a new lock. The change to a store takes as long as about sixteen stores save, so that many releases come first.
const NEW: u8 = if cfg!(threadwork_loom) { 1 } else { 17 };

/// The count after somebody has entered the queue, or was woken from it.
const WAITED_FOR: u8 = 1;

/// The count goes round from here to half of it.
const LAST: u8 = 128;

impl FreedBy {
    const_new! {
        pub(crate) const fn new() -> FreedBy {
            FreedBy(Byte::new(NEW))
        }
    }

    const_new! {
        /// Creates one that is always a swap.
        pub(crate) const fn swap() -> FreedBy {
            FreedBy(Byte::new(SWAP))
        }
    }

    #[inline]
    pub(crate) fn is_store(&self) -> bool {
        self.0.load(Ordering::Relaxed) == STORE
    }

    /// Counts a release by a swap. Returns `true` if the holder should look at the queue before it releases the lock: after one, two, four
    /// releases and so on, then after every 64th. A store stays a store, although some releases swap all the same. The caller holds the lock.
    #[inline]
    pub(in crate::door) fn count(&self) -> bool {
        let count = self.0.load(Ordering::Relaxed);
        if [STORE, SWAP].contains(&count) {
            return false;
        }
        self.0.store(if count < LAST { count + 1 } else { LAST / 2 + 1 }, Ordering::Relaxed);
        count.is_power_of_two()
    }

    /// Lets the lock be freed by a store. The caller holds it, and the queue is locked and empty.
    pub(in crate::door) fn become_store(&self) {
        self.0.store(STORE, Ordering::Release);
    }

    /// Begins to count again, because somebody is woken. The queue is locked.
    pub(in crate::door) fn count_again(&self) {
        // The holder may be counting at the same time. Then one of the two is lost, and the holder looks at the queue a little later.
        if ![STORE, SWAP].contains(&self.0.load(Ordering::Relaxed)) {
            self.0.store(WAITED_FOR, Ordering::Relaxed);
        }
    }

    /// Replaces a store by a swap. Returns `true` if it was a store: then the caller has to fence before it looks at the lock.
    /// The queue is locked.
    #[inline]
    pub(in crate::door) fn leave_store(&self) -> bool {
        self.is_store()
            && self
                .0
                .compare_exchange(STORE, WAITED_FOR, Ordering::AcqRel, Ordering::Relaxed)
                .is_ok()
    }
}

#[cfg(test)]
mod tests;
