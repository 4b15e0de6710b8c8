//! How many threads of a group are alive.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::process::this_process;

/// A count, and in the high half which process it was counted in: in the child of a fork, nobody is alive whom another process has counted
/// but the thread that has forked, which is counted again ([`keep_one`](Self::keep_one)).
pub(super) struct Count(AtomicU64);

impl Count {
    pub(super) const fn new() -> Count {
        Count(AtomicU64::new(0))
    }

    pub(super) fn get(&self) -> usize {
        here(self.0.load(Ordering::Acquire)) as usize
    }

    /// One more, unless there are so many already; returns whether there is room.
    pub(super) fn enter(&self, limit: usize) -> bool {
        let one_more = |word| {
            let count = here(word);
            ((count as usize) < limit).then(|| word_of(count.saturating_add(1)))
        };
        self.0.fetch_update(Ordering::AcqRel, Ordering::Relaxed, one_more).is_ok()
    }

    /// One less.
    pub(super) fn leave(&self) {
        let one_less = |word| Some(word_of(here(word).saturating_sub(1)));
        let left = self.0.fetch_update(Ordering::AcqRel, Ordering::Relaxed, one_less);
        debug_assert!(left.is_ok(), "one less is always possible");
    }

    /// In the child of a fork: the thread that has forked is one of them, and the only one.
    pub(super) fn keep_one(&self) {
        self.0.store(word_of(1), Ordering::Relaxed);
    }
}

fn word_of(count: u32) -> u64 {
    u64::from(this_process()) << u32::BITS | u64::from(count)
}

fn here(word: u64) -> u32 {
    if word >> u32::BITS == u64::from(this_process()) { word as u32 } else { 0 }
}
