//! The current thread of an operating system thread that is used again.
//!
//! Scenario "the operating system's thread that is used again" in docs/architecture.md.

use std::{
    cell::{Cell, RefCell},
    mem::ManuallyDrop,
};

use crate::life::ThreadHandle;

thread_local! {
    /// Whether the operating system's thread is one that is used again.
    static IS_LENT: Cell<bool> = const { Cell::new(false) };
    /// The thread that it runs now. Never dropped, so a thread-local value of the user's may ask for it while it is dropped.
    static NOW: RefCell<ManuallyDrop<Option<ThreadHandle>>> =
        const { RefCell::new(ManuallyDrop::new(None)) };
}

/// Returns `true` if the operating system's current thread is one that is used again.
pub(super) fn is_here() -> bool {
    IS_LENT.get()
}

/// Calls `f` with the thread that runs now, if there is one.
pub(super) fn with<R>(f: impl FnOnce(&ThreadHandle) -> R) -> Option<R> {
    NOW.with(|it| it.borrow().as_ref().map(f))
}

/// Makes `thread` the one that runs now.
pub(super) fn begin(thread: ThreadHandle) {
    IS_LENT.set(true);
    NOW.set(ManuallyDrop::new(Some(thread)));
}

/// Takes the thread that has run.
pub(super) fn end() -> Option<ThreadHandle> {
    ManuallyDrop::into_inner(NOW.replace(ManuallyDrop::new(None)))
}
