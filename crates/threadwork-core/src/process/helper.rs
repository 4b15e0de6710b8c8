//! The library's own threads that are not listed.

use std::{io, thread};

use threadwork_sync::internal::door::be_helper;

/// Starts a thread of the library's own. It is not listed, and reports of threads that wait for a long time leave it out.
///
/// # Errors
///
/// Returns an error if the operating system refuses to start it.
pub fn start_helper(name: &'static str, run: impl FnOnce() + Send + 'static) -> io::Result<()> {
    spawn(thread::Builder::new(), name, run)
}

/// Starts a thread of the library's own with a stack of `bytes`.
pub(crate) fn spawn_with_stack(
    name: &'static str,
    bytes: usize,
    run: impl FnOnce() + Send + 'static,
) -> io::Result<()> {
    spawn(thread::Builder::new().stack_size(bytes), name, run)
}

fn spawn(
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
