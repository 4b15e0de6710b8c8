//! Threads of the library's own that are not listed.

use std::{io, thread};

use threadwork_sync::internal::{door::be_helper, fork::leave_queues};

/// All threads of the operating system that this library makes are made by this: in the child of a fork, the first one could otherwise
/// get the memory of one that still stands in a queue.
pub fn thread_builder() -> thread::Builder {
    leave_queues();
    thread::Builder::new()
}

/// Starts a thread of the library's own: it is not listed, and who looks for threads that wait for long leaves it out.
///
/// # Errors
///
/// If the operating system refuses it.
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
