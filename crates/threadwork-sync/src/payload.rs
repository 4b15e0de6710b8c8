//! Payloads of caught panics.
//!
//! Scenario "the payload that panics" in docs/architecture.md.

use std::{
    any::Any,
    fmt, mem,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
};

/// Calls `f` and catches its panic.
///
/// # Errors
///
/// Returns the payload if `f` panics.
pub fn catch<R>(f: impl FnOnce() -> R) -> Result<R, Payload> {
    catch_unwind(AssertUnwindSafe(f)).map_err(Payload::new)
}

/// The payload of a panic, which may be any value of the user's. Dropping a `Payload` does not panic.
pub struct Payload(Box<dyn Any + Send>);

impl Payload {
    /// Wraps a payload, whether or not a panic carried it.
    #[must_use]
    pub fn new(payload: Box<dyn Any + Send>) -> Payload {
        Payload(payload)
    }

    /// Returns a reference to the payload.
    #[must_use]
    pub fn get(&self) -> &(dyn Any + Send) {
        &*self.0
    }

    /// Returns the payload itself, for the user, who is responsible for what its drop does from now on.
    #[must_use]
    pub fn into_inner(mut self) -> Box<dyn Any + Send> {
        self.take()
    }

    /// Resumes the panic.
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
            // The panic hook has reported this panic. Dropping its payload could panic again, and so on.
            mem::forget(next);
        }
    }
}

impl fmt::Debug for Payload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Payload").finish_non_exhaustive()
    }
}
