//! A lock that is held for a moment to show what it guards, of which observers of locks are not told: nobody has asked for it.

use crate::{lock::raw::RawLock, number};

/// The lock is held until this ends.
#[derive(Debug)]
pub(crate) struct Peek<'a>(&'a RawLock);

impl RawLock {
    /// Acquires the lock if it is free.
    pub(crate) fn peek(&self) -> Option<Peek<'_>> {
        self.take(number::current_word()).then(|| Peek(self))
    }
}

impl Drop for Peek<'_> {
    fn drop(&mut self) {
        let freed = self.0.free();
        debug_assert!(freed.is_ok(), "it is held");
    }
}
