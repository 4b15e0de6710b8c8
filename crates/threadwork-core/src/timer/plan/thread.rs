//! A timer as a thread.

use std::sync::atomic::{AtomicBool, Ordering};

use once_cell::race::OnceBox;
use threadwork_sync::{
    Lock, StopCallback,
    internal::{lock::own_lock, number::ReservedIdent},
};

use crate::{
    life::{Life, Owner, ThreadHandle},
    work::Nothing,
};

/// The part of a timer that makes it a thread.
pub(in crate::timer) struct TimerThread {
    /// Keeps the cell alive, as every thread needs one. What the thread runs is not in it.
    _owner: Owner<Nothing>,
    pub(in crate::timer) handle: ThreadHandle,
    /// The number that was reserved when the timer was started, until its thread takes it.
    pub(in crate::timer) reserved: Lock<Option<ReservedIdent>>,
    is_watched: AtomicBool,
    /// Cancels the timer when its thread is asked to stop.
    on_stop: OnceBox<StopCallback>,
    /// The thread of the latest run, if the timer is periodic.
    pub(in crate::timer) run: Lock<Option<ThreadHandle>>,
}

impl TimerThread {
    pub(super) fn new(life: Life, reserved: Option<ReservedIdent>) -> TimerThread {
        let owner = Owner::new(life, Nothing);
        TimerThread {
            handle: ThreadHandle::of(&owner),
            _owner: owner,
            reserved: own_lock("the number of a timer", reserved),
            is_watched: AtomicBool::new(false),
            on_stop: OnceBox::new(),
            run: own_lock("the run of a timer", None),
        }
    }

    /// Makes a stop request to the thread call the function that `cancel` returns, at once if the stop was already requested.
    /// Only the first call has an effect.
    pub(super) fn cancel_on_stop<F>(&self, cancel: impl FnOnce() -> F)
    where
        F: FnOnce() + Send + 'static,
    {
        if !self.is_watched.swap(true, Ordering::Relaxed) {
            let on_stop = StopCallback::new(&self.handle.stop_token(), cancel());
            let _ = self.on_stop.set(Box::new(on_stop));
        }
    }
}
