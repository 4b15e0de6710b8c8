//! The two ends of a queue as objects, which shut it down when they are gone.

use std::{fmt, panic::Location, sync::atomic::Ordering, time::Duration};

use crate::{
    floor::{Arc, Word},
    queue::{
        any_queue::AnyQueue,
        engine::One,
        error::{GetError, PutError},
        future::{QueueGet, QueuePut},
        iter::QueueIter,
        store::Store,
    },
    wait::Wait,
};

/// A queue, and how many of each end there are.
struct Shared<Q> {
    queue: Q,
    senders: Word,
    receivers: Word,
}

/// The end of a queue at which items are put. When the last clone is dropped, the queue is [shut down](crate::Queue::shutdown): receivers
/// take what is left, and are told then that no more comes.
///
/// # Examples
///
/// ```
/// # use threadwork_sync as threadwork;
/// use threadwork::{GetError, Queue};
///
/// let (sender, receiver) = Queue::bounded(8).named("words").split();
/// std::thread::scope(|scope| {
///     let other = sender.clone();
///     scope.spawn(move || other.put("hello").unwrap());
///     scope.spawn(move || sender.put("world").unwrap());
///     assert_eq!(receiver.iter().count(), 2);
/// });
/// assert_eq!(receiver.get(), Err(GetError::ShutDown));
/// ```
pub struct Sender<Q: AnyQueue> {
    shared: Arc<Shared<Q>>,
}

/// The end of a queue at which items are taken. When the last clone is dropped, puts are refused, and the items that are left are dropped.
///
/// # Examples
///
/// ```
/// # use threadwork_sync as threadwork;
/// use threadwork::{PriorityQueue, PutError};
///
/// let (sender, receiver) = PriorityQueue::new().split();
/// sender.put(2)?;
/// sender.put(1)?;
/// assert_eq!(receiver.get(), Ok(1));
/// drop(receiver);
/// assert_eq!(sender.put(3), Err(PutError::ShutDown(3)));
/// # Ok::<(), PutError<i32>>(())
/// ```
pub struct Receiver<Q: AnyQueue> {
    shared: Arc<Shared<Q>>,
}

/// Makes both ends of a queue.
pub(super) fn split<Q: AnyQueue>(queue: Q) -> (Sender<Q>, Receiver<Q>) {
    let shared = Arc::new(Shared { queue, senders: Word::new(1), receivers: Word::new(1) });
    (Sender { shared: Arc::clone(&shared) }, Receiver { shared })
}

impl<Q: AnyQueue> Sender<Q> {
    /// Returns the queue, for everything that both ends can do.
    #[must_use]
    pub fn queue(&self) -> &Q {
        &self.shared.queue
    }
}

/// Putting items, for queues whose items are ready at once. To put into a [`DelayQueue`](crate::DelayQueue), use [`queue`](Self::queue).
impl<T, Q: AnyQueue<Item = T, Store: Store<Item = T>>> Sender<Q> {
    /// Puts an item, blocking the current thread until there is room.
    ///
    /// # Errors
    ///
    /// Returns [`PutError::ShutDown`] with the item if the queue was shut down, or all receivers are gone.
    #[track_caller]
    pub fn put(&self, item: T) -> Result<(), PutError<T>> {
        self.queue().engine().put(item, Location::caller())
    }

    /// Puts an item if there is room, without blocking.
    ///
    /// # Errors
    ///
    /// As for [`Queue::try_put`](crate::Queue::try_put).
    #[doc(alias = "put_nowait")]
    pub fn try_put(&self, item: T) -> Result<(), PutError<T>> {
        self.queue().engine().try_put(item)
    }

    /// Puts an item, blocking the current thread for at most `timeout`.
    ///
    /// # Errors
    ///
    /// As for [`Queue::put_timeout`](crate::Queue::put_timeout).
    #[track_caller]
    pub fn put_timeout(&self, item: T, timeout: Duration) -> Result<(), PutError<T>> {
        self.queue().engine().put_timeout(item, timeout, Location::caller())
    }

    /// Puts an item, blocking the current thread until there is room or `wait` ends.
    ///
    /// # Errors
    ///
    /// As for [`Queue::put_with`](crate::Queue::put_with).
    #[track_caller]
    pub fn put_with(&self, item: T, wait: &Wait) -> Result<(), PutError<T>> {
        self.queue().engine().put_with(item, wait, Location::caller())
    }

    /// Puts an item, as a task of an async program.
    #[track_caller]
    pub fn put_async(&self, item: T) -> QueuePut<'_, Q> {
        QueuePut::new(self.queue(), item, Location::caller())
    }
}

impl<Q: AnyQueue> Receiver<Q> {
    /// Returns the queue, for everything that both ends can do.
    #[must_use]
    pub fn queue(&self) -> &Q {
        &self.shared.queue
    }

    /// Takes the next item, blocking the current thread until there is one.
    ///
    /// # Errors
    ///
    /// Returns [`GetError::ShutDown`] if no item is left, and the queue was shut down or all senders are gone.
    #[track_caller]
    pub fn get(&self) -> Result<Q::Item, GetError> {
        self.queue().engine().get(One, Location::caller()).map(Q::item)
    }

    /// Takes the next item, if there is one, without blocking.
    ///
    /// # Errors
    ///
    /// As for [`Queue::try_get`](crate::Queue::try_get).
    #[doc(alias = "get_nowait")]
    pub fn try_get(&self) -> Result<Q::Item, GetError> {
        self.queue().engine().try_get(One).map(Q::item)
    }

    /// Takes the next item, blocking the current thread for at most `timeout`.
    ///
    /// # Errors
    ///
    /// As for [`Queue::get_timeout`](crate::Queue::get_timeout).
    #[track_caller]
    pub fn get_timeout(&self, timeout: Duration) -> Result<Q::Item, GetError> {
        self.queue().engine().get_timeout(One, timeout, Location::caller()).map(Q::item)
    }

    /// Takes the next item, blocking the current thread until there is one or `wait` ends.
    ///
    /// # Errors
    ///
    /// As for [`Queue::get_with`](crate::Queue::get_with).
    #[track_caller]
    pub fn get_with(&self, wait: &Wait) -> Result<Q::Item, GetError> {
        self.queue().engine().get_with(One, wait, Location::caller()).map(Q::item)
    }

    /// Returns an iterator that takes items until no item is left, and the queue was shut down or all senders are gone.
    #[track_caller]
    pub fn iter(&self) -> QueueIter<'_, Q> {
        QueueIter::new(self.queue(), Location::caller())
    }
}

/// A task cannot wait for the time of an item, so there is none for a [`DelayQueue`](crate::DelayQueue).
impl<T, Q: AnyQueue<Item = T, Store: Store<Item = T>>> Receiver<Q> {
    /// Takes the next item, as a task of an async program.
    #[track_caller]
    pub fn get_async(&self) -> QueueGet<'_, Q> {
        QueueGet::new(self.queue(), Location::caller())
    }
}

impl<'a, Q: AnyQueue> IntoIterator for &'a Receiver<Q> {
    type Item = Q::Item;
    type IntoIter = QueueIter<'a, Q>;

    #[track_caller]
    fn into_iter(self) -> QueueIter<'a, Q> {
        self.iter()
    }
}

impl<Q: AnyQueue> Clone for Sender<Q> {
    fn clone(&self) -> Self {
        self.shared.senders.fetch_add(1, Ordering::Relaxed);
        Sender { shared: Arc::clone(&self.shared) }
    }
}

impl<Q: AnyQueue> Drop for Sender<Q> {
    fn drop(&mut self) {
        if self.shared.senders.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.queue().engine().shutdown();
        }
    }
}

impl<Q: AnyQueue> Clone for Receiver<Q> {
    fn clone(&self) -> Self {
        self.shared.receivers.fetch_add(1, Ordering::Relaxed);
        Receiver { shared: Arc::clone(&self.shared) }
    }
}

impl<Q: AnyQueue> Drop for Receiver<Q> {
    fn drop(&mut self) {
        if self.shared.receivers.fetch_sub(1, Ordering::AcqRel) == 1 {
            drop(self.queue().engine().shutdown_now());
        }
    }
}

impl<Q: AnyQueue + fmt::Debug> fmt::Debug for Sender<Q> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sender").field("queue", self.queue()).finish_non_exhaustive()
    }
}

impl<Q: AnyQueue + fmt::Debug> fmt::Debug for Receiver<Q> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receiver").field("queue", self.queue()).finish_non_exhaustive()
    }
}
