//! The library's own threads that are not listed.

use std::{io, thread};

use threadwork_sync::internal::{door::be_helper, fork::leave_queues};

/// Creates the builder for every operating system thread that this library starts.
///
/// In the child of a fork it first empties the queues: otherwise a new thread could get the memory of one that still stands in a queue.
/// Scenario "the waiters that are not there" in docs/architecture.md.
pub fn thread_builder() -> thread::Builder {
    leave_queues();
    thread::Builder::new()
}

/// Starts a thread of the library's own. It is not listed, and reports of threads that wait for a long time leave it out.
///
/// # Errors
///
/// Returns an error if the operating system refuses to start it.
pub fn start_helper(name: &'static str, run: impl FnOnce() + Send + 'static) -> io::Result<()> {
    spawn_helper(thread_builder(), name, run)
}

pub(crate) fn spawn_helper(
    builder: thread::Builder,
    name: &'static str,
    run: impl FnOnce() + Send + 'static,
) -> io::Result<()> {
    let run = move || {
        be_helper(name);
        run();
    };
    builder.name(name.to_owned()).spawn(run).map(drop)
}
