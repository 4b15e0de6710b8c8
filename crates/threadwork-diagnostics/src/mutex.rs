//! A mutex for the observers of waits and locks.
//!
//! Scenario "the observer that stands in a queue" in docs/architecture.md.

use std::sync::{self, MutexGuard, PoisonError};

/// A mutex of `std` rather than a lock of the library. An observer cannot wait for a lock of the library: it would have to record its own wait,
/// and when it is called for a lock that a condition releases, its thread already stands in a queue.
///
/// No lock of the library is waited for under it, and no user code runs under it except a global allocator.
#[derive(Debug)]
pub(crate) struct Mutex<T>(sync::Mutex<T>);

impl<T> Mutex<T> {
    pub(crate) const fn new(value: T) -> Mutex<T> {
        Mutex(sync::Mutex::new(value))
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
