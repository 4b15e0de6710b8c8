//! The functions that are called when a thread fails.

use std::sync::Arc;

use threadwork_sync::{Lock, LockGuard, internal::lock::own_lock};

use super::handling::nearest;
use crate::{
    life::ThreadHandle,
    outcome::Failure,
    panic::{report, reported},
    process::{LockPart, Part, hold, look_after},
};

/// A function that is called with a thread that has failed, and its failure.
pub type FailureHandler = Arc<dyn Fn(&ThreadHandle, &Failure) + Send + Sync>;

/// The handler of the process. A replaced handler is dropped after this is unlocked.
static HANDLER: Lock<Option<FailureHandler>> = own_lock("the failure handler", None);

/// Sets the function that is called when a thread fails, in that thread, after its runnable has returned the error. It is to failures what
/// the [excepthook](crate::set_excepthook) is to panics.
///
/// A handler of the thread ([`Builder::on_failure`](crate::Builder::on_failure)) or of its
/// [group](crate::ThreadGroup::set_failure_handler) is called instead, if there is one. By default [`default_failure_handler`] is called.
/// If the handler panics, that is reported and has no other effect.
///
/// # Differences from Python
///
/// * An exception that leaves `run` is either a panic or a failure here, so there are two handlers.
///
/// # Examples
///
/// ```standalone_crate
/// # use threadwork_core as threadwork;
/// use std::sync::OnceLock;
/// use threadwork::Thread;
///
/// static REPORT: OnceLock<String> = OnceLock::new();
///
/// threadwork::set_failure_handler(|thread, failure| {
///     REPORT.set(format!("{}: {}", thread.name(), failure.message())).unwrap();
/// });
/// let thread = Thread::builder().name("parser").build(|| Err::<(), _>("no input"));
/// thread.start()?;
/// thread.join().unwrap_err();
/// assert_eq!(REPORT.get().unwrap(), "parser: no input");
/// # Ok::<(), threadwork::StartError>(())
/// ```
pub fn set_failure_handler(handler: impl Fn(&ThreadHandle, &Failure) + Send + Sync + 'static) {
    let _old = process_handler().replace(Arc::new(handler));
}

/// Returns the handler set with [`set_failure_handler`], or else [`default_failure_handler`].
///
/// # Examples
///
/// ```
/// # use threadwork_core as threadwork;
/// let before = threadwork::failure_handler();
/// threadwork::set_failure_handler(move |thread, failure| {
///     if thread.name() != "expected to fail" {
///         before(thread, failure);
///     }
/// });
/// ```
#[must_use]
pub fn failure_handler() -> FailureHandler {
    let set = process_handler().clone();
    set.unwrap_or_else(|| Arc::new(default_failure_handler))
}

/// Prints one line to standard error: `thread 'NAME' failed: MESSAGE`.
///
/// # Examples
///
/// ```
/// # use threadwork_core as threadwork;
/// threadwork::set_failure_handler(threadwork::default_failure_handler);
/// ```
pub fn default_failure_handler(thread: &ThreadHandle, failure: &Failure) {
    report(&format!("thread '{}' failed: {}", thread.name(), failure.message()));
}

static LOCKED: LockPart = || hold(&HANDLER, |_| ());

fn process_handler() -> LockGuard<'static, Option<FailureHandler>> {
    look_after(Part::FailureHandler, &LOCKED);
    HANDLER.acquire()
}

/// Calls the failure handler for the current thread: its own, or its group's, or that of the process.
pub(crate) fn handle(thread: &ThreadHandle, failure: &Failure) {
    if let Some(own) = nearest(thread, |it| it.on_failure.clone()) {
        reported("failure handler", move || own(failure));
    } else {
        let handler = failure_handler();
        reported("failure handler", move || handler(thread, failure));
    }
}
