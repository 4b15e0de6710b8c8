//! The queue whose lowest item is taken first.

use std::{fmt, num::NonZero, panic::Location, time::Duration};

use crate::{
    error::WaitError,
    floor::const_new,
    forms::{named, without_end},
    queue::{
        any_queue::AnyQueue,
        engine::{AtMost, Engine, NO_LIMIT, One},
        error::{GetError, PutError, TaskDoneError},
        future::{QueueGet, QueueJoin, QueuePut},
        iter::QueueIter,
        kinds::methods::{life_methods, put_methods, take_methods},
        split::{Receiver, Sender, split},
        store::{Priority, Store},
    },
    wait::Wait,
};

/// A queue of which the lowest item is taken first, and among equal items the one that was put first. Python's `queue.PriorityQueue`.
///
/// For the largest first, put [`Reverse`](std::cmp::Reverse) around the items. To order items by a key alone, give them an [`Ord`] that
/// compares nothing else. Apart from the order it is a [`Queue`](crate::Queue), which says more about waits, errors and what is seen by whom.
///
/// # Panics
///
/// Items are compared while the queue is locked. So a comparison that uses the same queue blocks for ever, and one that takes long keeps
/// others waiting. If a comparison panics, the panic goes on in the thread that called the method, and the queue is as it was before the
/// call: an item that was to be put is dropped with nothing locked, and no item was taken. The one exception is
/// [`get_many`](Self::get_many) and its forms: items that such a call had taken before are dropped.
///
/// # Differences from Python
///
/// * Equal items are taken in the order in which they were put.
///
/// # Examples
///
/// ```
/// # use threadwork_sync as threadwork;
/// use std::cmp::Reverse;
/// use threadwork::PriorityQueue;
///
/// let queue = PriorityQueue::new();
/// for job in [(2, "sweep"), (1, "cook"), (3, "rest")] {
///     queue.put(job)?;
/// }
/// assert_eq!(queue.get()?, (1, "cook"));
///
/// let largest_first = PriorityQueue::new();
/// for n in [2, 3, 1] {
///     largest_first.put(Reverse(n))?;
/// }
/// assert_eq!(largest_first.get()?.0, 3);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct PriorityQueue<T> {
    engine: Engine<Priority<T>>,
}

put_methods!(PriorityQueue, Priority, [Ord]);
take_methods!(PriorityQueue, [Ord], "queue.put(1)");
life_methods!(PriorityQueue, [Ord], "queue.put(1)");
