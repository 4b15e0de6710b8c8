//! A thread that waits.

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
    /// The number that the operating system gives it, where that is known: see [`get_native_id`](crate::get_native_id).
    pub native_id: Option<u64>,
    /// What it is called, if it is one of the library's own: one that serves timers, or listens to signals.
    pub helper: Option<&'static str>,
}

/// One blocked thread and what it waits for: an element of [`waits`](crate::waits), which has an example.
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
