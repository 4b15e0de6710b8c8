//! Time limits for what is done at the end of the program.

use std::{
    io::{self, Write},
    sync::Arc,
    time::Duration,
};

use threadwork_sync::Event;

use crate::process::start_helper;

/// Enough time for a last callback, or for writing a line of text on a busy machine.
pub(crate) const A_SECOND: Duration = Duration::from_secs(1);

/// Flushes standard output. Gives up after a second if another thread holds it.
pub(crate) fn flush() {
    at_most(A_SECOND, || _ = io::stdout().flush());
}

/// Calls `f` in a thread of its own and waits for it for at most `time`. If the thread cannot be started, calls `f` in the current thread.
pub(crate) fn at_most(time: Duration, f: impl Fn() + Send + Sync + 'static) {
    let shared = Arc::new((f, Event::new()));
    let other = Arc::clone(&shared);
    let call = move || {
        (other.0)();
        other.1.set();
    };
    match start_helper("threadwork-last", call) {
        Ok(()) => _ = shared.1.wait_timeout(time),
        Err(_) => (shared.0)(),
    }
}
