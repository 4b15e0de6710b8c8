//! When a queue is ready for a thread that waits for any of several objects.

use std::{fmt, time::Instant};

use crate::{
    door::Key,
    queue::{
        engine::{End, Engine},
        store::Store,
    },
};

/// A queue that is waited for beside other objects: it is ready when a get would not wait.
pub(crate) trait Ready: fmt::Debug + Sync {
    fn is_ready(&self) -> bool;

    /// Makes whoever makes the queue ready visit the line.
    fn announce(&self);

    /// Returns `true` if the queue is not ready, and whoever makes it ready visits the line, which is locked.
    fn is_awaited(&self) -> bool;

    /// Returns when the queue is ready by itself, if it will be.
    fn next_due(&self) -> Option<Instant>;

    fn key(&self) -> Key;
}

impl<S: Store + Send> Ready for Engine<S> {
    fn is_ready(&self) -> bool {
        Engine::is_ready(self, End::Items)
    }

    fn announce(&self) {
        // If there is something to take, the caller notices that when it enters the line, or when it is due.
        let _ = Engine::announce(self, End::Items);
    }

    fn is_awaited(&self) -> bool {
        self.must_wait(End::Items)
    }

    fn next_due(&self) -> Option<Instant> {
        Engine::next_due(self)
    }

    fn key(&self) -> Key {
        Engine::key(self, End::Items)
    }
}
