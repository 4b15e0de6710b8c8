//! The end of a program that does not use [`main`](crate::main()).

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use threadwork_sync::{
    Lock, Wait,
    internal::{
        fork::inside,
        lock::own_lock,
        os::{at_exit, is_main_thread},
        panic::catch,
    },
};

use super::{
    callbacks::call_back,
    end::{EXITING, IN_FALLBACK, end},
    limited::{A_SECOND, flush},
    stops::requested_code,
    wait::{join_threads, main_has_ended},
};

mod suspended;

/// Makes sure that non-daemon threads are waited for after `main` has returned.
///
/// Scenario "the main thread that waits for the others" in docs/architecture.md.
pub(crate) fn watch() {
    static IS_WATCHED: AtomicBool = AtomicBool::new(false);
    static WATCHING: Lock<()> = own_lock("the watch of the end of the process", ());
    if IS_WATCHED.load(Ordering::Acquire) {
        return;
    }
    // A thread that comes second waits until the function is registered.
    let _inside = inside();
    let _watching = WATCHING.acquire();
    if !IS_WATCHED.load(Ordering::Relaxed) {
        at_exit(fallback);
        IS_WATCHED.store(true, Ordering::Release);
    }
}

/// The delay before the first check for suspended threads; it doubles up to a second. It slows nothing down: the end of a thread is noticed
/// at once.
const PATIENCE: Duration = Duration::from_millis(50);

/// The function that the C library calls at the end of the process.
///
/// If the program used [`main`](crate::main()), nothing is left to do. If not, this function does what `main` would have done.
extern "C" fn fallback() {
    if !is_main_thread() {
        // A thread other than the main thread ends the process on purpose.
        return;
    }
    IN_FALLBACK.store(true, Ordering::SeqCst);
    if EXITING.load(Ordering::SeqCst) {
        return;
    }
    // Nothing here is expected to panic, and a panic must not unwind into C.
    let _ = catch(|| {
        drop(call_back());
        main_has_ended();
        let mut patience = PATIENCE;
        while join_threads(&Wait::timeout(patience)).is_err() {
            // The suspended thread called `process::exit` because it wanted the process to end.
            // Scenario "the worker that calls `process::exit`" in docs/architecture.md.
            if suspended::is_anybody() {
                break;
            }
            patience = (2 * patience).min(A_SECOND);
        }
        // A thread may have held standard output when `main` returned, so that it was not flushed.
        flush();
        if let Some(code) = requested_code() {
            end(code);
        }
    });
}
