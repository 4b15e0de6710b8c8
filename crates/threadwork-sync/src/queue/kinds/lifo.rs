//! The queue whose last item is taken first.

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
        store::{Lifo, Store},
    },
    wait::Wait,
};

/// A queue of which the item that was put last is taken first: a stack. Python's `queue.LifoQueue`.
///
/// Apart from the order it is a [`Queue`](crate::Queue), which says more about waits, errors and what is seen by whom.
///
/// # Examples
///
/// ```
/// # use threadwork_sync as threadwork;
/// use threadwork::LifoQueue;
///
/// let queue = LifoQueue::new();
/// queue.put("first")?;
/// queue.put("last")?;
/// assert_eq!(queue.get()?, "last");
/// assert_eq!(queue.get()?, "first");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct LifoQueue<T> {
    engine: Engine<Lifo<T>>,
}

put_methods!(LifoQueue, Lifo, []);
take_methods!(LifoQueue, [], "queue.put(1)");
life_methods!(LifoQueue, [], "queue.put(1)");
