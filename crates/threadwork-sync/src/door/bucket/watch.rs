//! A watch: what a thread watches with at several queues at once.

use std::{
    ptr,
    sync::atomic::{AtomicUsize, Ordering},
    time::Instant,
};

use crate::{
    door::bucket::sleeper::Sleeper,
    floor::{Moment, Word},
};

/// What a thread watches with. It has a node in each of the queues, and is told of each that is woken.
///
/// It outlives the nodes, so it exists whenever one of them is found in a queue.
#[derive(Debug)]
pub(crate) struct Watch {
    /// The address of the node of which the thread was told last, and has not taken; zero if there is none. That node has the address of
    /// the one before it.
    told: Word,
    /// The address of the sleeper of the thread that watches; zero while no thread does.
    sleeper: Word,
    /// Since when the thread is blocked.
    pub(in crate::door) since: Moment,
    /// Whether the nodes leave their queues before the thread goes on. Otherwise it may end while they are there.
    pub(in crate::door) is_scoped: bool,
}

impl Watch {
    pub(in crate::door) fn new(is_scoped: bool) -> Watch {
        Watch { told: Word::new(0), sleeper: Word::new(0), since: Moment::none(), is_scoped }
    }

    /// Lets the thread of `sleeper` watch. Returns `true` if there is nothing to take, so that it may sleep.
    pub(in crate::door) fn begin(&self, sleeper: &'static Sleeper) -> bool {
        self.sleeper.store(ptr::from_ref(sleeper).expose_provenance(), Ordering::Relaxed);
        // Comes before the next `tell`, which then sees the sleeper, or after it, and then sees what was told.
        self.told.fetch_add(0, Ordering::AcqRel) == 0
    }

    /// Ends what [`begin`](Self::begin) has begun.
    pub(in crate::door) fn end(&self) {
        self.since.clear();
        self.sleeper.store(0, Ordering::Relaxed);
    }

    /// Returns since when the wait of the thread is shown; `None` while it is not. A wait of which the thread was told is over.
    pub(in crate::door) fn shown_since(&self) -> Option<Instant> {
        self.since.get().filter(|_| !self.is_told())
    }

    /// Returns `true` if there is something to take. Says nothing about what the waking thread did before.
    #[inline]
    pub(in crate::door) fn is_told(&self) -> bool {
        self.told.load(Ordering::Relaxed) != 0
    }

    /// Tells of the node at `address`. The bucket of that node is locked, and it has not been told before, or was taken since.
    pub(in crate::door) fn tell(&self, address: usize, told_before: &AtomicUsize) {
        let mut before = self.told.load(Ordering::Relaxed);
        loop {
            told_before.store(before, Ordering::Relaxed);
            match self.told.compare_exchange(before, address, Ordering::AcqRel, Ordering::Relaxed) {
                Ok(_) => return,
                Err(changed) => before = changed,
            }
        }
    }

    /// Takes what was told: the address of the last node.
    pub(in crate::door) fn take(&self) -> usize {
        self.told.swap(0, Ordering::AcqRel)
    }

    /// Returns the sleeper of the thread that watches, if one does. The bucket of a node is locked.
    pub(in crate::door) fn sleeper(&self) -> Option<&'static Sleeper> {
        Sleeper::at(ptr::with_exposed_provenance(self.sleeper.load(Ordering::Relaxed)))
    }
}
