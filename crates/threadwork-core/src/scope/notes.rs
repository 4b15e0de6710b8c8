//! What a scope notes of each of its threads and jobs.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// What a scope notes of one of its threads or jobs.
pub(super) struct Notes {
    /// Whether its panic or failure was told to somebody who has asked for the result.
    is_seen: AtomicBool,
    /// Its number among those that have succeeded before a stop, from 0, or [`NONE`](Self::NONE).
    rank: AtomicUsize,
}

impl Notes {
    const NONE: usize = usize::MAX;

    pub(super) fn new() -> Notes {
        Notes { is_seen: AtomicBool::new(false), rank: AtomicUsize::new(Notes::NONE) }
    }

    pub(super) fn see(&self) {
        self.is_seen.store(true, Ordering::Release);
    }

    pub(super) fn is_seen(&self) -> bool {
        self.is_seen.load(Ordering::Acquire)
    }

    pub(super) fn succeeds(&self, rank: usize) {
        self.rank.store(rank, Ordering::Release);
    }

    /// Returns its number among those that have succeeded.
    pub(super) fn rank(&self) -> Option<usize> {
        Some(self.rank.load(Ordering::Acquire)).filter(|it| *it != Notes::NONE)
    }
}
