//! Stopping all threads.

use std::sync::atomic::{AtomicBool, Ordering};

use super::pending::stop_pending;
use crate::{panic::reported, registry};

/// Whether all threads were asked to stop. A run of a repeating timer that was about to return may arm its timer again after that.
static STOPS: AtomicBool = AtomicBool::new(false);

/// If all threads were asked to stop, cancels the timers that were armed again since then.
pub(super) fn stop_stragglers() {
    if STOPS.load(Ordering::Relaxed) {
        stop_pending();
    }
}

/// Asks every thread to stop, and cancels the pending timers.
pub(crate) fn stop_all() {
    STOPS.store(true, Ordering::Relaxed);
    for thread in registry::enumerate() {
        reported("stop callback", || _ = thread.request_stop());
    }
    stop_pending();
}

/// Resets the flag when a program begins: no thread was asked to stop yet.
pub(crate) fn forget_stops() {
    STOPS.store(false, Ordering::Relaxed);
}
