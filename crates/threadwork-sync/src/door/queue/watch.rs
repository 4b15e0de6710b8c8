//! A watch: what one thread watches with at several queues at once.

use std::sync::atomic::Ordering;

use crate::{door::queue::sleeper::Sleeper, floor::Word};

/// What a thread watches with: it is told once any of its nodes is woken.
///
/// It outlives the nodes, so it exists whenever a node of it is found in a queue.
#[derive(Debug)]
pub(crate) struct Watch {
    /// Zero, or one if the thread was told.
    told: Word,
    sleeper: &'static Sleeper,
}

impl Watch {
    pub(super) fn new(sleeper: &'static Sleeper) -> Watch {
        Watch { told: Word::new(0), sleeper }
    }

    /// Returns `true` if the thread was told. Says nothing about what the waking thread did before.
    #[inline]
    pub(super) fn is_told(&self) -> bool {
        self.told.load(Ordering::Relaxed) != 0
    }

    /// Tells the thread, and returns the sleeper that has to be woken. The bucket of a node of this watch is locked.
    pub(super) fn tell(&self) -> &'static Sleeper {
        self.told.store(1, Ordering::Relaxed);
        self.sleeper
    }
}
