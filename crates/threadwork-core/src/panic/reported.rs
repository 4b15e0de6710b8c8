//! Panics that nobody is told of in person.

use std::io::{self, Write};

use threadwork_sync::internal::panic::catch;

use super::place::{message_of, take_place};

/// Calls a function of the user's whose panic is reported, and is not the thread's.
pub(crate) fn reported(what: &str, f: impl FnOnce()) {
    if let Err(payload) = catch(f) {
        let message = message_of(payload.get());
        let place = take_place(message).map(|place| format!(" ({place})")).unwrap_or_default();
        report(&format!("Exception in threadwork {what}: {message}{place}"));
    }
}

/// Calls code of others whose panic is not the caller's: there is nothing to say but what the panic hook has said.
pub(crate) fn unharmed<R>(f: impl FnOnce() -> R) -> Option<R> {
    catch(f).ok()
}

/// One line on standard error, where one can be written.
pub(crate) fn report(line: &str) {
    let _ = io::stderr().lock().write_all(format!("{line}\n").as_bytes());
}
