//! The graph of the orders in which locks were acquired.

use std::{
    collections::{BTreeMap, BTreeSet},
    num::NonZeroU32,
    panic::Location,
};

use super::inversion::{LockInversion, LockStep};
use crate::places::place;

#[cfg(test)]
mod tests;

/// The orders in which locks were acquired.
#[derive(Debug)]
pub(super) struct Graph {
    /// For each lock, the locks that were acquired while it was held, with the first such acquisition.
    after: BTreeMap<Node, BTreeMap<Node, Step>>,
    /// For each lock without a name, the locks that have it in `after`.
    before: BTreeMap<NonZeroU32, BTreeSet<Node>>,
}

/// All locks of one name are one node. A lock without a name is known by its number, which is never reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Node {
    Named(&'static str),
    Nameless(NonZeroU32),
}

/// One lock was acquired while another was held.
#[derive(Clone, Copy, Debug)]
pub(super) struct Step {
    pub(super) held: Use,
    pub(super) acquired: Use,
}

/// An acquisition of a lock.
#[derive(Clone, Copy, Debug)]
pub(super) struct Use {
    pub(super) name: Option<&'static str>,
    pub(super) address: usize,
    pub(super) location: &'static Location<'static>,
}

impl Graph {
    pub(super) const fn new() -> Graph {
        Graph { after: BTreeMap::new(), before: BTreeMap::new() }
    }

    /// Adds a step. If it closes a circle, returns the inversion.
    pub(super) fn add(&mut self, from: Node, to: Node, step: Step) -> Option<LockInversion> {
        let after = self.after.entry(from).or_default();
        if after.contains_key(&to) {
            return None;
        }
        after.insert(to, step);
        if let Node::Nameless(id) = to {
            self.before.entry(id).or_default().insert(from);
        }
        let rest = self.way(to, from)?;
        let steps = std::iter::once(step).chain(rest).map(LockStep::new).collect();
        Some(LockInversion { steps })
    }

    /// The steps of a path from one lock to another, if there is one.
    fn way(&self, from: Node, to: Node) -> Option<Vec<Step>> {
        let next = |node: &Node| self.after.get(node).into_iter().flatten();
        let mut seen = BTreeSet::new();
        let mut steps = Vec::new();
        // For each lock on the path, the branches still to be followed. There may be many, so the search does not recurse on the stack of the acquiring thread.
        let mut way = vec![next(&from)];
        while let Some(others) = way.last_mut() {
            let Some((node, step)) = others.next() else {
                way.pop();
                steps.pop();
                continue;
            };
            if *node == to {
                steps.push(*step);
                return Some(steps);
            }
            if seen.insert(*node) {
                steps.push(*step);
                way.push(next(node));
            }
        }
        None
    }

    /// Removes a lock without a name, and the steps from it and to it.
    pub(super) fn remove(&mut self, id: NonZeroU32) {
        let node = Node::Nameless(id);
        for from in self.before.remove(&id).into_iter().flatten() {
            let is_last = self.after.get_mut(&from).is_some_and(|after| {
                after.remove(&node);
                after.is_empty()
            });
            if is_last {
                self.after.remove(&from);
            }
        }
        for to in self.after.remove(&node).into_iter().flat_map(BTreeMap::into_keys) {
            if let Node::Nameless(to) = to
                && let Some(before) = self.before.get_mut(&to)
            {
                before.remove(&node);
            }
        }
    }
}

impl LockStep {
    fn new(Step { held, acquired }: Step) -> LockStep {
        LockStep {
            held: held.lock(),
            held_at: place(held.location),
            acquired: acquired.lock(),
            acquired_at: place(acquired.location),
        }
    }
}

impl Use {
    /// The name of the lock, or its address.
    fn lock(&self) -> String {
        self.name.map_or_else(|| format!("{:#x}", self.address), str::to_owned)
    }
}
