//! The place of a task in a queue.
#![expect(unsafe_code, reason = "a node in a future is put into a queue")]

use std::{marker::PhantomPinned, mem, pin::Pin, task::Waker};

use crate::{
    door::queue::{node::Node, place::leave, table, terms::Parking},
    floor::{AtWork, now},
    number,
};

/// The place of a task in a queue, as a part of its future. Dropping it leaves the queue.
///
/// A wake-up tells the task and leaves it where it is, so a task that tries in vain keeps its place.
pub(crate) struct TaskPlace {
    node: Node,
    /// The queue refers to the node, so it must not move.
    _pinned: PhantomPinned,
}

// SAFETY: the node is used with its bucket locked, whichever thread polls or drops the future.
unsafe impl Send for TaskPlace {}

// SAFETY: as above.
unsafe impl Sync for TaskPlace {}

impl TaskPlace {
    pub(crate) fn new(parking: &Parking<'_>) -> TaskPlace {
        TaskPlace { node: Node::task(parking), _pinned: PhantomPinned }
    }

    /// Stands in the queue until a wake-up, which wakes the task. `validate` runs with the queue locked; if it returns `false`, the task
    /// does not stand in the queue after this, or has not yet looked at a wake-up.
    ///
    /// The waker is user code: it is cloned before the queue is locked, and an old one is dropped after that.
    pub(crate) fn stand(self: Pin<&Self>, waker: &Waker, validate: impl FnOnce() -> bool) -> bool {
        let node = &self.get_ref().node;
        let mut waker = Some(waker.clone());
        let at_work = AtWork::begin();
        let mut list = table::locked(node.key());
        let stands = validate();
        // SAFETY: the bucket is locked, and this reference ends before the list is used.
        let place = unsafe { node.place() };
        if stands {
            place.is_told = false;
            place.thread = number::current_word();
            mem::swap(&mut place.waker, &mut waker);
            if !place.is_linked() {
                node.since().set(now());
                // SAFETY: the bucket is locked, and the node is in no queue. It is pinned, and leaves when it is dropped.
                unsafe { list.push_back(node) };
            }
        }
        drop(list);
        drop(at_work);
        drop(waker);
        stands
    }

    /// Leaves the queue. Returns `true` if the task was told of a wake-up that it has not looked at.
    pub(crate) fn leave(&self) -> bool {
        let at_work = AtWork::begin();
        let Some(list) = leave(&self.node) else { return false };
        // SAFETY: the bucket is locked, and there is no other reference.
        let place = unsafe { self.node.place() };
        let (was_told, waker) = (mem::take(&mut place.is_told), place.waker.take());
        drop(list);
        drop(at_work);
        drop(waker);
        was_told
    }
}

impl Drop for TaskPlace {
    fn drop(&mut self) {
        self.leave();
    }
}
