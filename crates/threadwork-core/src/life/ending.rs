//! The end of a thread: how it has ended, and when it has left.

use std::sync::atomic::{AtomicBool, Ordering};

use once_cell::race::OnceBox;
use threadwork_sync::{Event, Wait, WaitError, internal::door::Subject};

use crate::panic::Panic;

/// The end of a thread, and who waits for it.
#[derive(Default)]
pub(crate) struct Ending {
    /// How it has ended, if that was a panic.
    pub(super) panic: OnceBox<Panic>,
    pub(crate) ended: Event,
    pub(crate) leaving: Leaving,
}

/// Whether a thread has left: its thread-local values are dropped, and the registry does not list it any longer.
/// Nothing of it is left that could block: what follows is the operating system's.
#[derive(Default)]
pub(crate) struct Leaving {
    is_over: AtomicBool,
    /// Set when it is over. Few wait for that, and they make it.
    over: OnceBox<Event>,
}

impl Leaving {
    pub(crate) fn is_over(&self) -> bool {
        self.is_over.load(Ordering::Acquire)
    }

    /// The thread has left. It costs a load, unless somebody waits for it.
    pub(crate) fn end(&self) {
        self.is_over.store(true, Ordering::Release);
        if let Some(over) = self.over.get() {
            over.set();
        }
    }

    /// Sees to it that [`wait`](Self::wait) is told. The registry is locked, and lists the thread: to be taken off it
    /// the thread locks it too, so it sees this.
    pub(crate) fn watch(&self) {
        self.over.get_or_init(Box::default);
    }

    /// Waits until the thread has left, if that is watched.
    pub(crate) fn wait(&self, subject: &Subject, wait: &Wait) -> Result<(), WaitError> {
        self.over.get().map_or(Ok(()), |over| over.wait_as(subject, wait))
    }
}
