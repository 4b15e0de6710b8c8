//! The queue whose items are taken when their time has come.

use std::{fmt, num::NonZero, panic::Location, time::Duration};

use crate::{
    error::WaitError,
    floor::const_new,
    forms::{named, without_end},
    queue::{
        any_queue::AnyQueue,
        engine::{AtMost, Engine, NO_LIMIT, One},
        error::{GetError, PutError, TaskDoneError},
        future::QueueJoin,
        iter::QueueIter,
        kinds::methods::{life_methods, take_methods},
        split::{Receiver, Sender, split},
        store::{Delay, Due, Store},
    },
    wait::{Deadline, Wait},
};

/// A queue whose items are taken when their time has come, the earliest first. Java's `DelayQueue`.
///
/// Items that are due at the same time are taken in the order in which they were put. There is no limit, so a put never waits.
/// Of the threads that wait for an item, one sleeps until the next one is due, and wakes the next thread.
/// Once the queue was shut down, items are still taken as they become due.
///
/// Apart from that it is a [`Queue`](crate::Queue), which says more about waits, errors and what is seen by whom. There is no `get_async`:
/// nothing would wake the task when the time comes. Let a thread take the items, or use the timers of the executor.
///
/// # Examples
///
/// ```
/// # use threadwork_sync as threadwork;
/// use std::time::Duration;
/// use threadwork::{DelayQueue, GetError};
///
/// let queue = DelayQueue::new();
/// queue.put_after("late", Duration::from_millis(2))?;
/// queue.put_after("later", Duration::from_secs(3600))?;
/// queue.put_after("now", Duration::ZERO)?;
/// assert_eq!(queue.try_get(), Ok("now"));
/// assert_eq!(queue.get(), Ok("late"));
/// assert_eq!(queue.try_get(), Err(GetError::Empty));
/// assert_eq!(queue.len(), 1);
/// # Ok::<(), threadwork::PutError<&str>>(())
/// ```
pub struct DelayQueue<T> {
    engine: Engine<Delay<T>>,
}

impl<T> DelayQueue<T> {
    const_new! {
        /// Creates an empty queue.
        ///
        /// # Examples
        ///
        /// ```
        /// # use threadwork_sync as threadwork;
        /// use threadwork::DelayQueue;
        ///
        /// static LATER: DelayQueue<u32> = DelayQueue::new();
        ///
        /// assert!(LATER.is_empty());
        /// ```
        #[must_use]
        pub const fn new() -> DelayQueue<T> {
            DelayQueue { engine: Engine::new(Delay::new(), NO_LIMIT) }
        }
    }

    /// Puts an item that can be taken once `delay` has passed. A delay that is too long for the clock never passes.
    ///
    /// # Errors
    ///
    /// Returns [`PutError::ShutDown`] with the item if the queue was shut down.
    pub fn put_after(&self, item: T, delay: Duration) -> Result<(), PutError<T>> {
        self.put_at(item, Deadline::after(delay))
    }

    /// Puts an item that can be taken from `due` on, which is never if that is [`Deadline::NEVER`].
    ///
    /// # Errors
    ///
    /// Returns [`PutError::ShutDown`] with the item if the queue was shut down.
    ///
    /// # Examples
    ///
    /// ```
    /// # use threadwork_sync as threadwork;
    /// use std::time::Instant;
    /// use threadwork::{Deadline, DelayQueue};
    ///
    /// let queue = DelayQueue::new();
    /// queue.put_at("never", Deadline::NEVER)?;
    /// queue.put_at("now", Instant::now().into())?;
    /// assert_eq!(queue.get(), Ok("now"));
    /// assert_eq!(queue.shutdown_now(), ["never"]);
    /// # Ok::<(), threadwork::PutError<&str>>(())
    /// ```
    pub fn put_at(&self, item: T, due: Deadline) -> Result<(), PutError<T>> {
        self.engine.try_put(Due { at: due, item }).map_err(|it| it.map(Self::item))
    }
}

impl<T> AnyQueue for DelayQueue<T> {
    type Item = T;
    type Store = Delay<T>;

    #[inline]
    fn engine(&self) -> &Engine<Delay<T>> {
        &self.engine
    }

    #[inline]
    fn item(stored: Due<T>) -> T {
        stored.item
    }
}

take_methods!(DelayQueue, [], "queue.put_after(1, Duration::ZERO)");
life_methods!(DelayQueue, [], "queue.put_after(1, Duration::ZERO)");
