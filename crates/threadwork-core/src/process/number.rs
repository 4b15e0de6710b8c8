//! The number of this process among those that were forked from each other.
//!
//! Scenario "the threads that are not there" in docs/architecture.md.

use std::sync::atomic::{AtomicU32, Ordering};

/// The number of forks between the first process and this one.
static FORKS: AtomicU32 = AtomicU32::new(0);

/// Returns the number of this process, which differs from the numbers of all processes that it was forked from.
#[must_use]
pub fn this_process() -> u32 {
    FORKS.load(Ordering::Relaxed)
}

/// Gives this process a new number: it is a child that was just forked.
pub(super) fn forked() {
    FORKS.fetch_add(1, Ordering::Relaxed);
}
