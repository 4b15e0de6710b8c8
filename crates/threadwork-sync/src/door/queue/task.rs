//! The place of a task in a queue.
#![expect(unsafe_code, reason = "a node in a future is put into a queue")]

use std::{
    marker::PhantomPinned,
    mem,
    pin::Pin,
    sync::atomic::{AtomicBool, Ordering},
    task::Waker,
};

use crate::{
    door::{
        bucket::{node::Node, table, terms::Parking},
        queue::place::leave,
    },
    floor::{AtWork, now},
    number,
};

/// The place of a task in a queue, as a part of its future. Dropping it leaves the queue.
///
/// A wake-up tells the task and leaves it where it is, so a task that tries in vain keeps its place.
#[derive(Debug)]
pub(crate) struct TaskPlace {
    node: Node,
    /// Whether the task has entered the queue and not left it. Used by the owner of the future alone.
    stands: AtomicBool,
    /// The queue refers to the node, so it must not move.
    _pinned: PhantomPinned,
}

// SAFETY: the node is used with its bucket locked, whichever thread polls or drops the future.
unsafe impl Send for TaskPlace {}

// SAFETY: as above.
unsafe impl Sync for TaskPlace {}

impl TaskPlace {
    pub(crate) fn new(parking: &Parking<'_>) -> TaskPlace {
        TaskPlace {
            node: Node::task(parking),
            stands: AtomicBool::new(false),
            _pinned: PhantomPinned,
        }
    }

    /// Stands in the queue until a wake-up, which wakes the task. `validate` runs with the queue locked; if it returns `false`, the task
    /// stands where it stood before, or in no queue, and has to look again.
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
                self.stands.store(true, Ordering::Relaxed);
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

    /// Runs `change` with the queue locked, if the task was told of a wake-up and has not stood in the queue anew since. Returns `false` if
    /// it was not told.
    pub(crate) fn when_told(&self, change: impl FnOnce() -> bool) -> bool {
        let _at_work = AtWork::begin();
        let _list = table::locked(self.node.key());
        // SAFETY: the bucket is locked, and this reference ends here.
        let place = unsafe { self.node.place() };
        let is_told = place.is_linked() && place.is_told;
        is_told && change()
    }

    /// Leaves the queue. `left` runs with the queue locked, if the task was in it, and is told whether nobody is left there.
    /// Returns `true` if the task was told of a wake-up and has not stood in the queue anew since.
    pub(crate) fn leave(&self, left: impl FnOnce(bool)) -> bool {
        if !self.stands.swap(false, Ordering::Relaxed) {
            return false;
        }
        let at_work = AtWork::begin();
        let Some(list) = leave(&self.node) else { return false };
        // SAFETY: the bucket is locked, and the reference is not used.
        left(unsafe { list.first(self.node.key()) }.is_none());
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
        self.leave(|_| ());
    }
}
