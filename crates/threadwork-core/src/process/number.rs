//! Which process this is, of those that were forked from each other.

use std::sync::atomic::{AtomicU32, Ordering};

/// How many forks there are between the first process and this one.
static FORKS: AtomicU32 = AtomicU32::new(0);

/// A number that no process has that this one was forked from.
#[must_use]
pub fn this_process() -> u32 {
    FORKS.load(Ordering::Relaxed)
}

/// This process is a child that was forked just now.
pub(super) fn forked() {
    FORKS.fetch_add(1, Ordering::Relaxed);
}
