//! The end of a thread: its outcome, and the moment it has left.

use std::sync::atomic::{AtomicBool, Ordering};

use once_cell::race::OnceBox;
use threadwork_sync::{Event, Wait, WaitError, internal::door::Subject};

use crate::outcome::Outcome;

/// The end of a thread, and the threads that wait for it.
#[derive(Default)]
pub(crate) struct End {
    /// The outcome, if it is a panic or a failure.
    pub(super) fault: OnceBox<Outcome>,
    pub(crate) ended: Event,
    pub(crate) leaving: Leaving,
}

impl End {
    /// Wakes the threads and the tasks that wait for the end. The wakers of tasks are user code.
    pub(crate) fn announce(&self) {
        self.ended.set();
    }
}

/// Whether a thread has left: its thread-local values are dropped, and the registry no longer lists it.
/// Nothing of it is left that could block: the rest is done by the operating system.
#[derive(Default)]
pub(crate) struct Leaving {
    is_over: AtomicBool,
    /// Set when the thread has left. Only the few threads that wait for it create it.
    over: OnceBox<Event>,
}

impl Leaving {
    pub(crate) fn is_over(&self) -> bool {
        self.is_over.load(Ordering::Acquire)
    }

    /// Records that the thread has left. Besides the store this costs one load, unless a thread waits for it.
    pub(crate) fn end(&self) {
        self.is_over.store(true, Ordering::Release);
        if let Some(over) = self.over.get() {
            over.set();
        }
    }

    /// Makes [`wait`](Self::wait) see the end. The caller has the registry locked, and the thread is listed: to be removed,
    /// the thread must lock the registry, too, so it sees the event.
    pub(crate) fn watch(&self) {
        self.over.get_or_init(Box::default);
    }

    /// Waits until the thread has left, if [`watch`](Self::watch) was called.
    pub(crate) fn wait(&self, subject: &Subject, wait: &Wait) -> Result<(), WaitError> {
        self.over.get().map_or(Ok(()), |over| over.wait_as(subject, wait))
    }
}
