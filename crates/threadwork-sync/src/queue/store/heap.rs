//! The lowest item first, and among equal ones the first that came.
//!
//! The heap of std does not keep the order of equal items, and says nothing about a comparison that panics.

use std::{cmp::Ordering, mem};

#[cfg(test)]
mod tests;

/// A heap that compares before it moves anything: so a comparison that panics leaves it as it was.
#[derive(Debug)]
pub(super) struct Heap<T> {
    /// No entry comes before its parent, which is the one at half its place.
    entries: Vec<Entry<T>>,
    /// How many items have been pushed so far.
    pushed: u64,
}

#[derive(Debug)]
struct Entry<T> {
    item: T,
    /// How many items had been pushed before it.
    number: u64,
}

/// The way from the root down to a place: a bit for each step, of which the first step is the lowest.
#[derive(Clone, Copy, Default)]
struct Way {
    bits: u64,
    steps: u32,
}

impl Way {
    fn step(&mut self, is_right: bool) {
        self.bits |= u64::from(is_right) << self.steps;
        self.steps += 1;
    }
}

impl<T> Heap<T> {
    pub(super) const fn new() -> Heap<T> {
        Heap { entries: Vec::new(), pushed: 0 }
    }

    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    /// Returns the item that [`pop`](Self::pop) would take.
    pub(super) fn first(&self) -> Option<&T> {
        self.entries.first().map(|it| &it.item)
    }

    /// Takes all items. Compares none, so they are in no particular order.
    pub(super) fn take_all(&mut self) -> Vec<T> {
        mem::take(&mut self.entries).into_iter().map(|it| it.item).collect()
    }
}

impl<T: Ord> Heap<T> {
    /// Adds the item, unless it is missing or a comparison panics.
    pub(super) fn push(&mut self, item: &mut Option<T>) {
        let Some(new) = item else { return };
        let mut to = self.entries.len();
        // The new item comes after its equals.
        while let Some(parent) = parent_of(to).filter(|it| *new < self.entries[*it].item) {
            to = parent;
        }
        let mut at = self.entries.len();
        self.entries.reserve(1);
        let number = self.pushed;
        self.entries.extend(item.take().map(|item| Entry { item, number }));
        self.pushed += 1;
        while let Some(parent) = parent_of(at).filter(|_| at != to) {
            self.entries.swap(at, parent);
            at = parent;
        }
    }

    /// Takes the first item, unless a comparison panics.
    pub(super) fn pop(&mut self) -> Option<T> {
        let last = self.entries.len().checked_sub(1)?;
        let way = self.way_down_for(last);
        let first = self.entries.swap_remove(0);
        let mut at = 0;
        for step in 0..way.steps {
            let child = 2 * at + 1 + (way.bits >> step & 1) as usize;
            self.entries.swap(at, child);
            at = child;
        }
        Some(first.item)
    }

    /// Returns the way that the last entry would go down if it stood at the root.
    fn way_down_for(&self, last: usize) -> Way {
        let (mut way, mut at) = (Way::default(), 0);
        loop {
            let left = 2 * at + 1;
            if left >= last {
                return way;
            }
            let is_right = left + 1 < last && self.is_before(left + 1, left);
            let child = left + usize::from(is_right);
            if self.is_before(last, child) {
                return way;
            }
            way.step(is_right);
            at = child;
        }
    }

    fn is_before(&self, one: usize, other: usize) -> bool {
        let (one, other) = (&self.entries[one], &self.entries[other]);
        match one.item.cmp(&other.item) {
            Ordering::Less => true,
            Ordering::Equal => one.number < other.number,
            Ordering::Greater => false,
        }
    }
}

fn parent_of(at: usize) -> Option<usize> {
    at.checked_sub(1).map(|it| it / 2)
}
