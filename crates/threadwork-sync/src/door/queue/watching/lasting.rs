//! A watch whose nodes stay in their queues between the waits of its owner.
//!
//! Its nodes are in the heap. Whoever leaks it leaks them too, so a queue never has a node that is gone.
//!
//! Scenario "the watch that lasts" in docs/architecture.md.
#![expect(unsafe_code, reason = "nodes in the heap are put into queues")]

use std::{fmt, mem, ptr::NonNull, sync::atomic::Ordering};

use crate::{
    door::{
        bucket::{
            lengths::Where,
            node::{Node, Standing},
            sleeper::{self, Sleeper},
            table,
            terms::{Parking, Until},
            watch::Watch,
        },
        observer::How,
        queue::{
            place::{enter_signal, enter_to_watch, leave},
            watching::{Watched, sleep},
        },
    },
    floor::AtWork,
};

/// Stands in several queues for as long as it exists, and remembers in which order they were woken.
pub(crate) struct LastingWatch {
    /// From a box, which this owns. Not kept as a box, because a box promises that there are no other pointers to its content.
    watch: NonNull<Watch>,
    /// The same. Each node stays where it is until this is dropped.
    nodes: NonNull<[Node]>,
}

// SAFETY: a node is used with its bucket locked, whichever thread owns the watch; the rest of a node and the watch are atomic.
unsafe impl Send for LastingWatch {}

// SAFETY: a shared reference gives access to nothing.
unsafe impl Sync for LastingWatch {}

impl LastingWatch {
    /// Creates a watch that stands in no queue yet.
    pub(crate) fn new<'a>(places: impl Iterator<Item = Parking<'a>>) -> LastingWatch {
        let watch: &'static Watch = Box::leak(Box::new(Watch::new(false)));
        let nodes: Box<[Node]> = places.map(|place| Node::watcher(&place, watch)).collect();
        let nodes: &'static [Node] = Box::leak(nodes);
        LastingWatch { watch: NonNull::from(watch), nodes: NonNull::from(nodes) }
    }

    fn watch(&self) -> &Watch {
        // SAFETY: this owns the watch until it is dropped.
        unsafe { self.watch.as_ref() }
    }

    fn nodes(&self) -> &[Node] {
        // SAFETY: this owns the nodes until it is dropped.
        unsafe { self.nodes.as_ref() }
    }

    /// Enters the queue of the place `at`, in which it does not stand yet. `waits` runs with the queue locked; if it returns `false`, the
    /// watch does not enter. Returns what `waits` returned.
    pub(crate) fn enter(&mut self, at: usize, waits: impl FnOnce() -> bool) -> bool {
        let _at_work = AtWork::begin();
        // SAFETY: the node is in no queue. It stays where it is until this is dropped, and leaves before that.
        unsafe { enter_to_watch(&self.nodes()[at], waits) }
    }

    /// Decides what becomes of a place that was told of a wake-up. `waits` runs with the queue locked; if it returns `true`, the watch
    /// stays in the queue and can be told again; otherwise it leaves the queue. Returns what `waits` returned.
    pub(crate) fn stays(&mut self, at: usize, waits: impl FnOnce() -> bool) -> bool {
        let node = &self.nodes()[at];
        let _at_work = AtWork::begin();
        let mut list = table::locked_of(node);
        let stays = waits();
        // SAFETY: the bucket is locked, and this reference ends before the list is used.
        let place = unsafe { node.place() };
        place.is_told = false;
        if !stays && place.is_linked() {
            // SAFETY: the bucket is locked, and the node is in it.
            unsafe { list.remove(node) };
        }
        stays
    }

    /// Calls `told` with each place that was told of a wake-up since the last call, the latest first.
    pub(crate) fn take(&mut self, told: impl FnMut(usize)) {
        self.take_but(None, told);
    }

    /// Like [`take`](Self::take), and leaves out the node that ends the wait.
    fn take_but(&self, ending: Option<&Node>, mut told: impl FnMut(usize)) {
        let nodes = self.nodes();
        let mut address = self.watch().take();
        while address != 0 {
            let node = match ending {
                Some(ending) if ending.is_at(address) => ending,
                _ => {
                    let at = (address - nodes.as_ptr().addr()) / mem::size_of::<Node>();
                    told(at);
                    &nodes[at]
                }
            };
            address = node.chained.told_before.load(Ordering::Relaxed);
        }
    }

    /// Blocks the current thread until a place is told of a wake-up, the deadline passes or the stop is requested, and calls `told` as
    /// [`take`](Self::take) does.
    pub(crate) fn wait(&mut self, until: Until<'_>, mut told: impl FnMut(usize)) -> Watched {
        #[cfg(test)]
        crate::door::testing::note_visit();
        let at_work = AtWork::begin();
        let sleeper = sleeper::mine();
        let sleeper: &'static Sleeper = &sleeper;
        let watch = self.watch();
        let ending = until.stop.map(|signal| (signal, Node::ending_of(signal.key(), watch)));
        let standing = ending.as_ref().map(|(_, ending)| Standing::begin(ending.pointer(), ending));
        let entered = ending
            .as_ref()
            // SAFETY: it leaves before this function returns.
            .is_none_or(|(signal, ending)| unsafe { enter_signal(signal, ending) });
        let sleeps = watch.begin(sleeper) && entered;
        drop(at_work);
        let first = self.nodes().first().and_then(|node| node.subject.as_ref());
        let at = first.map_or(Where::NOWHERE, Where::of);
        let slept = sleeps.then(|| sleep(watch, sleeper, at, until.deadline)).flatten();
        let in_time = !sleeps || watch.is_told();
        watch.end();
        if let Some((_, ending)) = &ending {
            let _at_work = AtWork::begin();
            leave(ending);
        }
        drop(standing);
        let mut first = None;
        self.take_but(ending.as_ref().map(|(_, ending)| ending), |at| {
            first = Some(at);
            told(at);
        });
        if let Some(slept) = slept
            && let Some(node) = self.nodes().get(first.unwrap_or(0))
            && let Some(subject) = &node.subject
        {
            let how = How { woken: first.is_some(), any_of: true };
            slept.end(sleeper, node.key(), subject, how);
        }
        match until.stop {
            Some(signal) if signal.is_raised() => Watched::Stopped,
            _ if in_time => Watched::Look,
            _ => Watched::TimedOut,
        }
    }
}

impl Drop for LastingWatch {
    fn drop(&mut self) {
        let at_work = AtWork::begin();
        self.nodes().iter().for_each(|node| drop(leave(node)));
        drop(at_work);
        // SAFETY: the nodes are from a box and in no queue. Other threads use them only while they are in one.
        drop(unsafe { Box::from_raw(self.nodes.as_ptr()) });
        // SAFETY: the watch is from a box, and other threads use it only through nodes in queues.
        drop(unsafe { Box::from_raw(self.watch.as_ptr()) });
    }
}

impl fmt::Debug for LastingWatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LastingWatch").field("places", &self.nodes().len()).finish_non_exhaustive()
    }
}
