//! Holding a lock for a moment to format its value. Observers are not notified: the user did not ask for the lock.

use crate::{lock::raw::RawLock, number};

/// Holds the lock until it is dropped.
#[derive(Debug)]
pub(crate) struct Peek<'a>(&'a RawLock);

impl RawLock {
    /// Attempts to acquire the lock without blocking.
    pub(crate) fn peek(&self) -> Option<Peek<'_>> {
        let me = number::current_word();
        (self.take(me) || self.take_from_tasks(me)).then(|| Peek(self))
    }
}

impl Drop for Peek<'_> {
    fn drop(&mut self) {
        self.0.free_held();
    }
}
