//! The subject of a wait.

use std::{
    fmt,
    num::{NonZeroU32, NonZeroU64},
    panic::Location,
};

use crate::door::Key;

/// The kind of object that a thread waits for: a part of [`Waiting`](crate::Waiting).
///
/// # Examples
///
/// ```
/// # use threadwork_sync as threadwork;
/// use threadwork::{Event, WaitKind, waits};
///
/// let event = Event::new().named("ready");
/// std::thread::scope(|scope| {
///     scope.spawn(|| event.wait());
///     let waiting = loop {
///         if let Some(it) = waits().into_iter().find(|it| it.name == Some("ready")) {
///             break it;
///         }
///     };
///     assert_eq!(waiting.kind, WaitKind::Event);
///     event.set();
/// });
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum WaitKind {
    /// A lock that another thread holds.
    Lock,
    /// A re-entrant lock that another thread holds.
    RLock,
    /// A read-write lock that other threads hold.
    RwLock,
    /// A condition, until the thread is notified. After that the thread waits for the lock.
    Condition,
    /// An event that is not set.
    Event,
    /// Permits of a semaphore.
    Semaphore,
    /// The other parties of a barrier.
    Barrier,
    /// A latch that is not at zero.
    Latch,
    /// An item of a queue that has none to take.
    QueueGet,
    /// Room in a queue that is full.
    QueuePut,
    /// The tasks of a queue, until all are done.
    QueueJoin,
    /// The end of another thread.
    Join,
    /// The result of a task that an executor runs.
    Task,
    /// The end of a sleep, or a stop.
    Sleep,
    /// A stop request, and nothing else.
    Stop,
}

impl WaitKind {
    /// Returns `true` if those who wait for such an object are woken together.
    pub(crate) fn wakes_all(self) -> bool {
        matches!(
            self,
            WaitKind::Event
                | WaitKind::Barrier
                | WaitKind::Latch
                | WaitKind::Join
                | WaitKind::Task
                | WaitKind::Stop
        )
    }
}

impl fmt::Display for WaitKind {
    /// Formats the kind as words that can follow "waits for": `lock`, `end of thread`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            WaitKind::Lock => "lock",
            WaitKind::RLock => "re-entrant lock",
            WaitKind::RwLock => "read-write lock",
            WaitKind::Condition => "condition",
            WaitKind::Event => "event",
            WaitKind::Semaphore => "semaphore",
            WaitKind::Barrier => "barrier",
            WaitKind::Latch => "latch",
            WaitKind::QueueGet => "item of queue",
            WaitKind::QueuePut => "room in queue",
            WaitKind::QueueJoin => "tasks of queue",
            WaitKind::Join => "end of thread",
            WaitKind::Task => "result of task",
            WaitKind::Sleep => "end of sleep",
            WaitKind::Stop => "stop request",
        })
    }
}

/// What a wait is for: the part of its record that is known before the thread blocks.
#[derive(Clone, Copy, Debug)]
pub struct Subject {
    /// The kind of object that the thread waits for.
    pub kind: WaitKind,
    /// The name of that object, if it has one.
    pub name: Option<&'static str>,
    pub(crate) holder: Holder,
    /// The line that called the blocking method.
    pub location: &'static Location<'static>,
}

/// Where a reader of a record finds the holder of the object.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Holder {
    /// No thread can hold such an object.
    Nobody,
    /// No thread. Once the waiter is moved to the queue of this lock, it waits for the lock instead.
    NobodyBefore(NextLock),
    /// This thread.
    Thread(NonZeroU64),
    /// The thread that the object's word names at the moment of reading.
    InWord,
    /// The thread that has the claim of the read-write lock with this number.
    Claim(Option<NonZeroU32>),
    /// The readers of the read-write lock with this number.
    Readers(Option<NonZeroU32>),
    /// No thread. The word says how many items there are to take in a queue with this limit, or for how many more there is room.
    QueueOf(usize),
    /// A thread of the executor at this address, which only the crate above knows.
    Executor(usize),
}

/// The lock that a thread waits for once it has been notified.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NextLock {
    pub(crate) key: Key,
    pub(crate) kind: WaitKind,
    pub(crate) name: Option<&'static str>,
}

impl Subject {
    /// Creates the subject of a wait for an object that no thread holds.
    #[must_use]
    pub const fn of(
        kind: WaitKind,
        name: Option<&'static str>,
        location: &'static Location<'static>,
    ) -> Subject {
        Subject { kind, name, holder: Holder::Nobody, location }
    }

    /// Creates the subject of a wait for the end of the thread `ident`, called from `location`.
    #[must_use]
    pub const fn join(ident: NonZeroU64, location: &'static Location<'static>) -> Subject {
        Subject { kind: WaitKind::Join, name: None, holder: Holder::Thread(ident), location }
    }

    /// Creates the subject of a wait for something that the executor at this address does.
    #[must_use]
    pub const fn of_executor(
        kind: WaitKind,
        address: usize,
        location: &'static Location<'static>,
    ) -> Subject {
        Subject { kind, name: None, holder: Holder::Executor(address), location }
    }

    /// Creates the subject of a sleep, called from `location`.
    #[must_use]
    pub const fn sleep(location: &'static Location<'static>) -> Subject {
        Subject::of(WaitKind::Sleep, None, location)
    }

    /// Returns the number of the thread whose end is waited for, if this is a join.
    #[must_use]
    pub const fn joined(&self) -> Option<NonZeroU64> {
        match self.holder {
            Holder::Thread(ident) => Some(ident),
            _ => None,
        }
    }
}
