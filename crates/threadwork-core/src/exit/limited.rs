//! What is done at the end of the program may not take for ever.

use std::{
    io::{self, Write},
    sync::Arc,
    time::Duration,
};

use threadwork_sync::Event;

use crate::process::start_helper;

/// Enough for what somebody wants to do at last, and for a line of text on a busy machine.
pub(crate) const A_SECOND: Duration = Duration::from_secs(1);

/// Flushes standard output, unless somebody who does not end holds it.
pub(crate) fn flush() {
    at_most(A_SECOND, || _ = io::stdout().flush());
}

/// Calls `f` in a thread of its own, and leaves it alone if it takes longer.
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
