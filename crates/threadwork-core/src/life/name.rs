//! What a thread is called.

use std::sync::atomic::{AtomicU32, Ordering};

/// A name, and whether the operating system has a thread to give it to.
pub(super) struct Name {
    pub(super) text: String,
    /// How often it was changed.
    pub(super) version: u32,
    /// While this is locked and true, the thread is there, and its number belongs to nobody else.
    pub(super) is_there: bool,
}

impl Name {
    pub(super) fn new(text: String) -> Name {
        Name { text, version: 0, is_there: false }
    }

    /// Changes it, and returns the old one, which is to be dropped with nothing locked.
    pub(super) fn set(&mut self, text: String) -> String {
        self.version = self.version.wrapping_add(1);
        std::mem::replace(&mut self.text, text)
    }
}

/// Which version of a name the operating system's thread was started with, if `std` gives it as it is.
#[derive(Clone, Copy)]
pub(crate) struct StartedAs(pub(super) Option<u32>);

/// The number of the next thread that gets a default name; threads of others are counted too.
pub(crate) fn next_number() -> u32 {
    static COUNTER: AtomicU32 = AtomicU32::new(1);
    COUNTER.fetch_add(1, Ordering::Relaxed)
}
