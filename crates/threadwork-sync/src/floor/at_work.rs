//! What a thread does while a queue is locked, or on the way there, must not come back here.

use std::{cell::Cell, io::Write, process::abort};

thread_local! {
    static AT_WORK: Cell<bool> = const { Cell::new(false) };
}

/// The current thread is at work on queues or records, which may lock, and may allocate while it does.
///
/// An allocator that uses a lock of this crate, or a signal handler, could come back here in the middle, and would wait for ever
/// for what its own thread has locked. So it is stopped, by a message.
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

/// A panic could allocate.
#[cold]
fn refuse() -> ! {
    let _ = std::io::stderr().write_all(
        b"threadwork: a thread that was about to block, or to wake others, has used another lock meanwhile; \
        let neither the global allocator nor a signal handler use locks of threadwork\n",
    );
    abort()
}
