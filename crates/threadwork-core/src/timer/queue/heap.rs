//! A heap whose items know their places, so that each can be removed at any time.

use std::{
    mem,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
};

use crate::timer::due::Due;

#[cfg(test)]
mod tests;

/// Timers in the order of a heap: none is due before its parent. Adding and removing one takes O(log n), and a removed timer leaves
/// nothing behind.
///
/// The usual heap has two children for each parent. With four, the tree has half as many levels, and the children of one parent lie in one
/// or two cache lines. A timer that is due after most others, as most new ones are, stays at the end of the vector or close to it, so arming
/// and cancelling it touches few lines, however many timers are pending.
pub(super) struct Heap<T> {
    items: Vec<Item<T>>,
}

/// One timer, in two words. Timers that are due at the same time are in no particular order.
struct Item<T> {
    due: Due,
    timer: Arc<T>,
}

/// A timer that can be put into a heap. It is in one heap at most.
pub(in crate::timer) trait Placed {
    fn place(&self) -> &Place;
}

/// Where a timer is in its heap, if it is in one. Only the heap uses it, behind a mutable borrow, so it needs no order among threads.
pub(in crate::timer) struct Place(AtomicUsize);

impl Place {
    const NOWHERE: usize = usize::MAX;

    pub(in crate::timer) const fn new() -> Place {
        Place(AtomicUsize::new(Self::NOWHERE))
    }
}

/// The number of children of a parent.
const CHILDREN: usize = 4;

/// Room for this many timers is kept, even if fewer are pending.
const SPARE: usize = 32;

impl<T> Heap<T> {
    pub(super) const fn new() -> Heap<T> {
        Heap { items: Vec::new() }
    }

    pub(super) fn len(&self) -> usize {
        self.items.len()
    }

    /// Returns when the first timer is due.
    pub(super) fn first_due(&self) -> Option<Due> {
        self.items.first().map(|it| it.due)
    }

    /// Returns the timers in order of time.
    pub(super) fn sorted(&self) -> Vec<Arc<T>> {
        let mut items: Vec<_> = self.items.iter().collect();
        items.sort_by_key(|it| it.due);
        items.into_iter().map(|it| Arc::clone(&it.timer)).collect()
    }

    /// Empties the heap without dropping the timers, and without touching them.
    pub(super) fn forget(&mut self) {
        mem::forget(mem::take(&mut self.items));
    }
}

impl<T: Placed> Heap<T> {
    pub(super) fn push(&mut self, due: Due, timer: Arc<T>) {
        self.items.push(Item { due, timer });
        self.rise(self.items.len() - 1);
    }

    pub(super) fn pop(&mut self) -> Option<Arc<T>> {
        (!self.items.is_empty()).then(|| self.remove_at(0))
    }

    /// Removes a timer, unless it is not in the heap.
    pub(super) fn remove(&mut self, timer: &T) -> Option<Arc<T>> {
        let at = timer.place().0.load(Relaxed);
        (at != Place::NOWHERE).then(|| self.remove_at(at))
    }

    fn remove_at(&mut self, at: usize) -> Arc<T> {
        let removed = self.items.swap_remove(at).timer;
        removed.place().0.store(Place::NOWHERE, Relaxed);
        // The last timer has taken the place. It may belong above it, if it was below another parent, or below it.
        if at < self.items.len() && self.rise(at) == at {
            self.sink(at);
        }
        let room = self.items.capacity();
        if room > SPARE && self.items.len() < room / 4 {
            self.items.shrink_to(room / 2);
        }
        removed
    }

    /// Moves a timer towards the root until its parent is not due after it. Returns where it is then.
    fn rise(&mut self, mut at: usize) -> usize {
        while at > 0 {
            let parent = (at - 1) / CHILDREN;
            if self.items[parent].due <= self.items[at].due {
                break;
            }
            self.items.swap(parent, at);
            self.note_place(at);
            at = parent;
        }
        self.note_place(at);
        at
    }

    /// Moves a timer away from the root until none of its children is due before it.
    fn sink(&mut self, mut at: usize) {
        loop {
            let first = at * CHILDREN + 1;
            let children = first..self.items.len().min(first + CHILDREN);
            let earliest = children.min_by_key(|&child| self.items[child].due);
            let Some(child) = earliest.filter(|&it| self.items[it].due < self.items[at].due) else {
                break;
            };
            self.items.swap(at, child);
            self.note_place(at);
            at = child;
        }
        self.note_place(at);
    }

    fn note_place(&self, at: usize) {
        self.items[at].timer.place().0.store(at, Relaxed);
    }
}
