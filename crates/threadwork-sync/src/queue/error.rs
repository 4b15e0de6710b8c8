//! What the operations of queues answer when they fail.

use std::{error::Error, fmt};

use crate::error::WaitError;

/// An item that was not put into a queue, and why.
///
/// # Examples
///
/// ```
/// # use threadwork_sync as threadwork;
/// use threadwork::{PutError, Queue};
///
/// let queue = Queue::bounded(1);
/// queue.put("first")?;
/// assert_eq!(queue.try_put("second"), Err(PutError::Full("second")));
/// queue.shutdown();
/// assert_eq!(queue.put("third").unwrap_err().into_item(), "third");
/// # Ok::<(), PutError<&str>>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum PutError<T> {
    /// The queue has as many items as it may have, and the call does not wait.
    Full(T),
    /// The queue was shut down.
    ShutDown(T),
    /// The deadline passed before there was room.
    TimedOut(T),
    /// A stop was requested before there was room.
    Stopped(T),
}

impl<T> PutError<T> {
    /// Returns the item.
    #[must_use]
    pub fn into_item(self) -> T {
        match self {
            PutError::Full(item)
            | PutError::ShutDown(item)
            | PutError::TimedOut(item)
            | PutError::Stopped(item) => item,
        }
    }

    /// Returns the same error with another item.
    pub(crate) fn map<U>(self, f: impl FnOnce(T) -> U) -> PutError<U> {
        match self {
            PutError::Full(item) => PutError::Full(f(item)),
            PutError::ShutDown(item) => PutError::ShutDown(f(item)),
            PutError::TimedOut(item) => PutError::TimedOut(f(item)),
            PutError::Stopped(item) => PutError::Stopped(f(item)),
        }
    }

    /// Returns the error of a put whose wait has ended.
    pub(crate) fn ended(error: WaitError, item: T) -> PutError<T> {
        match error {
            WaitError::Stopped => PutError::Stopped(item),
            // A wait for room is never impossible.
            WaitError::TimedOut | WaitError::Impossible => PutError::TimedOut(item),
        }
    }
}

impl<T> fmt::Debug for PutError<T> {
    /// Shows the reason. The item need not be `Debug`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            PutError::Full(_) => "Full(..)",
            PutError::ShutDown(_) => "ShutDown(..)",
            PutError::TimedOut(_) => "TimedOut(..)",
            PutError::Stopped(_) => "Stopped(..)",
        })
    }
}

impl<T> fmt::Display for PutError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            PutError::Full(_) => {
                "cannot put an item into a full queue; get one first, or wait for room with `put`"
            }
            PutError::ShutDown(_) => {
                "cannot put an item into a queue that was shut down; take the item back from this error"
            }
            PutError::TimedOut(_) => {
                "timed out while waiting for room in a queue; take the item back from this error"
            }
            PutError::Stopped(_) => {
                "stopped while waiting for room in a queue, because a stop was requested; \
                 take the item back from this error"
            }
        })
    }
}

impl<T> Error for PutError<T> {}

/// Why no item was taken from a queue.
///
/// # Examples
///
/// ```
/// # use threadwork_sync as threadwork;
/// use std::time::Duration;
/// use threadwork::{GetError, Queue};
///
/// let queue = Queue::<u32>::new();
/// assert_eq!(queue.try_get(), Err(GetError::Empty));
/// assert_eq!(queue.get_timeout(Duration::from_millis(1)), Err(GetError::TimedOut));
/// queue.shutdown();
/// assert_eq!(queue.get(), Err(GetError::ShutDown));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum GetError {
    /// There is no item to take, and the call does not wait.
    Empty,
    /// The queue was shut down, and no item is left.
    ShutDown,
    /// The deadline passed before there was an item to take.
    TimedOut,
    /// A stop was requested before there was an item to take.
    Stopped,
}

impl From<WaitError> for GetError {
    fn from(error: WaitError) -> Self {
        match error {
            WaitError::Stopped => GetError::Stopped,
            // A wait for an item is never impossible.
            WaitError::TimedOut | WaitError::Impossible => GetError::TimedOut,
        }
    }
}

impl fmt::Display for GetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            GetError::Empty => "the queue has no item to take; wait for one with `get`",
            GetError::ShutDown => {
                "the queue was shut down and has no items left; stop taking items"
            }
            GetError::TimedOut => "timed out while waiting for an item of a queue; wait again, or for longer",
            GetError::Stopped => {
                "stopped while waiting for an item of a queue, because a stop was requested; stop taking items"
            }
        })
    }
}

impl Error for GetError {}

/// A call of `task_done` to which no item corresponds; nothing has changed.
///
/// # Examples
///
/// ```
/// # use threadwork_sync as threadwork;
/// let queue = threadwork::Queue::new();
/// queue.put(1)?;
/// assert!(queue.task_done().is_ok());
/// assert!(queue.task_done().is_err());
/// # Ok::<(), threadwork::PutError<i32>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TaskDoneError(pub(crate) ());

impl fmt::Display for TaskDoneError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "`task_done` was called too many times; call it once for each item that was put",
        )
    }
}

impl Error for TaskDoneError {}
