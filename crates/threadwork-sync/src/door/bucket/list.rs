//! The list of the nodes in a bucket, in order of arrival.
#![expect(unsafe_code, reason = "a list links nodes that are in the memory of others")]

use std::ptr::NonNull;

use crate::door::{
    Key,
    bucket::node::{Node, Place},
};

#[cfg(all(test, not(threadwork_loom)))]
mod tests;

/// The nodes of all queues of a bucket. Each node in it exists until it is taken out, which takes the lock of the bucket.
#[derive(Debug)]
pub(in crate::door) struct List {
    first: Option<NonNull<Node>>,
    last: Option<NonNull<Node>>,
}

// SAFETY: what a list does to its nodes is done with the bucket locked, whichever thread does it.
unsafe impl Send for List {}

/// Returns what the bucket protects of a node.
///
/// # Safety
///
/// The bucket is locked, the node exists, and there is no other reference to this.
pub(in crate::door) unsafe fn place_of<'a>(node: NonNull<Node>) -> &'a mut Place {
    // SAFETY: the node exists, by the caller's promise.
    let node: &'a Node = unsafe { node.as_ref() };
    // SAFETY: the rest of the caller's promise.
    unsafe { node.place() }
}

impl List {
    pub(in crate::door) const fn new() -> List {
        List { first: None, last: None }
    }

    /// Adds a node at the end.
    ///
    /// # Safety
    ///
    /// The bucket of the node's key is locked, the node is in no list, and it is taken out before it moves or ends.
    pub(in crate::door) unsafe fn push_back(&mut self, node: &Node) {
        // SAFETY: the bucket is locked, by the caller's promise.
        let place = unsafe { node.place() };
        (place.before, place.behind) = (self.last, None);
        place.set_linked(true);
        match self.last {
            // SAFETY: the node is in the list, so it exists, and the bucket is locked.
            Some(last) => unsafe { place_of(last) }.behind = Some(node.pointer()),
            None => self.first = Some(node.pointer()),
        }
        self.last = Some(node.pointer());
    }

    /// Adds a node before all others.
    ///
    /// # Safety
    ///
    /// As for [`push_back`](Self::push_back).
    pub(in crate::door) unsafe fn push_front(&mut self, node: &Node) {
        // SAFETY: the bucket is locked, by the caller's promise.
        let place = unsafe { node.place() };
        (place.before, place.behind) = (None, self.first);
        place.set_linked(true);
        match self.first {
            // SAFETY: the node is in the list, so it exists, and the bucket is locked.
            Some(first) => unsafe { place_of(first) }.before = Some(node.pointer()),
            None => self.last = Some(node.pointer()),
        }
        self.first = Some(node.pointer());
    }

    /// Adds a node at the front or at the end.
    ///
    /// # Safety
    ///
    /// As for [`push_back`](Self::push_back).
    pub(in crate::door) unsafe fn push(&mut self, node: &Node, at_front: bool) {
        if at_front {
            // SAFETY: the caller's promise.
            unsafe { self.push_front(node) }
        } else {
            // SAFETY: the caller's promise.
            unsafe { self.push_back(node) }
        }
    }

    /// Takes a node out.
    ///
    /// # Safety
    ///
    /// The bucket is locked, and the node is in this list.
    pub(in crate::door) unsafe fn remove(&mut self, node: &Node) {
        // SAFETY: the bucket is locked, by the caller's promise.
        let place = unsafe { node.place() };
        let (before, behind) = (place.before.take(), place.behind.take());
        place.set_linked(false);
        match before {
            // SAFETY: the node is in the list, so it exists, and the bucket is locked.
            Some(before) => unsafe { place_of(before) }.behind = behind,
            None => self.first = behind,
        }
        match behind {
            // SAFETY: as above.
            Some(behind) => unsafe { place_of(behind) }.before = before,
            None => self.last = before,
        }
    }

    /// Returns the first node of a queue.
    ///
    /// # Safety
    ///
    /// The bucket is locked until the returned reference is no longer used, and the node is not taken out before that.
    pub(in crate::door) unsafe fn first<'a>(&self, key: Key) -> Option<&'a Node> {
        // SAFETY: the caller's promise.
        unsafe { List::from(self.first, key) }
    }

    /// Returns the next node of the same queue.
    ///
    /// # Safety
    ///
    /// As for [`first`](Self::first), and `node` is in the list.
    pub(in crate::door) unsafe fn next<'a>(&self, node: &Node, key: Key) -> Option<&'a Node> {
        // SAFETY: the bucket is locked, by the caller's promise.
        let behind = unsafe { node.place() }.behind;
        // SAFETY: the caller's promise.
        unsafe { List::from(behind, key) }
    }

    /// Returns the first node with the key, from `node` on.
    ///
    /// # Safety
    ///
    /// As for [`first`](Self::first), and `node` is in the list.
    unsafe fn from<'a>(mut node: Option<NonNull<Node>>, key: Key) -> Option<&'a Node> {
        loop {
            // SAFETY: the node is in the list, so it exists, and the caller promises that it stays there.
            let here: &'a Node = unsafe { node?.as_ref() };
            if here.key() == key {
                return Some(here);
            }
            // SAFETY: the bucket is locked, by the caller's promise.
            node = unsafe { here.place() }.behind;
        }
    }

    /// Calls `look` for each node.
    ///
    /// # Safety
    ///
    /// The bucket is locked.
    pub(in crate::door) unsafe fn for_each(&self, mut look: impl FnMut(&Node)) {
        let mut next = self.first;
        while let Some(node) = next {
            // SAFETY: the node is in the list, so it exists.
            let node = unsafe { node.as_ref() };
            look(node);
            // SAFETY: the bucket is locked, by the caller's promise.
            next = unsafe { node.place() }.behind;
        }
    }
}
