//! Keeps the watch of locks from watching itself.

use std::cell::Cell;

thread_local! {
    /// Whether the thread runs code of this watch. An allocator may use locks: those that it uses meanwhile are not watched.
    static IS_HERE: Cell<bool> = const { Cell::new(false) };
}

/// The thread runs code of this watch until this is dropped.
pub(crate) struct Here(());

impl Here {
    /// `None` if the thread already runs code of this watch.
    pub(crate) fn enter() -> Option<Here> {
        (!IS_HERE.replace(true)).then_some(Here(()))
    }
}

impl Drop for Here {
    fn drop(&mut self) {
        IS_HERE.set(false);
    }
}

/// Calls `f`, which uses the data of this watch, unless the thread already runs code of this watch.
pub(crate) fn once<R>(f: impl FnOnce() -> R) -> Option<R> {
    let _here = Here::enter()?;
    Some(f())
}
