//! Ending the waits that were given a signal.
//!
//! The thread that raises the signal takes the waiters out of their queues itself. So once it is done, none of them uses up a wake-up.
//!
//! Scenario "the stop that meets a wake-up" in docs/architecture.md.
#![expect(unsafe_code, reason = "nodes are in the memory of those who wait")]

use crate::{
    door::{
        Key,
        bucket::{
            list::List,
            node::Node,
            signal::Signal,
            table::{self, Both},
            terms::Token,
        },
        queue::wake::unpark_all,
    },
    floor::{AtWork, Wakes},
};

impl Signal {
    /// Ends the waits that were given the signal, and wakes those that wait for the signal itself. It is already raised.
    ///
    /// Runs wakers of tasks, which are user code.
    pub(crate) fn end_waits(&self) {
        if self.is_watched() {
            let at_work = AtWork::begin();
            while self.end_one() {}
            drop(at_work);
            unpark_all(self.key(), Token::RETRY);
        }
    }

    /// Ends the wait of one waiter, if there is one. Returns `false` if there is none.
    fn end_one(&self) -> bool {
        let key = self.key();
        let list = table::locked(key);
        let Some((_, waiter)) = first_to_end(&list, key) else { return false };
        let of_waiter = waiter.key();
        drop(list);
        let mut both = Both::locked(key, of_waiter);
        let Some((ending, waiter)) = first_to_end(both.from(), key) else { return false };
        if !table::share_bucket(waiter.key(), of_waiter) {
            // It is another waiter now, or it was moved meanwhile.
            return true;
        }
        // SAFETY: the bucket is locked, and there is no other reference.
        unsafe { ending.place() }.is_told = true;
        // SAFETY: the same for the waiter's bucket.
        let place = unsafe { waiter.place() };
        // A waiter that was moved has got what it waited for. The stop comes too late, and the waiter keeps its place in the other queue.
        if place.is_linked() && waiter.key().number() == ending.amount {
            place.is_told = true;
            // SAFETY: the bucket is locked, and the node is in it.
            unsafe { both.to().remove(waiter) };
            let taken = waiter.pointer();
            drop(both);
            // SAFETY: this thread took the waiter out, and wakes it once.
            unsafe { Node::wake(taken, Token::STOPPED, &mut Wakes::new()) };
        }
        true
    }
}

/// Returns the first node in the queue of a signal that ends the wait of a waiter and was not told yet, and the node of the waiter.
fn first_to_end<'a>(list: &List, key: Key) -> Option<(&'a Node, &'a Node)> {
    // SAFETY: the bucket is locked as long as the caller uses the nodes.
    let mut next = unsafe { list.first(key) };
    while let Some(node) = next {
        // SAFETY: the bucket is locked, and this reference ends here.
        let is_told = unsafe { node.place() }.is_told;
        if !is_told && let Some(waiter) = node.ends() {
            return Some((node, waiter));
        }
        // SAFETY: the bucket is locked, and the node is in the list.
        next = unsafe { list.next(node, key) };
    }
    None
}
