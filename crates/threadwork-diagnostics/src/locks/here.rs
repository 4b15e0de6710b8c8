//! Whether a thread is in here already.

use std::cell::Cell;

thread_local! {
    /// Whether the thread is in here already. An allocator may use locks: those that it uses in here are nobody's business.
    static IS_HERE: Cell<bool> = const { Cell::new(false) };
}

/// The thread is in here. Its drop is the end of that.
pub(crate) struct Here(());

impl Here {
    /// `None` if the thread is in here already.
    pub(crate) fn enter() -> Option<Here> {
        (!IS_HERE.replace(true)).then_some(Here(()))
    }
}

impl Drop for Here {
    fn drop(&mut self) {
        IS_HERE.set(false);
    }
}

/// Calls `f`, which uses what is known of locks, unless the thread is in here already.
pub(crate) fn once<R>(f: impl FnOnce() -> R) -> Option<R> {
    let _here = Here::enter()?;
    Some(f())
}
