//! The fields of an object that never change, unlike its words.
#![expect(unsafe_code, reason = "a cell that is never written is read through a plain reference")]

use std::{cell::UnsafeCell, fmt, panic::RefUnwindSafe};

/// A value that never changes, in a cell.
///
/// A reference that is an argument promises that its memory is valid until the call returns, except for memory inside a cell.
/// An event may be freed before its `set` has returned, by a thread that this `set` released. So all fields of such an object are in cells,
/// as its words are anyway, and a reference to the object promises nothing about its memory.
/// (Jung, "Tree Borrows", 2025. In compiled code, the attribute `dereferenceable` is not set for types that contain a cell.)
///
/// Scenario "the lock that is freed by its next owner" in docs/architecture.md.
pub(crate) struct Kept<T>(UnsafeCell<T>);

// SAFETY: it gives out `&T` only, except to its owner.
unsafe impl<T: Sync> Sync for Kept<T> {}

// No thread can see the value half changed.
impl<T: RefUnwindSafe> RefUnwindSafe for Kept<T> {}

impl<T> Kept<T> {
    pub(crate) const fn new(value: T) -> Kept<T> {
        Kept(UnsafeCell::new(value))
    }

    /// Returns the value. The reference must not be kept, nor passed to a call that may outlast the object.
    #[inline]
    pub(crate) const fn get(&self) -> &T {
        // SAFETY: nothing writes to the cell.
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
