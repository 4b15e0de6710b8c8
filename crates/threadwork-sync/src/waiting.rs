//! Who waits for what.

use std::{
    fmt,
    num::{NonZeroU32, NonZeroU64},
    panic::Location,
    time::Instant,
};

use crate::park::{self, Key};

/// What kind of thing a thread waits for: a part of [`Waiting`].
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
    /// A lock that somebody else holds.
    Lock,
    /// A re-entrant lock that somebody else holds.
    RLock,
    /// A read-write lock that others hold.
    RwLock,
    /// A condition, until notified. After that the thread waits for the lock.
    Condition,
    /// An event that is not set.
    Event,
    /// Permits of a semaphore.
    Semaphore,
    /// The other parties of a barrier.
    Barrier,
    /// A latch that is not at zero.
    Latch,
    /// The end of another thread.
    Join,
    /// The end of a sleep, or a stop.
    Sleep,
}

impl fmt::Display for WaitKind {
    /// In words, after "waits for": `lock`, `end of thread`.
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
            WaitKind::Join => "end of thread",
            WaitKind::Sleep => "end of sleep",
        })
    }
}

/// One blocked thread and what it waits for: an element of [`waits`], which has an example.
///
/// # Examples
///
/// ```
/// # use threadwork_sync as threadwork;
/// use threadwork::{Event, waits};
///
/// let event = Event::new().named("shown");
/// std::thread::scope(|scope| {
///     scope.spawn(|| event.wait());
///     let waiting = loop {
///         if let Some(it) = waits().into_iter().find(|it| it.name == Some("shown")) {
///             break it;
///         }
///     };
///     assert_eq!(waiting.location.file(), file!());
///     assert_eq!(waiting.holder, None);
///     event.set();
/// });
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Waiting {
    /// The number of the thread that waits.
    pub ident: NonZeroU64,
    /// The number that the operating system gives it, where that is known: see [`get_native_id`](crate::get_native_id).
    pub native_id: Option<u64>,
    /// What it is called, if it is one of the library's own: one that serves timers, or listens to signals.
    pub helper: Option<&'static str>,
    /// What kind of thing it waits for.
    pub kind: WaitKind,
    /// The name of that thing, if it was given one.
    pub name: Option<&'static str>,
    /// The address of that thing, which tells two without names apart.
    pub address: usize,
    /// The line that called the blocking method.
    pub location: &'static Location<'static>,
    /// Since when the thread is blocked.
    pub since: Instant,
    /// The number of the thread that holds the thing; for a join, that of the thread that is waited for.
    /// For a read-write lock that of the thread that writes, or is the next to write; one with an upgradable read is known if it waits itself.
    pub holder: Option<NonZeroU64>,
    /// Where a thread waits to write until others have read: the numbers of those readers that wait for something themselves.
    /// A read-write lock only counts its readers; one that does not wait goes on, and holds up nobody for ever.
    pub readers: Vec<NonZeroU64>,
}

/// Who waits for what right now, in order of the threads' numbers.
///
/// Only threads that are really blocked in this library are listed. Reading stops nobody and is no moment in time:
/// a thread that is listed may have gone on since.
/// One that waits at a [`Condition`](crate::Condition) is listed so until it is notified; after that it waits for the lock, and is listed so,
/// with the line and the time at which it began to wait.
///
/// # Examples
///
/// ```
/// # use threadwork_sync as threadwork;
/// use threadwork::{Lock, WaitKind, get_ident, waits};
///
/// static ORDERS: Lock<u32> = Lock::named("orders", 0);
///
/// let guard = ORDERS.acquire();
/// std::thread::scope(|scope| {
///     scope.spawn(|| *ORDERS.acquire() += 1);
///     let waiting = loop {
///         if let Some(it) = waits().into_iter().find(|it| it.name == Some("orders")) {
///             break it;
///         }
///     };
///     assert_eq!(waiting.kind, WaitKind::Lock);
///     assert_eq!(waiting.name, Some("orders"));
///     assert_eq!(waiting.holder, Some(get_ident()));
///     drop(guard);
/// });
/// ```
#[must_use]
pub fn waits() -> Vec<Waiting> {
    park::waits()
}

/// What a wait is for: the part of its record that is known before it blocks.
#[derive(Clone, Copy, Debug)]
pub struct Subject {
    pub(crate) kind: WaitKind,
    pub(crate) name: Option<&'static str>,
    pub(crate) holder: Holder,
    pub(crate) location: &'static Location<'static>,
}

/// Where a reader of a record learns who holds the thing.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Holder {
    /// Nobody can hold such a thing.
    Nobody,
    /// Nobody, and once the thread is moved to the queue of this lock, that is what it waits for.
    NobodyBefore(NextLock),
    /// This thread.
    Thread(NonZeroU64),
    /// The thread that the object's word names at the moment of reading.
    InWord,
    /// Who has the claim to write of the read-write lock with this number.
    Claim(Option<NonZeroU32>),
    /// Whoever reads under the read-write lock with this number.
    Readers(Option<NonZeroU32>),
}

/// The lock that a thread waits for as soon as it was notified.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NextLock {
    pub(crate) key: Key,
    pub(crate) kind: WaitKind,
    pub(crate) name: Option<&'static str>,
}

impl Subject {
    /// A wait for the end of the thread `ident`, called from `location`.
    #[must_use]
    pub const fn join(ident: NonZeroU64, location: &'static Location<'static>) -> Subject {
        Subject { kind: WaitKind::Join, name: None, holder: Holder::Thread(ident), location }
    }

    /// A sleep, called from `location`.
    #[must_use]
    pub const fn sleep(location: &'static Location<'static>) -> Subject {
        Subject { kind: WaitKind::Sleep, name: None, holder: Holder::Nobody, location }
    }
}
