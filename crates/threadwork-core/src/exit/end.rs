//! The end of the process.

use std::{
    process,
    sync::atomic::{AtomicBool, Ordering},
};

use threadwork_sync::internal::os::{exit_now, is_in_exit};

use super::{callbacks::call_back, limited::flush};

/// Whether the process is on its way out already, so that nobody waits for threads any more.
pub(super) static EXITING: AtomicBool = AtomicBool::new(false);

/// Whether the main thread is in [`fallback`](super::fallback), inside the C library's `exit`.
pub(super) static IN_FALLBACK: AtomicBool = AtomicBool::new(false);

/// Ends the program with `code`, from any thread: calls what [`at_exit`](crate::at_exit) was given and has not been called, and does not wait for threads.
///
/// If another thread is calling that at this moment, it has a second to do so.
///
/// Use it rather than [`process::exit`], which a thread may wait in for ever while the program is waiting for that very thread,
/// and rather than C's `exit`. As there, no destructors run; standard output is flushed.
///
/// It may also be called where the process is ending already: in the drop of a thread-local value of the main thread, in a callback,
/// in what C's `atexit` was given. Then it ends at once, with this code, and what else was to be called by the C library is not.
/// (Where that has no unwind tables, as musl, `std` aborts the process in a function that was given to `atexit` after this library was used first.)
///
/// # Differences from Python
///
/// * `sys.exit` in a thread ends that thread alone; this is `os._exit` with exit callbacks.
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
    // Of several threads that end the program the first does it: the others do not get past this while it is at it.
    std::mem::forget(call_back());
    end(code)
}

/// Ends the process.
pub(crate) fn end(code: i32) -> ! {
    // Both this thread and the main one write one of the two and then read the other: at least one of them sees what the other does.
    EXITING.store(true, Ordering::SeqCst);
    if IN_FALLBACK.load(Ordering::SeqCst) || is_in_exit() {
        // The C library is at it already, in a thread that waits for the others, or in this one.
        flush();
        exit_now(code);
    }
    process::exit(code)
}
