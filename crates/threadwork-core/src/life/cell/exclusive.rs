//! A value that no shared reference reaches.
#![expect(unsafe_code, reason = "what is never shared may be in an object that is")]

/// A value that only its owner reaches, or a thread with the only reference to it. So it can be in an object that threads share, whatever it is.
pub(crate) struct Exclusive<T>(T);

// SAFETY: no function gives out anything of the value for a shared reference.
unsafe impl<T> Sync for Exclusive<T> {}

impl<T> Exclusive<T> {
    pub(crate) fn new(value: T) -> Exclusive<T> {
        Exclusive(value)
    }

    pub(crate) fn into_inner(self) -> T {
        self.0
    }
}
