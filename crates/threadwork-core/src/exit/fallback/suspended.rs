//! Looks for threads that `std` has suspended for ever because they called [`process::exit`](std::process::exit) while the main thread was
//! ending the process.

use std::sync::atomic::{AtomicBool, Ordering};

use threadwork_sync::internal::os::{
    TELLS_WHO_IS_SUSPENDED, has_suspended_thread, is_main_thread, leave_files,
};

use super::super::limited::{A_SECOND, at_most};

/// Returns `true` if a suspended thread was seen.
///
/// Scenario "the worker that calls `process::exit`" in docs/architecture.md.
pub(super) fn is_anybody() -> bool {
    static SEEN: AtomicBool = AtomicBool::new(false);
    if !TELLS_WHO_IS_SUSPENDED {
        return false;
    }
    at_most(A_SECOND, || {
        // The process may have no file descriptor left, so a thread made for this check leaves the shared table of files and gets an empty
        // one of its own. The main thread, which does the check if no thread can be started, still needs its files.
        if !is_main_thread() {
            leave_files();
        }
        if has_suspended_thread() {
            SEEN.store(true, Ordering::Relaxed);
        }
    });
    SEEN.load(Ordering::Relaxed)
}
