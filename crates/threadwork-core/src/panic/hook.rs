//! The panic hook of the process.

use std::{
    panic,
    sync::atomic::{AtomicBool, Ordering},
    thread,
};

use super::place::note;

/// From now on the places of panics in this library's threads are known: only the process's panic hook is told them.
/// False if that could not be done yet.
pub(crate) fn watch_places() -> bool {
    static IS_BEGUN: AtomicBool = AtomicBool::new(false);
    static IS_DONE: AtomicBool = AtomicBool::new(false);
    // A thread that panics may not change the hook; the next one that starts a thread does. Nor does anybody wait for one that is at it:
    // it may wait for a panic hook that forks, and in the child of another fork it is not there.
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
