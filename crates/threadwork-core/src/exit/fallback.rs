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
    end::{EXITING, IN_FALLBACK},
    limited::{A_SECOND, flush},
    suspended,
    wait::{join_threads, main_has_ended},
};

/// From now on the end of `main` is not the end of threads that are no daemons.
pub(crate) fn watch() {
    static IS_WATCHED: AtomicBool = AtomicBool::new(false);
    static WATCHING: Lock<()> = own_lock("the watch of the end of the process", ());
    if IS_WATCHED.load(Ordering::Acquire) {
        return;
    }
    // Whoever comes second waits until it is so.
    let _inside = inside();
    let _watching = WATCHING.acquire();
    if !IS_WATCHED.load(Ordering::Relaxed) {
        at_exit(fallback);
        IS_WATCHED.store(true, Ordering::Release);
    }
}

/// How long the first look at threads that may be suspended is put off; later ones take their time. Nothing is slower by it: a thread that ends
/// is seen at once.
const PATIENCE: Duration = Duration::from_millis(50);

/// What the C library calls at the end of the process.
///
/// The program has used [`main`](crate::main()), and there is nothing left to do; or it has not, and this does it.
extern "C" fn fallback() {
    if !is_main_thread() {
        // A thread that ends the process means it.
        return;
    }
    IN_FALLBACK.store(true, Ordering::SeqCst);
    if EXITING.load(Ordering::SeqCst) {
        return;
    }
    // Nothing here panics but by mistake, and nothing may unwind out of here.
    let _ = catch(|| {
        drop(call_back());
        main_has_ended();
        let mut patience = PATIENCE;
        while join_threads(&Wait::timeout(patience)).is_err() {
            // Whoever has called `process::exit` wanted the process to end, so it does.
            if suspended::is_anybody() {
                break;
            }
            patience = (2 * patience).min(A_SECOND);
        }
        // A thread may have held it when `main` returned, so that nobody has flushed it.
        flush();
    });
}
