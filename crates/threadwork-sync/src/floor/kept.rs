//! What an object has beside its words, and does not change.
#![expect(unsafe_code, reason = "what is in a cell is read, as if it were in none")]

use std::{cell::UnsafeCell, fmt, panic::RefUnwindSafe};

/// A value that never changes, in a cell.
///
/// A reference that is an argument promises that its memory is there until the call returns, but for what is in a cell.
/// An event may be freed before its `set` has returned, by a thread that it let go on; so all that such an object has is in cells,
/// as its words are anyway, and there is nothing that a reference to it could promise.
/// (Jung, "Tree Borrows", 2025; for what is compiled: `dereferenceable` is told of no type that has a cell.)
pub(crate) struct Kept<T>(UnsafeCell<T>);

// SAFETY: it gives out `&T`, and nothing else to anybody but its owner.
unsafe impl<T: Sync> Sync for Kept<T> {}

// Nobody can see it half changed.
impl<T: RefUnwindSafe> RefUnwindSafe for Kept<T> {}

impl<T> Kept<T> {
    pub(crate) const fn new(value: T) -> Kept<T> {
        Kept(UnsafeCell::new(value))
    }

    /// The value; the reference must not be kept, nor given to a call that may outlast the object.
    #[inline]
    pub(crate) const fn get(&self) -> &T {
        // SAFETY: nobody writes to the cell.
        unsafe { &*self.0.get() }
    }
}

impl Kept<Option<&'static str>> {
    pub(crate) const fn set_name(&mut self, name: &'static str) {
        *self = Kept::new(Some(name));
    }

    pub(crate) const fn name(&self) -> Option<&'static str> {
        *self.get()
    }
}

impl<T: fmt::Debug> fmt::Debug for Kept<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.get().fmt(f)
    }
}
