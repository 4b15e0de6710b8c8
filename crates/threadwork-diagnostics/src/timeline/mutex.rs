//! A lock that no observer is told of.

use std::sync::{self, MutexGuard, PoisonError};

/// Not one of the library's own: a wait for that would be recorded, by the thread that is recording.
///
/// It is held for as long as a few fields are copied, and no user code runs meanwhile.
#[derive(Debug)]
pub(super) struct Mutex<T>(sync::Mutex<T>);

impl<T> Mutex<T> {
    pub(super) const fn new(value: T) -> Mutex<T> {
        Mutex(sync::Mutex::new(value))
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
