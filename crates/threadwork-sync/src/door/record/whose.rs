//! What is known of the thread that leaves a record, for those who know it by its number alone.

use std::{
    cell::Cell,
    sync::atomic::{AtomicUsize, Ordering},
};

use crate::os;

thread_local! {
    static HELPER: Cell<Option<&'static str>> = const { Cell::new(None) };
}

/// The current thread is one of the library's own, and is called so. It says that before it waits for anything.
pub fn be_helper(name: &'static str) {
    HELPER.set(Some(name));
}

/// What the operating system and the library call a thread.
#[derive(Debug, Default)]
pub(crate) struct Whose {
    /// The operating system's number plus one; zero where it is not known.
    native_id: AtomicUsize,
    /// The name, if it is one of the library's own.
    pub(crate) helper: Option<&'static str>,
}

impl Whose {
    /// What is known of the current thread.
    pub(crate) fn mine() -> Whose {
        let whose = Whose { native_id: AtomicUsize::new(0), helper: HELPER.get() };
        whose.set_native_id(os::native_id_of_started());
        whose
    }

    /// In the child of a fork the current thread has another number.
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
