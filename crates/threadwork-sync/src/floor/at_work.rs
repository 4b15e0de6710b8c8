//! Detects calls that re-enter this crate while a queue is locked or about to be locked.
//!
//! Scenario "the allocator that uses a lock" in docs/architecture.md.

use std::{cell::Cell, io::Write, process::abort};

thread_local! {
    static AT_WORK: Cell<bool> = const { Cell::new(false) };
}

/// Marks the current thread as working on queues or records: it may hold their locks, and may allocate while it does.
///
/// An allocator that uses a lock of this crate, or a signal handler, could re-enter this code in the middle.
/// It would then wait for ever for a lock that its own thread holds. So a re-entrant call ends the process with a message.
#[derive(Debug)]
pub(crate) struct AtWork(());

impl AtWork {
    #[inline]
    pub(crate) fn begin() -> AtWork {
        if AT_WORK.replace(true) {
            refuse();
        }
        AtWork(())
    }
}

impl Drop for AtWork {
    #[inline]
    fn drop(&mut self) {
        AT_WORK.set(false);
    }
}

/// Ends the process with a message. It does not panic, because a panic could allocate.
#[cold]
fn refuse() -> ! {
    let _ = std::io::stderr().write_all(
        b"threadwork: a thread used a lock while it was about to block or to wake other threads; \
        neither the global allocator nor a signal handler may use locks of threadwork\n",
    );
    abort()
}
