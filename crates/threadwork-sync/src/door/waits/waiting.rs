//! A blocked thread, as [`waits`](crate::waits) lists it.

use std::{num::NonZeroU64, panic::Location, time::Instant};

use crate::door::WaitKind;

/// The thread that waits: a part of [`Waiting`].
///
/// # Examples
///
/// ```
/// # use threadwork_sync as threadwork;
/// use threadwork::{Event, get_ident, waits};
///
/// let event = Event::new().named("asked");
/// std::thread::scope(|scope| {
///     let thread = scope.spawn(|| {
///         event.wait();
///         get_ident()
///     });
///     let waiting = loop {
///         if let Some(it) = waits().into_iter().find(|it| it.name == Some("asked")) {
///             break it;
///         }
///     };
///     event.set();
///     assert_eq!(waiting.thread.ident, thread.join().unwrap());
/// });
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct WaitingThread {
    /// The number of the thread: see [`get_ident`](crate::get_ident).
    pub ident: NonZeroU64,
    /// The operating system's number of the thread, where that is known: see [`get_native_id`](crate::get_native_id).
    pub native_id: Option<u64>,
    /// The name of the thread, if it is one of the library's own, which serves timers or listens to signals.
    pub helper: Option<&'static str>,
    /// Whether the thread waits for the object alone, or for any of several, or whether it has polled a task that waits.
    pub waiter: Waiter,
}

/// Who waits: a part of [`WaitingThread`].
///
/// # Examples
///
/// ```
/// # use threadwork_sync as threadwork;
/// use threadwork::{Event, Waiter, waits};
///
/// let event = Event::new().named("by a thread");
/// std::thread::scope(|scope| {
///     scope.spawn(|| event.wait());
///     let waiting = loop {
///         if let Some(it) = waits().into_iter().find(|it| it.name == Some("by a thread")) {
///             break it;
///         }
///     };
///     assert_eq!(waiting.thread.waiter, Waiter::Thread);
///     event.set();
/// });
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Waiter {
    /// A thread that waits for this object alone.
    Thread,
    /// A thread that waits for any of several objects. There is an entry for each of them.
    AnyOf,
    /// A task of an async program. The thread is the one that polled it last, and is not blocked.
    Task,
}

/// A blocked thread and what it waits for: an element of [`waits`](crate::waits), which has an example.
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
    /// The thread that waits.
    pub thread: WaitingThread,
    /// The kind of object that it waits for.
    pub kind: WaitKind,
    /// The name of that object, if it was given one.
    pub name: Option<&'static str>,
    /// The address of that object, which tells two objects without names apart.
    pub address: usize,
    /// The line that called the blocking method.
    pub location: &'static Location<'static>,
    /// When the thread blocked.
    pub since: Instant,
    /// The number of the thread that holds the object; for a join, the number of the thread whose end is waited for.
    /// For a read-write lock, the number of the thread that writes or is the next to write.
    /// A thread with an upgradable read is known only if it waits itself.
    pub holder: Option<NonZeroU64>,
    /// The numbers of the readers that a writer waits for, as far as those readers wait for something themselves.
    /// A read-write lock only counts its readers. A reader that does not wait continues, and holds up no other thread for ever.
    pub readers: Vec<NonZeroU64>,
    /// How full the queue is at one of whose ends a thread waits for that alone.
    pub fill: Option<Fill>,
    /// The address of the executor that has to go on: the one that runs the task, that has no job for an idle worker, or no room for a job.
    pub executor: Option<usize>,
}

/// How full a queue is: a part of [`Waiting`].
///
/// # Examples
///
/// ```
/// # use threadwork_sync as threadwork;
/// use threadwork::{Queue, WaitKind, waits};
///
/// let queue = Queue::bounded(1).named("letters");
/// queue.put("first")?;
/// std::thread::scope(|scope| {
///     scope.spawn(|| queue.put("second"));
///     let waiting = loop {
///         if let Some(it) = waits().into_iter().find(|it| it.name == Some("letters")) {
///             break it;
///         }
///     };
///     assert_eq!(waiting.kind, WaitKind::QueuePut);
///     let fill = waiting.fill.unwrap();
///     assert_eq!((fill.len, fill.limit), (1, Some(1)));
///     queue.get().unwrap();
/// });
/// # Ok::<(), threadwork::PutError<&str>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Fill {
    /// The number of items.
    pub len: usize,
    /// The largest possible number of items, if there is one.
    pub limit: Option<usize>,
}
