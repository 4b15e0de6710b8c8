//! A lock for those who are told of waits and locks.

use std::sync::{self, MutexGuard, PoisonError};

/// Not one of the library's own: a wait for that would be recorded, by the thread that is recording, and who is told of a lock that is given up at a condition
/// stands in a queue already.
///
/// It is held for as long as a few fields are copied, and no user code runs meanwhile.
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
