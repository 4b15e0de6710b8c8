//! What a panic says, once it is caught.

use std::{
    any::Any,
    fmt, mem,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
};

/// Calls `f`, and catches its panic.
///
/// # Errors
///
/// With what `f` has panicked with.
pub fn catch<R>(f: impl FnOnce() -> R) -> Result<R, Payload> {
    catch_unwind(AssertUnwindSafe(f)).map_err(Payload::new)
}

/// What a panic was given, which may be anything of the user's: its drop does not panic.
pub struct Payload(Box<dyn Any + Send>);

impl Payload {
    /// A payload that was caught, or that nobody has panicked with.
    #[must_use]
    pub fn new(payload: Box<dyn Any + Send>) -> Payload {
        Payload(payload)
    }

    /// What the panic was given.
    #[must_use]
    pub fn get(&self) -> &(dyn Any + Send) {
        &*self.0
    }

    /// The payload itself, for the user. What its drop does is the user's affair from now on.
    #[must_use]
    pub fn into_inner(mut self) -> Box<dyn Any + Send> {
        self.take()
    }

    /// Lets the panic go on.
    pub fn resume(self) -> ! {
        resume_unwind(self.into_inner())
    }

    fn take(&mut self) -> Box<dyn Any + Send> {
        mem::replace(&mut self.0, Box::new(()))
    }
}

impl Drop for Payload {
    fn drop(&mut self) {
        let payload = self.take();
        if let Err(next) = catch_unwind(AssertUnwindSafe(|| drop(payload))) {
            // The hook has reported it. To drop this one could panic again, and so on.
            mem::forget(next);
        }
    }
}

impl fmt::Debug for Payload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Payload").finish_non_exhaustive()
    }
}
