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

/// What a timer has as a thread.
pub(in crate::timer) struct TimerThread {
    /// Keeps the cell as a thread wants it; what the thread runs is not in there.
    _owner: Owner<Nothing>,
    pub(in crate::timer) handle: ThreadHandle,
    /// The number that the thread was given when the timer was started, until the thread takes it.
    pub(in crate::timer) reserved: Lock<Option<ReservedIdent>>,
    is_watched: AtomicBool,
    /// Makes a stop of the thread cancel the timer.
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

    /// Has a stop of the thread call what `cancel` makes, at once if it was requested already. The first call of this alone does so.
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
