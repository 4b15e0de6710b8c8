//! Registers what is called at the end of the program.

use super::{callbacks, fallback};
use crate::error::AtExitError;

/// Has `f` called at the end of the program, before threads are waited for; the last one registered is called first.
///
/// That is the place to tell threads that they shall come to an end. One that panics is reported, and the next is called.
/// They are called at the end of [`main`](crate::main()), by [`exit`](crate::exit()), or where neither is used, after `main` has returned (on Unix);
/// not if the process is killed, aborts, or is ended by a thread with [`process::exit`](std::process::exit).
///
/// # Differences from Python
///
/// * There it is private (`threading._register_atexit`).
///
/// # Errors
///
/// If the end has begun.
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
