//! The end of the process.

use std::{
    process,
    sync::atomic::{AtomicBool, Ordering},
};

use threadwork_sync::internal::os::{exit_now, is_in_exit};

use super::{callbacks::call_back, limited::flush};

/// Whether the process is already ending, so that threads are no longer waited for.
pub(super) static EXITING: AtomicBool = AtomicBool::new(false);

/// Whether the main thread is in [`fallback`](super::fallback), inside the C library's `exit`.
pub(super) static IN_FALLBACK: AtomicBool = AtomicBool::new(false);

/// Ends the program with `code`, from any thread, without waiting for threads.
///
/// Calls the [`at_exit`](crate::at_exit) callbacks that have not been called.
/// If another thread is calling callbacks at this moment, it gets a second to finish.
///
/// Use it instead of [`process::exit`], in which a thread may block for ever while the program waits for that very thread,
/// and instead of C's `exit`. As with those, no destructors run, and standard output is flushed.
///
/// It may also be called while the process is already ending: in an exit callback, in the drop of a thread-local value of the main thread,
/// or in a function registered with C's `atexit`. If the C library's `exit` is already running, the process then ends with this code without
/// calling the C library's remaining functions. (With a C library without unwind tables, such as musl, `std` aborts the process if this is called in a function that was
/// given to `atexit` after the first use of this library.)
///
/// # Differences from Python
///
/// * `sys.exit` in a thread ends only that thread. This function corresponds to `os._exit`, with exit callbacks.
///
/// # Examples
///
/// ```standalone_crate
/// # use threadwork_core as threadwork;
/// threadwork::main(|| {
///     let thread = threadwork::Thread::new(|| threadwork::exit(0));
///     thread.start().unwrap();
///     thread.join().unwrap();
///     unreachable!("the program has ended, with the code 0");
/// });
/// ```
pub fn exit(code: i32) -> ! {
    // If several threads end the program, the first one does it: the guard is never dropped, so the others block in `call_back` for a second.
    std::mem::forget(call_back());
    end(code)
}

/// Ends the process.
pub(crate) fn end(code: i32) -> ! {
    // This thread and the main thread each write one of the two flags and then read the other one: at least one of them sees the other's
    // write.
    EXITING.store(true, Ordering::SeqCst);
    if IN_FALLBACK.load(Ordering::SeqCst) || is_in_exit() {
        // The C library's `exit` already runs, in the main thread, which waits for the others, or in this thread.
        // Scenario "the worker that calls `process::exit`" in docs/architecture.md.
        flush();
        exit_now(code);
    }
    process::exit(code)
}
