//! The panic hook of the process.

use std::{
    panic,
    sync::atomic::{AtomicBool, Ordering},
    thread,
};

use super::place::note;

/// Wraps the process's panic hook so that the places of panics in this library's threads are noted: only the panic hook is told the place.
///
/// Returns `true` once the hook is installed.
pub(crate) fn watch_places() -> bool {
    static IS_BEGUN: AtomicBool = AtomicBool::new(false);
    static IS_DONE: AtomicBool = AtomicBool::new(false);
    // A panicking thread must not change the hook; the next start of a thread installs it. No thread waits for another one
    // that is installing it: the other may be waiting for a panic hook that forks, and in the child of another fork it does not exist.
    if !IS_DONE.load(Ordering::Acquire)
        && !thread::panicking()
        && !IS_BEGUN.swap(true, Ordering::Relaxed)
    {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            note(info);
            before(info);
        }));
        IS_DONE.store(true, Ordering::Release);
    }
    IS_DONE.load(Ordering::Acquire)
}
