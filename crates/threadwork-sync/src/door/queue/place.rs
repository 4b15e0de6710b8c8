//! Entering and leaving queues.
#![expect(unsafe_code, reason = "nodes are in the memory of those who wait")]

use crate::door::bucket::{
    node::Node,
    signal::Signal,
    table::{self, Locked},
};

/// Puts a node into the queue of a signal. Returns `false` if the signal is already raised.
///
/// # Safety
///
/// The node is in no queue, and leaves before it moves or ends.
pub(super) unsafe fn enter_signal(signal: &Signal, node: &Node) -> bool {
    let mut list = table::locked(signal.key());
    let is_raised = signal.be_watched();
    if !is_raised {
        // SAFETY: the bucket is locked; the rest is the caller's promise.
        unsafe { list.push_back(node) };
    }
    !is_raised
}

/// Puts the node of a watcher into its queue. `waits` runs with the queue locked; if it returns `false`, the node does not enter.
/// Returns what `waits` returned.
///
/// # Safety
///
/// As for [`enter_signal`].
pub(super) unsafe fn enter_to_watch(node: &Node, waits: impl FnOnce() -> bool) -> bool {
    let mut list = table::locked(node.key());
    let waits = waits();
    if waits {
        // SAFETY: the bucket is locked; the rest is the caller's promise.
        unsafe { list.push_front(node) };
    }
    waits
}

/// Takes a node out of its queue. Returns the locked bucket, or `None` if the node is in no queue.
pub(super) fn leave(node: &Node) -> Option<Locked> {
    let mut list = table::locked_of(node);
    // SAFETY: the bucket is locked, and this reference ends here.
    let is_linked = unsafe { node.place() }.is_linked();
    is_linked.then(|| {
        // SAFETY: the bucket is locked, and the node is in it.
        unsafe { list.remove(node) };
        list
    })
}
