//! Detects calls that re-enter this crate while a queue is locked or about to be locked.
//!
//! Scenario "the allocator that uses a lock" in docs/architecture.md.

use std::{cell::Cell, io::Write, process::abort};

thread_local! {
    static AT_WORK: Cell<bool> = const { Cell::new(false) };

    /// What the current thread does once it is no longer at work.
    static AT_THE_END: Cell<Option<fn()>> = const { Cell::new(None) };
}

/// Marks the current thread as working on queues or records: it may hold their locks, and may allocate while it does.
/// It is dropped after these locks.
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

    /// Returns `true` if the current thread is at work: then a signal handler or the global allocator runs.
    pub(crate) fn is_on() -> bool {
        AT_WORK.get()
    }

    /// Calls `f` at the end of the work that a signal handler has interrupted in the current thread; at once if there is none.
    pub(crate) fn at_the_end(f: fn()) {
        if AT_WORK.get() {
            AT_THE_END.set(Some(f));
        } else {
            f();
        }
    }
}

impl Drop for AtWork {
    #[inline]
    fn drop(&mut self) {
        AT_WORK.set(false);
        if let Some(f) = AT_THE_END.take() {
            f();
        }
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
