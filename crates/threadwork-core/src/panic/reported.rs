//! Panics in user code that are caught and are not the outcome of a thread.

use std::io::{self, Write};

use threadwork_sync::internal::panic::catch;

use super::place::{message_of, take_place};

/// Calls a user's function. A panic is caught and reported on standard error; the thread is unaffected.
pub(crate) fn reported(what: &str, f: impl FnOnce()) {
    if let Err(payload) = catch(f) {
        let message = message_of(payload.get());
        let place = take_place(message).map(|place| format!(" ({place})")).unwrap_or_default();
        report(&format!("Exception in threadwork {what}: {message}{place}"));
    }
}

/// Calls foreign code. A panic is caught, and `None` is returned; the panic hook has already reported it.
pub(crate) fn unharmed<R>(f: impl FnOnce() -> R) -> Option<R> {
    catch(f).ok()
}

/// Writes one line to standard error, and ignores an error of that.
pub(crate) fn report(line: &str) {
    let _ = io::stderr().lock().write_all(format!("{line}\n").as_bytes());
}
