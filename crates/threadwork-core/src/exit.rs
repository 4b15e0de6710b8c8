//! The end of the program.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use threadwork_sync::{get_ident, internal::MAIN_IDENT};

use crate::{
    handle::ThreadHandle,
    life::ThreadState,
    registry::{self, main_thread},
};

/// Runs `f`, then waits for every thread that is not a daemon, also for those started meanwhile, and returns what `f` has returned.
///
/// Put the whole of `main` into it, and the program ends as one in Python does: no thread is cut off but the daemons.
/// If `f` panics, the threads are waited for all the same, and then the panic goes on.
/// Threads that panic do not change how the program ends.
///
/// # Differences from Python
///
/// * Without it, the end of `main` ends the program, and the threads with it: that is Rust's rule.
///
/// # Panics
///
/// If `f` does.
///
/// # Examples
///
/// ```
/// # use threadwork_core as threadwork;
/// use std::sync::atomic::{AtomicBool, Ordering};
/// use threadwork::Thread;
///
/// static DONE: AtomicBool = AtomicBool::new(false);
///
/// let code = threadwork::main(|| {
///     let thread = Thread::builder().daemon(false).build(|| DONE.store(true, Ordering::Relaxed));
///     thread.start().unwrap();
///     7
/// });
/// assert_eq!(code, 7);
/// assert!(DONE.load(Ordering::Relaxed));
/// ```
pub fn main<R>(f: impl FnOnce() -> R) -> R {
    let returned = catch_unwind(AssertUnwindSafe(f));
    let ident = get_ident();
    if ident == MAIN_IDENT {
        // Whoever joins the main thread waits for this moment: there is no later one that it could see.
        let main = main_thread();
        main.life().set_state(ThreadState::Finished);
        main.life().ended.set();
    }
    let waits_for = |it: &ThreadHandle| !it.is_daemon() && it.ident() != Some(ident);
    // In this order: a thread that is not in the first list any more is in the second.
    while let Some(thread) =
        registry::first(waits_for).or_else(|| registry::first_leaving(waits_for))
    {
        // A panic of the thread has been reported, and is not the program's.
        let _ = thread.join();
    }
    returned.unwrap_or_else(|payload| resume_unwind(payload))
}
