//! Taking items one after the other.

use std::{fmt, panic::Location};

use crate::queue::{any_queue::AnyQueue, engine::One};

/// Takes items from a queue until it was shut down and none is left: the `iter` of a queue.
///
/// # Examples
///
/// ```
/// # use threadwork_sync as threadwork;
/// use threadwork::Queue;
///
/// let queue = Queue::new();
/// queue.put(1)?;
/// queue.put(2)?;
/// queue.shutdown();
/// let mut items = queue.iter();
/// assert_eq!(items.next(), Some(1));
/// assert_eq!(items.by_ref().count(), 1);
/// assert_eq!(items.next(), None);
/// # Ok::<(), threadwork::PutError<i32>>(())
/// ```
#[must_use = "an iterator takes nothing until it is used"]
pub struct QueueIter<'a, Q> {
    queue: &'a Q,
    location: &'static Location<'static>,
}

impl<'a, Q> QueueIter<'a, Q> {
    pub(super) fn new(queue: &'a Q, location: &'static Location<'static>) -> QueueIter<'a, Q> {
        QueueIter { queue, location }
    }
}

impl<Q: AnyQueue> Iterator for QueueIter<'_, Q> {
    type Item = Q::Item;

    /// Blocks the current thread until there is an item, or the queue was shut down.
    fn next(&mut self) -> Option<Q::Item> {
        self.queue.engine().get(One, self.location).ok().map(Q::item)
    }
}

impl<Q: fmt::Debug> fmt::Debug for QueueIter<'_, Q> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("QueueIter").field("queue", &self.queue).finish()
    }
}
