//! Registration of exit callbacks.

use super::{callbacks, fallback};
use crate::error::AtExitError;

/// Registers `f` to be called at the end of the program, before threads are waited for. The callback registered last is called first.
///
/// This is the place to tell threads to finish. A panic in a callback is reported, and the next callback is called.
/// Callbacks are called at the end of [`main`](crate::main()), by [`exit`](crate::exit()), or, if neither is used, after `main` has
/// returned (on Unix). They are not called if the process is killed, aborts, or is ended by a thread with
/// [`process::exit`](std::process::exit).
///
/// # Differences from Python
///
/// * In Python it is private (`threading._register_atexit`).
///
/// # Errors
///
/// Returns [`AtExitError`] if the end of the program has begun.
///
/// # Examples
///
/// ```standalone_crate
/// # use threadwork_core as threadwork;
/// use std::time::Duration;
/// use threadwork::Thread;
/// # use threadwork_sync::Event;
///
/// static END: Event = Event::new();
///
/// threadwork::main(|| {
///     threadwork::at_exit(|| END.set()).unwrap();
///     Thread::builder().daemon(false).build(|| END.wait()).start().unwrap();
/// });
/// ```
pub fn at_exit(f: impl FnOnce() + Send + 'static) -> Result<(), AtExitError> {
    callbacks::add(f)?;
    fallback::watch();
    Ok(())
}
