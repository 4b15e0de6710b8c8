//! What a record says about its thread, for readers that know only the thread's number.

use std::{
    cell::Cell,
    sync::atomic::{AtomicUsize, Ordering},
};

use crate::os;

thread_local! {
    static HELPER: Cell<Option<&'static str>> = const { Cell::new(None) };
}

/// Declares that the current thread is one of the library's own and has this name. Must be called before the thread waits for anything.
pub fn be_helper(name: &'static str) {
    HELPER.set(Some(name));
}

/// The operating system's number of a thread, and the library's name for it.
#[derive(Debug, Default)]
pub(crate) struct Whose {
    /// The operating system's number plus one; zero where it is not known.
    native_id: AtomicUsize,
    /// The name, if the thread is one of the library's own.
    pub(crate) helper: Option<&'static str>,
}

impl Whose {
    /// Returns what is known about the current thread.
    pub(crate) fn mine() -> Whose {
        let whose = Whose { native_id: AtomicUsize::new(0), helper: HELPER.get() };
        whose.set_native_id(os::native_id_of_started());
        whose
    }

    /// Updates the number: in the child of a fork the current thread has another one.
    pub(crate) fn has_forked(&self) {
        self.set_native_id(os::get_native_id());
    }

    fn set_native_id(&self, id: Option<u64>) {
        let id = id.and_then(|id| usize::try_from(id).ok()?.checked_add(1)).unwrap_or(0);
        self.native_id.store(id, Ordering::Relaxed);
    }

    pub(crate) fn native_id(&self) -> Option<u64> {
        self.native_id.load(Ordering::Relaxed).checked_sub(1).map(|id| id as u64)
    }
}
