//! Shared by the tests of the larger objects: threads that are known to wait, and messages of panics.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    thread,
};

use threadwork_sync::{StopSource, Wait, WaitKind, Waiting};

use crate::support::{Helper, eventually, record_of};

/// Starts a thread, and returns once it waits for an object of this kind.
#[track_caller]
pub(crate) fn start_waiting<T: Send + 'static>(
    kind: WaitKind,
    f: impl FnOnce() -> T + Send + 'static,
) -> Helper<T> {
    let helper = Helper::start(f);
    waits_for(kind, &helper);
    helper
}

/// Returns once the thread waits for an object of this kind.
#[track_caller]
pub(crate) fn waits_for<T: Send + 'static>(kind: WaitKind, helper: &Helper<T>) -> Waiting {
    eventually("a thread does not wait for an object of that kind", || {
        record_of(helper.ident()).filter(|it| it.kind == kind)
    })
}

/// A wait without a deadline that the stop ends.
pub(crate) fn until(stop: &StopSource) -> Wait {
    Wait::forever().or_stop(&stop.token())
}

/// A wait whose stop was requested before it began.
pub(crate) fn stopped() -> Wait {
    let stop = StopSource::new();
    stop.request_stop();
    until(&stop)
}

/// Returns the message that `f` panics with.
#[track_caller]
pub(crate) fn panic_of<R>(f: impl FnOnce() -> R) -> String {
    let outcome = catch_unwind(AssertUnwindSafe(f)).map(drop);
    message(outcome).expect("it panics")
}

/// Returns the message of the panic; `None` if there was none.
pub(crate) fn message(outcome: thread::Result<()>) -> Option<String> {
    let payload = outcome.err()?;
    Some(match payload.downcast::<String>() {
        Ok(text) => *text,
        Err(payload) => {
            payload.downcast::<&str>().map_or_else(|_| String::new(), |it| it.to_string())
        }
    })
}
