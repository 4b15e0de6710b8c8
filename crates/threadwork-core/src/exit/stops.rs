//! The stop of all threads.

use std::sync::atomic::{AtomicBool, Ordering};

use super::pending::stop_pending;
use crate::{panic::reported, registry};

/// Whether all threads were asked to stop. A timer that repeats may be armed again after that by a run that was about to return.
static STOPS: AtomicBool = AtomicBool::new(false);

/// Cancels the timers that were armed again since all threads were asked to stop, if they were.
pub(super) fn stop_stragglers() {
    if STOPS.load(Ordering::Relaxed) {
        stop_pending();
    }
}

/// Asks every thread to stop, and cancels the timers that are pending.
pub(crate) fn stop_all() {
    STOPS.store(true, Ordering::Relaxed);
    for thread in registry::enumerate() {
        reported("stop callback", || _ = thread.request_stop());
    }
    stop_pending();
}

/// A program begins: nobody was asked to stop.
pub(crate) fn forget_stops() {
    STOPS.store(false, Ordering::Relaxed);
}
