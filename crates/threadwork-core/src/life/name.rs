//! The name of a thread.

use std::sync::atomic::{AtomicU32, Ordering};

/// A name, and whether the operating system's thread exists and can be given the name.
pub(super) struct Name {
    pub(super) text: String,
    /// The number of changes of the name.
    pub(super) version: u32,
    /// While the name is locked and this is `true`, the thread exists, and no other thread has its number.
    pub(super) is_there: bool,
}

impl Name {
    pub(super) fn new(text: String) -> Name {
        Name { text, version: 0, is_there: false }
    }

    /// Changes the name and returns the old one, which must be dropped with nothing locked.
    pub(super) fn set(&mut self, text: String) -> String {
        self.version = self.version.wrapping_add(1);
        std::mem::replace(&mut self.text, text)
    }
}

/// The version of the name that the operating system's thread was started with. `None` if `std` does not pass the name on unchanged.
#[derive(Clone, Copy)]
pub(crate) struct StartedAs(pub(super) Option<u32>);

impl StartedAs {
    /// The operating system's thread has been started before, with another name.
    pub(crate) const OTHERWISE: StartedAs = StartedAs(None);
}

/// Returns the number for the next default name. Foreign threads draw from the same numbers.
pub(crate) fn next_number() -> u32 {
    static COUNTER: AtomicU32 = AtomicU32::new(1);
    COUNTER.fetch_add(1, Ordering::Relaxed)
}
