//! The number of live threads of a group.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::process::this_process;

/// A count in the low half, and in the high half the number of the process that counted.
///
/// Only the forking thread is alive in the child of a fork. A count of another process reads as zero there,
/// and the forking thread is counted again by [`keep_one`](Self::keep_one).
/// Scenario "the threads that are not there" in docs/architecture.md.
pub(super) struct Count(AtomicU64);

impl Count {
    pub(super) const fn new() -> Count {
        Count(AtomicU64::new(0))
    }

    pub(super) fn get(&self) -> usize {
        here(self.0.load(Ordering::Acquire)) as usize
    }

    /// Adds one, unless the count has reached `limit`. Returns `true` if there was room.
    pub(super) fn enter(&self, limit: usize) -> bool {
        let one_more = |word| {
            let count = here(word);
            ((count as usize) < limit).then(|| word_of(count.saturating_add(1)))
        };
        self.0.fetch_update(Ordering::AcqRel, Ordering::Relaxed, one_more).is_ok()
    }

    /// Subtracts one.
    pub(super) fn leave(&self) {
        let one_less = |word| Some(word_of(here(word).saturating_sub(1)));
        let left = self.0.fetch_update(Ordering::AcqRel, Ordering::Relaxed, one_less);
        debug_assert!(left.is_ok(), "the update never refuses");
    }

    /// Counts the forking thread alone, in the child of a fork.
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
