//! The queues of a process that forks: those of the child are empty and unlocked.
//!
//! Only the forking thread exists in the child. The others may have stood in queues, or may have locked some at the moment of the fork.
//! So the child forgets all queues, whatever state they are in. A node on the stack of a thread that does not exist is never looked at again.
//! The nodes of tasks and of threads that wait for several things are in memory of the child, and may still be dropped there:
//! the number of the fork tells them that they are in no queue any more.
//!
//! Scenario "the waiters that are not there" in docs/architecture.md.
#![expect(unsafe_code, reason = "the child of a fork replaces queues that others had locked")]

use std::sync::atomic::{AtomicBool, Ordering};

use crate::{
    door::{
        observer::nobody_sleeps,
        queue::{node, sleeper, table},
    },
    floor::begin_epoch,
    os,
};

/// Whether the child of a fork will be cleaned.
static IS_WATCHED: AtomicBool = AtomicBool::new(false);

/// Sees to it that the children of forks begin with empty queues. Every thread calls this before it blocks for the first time.
///
/// The handlers of a fork run in order in the child: whoever needs the queues there registers its handler after calling this.
pub fn clean_children() {
    // The second thread does not wait for the first, which would not exist in the child of a fork at this moment.
    if !IS_WATCHED.load(Ordering::Relaxed) && !IS_WATCHED.swap(true, Ordering::Relaxed) {
        extern "C" fn nothing() {}
        begin_epoch();
        os::at_fork(nothing, nothing, child);
    }
}

extern "C" fn child() {
    node::has_forked();
    nobody_sleeps();
    // SAFETY: this is the only thread of the child. It was in `fork`, so it has no bucket locked.
    unsafe { table::renew() };
    sleeper::has_forked();
    // A signal handler may fork while its thread waits. That wait goes on in the child.
    node::for_each_of_mine(|node| {
        // SAFETY: there is no other thread, and the node is one of this thread.
        unsafe { table::restore(node) };
    });
}
